//! What the pages say, in the languages of the messages.

use std::fmt;
use std::sync::Arc;

use axum::http::HeaderMap;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::languages::Languages;

/// The languages there are, the first for whoever reads another.
const LANGUAGES: [(&str, &str); 8] = [
    ("en", include_str!("../../messages/en.ftl")),
    ("de", include_str!("../../messages/de.ftl")),
    ("es", include_str!("../../messages/es.ftl")),
    ("fr", include_str!("../../messages/fr.ftl")),
    ("hi", include_str!("../../messages/hi.ftl")),
    ("it", include_str!("../../messages/it.ftl")),
    ("ja", include_str!("../../messages/ja.ftl")),
    ("pt", include_str!("../../messages/pt.ftl")),
];

/// The words of every language.
pub(super) struct AllWords(Vec<Words>);

/// The words of one language. Clones are the same.
#[derive(Clone)]
pub(super) struct Words(Arc<Resource>);

struct Resource {
    tag: &'static str,
    bundle: FluentBundle<FluentResource>,
}

impl AllWords {
    pub(super) fn new() -> Self {
        let all = LANGUAGES.iter();
        Self(
            all.filter_map(|(tag, text)| Words::parse(tag, text))
                .collect(),
        )
    }

    /// The language of those there are that a request wants most; English
    /// otherwise, unless it is not wanted at all.
    pub(super) fn of(&self, headers: &HeaderMap) -> Option<Words> {
        let wanted = Languages::of(headers);
        let is_read = |words: &&Words| !wanted.excludes(words.tag());
        let mut known = wanted.tags().filter_map(|tag| match tag {
            "*" => {
                let others = self.0.iter().filter(is_read);
                others.into_iter().find(|words| !wanted.names(words.tag()))
            }
            tag => self.named(tag.split('-').next()?).filter(is_read),
        });
        known
            .next()
            .or_else(|| self.0.iter().find(is_read))
            .or_else(|| self.0.first())
            .cloned()
    }

    fn named(&self, tag: &str) -> Option<&Words> {
        self.0
            .iter()
            .find(|words| words.0.tag.eq_ignore_ascii_case(tag))
    }
}

impl Words {
    fn parse(tag: &'static str, text: &str) -> Option<Self> {
        let language: LanguageIdentifier = tag.parse().ok()?;
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        bundle.set_use_isolating(false);
        let resource = FluentResource::try_new(text.to_owned()).ok()?;
        bundle.add_resource(resource).ok()?;
        Some(Self(Arc::new(Resource { tag, bundle })))
    }

    /// The language, as HTML names it.
    pub(super) fn tag(&self) -> &'static str {
        self.0.tag
    }

    /// Which way it is written.
    pub(super) fn direction(&self) -> &'static str {
        match self.0.tag {
            "ar" | "fa" | "he" | "ur" => "rtl",
            _ => "ltr",
        }
    }

    /// A text without anything in it.
    pub(super) fn say(&self, id: &str) -> String {
        self.text(id, &FluentArgs::new())
    }

    /// A text with one thing in it.
    pub(super) fn with<'a>(
        &self,
        id: &str,
        name: &'a str,
        value: impl Into<FluentValue<'a>>,
    ) -> String {
        let mut args = FluentArgs::new();
        args.set(name, value);
        self.text(id, &args)
    }

    fn text(&self, id: &str, args: &FluentArgs<'_>) -> String {
        let message = self.0.bundle.get_message(id);
        let pattern = message
            .as_ref()
            .and_then(fluent_bundle::FluentMessage::value);
        // That none is missing is tested.
        pattern.map_or_else(String::new, |pattern| {
            let mut errors = Vec::new();
            let text = self
                .0
                .bundle
                .format_pattern(pattern, Some(args), &mut errors);
            text.into_owned()
        })
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.tag)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use axum::http::HeaderValue;
    use axum::http::header::ACCEPT_LANGUAGE;

    use super::super::pages::{BAD, GOOD, Said};
    use super::*;

    /// The texts of a language, and what each takes.
    fn texts(source: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut texts = BTreeMap::new();
        let mut current = String::new();
        for line in source.lines() {
            if let Some((id, rest)) = line.split_once(" = ")
                && !line.starts_with([' ', '#'])
            {
                id.clone_into(&mut current);
                texts.insert(current.clone(), taken(rest));
            } else if let Some(takes) = texts.get_mut(&current) {
                takes.extend(taken(line));
            }
        }
        texts
    }

    fn taken(text: &str) -> BTreeSet<String> {
        let parts = text.split('$').skip(1);
        let name = |part: &str| {
            let end = part.find(|c: char| !c.is_ascii_alphanumeric());
            part[..end.unwrap_or(part.len())].to_owned()
        };
        parts.map(name).collect()
    }

    #[test]
    fn every_language_has_every_text_with_the_same_in_it() {
        assert_eq!(AllWords::new().0.len(), LANGUAGES.len());
        let english = texts(LANGUAGES[0].1);
        for (tag, source) in LANGUAGES {
            assert_eq!(texts(source), english, "{tag}");
        }
    }

    #[test]
    fn every_text_that_a_page_says_is_there() {
        let english = texts(LANGUAGES[0].1);
        let templates = [
            include_str!("../../templates/frame.html"),
            include_str!("../../templates/home.html"),
            include_str!("../../templates/link.html"),
            include_str!("../../templates/live.html"),
            include_str!("../../templates/notice.html"),
            include_str!("../../templates/orders.html"),
            include_str!("../../templates/privacy.html"),
            include_str!("../../templates/profile.html"),
        ];
        for template in templates {
            for said in template
                .split("t.say(\"")
                .chain(template.split("t.with(\""))
                .skip(1)
            {
                let id = said.split('"').next().unwrap();
                if id.len() < 60 && !id.contains(['<', ' ']) {
                    assert!(english.contains_key(id), "{id}");
                }
            }
        }
    }

    #[test]
    fn every_notice_is_a_sentence_in_every_language() {
        for (tag, text) in LANGUAGES {
            let words = Words::parse(tag, text).unwrap();
            for word in GOOD.iter().chain(&BAD) {
                let said = Said::of(Some((*word).to_owned()), Some(3));
                let notice = said.notice(&words).unwrap();
                assert!(!notice.text.is_empty(), "{tag}: {word}");
                assert!(!notice.text.contains('$'), "{tag}: {word}: {}", notice.text);
            }
        }
    }

    #[test]
    fn the_language_that_is_wanted_most_is_spoken() {
        let all = AllWords::new();
        let tag = |wanted: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(wanted));
            all.of(&headers).unwrap().tag()
        };
        assert_eq!(tag("de-AT,de;q=0.9,en;q=0.8"), "de");
        assert_eq!(tag("sv, pt-BR;q=0.9"), "pt");
        assert_eq!(tag("sv"), "en");
        assert_eq!(tag("en;q=0.2, de;q=0.4, fr;q=0.3"), "de");
        assert_eq!(tag("de;q=0, de-AT, fr;q=0.1"), "fr");
        assert_eq!(tag("sv, *;q=0.5"), "en");
        assert_eq!(tag("*, en;q=0.1"), "de");
        assert_eq!(tag("sv, en;q=0"), "de");
        assert_eq!(tag("sv, *;q=0"), "en");
        assert_eq!(all.of(&HeaderMap::new()).unwrap().tag(), "en");
    }
}
