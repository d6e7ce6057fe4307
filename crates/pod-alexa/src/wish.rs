//! What a customer wants, read from an intent and its slots.

use pod_core::{Menu, NotOnTheMenu, Pizza};
use secrecy::SecretString;

use crate::envelope::{Heard, Intent, Slot, Slots, spoken_code};
use crate::model::{self, slot};

/// What a customer wants.
pub(crate) enum Wish {
    /// A pizza, or what there is to say about the one that was asked for.
    Order(Result<Pizza, Unmade>),
    /// To confirm an order by a code, if one was heard.
    Confirm(Option<SecretString>),
    /// The code again.
    Resend,
    /// To know what became of the order.
    Status,
    /// The order no more.
    CancelOrder,
    /// To know what can be said.
    Help,
    /// An end of the conversation.
    Stop,
    /// The last words again.
    Repeat,
    /// A yes to a question.
    Yes,
    /// A no to a question.
    No,
    /// Something that pod does not know.
    Unknown,
}

/// Why there is no pizza yet.
pub(crate) enum Unmade {
    /// No size was heard.
    NoSize,
    /// Something was heard that is not sold.
    NotOnTheMenu(NotOnTheMenu),
}

impl Wish {
    /// Reads an intent. One that pod does not know is no error: models and
    /// programs are not published in the same instant.
    pub(crate) fn of(intent: &Intent, menu: &Menu) -> Self {
        match intent.name() {
            name if name == model::ORDER.name => Self::Order(pizza(intent.slots(), menu)),
            name if name == model::CONFIRM.name => Self::Confirm(spoken_code(intent.slots())),
            name if name == model::RESEND.name => Self::Resend,
            name if name == model::STATUS.name => Self::Status,
            name if name == model::CANCEL.name => Self::CancelOrder,
            "AMAZON.HelpIntent" => Self::Help,
            "AMAZON.StopIntent" | "AMAZON.CancelIntent" | "AMAZON.NavigateHomeIntent" => Self::Stop,
            "AMAZON.RepeatIntent" => Self::Repeat,
            "AMAZON.YesIntent" => Self::Yes,
            "AMAZON.NoIntent" => Self::No,
            _ => Self::Unknown,
        }
    }

    /// The word for it in metrics.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Order(_) => "order",
            Self::Confirm(_) => "confirm",
            Self::Resend => "resend",
            Self::Status => "status",
            Self::CancelOrder => "cancel",
            Self::Help => "help",
            Self::Stop => "stop",
            Self::Repeat => "repeat",
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

fn pizza(slots: &Slots, menu: &Menu) -> Result<Pizza, Unmade> {
    let size = slots.get(slot::SIZE).and_then(|slot| slot.heard().first());
    let size = size.ok_or(Unmade::NoSize)?;
    // What cannot be said at all ("?") is asked for again like nothing.
    let any = size.readings().next().ok_or(Unmade::NoSize)?;
    let size = size
        .readings()
        .find(|reading| menu.size(reading).is_some())
        .unwrap_or(any);

    let toppings = slot::TOPPINGS
        .iter()
        .filter_map(|name| slots.get(name))
        .flat_map(Slot::heard);
    let toppings: Vec<String> = toppings.flat_map(|heard| topping(heard, menu)).collect();
    menu.pizza(size, toppings).map_err(Unmade::NotOnTheMenu)
}

/// The toppings in one thing that was heard: mostly one, but several where the
/// device hears "pepperoni and onions" as one value.
fn topping(heard: &Heard, menu: &Menu) -> Vec<String> {
    if let Some(known) = heard
        .readings()
        .find(|reading| menu.topping(reading).is_some())
    {
        return vec![known.to_owned()];
    }
    let Some(spoken) = heard.spoken() else {
        return heard.readings().take(1).map(str::to_owned).collect();
    };
    spoken
        .replace(" and ", ",")
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::{Envelope, Request};

    fn wish(name: &str, slots: &str) -> Wish {
        let body = format!(
            r#"{{"request":{{"type":"IntentRequest","intent":{{"name":"{name}","slots":{{{slots}}}}}}}}}"#
        );
        let envelope = Envelope::parse(body.as_bytes()).unwrap();
        let Request::Intent(intent) = envelope.request() else {
            panic!("an intent")
        };
        Wish::of(intent, &Menu::default())
    }

    fn summary(slots: &str) -> String {
        match wish("GetMeSomePizzaIntent", slots) {
            Wish::Order(Ok(pizza)) => pizza.item().summary().to_owned(),
            Wish::Order(Err(Unmade::NoSize)) => "no size".to_owned(),
            Wish::Order(Err(Unmade::NotOnTheMenu(error))) => error.to_string(),
            _ => panic!("an order"),
        }
    }

    #[test]
    fn every_intent_of_the_model_is_a_wish() {
        for intent in model::INTENTS {
            assert_ne!(wish(intent.name, "").name(), "unknown", "{}", intent.name);
        }
        for intent in model::BUILT_INS
            .iter()
            .filter(|name| **name != "AMAZON.FallbackIntent")
        {
            assert_ne!(wish(intent, "").name(), "unknown", "{intent}");
        }
        assert_eq!(wish("AMAZON.FallbackIntent", "").name(), "unknown");
        assert_eq!(wish("NextYearsIntent", "").name(), "unknown");
    }

    #[test]
    fn toppings_are_heard_one_by_one_or_together() {
        let one_by_one = r#""Size":{"value":"large"},"Toppings":{"value":"pepperoni"},"ToppingTwo":{"value":"extra cheese"}"#;
        let together =
            r#""Size":{"value":"large"},"Toppings":{"value":"pepperoni and onions, bacon"}"#;

        assert_eq!(
            summary(one_by_one),
            "a large pizza with pepperoni and extra cheese"
        );
        assert_eq!(
            summary(together),
            "a large pizza with pepperoni, onions and bacon"
        );
    }

    #[test]
    fn a_missing_or_unheard_size_is_asked_for() {
        assert_eq!(summary(""), "no size");
        assert_eq!(summary(r#""Size":{"value":"?"}"#), "no size");
        assert_eq!(summary(r#""Toppings":{"value":"bacon"}"#), "no size");
    }

    #[test]
    fn what_is_not_sold_is_named() {
        let unknown = r#""Size":{"value":"large"},"Toppings":{"value":"bacon and gravel"}"#;

        assert!(
            summary(unknown).starts_with("there is no topping \"gravel\""),
            "{}",
            summary(unknown)
        );
        assert!(summary(r#""Size":{"value":"vast"}"#).starts_with("there is no size \"vast\""));
    }
}
