//! The words of one language.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

/// The languages there are words in, the first for whoever speaks another.
pub(super) const LANGUAGES: [(&str, &str); 8] = [
    ("en", include_str!("../../messages/en.ftl")),
    ("de", include_str!("../../messages/de.ftl")),
    ("es", include_str!("../../messages/es.ftl")),
    ("fr", include_str!("../../messages/fr.ftl")),
    ("hi", include_str!("../../messages/hi.ftl")),
    ("it", include_str!("../../messages/it.ftl")),
    ("ja", include_str!("../../messages/ja.ftl")),
    ("pt", include_str!("../../messages/pt.ftl")),
];

/// One language's words.
pub(super) struct Resource {
    pub(super) tag: &'static str,
    bundle: FluentBundle<FluentResource>,
}

impl Resource {
    /// Reads the words; `None` if they are not Fluent.
    pub(super) fn parse(tag: &'static str, source: &str) -> Option<Self> {
        let language: LanguageIdentifier = tag.parse().ok()?;
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // The marks that keep directions apart make seven-bit messages sixteen.
        bundle.set_use_isolating(false);
        let resource = FluentResource::try_new(source.to_owned()).ok()?;
        bundle.add_resource(resource).ok()?;
        Some(Self { tag, bundle })
    }

    /// One message; `None` if it is not there or lacks an argument.
    pub(super) fn say(&self, id: &str, args: &FluentArgs<'_>) -> Option<String> {
        let pattern = self.bundle.get_message(id)?.value()?;
        let mut errors = Vec::new();
        let text = self
            .bundle
            .format_pattern(pattern, Some(args), &mut errors)
            .into_owned();
        errors.is_empty().then_some(text)
    }
}
