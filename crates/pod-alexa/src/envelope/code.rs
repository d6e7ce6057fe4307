//! What was said as a code, gathered from the slots it may have landed in.

use secrecy::SecretString;

use super::slots::{Heard, Slot, Slots};
use crate::model::slot;

/// The text of a code, for the core to make digits of: `482913` from the slot
/// for whole numbers, or `4 8 2 9 1 3` from the slots for one digit each.
///
/// There is none if nothing was heard, or if part of it was not understood
/// (`?`): the digits around a gap would make another code, and a wrong code
/// costs the customer an attempt.
pub(crate) fn spoken_code(slots: &Slots) -> Option<SecretString> {
    slots
        .get(slot::CODE)
        .and_then(whole)
        .or_else(|| digit_by_digit(slots))
        .map(SecretString::from)
}

fn whole(code: &Slot) -> Option<String> {
    let spoken: Option<Vec<&str>> = code.heard().iter().map(Heard::spoken).collect();
    Some(spoken?.join(" "))
}

fn digit_by_digit(slots: &Slots) -> Option<String> {
    let heard = slot::DIGITS.map(|name| slots.get(name));
    let said = heard.iter().rposition(Option::is_some)? + 1;
    let digits: Option<Vec<&str>> = heard
        .iter()
        .take(said)
        .map(|slot| slot.and_then(digit))
        .collect();
    Some(digits?.join(" "))
}

/// The id of a digit it was resolved to ("for" is 4), else what was spoken.
fn digit(slot: &Slot) -> Option<&str> {
    let heard = slot.heard().first()?;
    let resolved = heard
        .id()
        .filter(|id| matches!(id.as_bytes(), [b'0'..=b'9']));
    resolved.or_else(|| heard.spoken())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::super::slots::tests::intent;
    use super::*;

    fn code(slots: &str) -> Option<String> {
        let intent = intent(&format!(
            r#"{{"name":"AuthorizePizzaOrderIntent","slots":{{{slots}}}}}"#
        ));
        spoken_code(intent.slots()).map(|code| code.expose_secret().to_owned())
    }

    /// Slots for single digits; `-` for one that is not filled, `4=for` for one
    /// that was resolved.
    fn digits(said: &str) -> String {
        let slots = said.split(' ').zip(slot::DIGITS).map(|(said, name)| match said.split_once('=') {
            _ if said == "-" => format!(r#""{name}":{{"name":"{name}","confirmationStatus":"NONE"}}"#),
            None => format!(r#""{name}":{{"name":"{name}","value":"{said}"}}"#),
            Some((id, said)) => format!(
                r#""{name}":{{"name":"{name}","value":"{said}","resolutions":{{"resolutionsPerAuthority":[
                    {{"authority":"a","status":{{"code":"ER_SUCCESS_MATCH"}},"values":[{{"value":{{"name":"n","id":"{id}"}}}}]}}]}}}}"#
            ),
        });
        slots.collect::<Vec<_>>().join(",")
    }

    #[test]
    fn a_whole_number_is_taken_as_it_was_heard() {
        assert_eq!(
            code(r#""Code":{"value":"482913"},"DOne":{"name":"DOne"}"#).as_deref(),
            Some("482913")
        );
        assert_eq!(
            code(r#""Code":{"value":"4 8 2 9 1 3"}"#).as_deref(),
            Some("4 8 2 9 1 3")
        );
        assert_eq!(
            code(r#""Code":{"value":"040490"}"#).as_deref(),
            Some("040490")
        );
    }

    #[test]
    fn single_digits_are_put_together() {
        assert_eq!(
            code(&digits("four eight 2 9 1 3 - -")).as_deref(),
            Some("four eight 2 9 1 3")
        );
        assert_eq!(
            code(&digits("4=for 8=ate 2=to 9=niner 1=won 0=oh")).as_deref(),
            Some("4 8 2 9 1 0")
        );
        assert_eq!(
            code(&digits("e95c67=for 8=ate 2=to 9=nine")).as_deref(),
            Some("for 8 2 9")
        );
    }

    #[test]
    fn digits_stand_in_for_a_number_that_was_not_understood() {
        let slots = format!(r#""Code":{{"value":"?"}},{}"#, digits("4 8 2 9"));

        assert_eq!(code(&slots).as_deref(), Some("4 8 2 9"));
    }

    #[test]
    fn a_gap_is_never_closed() {
        for said in ["4 - 2 9 1 3", "- 4", "4 8 ? 9 1 3", "4 8 2 9 1 3 ?"] {
            assert_eq!(code(&digits(said)), None, "{said}");
        }
        let listed = r#""Code":{"slotValue":{"type":"List","values":[{"value":"48"},{"value":"?"},{"value":"13"}]}}"#;
        assert_eq!(code(listed), None);
    }

    #[test]
    fn without_a_code_there_is_none() {
        for slots in [
            "",
            r#""Code":{"name":"Code"}"#,
            r#""Code":{"value":"?"}"#,
            &digits("- - - -"),
            r#""Size":{"value":"4"}"#,
        ] {
            assert_eq!(code(slots), None, "{slots}");
        }
    }
}
