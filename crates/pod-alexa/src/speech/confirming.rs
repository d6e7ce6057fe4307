//! What is said about a code that was said.

use jiff::Timestamp;
use pod_core::{ConfirmOrderError, Confirmation};

use super::parts::{told, waiting};
use super::{Answer, HOW_TO_ASK, HOW_TO_CONFIRM, HOW_TO_ORDER, SHOP};
use crate::envelope::{Elicit, Memory, Question};

/// How often a code may be misheard in one session before pod stops asking.
const MOST_MISHEARD: u8 = 3;

/// The order is confirmed.
pub(crate) fn confirmed(confirmation: &Confirmation) -> Answer {
    let told = told(&confirmation.order().item);
    Answer::tell(
        "confirmed",
        format!("Your order is confirmed: {told}. Enjoy your meal!"),
    )
    .card(&format!("Confirmed: {told}."))
}

/// The order is not confirmed.
pub(crate) fn not_confirmed(error: &ConfirmOrderError, now: Timestamp) -> Answer {
    match error {
        ConfirmOrderError::NothingPending => nothing_pending(),
        ConfirmOrderError::WrongCode { attempts_left } => {
            let left = if *attempts_left == 1 {
                "one more attempt".to_owned()
            } else {
                format!("{attempts_left} more attempts")
            };
            let speech = format!(
                "That is not the right code. You have {left}. Please say the code again, digit by digit."
            );
            Answer::ask("wrong-code", speech, HOW_TO_CONFIRM).listening_for(Elicit::code())
        }
        ConfirmOrderError::Refused => Answer::tell(
            "refused",
            "There were too many wrong codes for that order, so it is closed and was not confirmed. \
             Please place it anew, and I will send you a new code.",
        ),
        ConfirmOrderError::Expired => Answer::tell(
            "expired",
            "The code has expired, and your order was not confirmed. \
             Please place it anew, and I will send you a new code.",
        ),
        ConfirmOrderError::Locked { until } => locked(*until, now),
        // Whether the confirmation was kept may not be known: the store can
        // break between doing it and saying so.
        ConfirmOrderError::NotBegun(_) | ConfirmOrderError::Fault(_) => Answer::tell(
            "cannot-check",
            format!("I could not finish checking your code. In a minute, {HOW_TO_ASK}"),
        ),
    }
}

/// The customer is locked: until then, or until unlocked.
fn locked(until: Option<Timestamp>, now: Timestamp) -> Answer {
    let speech = match until {
        Some(until) => format!(
            "There were too many wrong codes. To protect your account, I take no codes for {}. \
             After that, please order anew.",
            waiting(until, now)
        ),
        None => format!(
            "There were too many wrong codes, and your account is locked. Please ask {SHOP} to unlock it."
        ),
    };
    Answer::tell("locked", speech)
}

/// What was heard is no code: ask again, a few times.
pub(crate) fn misheard(digits: usize, memory: Memory) -> Answer {
    let memory = memory.misheard_again();
    if memory.misheard() > MOST_MISHEARD {
        let question = "I still did not understand the code. Shall I send it again?";
        return Answer::ask_with(
            "misheard-too-often",
            question,
            question,
            memory.asking(Question::ResendCode),
        );
    }
    let speech = format!("I did not catch all {digits} digits. Please say them one by one.");
    Answer::ask_with("misheard", speech, HOW_TO_CONFIRM, memory).listening_for(Elicit::code())
}

/// There is no code to wait for.
pub(super) fn nothing_pending() -> Answer {
    Answer::ask(
        "nothing-pending",
        format!("You have no order that waits for a code. {HOW_TO_ORDER}"),
        HOW_TO_ORDER,
    )
}
