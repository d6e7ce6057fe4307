//! The words of a message, which say what is being approved: the shop, the
//! item, what it costs, and for how long; and, as last line, the form by which
//! a telephone fills the code in on the shop's own pages only
//! (<https://wicg.github.io/sms-one-time-codes/>).

mod html;
mod resource;
mod segments;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use fluent_bundle::FluentArgs;
use pod_core::ports::Delivery;
use pod_core::{Enrolment, Money};
use thiserror::Error;

use resource::{LANGUAGES, Resource};
pub use segments::{Encoding, Segments, segments};

/// The words of a shop's messages, in eight languages: English, French,
/// German, Hindi, Italian, Japanese, Portuguese and Spanish. Whoever speaks
/// another is written to in English.
#[derive(Clone)]
pub struct Words(Arc<Inner>);

struct Inner {
    shop: Box<str>,
    host: Box<str>,
    languages: Vec<Resource>,
}

/// An e-mail, with its code in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The subject, which has no code in it: it is shown on locked screens.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// Without the text, which has the code.
impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

/// Why messages cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidWords {
    /// The shop's name does not fit into a message.
    #[error("a shop's name is one line of 1 to 30 characters")]
    Shop,
    /// The host cannot be that of the shop's pages.
    #[error("the host of the shop's pages is a name such as pod.example.com, at most 60 bytes")]
    Host,
    /// The words of a language are not as they should be.
    #[error("the words for {0} are broken: rebuild pod from sources that are whole")]
    Language(&'static str),
}

impl Words {
    /// Takes the shop's name, as customers know it, and the host of its pages.
    ///
    /// # Errors
    ///
    /// [`InvalidWords::Shop`] or [`InvalidWords::Host`] for what does not fit
    /// into a message; [`InvalidWords::Language`] never, unless pod itself is
    /// broken.
    pub fn new(shop: &str, host: &str) -> Result<Self, InvalidWords> {
        let fits = (1..=30).contains(&shop.chars().count())
            && !shop.chars().any(char::is_control)
            && shop.trim() == shop;
        if !fits {
            return Err(InvalidWords::Shop);
        }
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
        if !(1..=60).contains(&host.len()) || !host.bytes().all(plain) {
            return Err(InvalidWords::Host);
        }
        let languages = LANGUAGES
            .into_iter()
            .map(|(tag, source)| Resource::parse(tag, source).ok_or(InvalidWords::Language(tag)))
            .collect::<Result<_, _>>()?;
        let words = Self(Arc::new(Inner {
            shop: shop.into(),
            host: host.into(),
            languages,
        }));
        words.are_whole()?;
        Ok(words)
    }

    /// The shop's name.
    #[must_use]
    pub fn shop(&self) -> &str {
        &self.0.shop
    }

    /// Writes a text message. Where it would be more than one only for its
    /// length, it does without the advice what to do if nobody has ordered,
    /// and then without the end of the item; the amount and the rest stay. One
    /// about a contact is whole, whatever its length.
    #[must_use]
    pub fn text(&self, delivery: &Delivery<'_>) -> String {
        let language = self.language(delivery);
        let summary = delivery.order.item.summary();
        let text = |id: &str, item: &str| {
            let args = self.arguments(language, delivery, item, "");
            let text = language.say(&about(delivery, id), &args);
            format!("{}\n{}", text.unwrap_or_default(), self.bound(delivery))
        };
        let fits = |text: &String| {
            let counted = segments(text);
            counted.encoding == Encoding::Ucs2 || counted.count == 1
        };
        let whole = text("sms-with-warning", summary);
        // What a new contact is, and the advice, matter more than a second
        // message costs.
        if fits(&whole) || is_about_contact(delivery) {
            return whole;
        }
        let short = text("sms", summary);
        if fits(&short) {
            return short;
        }
        let excess = segments(&short).units.saturating_sub(160);
        let room = summary.chars().count().saturating_sub(excess + DOTS.len());
        let cut_short = text("sms", &cut(summary, room));
        if fits(&cut_short) {
            return cut_short;
        }
        // Characters of two septets were left in it.
        text("sms", &cut(summary, room / 2))
    }

    /// Writes an e-mail.
    #[must_use]
    pub fn mail(&self, delivery: &Delivery<'_>) -> Mail {
        let language = self.language(delivery);
        let args = self.arguments(language, delivery, delivery.order.item.summary(), "mail-");
        let say = |id| {
            language
                .say(&about(delivery, id), &args)
                .unwrap_or_default()
        };
        let code = delivery.code.expose();
        let what = what(language, delivery, delivery.order.item.summary());
        let (order, ask, lifetime) = (say("mail-order"), say("mail-code"), say("mail-lifetime"));
        let (not_yours, bound) = (say("mail-not-yours"), self.bound(delivery));
        Mail {
            subject: say("mail-subject"),
            text: format!(
                "{order}\n\n    {what}\n\n{ask}\n\n    {code}\n\n{lifetime}\n\n{not_yours}\n\n{bound}"
            ),
            html: html::Page {
                language: language.tag,
                order: &order,
                what: &what,
                ask: &ask,
                code,
                lifetime: &lifetime,
                not_yours: &not_yours,
                bound: &bound,
            }
            .to_string(),
        }
    }

    /// `@host #code`: the last line.
    fn bound(&self, delivery: &Delivery<'_>) -> String {
        format!("@{} #{}", self.0.host, delivery.code.expose())
    }

    fn language(&self, delivery: &Delivery<'_>) -> &Resource {
        let tag = delivery.language.as_str();
        let primary = tag.split('-').next().unwrap_or_default();
        let mut languages = self.0.languages.iter();
        languages
            .find(|language| language.tag.eq_ignore_ascii_case(primary))
            .unwrap_or(&self.0.languages[0])
    }

    fn arguments<'a>(
        &'a self,
        language: &Resource,
        delivery: &'a Delivery<'_>,
        item: &str,
        style: &str,
    ) -> FluentArgs<'a> {
        let mut args = FluentArgs::new();
        args.set("shop", &*self.0.shop);
        args.set("code", delivery.code.expose());
        args.set("what", what(language, delivery, item));
        args.set("lifetime", lifetime(language, delivery, style));
        args
    }

    /// Holds that every language can say everything.
    fn are_whole(&self) -> Result<(), InvalidWords> {
        let mut args = FluentArgs::new();
        for name in ["shop", "code", "what", "lifetime", "item", "amount"] {
            args.set(name, "-");
        }
        args.set("count", 5);
        for language in &self.0.languages {
            for id in IDS {
                let said = language.say(id, &args);
                said.ok_or(InvalidWords::Language(language.tag))?;
            }
        }
        Ok(())
    }
}

/// Everything that is looked up.
const IDS: [&str; 20] = [
    "decimal",
    "priced",
    "minutes",
    "seconds",
    "sms",
    "sms-with-warning",
    "mail-minutes",
    "mail-seconds",
    "mail-subject",
    "mail-order",
    "mail-code",
    "mail-lifetime",
    "mail-not-yours",
    "contact-sms",
    "contact-sms-with-warning",
    "contact-mail-subject",
    "contact-mail-order",
    "contact-mail-code",
    "contact-mail-lifetime",
    "contact-mail-not-yours",
];

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Words")
            .field("shop", &self.0.shop)
            .field("host", &self.0.host)
            .finish_non_exhaustive()
    }
}

fn is_about_contact(delivery: &Delivery<'_>) -> bool {
    delivery.order.item.kind() == Enrolment::KIND
}

/// The words for what the code is about: an order, or a contact that is to be
/// enrolled.
fn about<'a>(delivery: &Delivery<'_>, id: &'a str) -> Cow<'a, str> {
    if is_about_contact(delivery) {
        format!("contact-{id}").into()
    } else {
        id.into()
    }
}

/// The item, with what it costs.
fn what(language: &Resource, delivery: &Delivery<'_>, item: &str) -> String {
    let Some(amount) = delivery.order.item.amount() else {
        return item.to_owned();
    };
    let mut args = FluentArgs::new();
    args.set("item", item);
    args.set("amount", written(language, amount));
    language.say("priced", &args).unwrap_or_default()
}

/// `18,50 USD`, as the language writes decimals.
fn written(language: &Resource, amount: Money) -> String {
    let decimal = language.say("decimal", &FluentArgs::new());
    amount
        .to_string()
        .replacen('.', &decimal.unwrap_or_default(), 1)
}

/// In whole minutes, or in seconds where those say more; never longer than it
/// is.
fn lifetime(language: &Resource, delivery: &Delivery<'_>, style: &str) -> String {
    let seconds = delivery.lifetime.as_secs();
    let (unit, count) = match seconds {
        0..120 if seconds != 60 => ("seconds", seconds),
        _ => ("minutes", seconds / 60),
    };
    let mut args = FluentArgs::new();
    args.set("count", count);
    let id = format!("{style}{unit}");
    language.say(&id, &args).unwrap_or_default()
}

/// What stands for the end of an item.
const DOTS: &str = "...";

/// The first words of a line, as many as fit, and three dots.
fn cut(line: &str, room: usize) -> String {
    let end = line
        .char_indices()
        .nth(room)
        .map_or(line.len(), |(end, _)| end);
    let kept = match line[..end].rsplit_once(' ') {
        Some((words, _)) if end < line.len() => words,
        _ => &line[..end],
    };
    format!("{}{DOTS}", kept.trim_end_matches([',', ' ']))
}
