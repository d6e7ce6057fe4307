//! A conversation of one's own: what is typed is said, and what comes of it is
//! shown.

use pod_core::BoxError;
use pod_core::ports::Event;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::prompt::Prompt;
use super::talk::Talk;
use super::{guide, page, verdict};
use crate::cli::{Outcome, asked_to_stop};

/// The device of whoever names none.
const NEAREST: &str = "kitchen";

/// Says these words, and talks until there is nothing more to say, or until it
/// is asked to stop.
pub(super) async fn play(
    words: &str,
    talk: Talk,
    events: Option<broadcast::Receiver<Event>>,
    device: Option<String>,
    prompt: Prompt,
) -> Outcome {
    let mut play = Play {
        talk,
        events,
        device: device.unwrap_or_else(|| NEAREST.to_owned()),
        prompt,
        failed: false,
    };
    // Whoever reads what is said may ask right away.
    let asked_to_stop = asked_to_stop()?;
    if !words.is_empty() {
        play.prompt.print(words);
    }
    if play.prompt.is_terminal() {
        play.prompt.print(guide::PROMPT);
    }
    tokio::select! {
        done = play.talk_on() => done?,
        asked = asked_to_stop => asked?,
    }
    Ok(verdict(!play.failed))
}

struct Play {
    talk: Talk,
    events: Option<broadcast::Receiver<Event>>,
    device: String,
    prompt: Prompt,
    /// Whether somebody said something that came to nothing.
    failed: bool,
}

impl Play {
    async fn talk_on(&mut self) -> Result<(), BoxError> {
        loop {
            self.prompt.ask(&format!("{}> ", self.device));
            let Some(line) = self.line().await? else {
                return Ok(());
            };
            match line.trim() {
                "" => {}
                "/help" => self.prompt.print(guide::PROMPT),
                "/quit" => return Ok(()),
                command if command.starts_with("/device ") => {
                    command["/device ".len()..]
                        .trim()
                        .clone_into(&mut self.device);
                }
                utterance => self.turn(utterance).await?,
            }
        }
    }

    /// The next line; meanwhile what happens by itself is shown.
    async fn line(&mut self) -> Result<Option<String>, BoxError> {
        loop {
            tokio::select! {
                line = self.prompt.line() => return Ok(line),
                event = next(&mut self.events) => {
                    self.show_letters().await?;
                    self.prompt.print(&page::event(&event));
                }
            }
        }
    }

    async fn turn(&mut self, utterance: &str) -> Result<(), BoxError> {
        if !self.prompt.is_terminal() {
            self.prompt.print(&page::turn(&self.device, utterance));
        }
        match self.talk.say(&self.device, utterance).await {
            Ok(said) => self.prompt.print(&page::answer(&said)),
            Err(error) => {
                self.failed = true;
                self.prompt.print(&page::turn("", &format!("({error})")));
            }
        }
        self.show_letters().await?;
        while let Some(Ok(event)) = self.events.as_mut().map(broadcast::Receiver::try_recv) {
            self.prompt.print(&page::event(&event));
        }
        Ok(())
    }

    async fn show_letters(&mut self) -> Result<(), BoxError> {
        for letter in self.talk.letters().await? {
            self.prompt.print(&page::letter(&letter));
        }
        Ok(())
    }
}

/// The next thing that becomes of an order; never, where nobody tells.
async fn next(events: &mut Option<broadcast::Receiver<Event>>) -> Event {
    while let Some(receiver) = events {
        match receiver.recv().await {
            Ok(event) => return event,
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => *events = None,
        }
    }
    std::future::pending().await
}
