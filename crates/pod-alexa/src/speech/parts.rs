//! Parts of sentences: what was ordered, where a code went, how long it lasts.

use std::time::Duration;

use jiff::Timestamp;
use pod_core::{Challenge, Channel, Item, Money, SentTo};

use crate::envelope::Speech;

/// "a large pizza with onions, 17 dollars".
pub(super) fn told(item: &Item) -> String {
    match item.amount() {
        Some(amount) => format!("{}, {}", item.summary(), amount_spoken(amount)),
        None => item.summary().to_owned(),
    }
}

fn amount_spoken(amount: Money) -> String {
    let currency = amount.currency();
    let ([unit, units], [cent, cents]) = match currency.as_str() {
        "USD" | "CAD" | "AUD" | "NZD" => (["dollar", "dollars"], ["cent", "cents"]),
        "EUR" => (["euro", "euros"], ["cent", "cents"]),
        "GBP" => (["pound", "pounds"], ["penny", "pence"]),
        _ => return amount.to_string(),
    };
    let (whole, rest) = amount.units();
    let unit = if whole == 1 { unit } else { units };
    let cent = if rest == 1 { cent } else { cents };
    match (whole, rest) {
        (_, 0) => format!("{whole} {unit}"),
        (0, _) => format!("{rest} {cent}"),
        (_, 1..10) => format!("{whole} {unit} and {rest} {cent}"),
        _ => format!("{whole} {unit} {rest}"),
    }
}

/// "your phone ending in 4 2".
pub(super) fn destination(sent_to: &SentTo) -> Speech {
    match sent_to.channel() {
        Channel::Phone => {
            let digits: String = sent_to
                .masked()
                .chars()
                .filter(char::is_ascii_digit)
                .collect();
            Speech::new().text("your phone ending in ").digits(&digits)
        }
        Channel::Email => {
            let first: String = sent_to.masked().chars().take(1).collect();
            format!("your e-mail address that begins with {first}").into()
        }
    }
}

/// "I could not reach your phone ending in 4 2. ", if a code went elsewhere
/// instead; nothing if it did not.
pub(super) fn unreached(challenge: &Challenge) -> Speech {
    match &challenge.instead_of {
        Some(missed) => Speech::new()
            .text("I could not reach ")
            .append(&destination(missed))
            .text(". "),
        None => Speech::new(),
    }
}

/// How long something is still good: "5 minutes", never more than there are.
pub(super) fn lasting(until: Timestamp, now: Timestamp) -> String {
    span(left(until, now).as_secs(), |seconds, unit| seconds / unit)
}

/// How long there is to wait: "5 minutes", never less than there are.
pub(super) fn waiting(until: Timestamp, now: Timestamp) -> String {
    let left = left(until, now);
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    span(seconds, u64::div_ceil)
}

fn left(until: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(until.duration_since(now)).unwrap_or_default()
}

fn span(seconds: u64, count: impl Fn(u64, u64) -> u64) -> String {
    let (unit, name) = match seconds {
        0..=90 => (1, "second"),
        91..=5400 => (60, "minute"),
        5401..=172_800 => (3600, "hour"),
        _ => (86_400, "day"),
    };
    match count(seconds, unit) {
        0 | 1 => format!("1 {name}"),
        several => format!("{several} {name}s"),
    }
}

/// "pepperoni, onions and bacon".
pub(super) fn listed(names: impl Iterator<Item = String>) -> String {
    joined(&names.collect::<Vec<_>>(), "and")
}

/// "small, large or jumbo".
pub(super) fn either(names: impl Iterator<Item = String>) -> String {
    joined(&names.collect::<Vec<_>>(), "or")
}

fn joined(names: &[String], last_word: &str) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} {last_word} {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use pod_core::Currency;

    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_second(1_795_000_000).unwrap()
    }

    fn after(seconds: i64, nanos: i32) -> Timestamp {
        now() + SignedDuration::new(seconds, nanos)
    }

    #[test]
    fn amounts_are_said_as_people_say_them() {
        let said =
            |minor, letters| amount_spoken(Money::new(minor, Currency::parse(letters).unwrap()));

        assert_eq!(said(1850, "USD"), "18 dollars 50");
        assert_eq!(said(100, "GBP"), "1 pound");
        assert_eq!(said(1805, "EUR"), "18 euros and 5 cents");
        assert_eq!(said(101, "GBP"), "1 pound and 1 penny");
        assert_eq!(said(50, "USD"), "50 cents");
        assert_eq!(said(1850, "CHF"), "18.50 CHF");
    }

    #[test]
    fn a_wait_is_never_said_too_short() {
        let said = |seconds, nanos| waiting(after(seconds, nanos), now());

        assert_eq!(said(-1, 0), "1 second");
        assert_eq!(said(0, 0), "1 second");
        assert_eq!(said(29, 1), "30 seconds");
        assert_eq!(said(300, 0), "5 minutes");
        assert_eq!(said(300, 1), "6 minutes");
        assert_eq!(said(7200, 0), "2 hours");
        assert_eq!(said(7201, 0), "3 hours");
        assert!(waiting(Timestamp::MAX, now()).ends_with(" days"));
    }

    #[test]
    fn a_code_is_never_said_to_last_longer_than_it_does() {
        let said = |seconds, nanos| lasting(after(seconds, nanos), now());

        assert_eq!(said(300, 0), "5 minutes");
        assert_eq!(said(299, 999_999_999), "4 minutes");
        assert_eq!(said(91, 0), "1 minute");
        assert_eq!(said(89, 999_999_999), "89 seconds");
        assert_eq!(said(0, 1), "1 second");
    }

    #[test]
    fn names_are_joined_as_a_sentence_needs_them() {
        let names = |count| {
            ["onions", "bacon", "spinach"]
                .map(str::to_owned)
                .into_iter()
                .take(count)
        };

        assert_eq!(listed(names(3)), "onions, bacon and spinach");
        assert_eq!(either(names(2)), "onions or bacon");
        assert_eq!(either(names(1)), "onions");
    }
}
