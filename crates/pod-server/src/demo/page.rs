//! How a conversation is written down: who on the left, what on the right.

use std::fmt::Write as _;

use pod_core::OrderId;
use pod_core::ports::Event;

use super::talk::{Letter, Said};

/// How wide the column on the left is.
const WHO: usize = 9;

/// How wide a line may be.
const WIDTH: usize = 88;

/// Writes a turn of somebody's, in lines that are not too long.
pub(super) fn turn(who: &str, what: &str) -> String {
    let mut written = String::new();
    let mut margin = who;
    for paragraph in what.lines() {
        for line in wrapped(paragraph, WIDTH - WHO) {
            let _infallible = writeln!(written, "{margin:<WHO$}{line}");
            margin = "";
        }
    }
    written
}

/// Writes what Alexa answers, and what she shows.
pub(super) fn answer(said: &Said) -> String {
    let mut written = turn("Alexa", &said.speech);
    if said.speech.is_empty() {
        written = turn("Alexa", "(says nothing)");
    }
    if let Some(card) = &said.card {
        written += &turn("", &format!("[card: {card}]"));
    }
    written
}

/// Writes a message that has arrived.
pub(super) fn letter(letter: &Letter) -> String {
    let to = format!("to {}:", letter.to);
    turn(kind(&letter.channel), &format!("{to}\n{}", letter.text))
}

/// Writes what has become of an order.
pub(super) fn event(event: &Event) -> String {
    let stage = event.stage.as_str().replace('_', " ");
    turn("", &format!("[order {}: {stage}]", short(event.order)))
}

/// The end of an order's name, which tells it from the ones beside it.
pub(super) fn short(order: OrderId) -> String {
    let name = order.to_string();
    name.rsplit('-').next().unwrap_or(&name).to_owned()
}

fn kind(channel: &str) -> &'static str {
    match channel {
        "phone" => "SMS",
        _ => "e-mail",
    }
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_turns_are_wrapped_beside_the_name() {
        let said = "a ".repeat(50);

        let written = turn("Ada", said.trim_end());

        let lines: Vec<&str> = written.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("Ada      a a"), "{written}");
        assert!(lines[1].starts_with("         a a"), "{written}");
        assert!(lines.iter().all(|line| line.len() <= WIDTH), "{written}");
    }
}
