//! Every sentence the skill says.
//!
//! Each answer is a function of what came of a wish. Where something failed,
//! the sentence says what to do, and claims nothing that is not known. What
//! was heard is never said back: it may have been a code.

mod confirming;
mod ordering;
mod parts;
mod status;

use jiff::Timestamp;
use pod_core::{Order, State};

use crate::envelope::{Card, Elicit, Memory, Response, Speech};

pub(crate) use confirming::{confirmed, misheard, not_confirmed};
pub(crate) use ordering::{code_resent, code_sent, not_placed, not_resent, unmade};
pub(crate) use status::{
    ask_to_cancel, cancelled, cannot_cancel, cannot_look, kept, nothing_to_cancel, status,
};

const SHOP: &str = "Pizza on Demand";
const HOW_TO_ORDER: &str =
    "You can say, for example: get me a large pizza with pepperoni and onions.";
const HOW_TO_CONFIRM: &str = "Say: the code is, and then the digits one by one.";
const HOW_TO_ASK: &str = "say: Alexa, ask pizza on demand what became of my order.";

/// What is said, and the word for it in metrics.
pub(crate) struct Answer {
    /// What came of the request.
    pub(crate) outcome: &'static str,
    /// What is said.
    pub(crate) response: Response,
}

impl Answer {
    fn tell(outcome: &'static str, speech: impl Into<Speech>) -> Self {
        Self {
            outcome,
            response: Response::tell(speech.into()),
        }
    }

    fn ask(outcome: &'static str, speech: impl Into<Speech>, reprompt: impl Into<Speech>) -> Self {
        Self::ask_with(outcome, speech, reprompt, Memory::default())
    }

    fn ask_with(
        outcome: &'static str,
        speech: impl Into<Speech>,
        reprompt: impl Into<Speech>,
        memory: Memory,
    ) -> Self {
        let response = Response::ask(speech.into(), reprompt.into()).remembering(memory);
        Self { outcome, response }
    }

    fn card(mut self, content: &str) -> Self {
        self.response = self.response.with_card(Card::simple(SHOP, content));
        self
    }

    fn listening_for(mut self, slot: Elicit) -> Self {
        self.response = self.response.eliciting(slot);
        self
    }
}

// Hello and goodbye.

/// Greets, and mentions an order that waits for its code.
pub(crate) fn welcome(newest: Option<&Order>, now: Timestamp) -> Answer {
    match newest.map(|order| (order, &order.state)) {
        Some((order, State::AwaitingCode { challenge, .. })) => {
            let speech = Speech::new()
                .text(&format!(
                    "Welcome back to {SHOP}. Your order, {}, waits for the code I sent to ",
                    parts::told(&order.placed.item)
                ))
                .append(&parts::destination(&challenge.sent_to))
                .text(&format!(
                    ". The code is good for {}. {HOW_TO_CONFIRM}",
                    parts::lasting(challenge.expires_at, now)
                ));
            Answer::ask("waiting", speech, HOW_TO_CONFIRM).listening_for(Elicit::code())
        }
        _ => Answer::ask(
            "welcome",
            format!("Welcome to {SHOP}. {HOW_TO_ORDER}"),
            HOW_TO_ORDER,
        ),
    }
}

/// Explains what can be said.
pub(crate) fn help() -> Answer {
    let speech = format!(
        "I take your order, and send a code to your phone or e-mail, so that only you can confirm it. \
         {HOW_TO_ORDER} When you have the code, say: the code is, and then the digits. \
         You can also say: send the code again, what became of my order, or cancel my order."
    );
    Answer::ask("help", speech, HOW_TO_ORDER)
}

/// Says goodbye.
pub(crate) fn goodbye() -> Answer {
    Answer::tell("goodbye", "Goodbye.")
}

/// Says the last words again; a question they ended with is open as before.
pub(crate) fn repeat(memory: Memory) -> Answer {
    match memory.said().cloned() {
        Some(said) => Answer::ask_with("said-again", said.clone(), said, memory),
        None => help(),
    }
}

/// Did not understand.
pub(crate) fn not_understood() -> Answer {
    Answer::ask(
        "not-understood",
        format!("I did not understand that. {HOW_TO_ORDER}"),
        HOW_TO_ORDER,
    )
}

/// Has nobody to say anything to.
pub(crate) fn silence(outcome: &'static str) -> Answer {
    Answer {
        outcome,
        response: Response::silence(),
    }
}

// Who is speaking.

/// Sends the customer to link an account.
pub(crate) fn link_account() -> Answer {
    let speech = format!(
        "To order, please link your {SHOP} account first. I put a card with a link into your Alexa app."
    );
    Answer {
        outcome: "link-account",
        response: Response::link_account(speech.into()),
    }
}

/// Sends the customer to link the account anew.
pub(crate) fn link_account_again() -> Answer {
    let speech = format!(
        "Your {SHOP} account is no longer linked. Please link it again: \
         I put a card with a link into your Alexa app."
    );
    Answer {
        outcome: "link-account-again",
        response: Response::link_account(speech.into()),
    }
}

/// Cannot find out who is speaking.
pub(crate) fn not_recognised() -> Answer {
    Answer::tell(
        "unrecognised",
        "I cannot check your account right now, and nothing was done. Please try again in a minute.",
    )
}

// Time and trouble.

/// Took too long; what was begun goes on, and may yet succeed.
pub(crate) fn too_slow() -> Answer {
    Answer::tell(
        "too-slow",
        format!("That takes longer than it should. In a minute, {HOW_TO_ASK}"),
    )
}

/// Broke in the middle: nobody knows how far it came.
pub(crate) fn broken() -> Answer {
    Answer::tell(
        "broken",
        format!("Something went wrong. In a minute, {HOW_TO_ASK}"),
    )
}

/// Could not even begin.
pub(crate) fn unavailable() -> Answer {
    Answer::tell(
        "unavailable",
        "I cannot do that right now. Please try again in a minute.",
    )
}

#[cfg(test)]
mod tests;
