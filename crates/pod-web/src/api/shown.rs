//! What orders look like to a program.

use pod_core::{Challenge, Order, PlacedOrder, Stage, State, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// An order to be placed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewOrder {
    /// The size of the pizza, as the menu has it.
    #[schema(example = "large")]
    pub(super) size: String,
    /// The toppings: a list, or one text with commas and "and" between them.
    #[serde(default)]
    pub(super) toppings: Toppings,
}

/// Toppings, as a list or as one text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Toppings {
    /// `["onions", "extra cheese"]`
    #[schema(example = json!(["onions", "extra cheese"]))]
    List(Vec<String>),
    /// `"onions and extra cheese"`
    #[schema(example = "onions and extra cheese")]
    Text(String),
}

impl Default for Toppings {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

impl Toppings {
    pub(super) fn names(&self) -> Vec<String> {
        match self {
            Self::List(names) => names.clone(),
            Self::Text(text) => text
                .split(',')
                .flat_map(|part| part.split(" and "))
                .map(|name| name.trim().to_owned())
                .filter(|name| !name.is_empty())
                .collect(),
        }
    }
}

/// A code, as the customer got it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    /// The digits; spaces and hyphens between them do not matter.
    #[schema(example = "482913")]
    pub(super) code: Option<String>,
}

/// An order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Order)]
pub(crate) struct ShownOrder {
    /// The order's name, a UUID.
    #[schema(example = "019aa204-4e5b-70c0-84bc-22e950ac4658")]
    pub(super) id: String,
    /// What has become of it.
    pub(super) state: ShownStage,
    /// What sort of thing was ordered.
    #[schema(example = "pizza")]
    pub(super) kind: String,
    /// What was ordered, in a few words.
    #[schema(example = "a large pizza with onions")]
    pub(super) summary: String,
    /// What it costs; null for what has no price.
    pub(super) amount: Option<ShownAmount>,
    /// What was ordered, for programs.
    #[schema(value_type = Object, example = json!({"size": "large", "toppings": ["onions"]}))]
    pub(super) details: Value,
    /// When it was placed (RFC 3339).
    #[schema(format = DateTime)]
    pub(super) placed_at: String,
    /// When it came to its state (RFC 3339).
    #[schema(format = DateTime)]
    pub(super) since: String,
    /// The way that the code went, as the 2017 guide called it: `phone` or
    /// `email`; null unless the order awaits its code.
    #[schema(example = "phone")]
    pub(super) mode: Option<String>,
    /// What the order waits for; null unless it awaits its code.
    pub(super) challenge: Option<ShownChallenge>,
}

/// What has become of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OrderState)]
pub(super) enum ShownStage {
    /// It is kept, and its code has not been sent yet.
    Placed,
    /// It waits for its code.
    AwaitingCode,
    /// The right code was said.
    Confirmed,
    /// Nobody said the right code in time.
    Expired,
    /// Its attempts were used up.
    Refused,
    /// A newer order took its place.
    Superseded,
    /// The customer did not want it any more.
    Cancelled,
    /// Its code could not be sent, or did not arrive: it may be sent again.
    Undelivered,
}

/// An amount of money.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Amount)]
pub(super) struct ShownAmount {
    /// In the smallest unit of its currency.
    #[schema(example = 1850)]
    pub(super) minor: u64,
    /// ISO 4217.
    #[schema(example = "USD")]
    pub(super) currency: String,
}

/// The code that an order waits for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Challenge)]
pub(super) struct ShownChallenge {
    /// `phone` or `email`.
    #[schema(example = "phone")]
    pub(super) channel: String,
    /// Where the code went, masked.
    #[schema(example = "+1 ••• ••• ••42")]
    pub(super) sent_to: String,
    /// Where it would have gone, masked, had that been possible.
    pub(super) instead_of: Option<String>,
    /// When it went there (RFC 3339).
    #[schema(format = DateTime)]
    pub(super) sent_at: String,
    /// From when on it confirms nothing (RFC 3339).
    #[schema(format = DateTime)]
    pub(super) expires_at: String,
    /// How many attempts are left.
    #[schema(example = 3)]
    pub(super) attempts_left: u32,
}

/// Some of the caller's orders.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Orders)]
pub(super) struct ShownPage {
    /// Newest first.
    pub(super) orders: Vec<ShownOrder>,
    /// The cursor of the next page; null on the last one.
    pub(super) next: Option<String>,
}

impl ShownOrder {
    /// An order as it stands; `most` is how many attempts each order has.
    pub(crate) fn of(order: &Order, most: u32) -> Self {
        let challenge = match &order.state {
            State::AwaitingCode {
                challenge,
                attempts,
            } => Some((challenge, most.saturating_sub(*attempts))),
            _ => None,
        };
        Self::at(&order.placed, order.state.stage(), since(order), challenge)
    }

    /// An order at a stage that it has just come to.
    pub(super) fn at(
        placed: &PlacedOrder,
        stage: Stage,
        since: Timestamp,
        challenge: Option<(&Challenge, u32)>,
    ) -> Self {
        let item = &placed.item;
        let details = serde_json::from_str(item.details()).unwrap_or(Value::Null);
        Self {
            id: placed.id.to_string(),
            state: stage.into(),
            kind: item.kind().to_owned(),
            summary: item.summary().to_owned(),
            amount: item.amount().map(|amount| ShownAmount {
                minor: amount.minor(),
                currency: amount.currency().as_str().to_owned(),
            }),
            details,
            placed_at: placed.placed_at.to_string(),
            since: since.to_string(),
            mode: challenge.map(|(sent, _)| sent.sent_to.channel().as_str().to_owned()),
            challenge: challenge.map(|(sent, left)| ShownChallenge {
                channel: sent.sent_to.channel().as_str().to_owned(),
                sent_to: sent.sent_to.masked().to_owned(),
                instead_of: sent.instead_of.as_ref().map(|to| to.masked().to_owned()),
                sent_at: sent.sent_at.to_string(),
                expires_at: sent.expires_at.to_string(),
                attempts_left: left,
            }),
        }
    }
}

fn since(order: &Order) -> Timestamp {
    match &order.state {
        State::Placed => order.placed.placed_at,
        State::AwaitingCode { challenge, .. } => challenge.sent_at,
        State::Confirmed { at }
        | State::Expired { at }
        | State::Refused { at }
        | State::Superseded { at }
        | State::Cancelled { at }
        | State::Undelivered { at, .. } => *at,
    }
}

impl From<Stage> for ShownStage {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Placed => Self::Placed,
            Stage::AwaitingCode => Self::AwaitingCode,
            Stage::Confirmed => Self::Confirmed,
            Stage::Expired => Self::Expired,
            Stage::Refused => Self::Refused,
            Stage::Superseded => Self::Superseded,
            Stage::Cancelled => Self::Cancelled,
            Stage::Undelivered => Self::Undelivered,
        }
    }
}

impl From<ShownStage> for Stage {
    fn from(shown: ShownStage) -> Self {
        match shown {
            ShownStage::Placed => Self::Placed,
            ShownStage::AwaitingCode => Self::AwaitingCode,
            ShownStage::Confirmed => Self::Confirmed,
            ShownStage::Expired => Self::Expired,
            ShownStage::Refused => Self::Refused,
            ShownStage::Superseded => Self::Superseded,
            ShownStage::Cancelled => Self::Cancelled,
            ShownStage::Undelivered => Self::Undelivered,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toppings_are_a_list_or_a_text_as_in_2017() {
        let read = |raw: &str| {
            serde_json::from_str::<NewOrder>(raw)
                .unwrap()
                .toppings
                .names()
        };
        let both = ["onions", "extra cheese"];
        assert_eq!(
            read(r#"{"size":"large","toppings":["onions","extra cheese"]}"#),
            both
        );
        assert_eq!(
            read(r#"{"size":"large","toppings":"onions and extra cheese"}"#),
            both
        );
        assert_eq!(
            read(r#"{"size":"large","toppings":"onions, extra cheese"}"#),
            both
        );
        assert!(read(r#"{"size":"large"}"#).is_empty());
        assert!(read(r#"{"size":"large","toppings":""}"#).is_empty());
    }

    #[test]
    fn every_stage_has_the_word_that_it_has_everywhere() {
        for stage in Stage::ALL {
            let shown = serde_json::to_value(ShownStage::from(stage)).unwrap();
            assert_eq!(shown, stage.as_str());
            assert_eq!(Stage::from(ShownStage::from(stage)), stage);
        }
    }
}
