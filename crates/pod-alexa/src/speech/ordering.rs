//! What is said about placing an order, and about sending its code.

use jiff::Timestamp;
use pod_core::{CodeSent, Entry, Menu, NotOnTheMenu, PlaceOrderError, ResendCodeError};

use super::confirming::nothing_pending;
use super::parts::{destination, either, lasting, listed, told, unreached, waiting};
use super::{Answer, HOW_TO_ASK, HOW_TO_CONFIRM, HOW_TO_ORDER};
use crate::envelope::{Elicit, Speech};
use crate::wish::Unmade;

const LATER: &str =
    "If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.";
const UNREACHED: &str = "I could not reach your phone or e-mail.";

/// There is no pizza yet.
pub(crate) fn unmade(unmade: &Unmade, menu: &Menu) -> Answer {
    let which_size = || {
        let sizes = either(menu.sizes().iter().map(Entry::spoken));
        format!("Which size would you like: {sizes}?")
    };
    match unmade {
        Unmade::NoSize => {
            Answer::ask("no-size", which_size(), which_size()).listening_for(Elicit::size())
        }
        Unmade::NotOnTheMenu(NotOnTheMenu::Size { .. }) => {
            let speech = format!("I do not have that size. {}", which_size());
            Answer::ask("no-such-size", speech, which_size()).listening_for(Elicit::size())
        }
        Unmade::NotOnTheMenu(NotOnTheMenu::Topping { .. }) if menu.toppings().is_empty() => {
            let speech = "I have no toppings at all. Which pizza would you like?";
            Answer::ask("no-such-topping", speech, which_size())
        }
        Unmade::NotOnTheMenu(NotOnTheMenu::Topping { .. }) => {
            let speech = format!(
                "I do not have all of those toppings. I have {}. Which pizza would you like?",
                listed(menu.toppings().iter().map(Entry::spoken))
            );
            Answer::ask("no-such-topping", speech, HOW_TO_ORDER)
        }
    }
}

/// A code is on its way.
pub(crate) fn code_sent(sent: &CodeSent) -> Answer {
    let speech = Speech::new()
        .text(&format!("I have your order: {}. ", told(&sent.order.item)))
        .append(&unreached(&sent.challenge))
        .text("I sent a code to ")
        .append(&destination(&sent.challenge.sent_to))
        .text(&format!(
            ". It is good for {}. {HOW_TO_CONFIRM} {LATER}",
            lasting(sent.challenge.expires_at, sent.challenge.sent_at)
        ));
    Answer::ask("code-sent", speech, HOW_TO_CONFIRM)
        .card(&format!(
            "{}\nConfirm it with the code sent to {}.",
            told(&sent.order.item),
            sent.challenge.sent_to.masked()
        ))
        .listening_for(Elicit::code())
}

/// The order does not wait for a code.
pub(crate) fn not_placed(error: &PlaceOrderError, now: Timestamp) -> Answer {
    match error {
        PlaceOrderError::NoContact => no_contact(),
        PlaceOrderError::Undeliverable => Answer::tell(
            "undeliverable",
            format!("{UNREACHED} Please check the contacts in your account, and then order again."),
        ),
        PlaceOrderError::TooManySends { retry_at } => too_many_sends(*retry_at, now),
        PlaceOrderError::Paused { retry_at } => paused(*retry_at, now),
        PlaceOrderError::Superseded => Answer::tell(
            "superseded",
            format!(
                "That order was replaced or cancelled in the meantime. To hear more, {HOW_TO_ASK}"
            ),
        ),
        PlaceOrderError::NotBegun(_) | PlaceOrderError::Fault(_) => Answer::tell(
            "cannot-send",
            "I cannot send codes right now, so your order is not confirmed. \
             Please order again in a few minutes.",
        ),
    }
}

/// The code was sent again.
pub(crate) fn code_resent(sent: &CodeSent) -> Answer {
    let speech = Speech::new()
        .append(&unreached(&sent.challenge))
        .text(&format!(
            "For {}, I sent the code again, to ",
            told(&sent.order.item)
        ))
        .append(&destination(&sent.challenge.sent_to))
        .text(&format!(
            ". It is good for {}. {HOW_TO_CONFIRM}",
            lasting(sent.challenge.expires_at, sent.challenge.sent_at)
        ));
    Answer::ask("code-resent", speech, HOW_TO_CONFIRM).listening_for(Elicit::code())
}

/// The code was not sent again.
pub(crate) fn not_resent(error: &ResendCodeError, now: Timestamp) -> Answer {
    match error {
        ResendCodeError::NothingPending => nothing_pending(),
        ResendCodeError::TooSoon { retry_at } => Answer::tell(
            "too-soon",
            format!(
                "I have only just tried to send the code. If it does not arrive, ask me again in {}.",
                waiting(*retry_at, now)
            ),
        ),
        ResendCodeError::Exhausted | ResendCodeError::TooLate => Answer::tell(
            "no-more-sends",
            "I cannot send the code of this order again. Please place the order anew, and I will send you a new code.",
        ),
        ResendCodeError::NoContact => no_contact(),
        ResendCodeError::Undeliverable => Answer::tell(
            "undeliverable",
            format!(
                "{UNREACHED} Please check the contacts in your account, and then ask me again."
            ),
        ),
        ResendCodeError::TooManySends { retry_at } => too_many_sends(*retry_at, now),
        ResendCodeError::Paused { retry_at } => paused(*retry_at, now),
        ResendCodeError::Fault(_) => Answer::tell(
            "cannot-send",
            "I cannot send codes right now. Please ask me again in a few minutes: \
             say, Alexa, ask pizza on demand to send the code again.",
        ),
    }
}

fn no_contact() -> Answer {
    Answer::tell(
        "no-contact",
        "I know no verified phone number or e-mail address of yours that I may send a code to. \
         Please add one to your account, and then order again.",
    )
}

fn paused(retry_at: Timestamp, now: Timestamp) -> Answer {
    Answer::tell(
        "paused",
        format!(
            "I cannot text codes to phones in your country at the moment. Please try again in {}, \
             or add an e-mail address to your account.",
            waiting(retry_at, now)
        ),
    )
}

fn too_many_sends(retry_at: Timestamp, now: Timestamp) -> Answer {
    Answer::tell(
        "too-many-sends",
        format!(
            "You have asked for too many codes. Please try again in {}.",
            waiting(retry_at, now)
        ),
    )
}
