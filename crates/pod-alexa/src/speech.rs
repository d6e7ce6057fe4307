//! Every sentence the skill says.
//!
//! Each answer is a function of what came of a wish. Where something failed,
//! the sentence says what to do.

use std::time::Duration;

use jiff::Timestamp;
use pod_core::{
    Channel, CodeSent, ConfirmOrderError, Confirmation, Item, Menu, Money, NotOnTheMenu, Order,
    PlaceOrderError, ResendCodeError, SentTo, State,
};

use crate::envelope::{Card, Elicit, Memory, Question, Response, Speech};
use crate::wish::Unmade;

const SHOP: &str = "Pizza on Demand";
const HOW_TO_ORDER: &str =
    "You can say, for example: get me a large pizza with pepperoni and onions.";
const HOW_TO_CONFIRM: &str = "Say: the code is, and then the digits one by one.";
const LATER: &str =
    "If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.";

/// How often a code may be misheard in one session before pod stops asking.
const MOST_MISHEARD: u8 = 3;

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

    fn ask(outcome: &'static str, speech: impl Into<Speech>, reprompt: &str) -> Self {
        Self::ask_with(outcome, speech, reprompt, Memory::default())
    }

    fn ask_with(
        outcome: &'static str,
        speech: impl Into<Speech>,
        reprompt: &str,
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
pub(crate) fn welcome(waiting: Option<&Order>, now: Timestamp) -> Answer {
    match waiting.map(|order| (order, &order.state)) {
        Some((order, State::AwaitingCode { challenge, .. })) => {
            let speech = Speech::new()
                .text(&format!(
                    "Welcome back to {SHOP}. Your order, {}, waits for its code. I sent it to ",
                    told(&order.placed.item)
                ))
                .append(&destination(&challenge.sent_to))
                .text(&format!(
                    ". It is good for {}. {HOW_TO_CONFIRM}",
                    lasting(challenge.expires_at, now)
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

/// Says the last words again.
pub(crate) fn repeat(memory: Memory) -> Answer {
    match memory.said().cloned() {
        Some(said) => Answer::ask_with("repeated", said, HOW_TO_ORDER, memory),
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
        "I cannot check your account right now. Nothing was done. Please try again in a minute.",
    )
}

// Ordering.

/// There is no pizza yet.
pub(crate) fn unmade(unmade: &Unmade, menu: &Menu) -> Answer {
    match unmade {
        Unmade::NoSize => {
            let question = format!(
                "Which size would you like: {}?",
                either(menu.sizes().iter().map(pod_core::Entry::spoken))
            );
            Answer::ask("no-size", question.clone(), &question).listening_for(Elicit::size())
        }
        Unmade::NotOnTheMenu(NotOnTheMenu::Size { asked, there_is }) => {
            let speech = format!(
                "I have no size called {asked}. Which size would you like: {}?",
                either(there_is.iter().map(|name| name.to_lowercase()))
            );
            Answer::ask("no-such-size", speech, "Which size would you like?")
                .listening_for(Elicit::size())
        }
        Unmade::NotOnTheMenu(NotOnTheMenu::Topping { asked, there_is }) => {
            let speech = format!(
                "I have no topping called {asked}. There is {}. Which pizza would you like?",
                listed(there_is.iter().map(|name| name.to_lowercase()))
            );
            Answer::ask("no-such-topping", speech, HOW_TO_ORDER)
        }
    }
}

/// A code is on its way.
pub(crate) fn code_sent(sent: &CodeSent) -> Answer {
    let speech = Speech::new()
        .text(&format!(
            "I have your order: {}. I sent a code to ",
            told(&sent.order.item)
        ))
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
        PlaceOrderError::NoContact => Answer::tell(
            "no-contact",
            "I have no confirmed phone number or e-mail address of yours that I may send a code to, so I cannot take orders. \
             Please add one to your account.",
        ),
        PlaceOrderError::Undeliverable => Answer::tell(
            "undeliverable",
            "I could not reach your phone or e-mail, so nothing was ordered. Please check the contacts in your account.",
        ),
        PlaceOrderError::TooManySends { retry_at } => too_many_sends(*retry_at, now),
        PlaceOrderError::Superseded => Answer::tell(
            "superseded",
            "You have just placed another order. That one waits for its code.",
        ),
        PlaceOrderError::Fault(_) => cannot_send(),
    }
}

/// The code was sent again.
pub(crate) fn code_resent(sent: &CodeSent) -> Answer {
    let speech = Speech::new()
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
                "The code is on its way. If it does not arrive, ask me again in {}.",
                lasting(*retry_at, now)
            ),
        ),
        ResendCodeError::Exhausted | ResendCodeError::TooLate => Answer::tell(
            "no-more-sends",
            "I cannot send the code of this order again. Please place the order anew, and I will send you a new code.",
        ),
        ResendCodeError::NoContact | ResendCodeError::Undeliverable => Answer::tell(
            "undeliverable",
            "I could not reach your phone or e-mail. Please check the contacts in your account.",
        ),
        ResendCodeError::TooManySends { retry_at } => too_many_sends(*retry_at, now),
        ResendCodeError::Fault(_) => cannot_send(),
    }
}

fn too_many_sends(retry_at: Timestamp, now: Timestamp) -> Answer {
    Answer::tell(
        "too-many-sends",
        format!(
            "I have sent you too many codes. Please try again in {}.",
            lasting(retry_at, now)
        ),
    )
}

fn cannot_send() -> Answer {
    Answer::tell(
        "cannot-send",
        "I cannot send codes right now, so nothing was confirmed. Please try again in a few minutes: \
         say, Alexa, ask pizza on demand to send the code again.",
    )
}

// Confirming.

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
            "That is not the right code, and there are no attempts left. The order is closed, and nothing was confirmed. \
             Please place it anew, and I will send you a new code.",
        ),
        ConfirmOrderError::Expired => Answer::tell(
            "expired",
            "The code has expired, and nothing was confirmed. Please place the order anew, and I will send you a new code.",
        ),
        ConfirmOrderError::Locked { until: Some(until) } => Answer::tell(
            "locked",
            format!(
                "There were too many wrong codes. To protect your account, I take no codes for {}.",
                lasting(*until, now)
            ),
        ),
        ConfirmOrderError::Locked { until: None } => Answer::tell(
            "locked",
            format!(
                "There were too many wrong codes, and your account is locked. Please ask {SHOP} to unlock it."
            ),
        ),
        ConfirmOrderError::Fault(_) => Answer::tell(
            "cannot-check",
            "I could not check your code right now, and nothing was confirmed. Please say it again in a minute.",
        ),
    }
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
            Memory::default().asking(Question::ResendCode),
        );
    }
    let speech = format!("I did not catch all {digits} digits. Please say them one by one.");
    Answer::ask_with("misheard", speech, HOW_TO_CONFIRM, memory).listening_for(Elicit::code())
}

fn nothing_pending() -> Answer {
    Answer::ask(
        "nothing-pending",
        format!("You have no order that waits for a code. {HOW_TO_ORDER}"),
        HOW_TO_ORDER,
    )
}

// What became of the order.

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
                .text(&format!(
                    "Your order, {told}, waits for the code I sent to "
                ))
                .append(&destination(&challenge.sent_to))
                .text(&format!(
                    ". It is good for {}. {HOW_TO_CONFIRM}",
                    lasting(challenge.expires_at, now)
                ));
            Answer::ask("status", speech, HOW_TO_CONFIRM).listening_for(Elicit::code())
        }
        State::Confirmed { .. } => {
            Answer::tell("status", format!("Your order is confirmed: {told}."))
        }
        State::Placed | State::Undelivered { .. } => Answer::tell(
            "status",
            format!(
                "I have your order, {told}, but could not send its code yet. \
                 Say: Alexa, ask pizza on demand to send the code again."
            ),
        ),
        State::Expired { .. } => ended(&told, "the code was not said in time"),
        State::Refused { .. } => ended(&told, "the code was wrong too often"),
        State::Superseded { .. } => ended(&told, "you placed a newer one"),
        State::Cancelled { .. } => ended(&told, "you cancelled it"),
    }
}

fn ended(told: &str, why: &str) -> Answer {
    Answer::ask(
        "status",
        format!("Your order, {told}, was not confirmed, because {why}. {HOW_TO_ORDER}"),
        HOW_TO_ORDER,
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
                &question,
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

/// Keeps what a no leaves as it is.
pub(crate) fn kept() -> Answer {
    Answer::tell("kept", "All right. Nothing was changed.")
}

/// Cannot look at the orders.
pub(crate) fn cannot_look() -> Answer {
    Answer::tell(
        "cannot-look",
        "I cannot look at your orders right now. Nothing was changed. Please try again in a minute.",
    )
}

// Time and trouble.

/// Took too long; what was begun goes on.
pub(crate) fn too_slow() -> Answer {
    Answer::tell(
        "too-slow",
        "That takes longer than it should, and nothing is confirmed yet. In a minute, say: \
         Alexa, ask pizza on demand what became of my order.",
    )
}

/// Something broke that nobody foresaw.
pub(crate) fn broken() -> Answer {
    Answer::tell(
        "broken",
        "Something went wrong, and nothing was confirmed. Please try again in a minute.",
    )
}

// Parts of sentences.

/// "a large pizza with onions, 17 dollars".
fn told(item: &Item) -> String {
    match item.amount() {
        Some(amount) => format!("{}, {}", item.summary(), amount_spoken(amount)),
        None => item.summary().to_owned(),
    }
}

fn amount_spoken(amount: Money) -> String {
    let currency = amount.currency();
    let (unit, units, rest_unit) = match currency.as_str() {
        "USD" | "CAD" | "AUD" | "NZD" => ("dollar", "dollars", "cents"),
        "EUR" => ("euro", "euros", "cents"),
        "GBP" => ("pound", "pounds", "pence"),
        _ => return amount.to_string(),
    };
    let (whole, rest) = amount.units();
    let name = if whole == 1 { unit } else { units };
    match (whole, rest) {
        (_, 0) => format!("{whole} {name}"),
        (0, _) => format!("{rest} {rest_unit}"),
        (_, 1..10) => format!("{whole} {name} and {rest} {rest_unit}"),
        _ => format!("{whole} {name} {rest}"),
    }
}

/// "your phone ending in 4 2".
fn destination(sent_to: &SentTo) -> Speech {
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

/// "5 minutes", from now on, never less than there is to wait.
fn lasting(until: Timestamp, now: Timestamp) -> String {
    let left = Duration::try_from(until.duration_since(now)).unwrap_or_default();
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    let several = |count: u64, unit: &str| {
        if count == 1 {
            format!("{count} {unit}")
        } else {
            format!("{count} {unit}s")
        }
    };
    match seconds {
        0..=90 => several(seconds.max(1), "second"),
        91..=5400 => several(seconds.div_ceil(60), "minute"),
        5401..=172_800 => several(seconds.div_ceil(3600), "hour"),
        _ => several(seconds.div_ceil(86_400), "day"),
    }
}

fn listed(names: impl Iterator<Item = String>) -> String {
    joined(&names.collect::<Vec<_>>(), "and")
}

fn either(names: impl Iterator<Item = String>) -> String {
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
    use pod_core::Currency;

    use super::*;

    #[test]
    fn amounts_are_said_as_people_say_them() {
        let said =
            |minor, letters| amount_spoken(Money::new(minor, Currency::parse(letters).unwrap()));

        assert_eq!(said(1850, "USD"), "18 dollars 50");
        assert_eq!(said(100, "GBP"), "1 pound");
        assert_eq!(said(1805, "EUR"), "18 euros and 5 cents");
        assert_eq!(said(50, "USD"), "50 cents");
        assert_eq!(said(1850, "CHF"), "18.50 CHF");
    }

    #[test]
    fn a_wait_is_never_said_too_short() {
        let now = Timestamp::from_second(1_795_000_000).unwrap();
        let said = |seconds: i64, nanos: i32| {
            lasting(now + jiff::SignedDuration::new(seconds, nanos), now)
        };

        assert_eq!(said(0, 0), "1 second");
        assert_eq!(said(29, 1), "30 seconds");
        assert_eq!(said(300, 0), "5 minutes");
        assert_eq!(said(301, 0), "6 minutes");
        assert_eq!(said(7200, 0), "2 hours");
        assert_eq!(
            lasting(Timestamp::MAX, now).rsplit(' ').next(),
            Some("days")
        );
    }
}
