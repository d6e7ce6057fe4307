//! What is said about what became of an order, and about cancelling it.

use jiff::{SignedDuration, Timestamp};
use pod_core::{CodeLifetime, Order, State};

use super::parts::{destination, lasting, told, unreached};
use super::{Answer, HOW_TO_CONFIRM, HOW_TO_ORDER};
use crate::envelope::{Elicit, Memory, Question, Speech};

/// Says what became of the newest order.
pub(crate) fn status(order: Option<&Order>, now: Timestamp) -> Answer {
    let Some(order) = order else {
        return Answer::ask(
            "no-order",
            format!("You have not ordered yet. {HOW_TO_ORDER}"),
            HOW_TO_ORDER,
        );
    };
    let told = told(&order.placed.item);
    match &order.state {
        State::AwaitingCode { challenge, .. } => {
            let speech = Speech::new()
                .append(&unreached(challenge))
                .text(&format!(
                    "Your order, {told}, waits for the code I sent to "
                ))
                .append(&destination(&challenge.sent_to))
                .text(&format!(
                    ". The code is good for {}. {HOW_TO_CONFIRM}",
                    lasting(challenge.expires_at, now)
                ));
            Answer::ask("status", speech, HOW_TO_CONFIRM).listening_for(Elicit::code())
        }
        State::Confirmed { .. } => {
            Answer::tell("status", format!("Your order is confirmed: {told}."))
        }
        State::Placed | State::Undelivered { .. } if may_be_sent(order, now) => Answer::tell(
            "status",
            format!(
                "I have your order, {told}, but could not send its code yet. \
                 Say: Alexa, ask pizza on demand to send the code again."
            ),
        ),
        State::Placed | State::Undelivered { .. } => ended(&told, "its code could not be sent"),
        State::Expired { .. } => ended(&told, "the code was not said in time"),
        State::Refused { .. } => ended(&told, "the code was wrong too often"),
        State::Superseded { .. } => ended(&told, "you placed a newer one"),
        State::Cancelled { .. } => ended(&told, "it was cancelled"),
    }
}

/// Whether the code of an open order may still be sent: no code lives longer
/// after the order was placed.
fn may_be_sent(order: &Order, now: Timestamp) -> bool {
    SignedDuration::try_from(CodeLifetime::LONGEST)
        .is_ok_and(|longest| now.duration_since(order.placed.placed_at) < longest)
}

fn ended(told: &str, why: &str) -> Answer {
    Answer::ask(
        "status",
        format!("Your order, {told}, was not confirmed, because {why}. {HOW_TO_ORDER}"),
        HOW_TO_ORDER,
    )
}

/// Cannot look at the orders.
pub(crate) fn cannot_look() -> Answer {
    Answer::tell(
        "cannot-look",
        "I cannot look at your orders right now. Please try again in a minute.",
    )
}

/// Asks whether to cancel what is open.
pub(crate) fn ask_to_cancel(order: Option<&Order>) -> Answer {
    match order.filter(|order| order.state.is_open()) {
        Some(order) => {
            let question = format!("Shall I cancel your order: {}?", told(&order.placed.item));
            Answer::ask_with(
                "asked-to-cancel",
                question.clone(),
                question,
                Memory::default().asking(Question::CancelOrder),
            )
        }
        None => nothing_to_cancel(),
    }
}

/// Cancelled what was open.
pub(crate) fn cancelled() -> Answer {
    Answer::tell(
        "cancelled",
        "I cancelled your order. Its code is worth nothing any more.",
    )
}

/// Had nothing to cancel.
pub(crate) fn nothing_to_cancel() -> Answer {
    Answer::tell(
        "nothing-to-cancel",
        "You have no order that could be cancelled. A confirmed order is already being made.",
    )
}

/// Could not cancel what is open, or not all of it.
pub(crate) fn cannot_cancel() -> Answer {
    Answer::tell(
        "cannot-cancel",
        "I could not cancel your order right now. Please try again in a minute: \
         say, Alexa, ask pizza on demand to cancel my order.",
    )
}

/// Keeps what a no leaves as it is.
pub(crate) fn kept() -> Answer {
    Answer::tell("kept", "All right. Nothing was changed.")
}
