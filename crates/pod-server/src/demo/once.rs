//! One whole conversation, from the order to its confirmation, and the order
//! looked up at the end: words alone do not count.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use pod_core::ports::Event;
use pod_core::{BoxError, CustomerId, Order, Stage};
use tokio::sync::broadcast;

use super::talk::{Letter, Talk};
use super::world::{ADA, World};
use super::{page, verdict};
use crate::cli::Outcome;

const DEVICE: &str = "kitchen";

/// Plays the conversation, and tells whether the order was confirmed.
pub(super) async fn once(world: &World) -> Outcome {
    println!(
        "One conversation, with everything on this machine. Nothing is faked inside: each\n\
         request is signed and verified, each token is signed and verified, and the order is\n\
         kept in SQLite.\n"
    );
    let mut play = Play {
        events: world.events(),
        talk: Talk::here(world),
    };
    play.turn("alexa, ask pizza on demand to get me a large pizza with pepperoni and onions")
        .await?;
    let code = play.talk.code().unwrap_or_default().to_owned();
    if !code.is_empty() {
        play.turn(&confirmation(&another(&code))).await?;
        play.turn(&confirmation(&code)).await?;
    }
    play.turn("alexa, ask pizza on demand what is the status of my order")
        .await?;

    let newest = world.pod().order_status(&CustomerId::parse(ADA)?).await?;
    let (sentence, code) = judged(newest.as_ref());
    println!("\n{sentence}");
    Ok(code)
}

/// A conversation in progress.
struct Play {
    talk: Talk,
    events: broadcast::Receiver<Event>,
}

impl Play {
    /// What has arrived. The first message is waited for: it may have to be
    /// sent another way first.
    async fn letters(&mut self) -> Result<Vec<Letter>, BoxError> {
        let until = Instant::now() + PATIENCE;
        loop {
            let letters = self.talk.letters().await?;
            let waits = letters.is_empty() && self.talk.code().is_none();
            if !waits || Instant::now() > until {
                return Ok(letters);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Says something, and prints it with everything that comes of it.
    async fn turn(&mut self, utterance: &str) -> Result<(), BoxError> {
        print!("{}", page::turn("Ada", utterance));
        let said = self.talk.say(DEVICE, utterance).await?;
        print!("{}", page::answer(&said));
        for letter in self.letters().await? {
            print!("{}", page::letter(&letter));
        }
        while let Ok(event) = self.events.try_recv() {
            print!("{}", page::event(&event));
        }
        Ok(())
    }
}

/// How long a message may be on its way that goes by two suppliers.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is said to confirm an order: the digits one by one, as people do.
fn confirmation(code: &str) -> String {
    const DIGITS: [&str; 10] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    ];
    let digits = code.bytes().filter(u8::is_ascii_digit);
    let words: Vec<&str> = digits
        .map(|digit| DIGITS[usize::from(digit - b'0')])
        .collect();
    format!(
        "alexa, tell pizza on demand the code is {}",
        words.join(" ")
    )
}

/// A code that is wrong, in its last digit.
fn another(code: &str) -> String {
    let mut digits = code.as_bytes().to_vec();
    if let Some(last) = digits.last_mut() {
        *last = if *last == b'9' { b'0' } else { *last + 1 };
    }
    String::from_utf8_lossy(&digits).into_owned()
}

/// What came of it all, by what is kept.
fn judged(newest: Option<&Order>) -> (String, ExitCode) {
    let Some(order) = newest else {
        return ("No order was kept.".to_owned(), verdict(false));
    };
    let stage = order.state.stage();
    let word = stage.as_str().replace('_', " ");
    let item = order.placed.item.summary();
    let name = page::short(order.placed.id);
    let amount = order.placed.item.amount();
    let amount = amount
        .map(|amount| format!(" for {amount}"))
        .unwrap_or_default();
    let sentence = format!("In the database, order {name}, {item}{amount}, is {word}.");
    (sentence, verdict(stage == Stage::Confirmed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_code_differs_from_the_right_one() {
        assert_eq!(another("482913"), "482914");
        assert_eq!(another("482919"), "482910");
    }

    #[test]
    fn digits_are_said_one_by_one() {
        assert_eq!(
            confirmation("4820"),
            "alexa, tell pizza on demand the code is four eight two zero"
        );
    }

    #[test]
    fn without_an_order_the_demo_has_failed() {
        let (sentence, code) = judged(None);

        assert_eq!(sentence, "No order was kept.");
        assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::FAILURE));
    }
}
