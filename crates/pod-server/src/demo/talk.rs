//! Talking to Alexa: to an Echo of this program, or to one of a world that is
//! running elsewhere on this machine.

use std::collections::BTreeMap;

use pod_core::BoxError;
use pod_emulator::{Echo, Inbox, code_in};

use super::remote::Remote;
use super::world::World;
use crate::causes::Causes;

/// What Alexa answers.
pub(super) struct Said {
    /// What is heard.
    pub(super) speech: String,
    /// What the Alexa app shows, in a word or two.
    pub(super) card: Option<String>,
}

/// A message that has arrived.
pub(super) struct Letter {
    /// `phone` or `email`.
    pub(super) channel: String,
    /// Whose, masked.
    pub(super) to: String,
    /// The text, code and all.
    pub(super) text: String,
}

/// The devices that can be talked to, and the inbox.
pub(super) struct Talk {
    way: Way,
    /// The number of the last message seen.
    seen: u64,
    /// The code in the last message, so that it can be said without reading.
    code: Option<String>,
}

enum Way {
    Here {
        echoes: BTreeMap<&'static str, Echo>,
        inbox: Inbox,
    },
    There(Remote),
}

/// The devices of the usual house.
pub(super) const DEVICES: [&str; 3] = ["kitchen", "office", "hallway"];

impl Talk {
    /// Talks to the devices of a world of one's own.
    pub(super) fn here(world: &World) -> Self {
        let emulator = world.emulator();
        let echoes = DEVICES
            .into_iter()
            .filter_map(|name| Some((name, emulator.echo(name)?)));
        Self {
            way: Way::Here {
                echoes: echoes.collect(),
                inbox: emulator.inbox().clone(),
            },
            seen: emulator.inbox().newest(),
            code: None,
        }
    }

    /// Talks to the devices of another world; its old messages are left alone.
    ///
    /// # Errors
    ///
    /// A sentence if nobody answers there.
    pub(super) async fn there(remote: Remote) -> Result<Self, BoxError> {
        let old = remote.messages(0).await?;
        Ok(Self {
            seen: old.last().map_or(0, |(number, _)| *number),
            way: Way::There(remote),
            code: None,
        })
    }

    /// Says something to a device, and gives what it answers. `{code}` in it
    /// is the code of the newest message.
    ///
    /// # Errors
    ///
    /// A sentence if the device hears nothing from the skill.
    pub(super) async fn say(&mut self, device: &str, utterance: &str) -> Result<Said, BoxError> {
        let utterance = match &self.code {
            Some(code) => utterance.replace("{code}", code),
            None if utterance.contains("{code}") => return Err("no code has arrived yet".into()),
            None => utterance.to_owned(),
        };
        match &mut self.way {
            Way::There(remote) => remote.say(device, &utterance).await,
            Way::Here { echoes, .. } => {
                let echo = echoes.get_mut(device).ok_or_else(|| {
                    format!("there is no such device; there are {}", DEVICES.join(", "))
                })?;
                let heard = echo.say(&utterance).await;
                let heard = heard.map_err(|error| Causes(&error).to_string())?;
                Ok(Said {
                    speech: heard.speech,
                    card: heard.card.map(|card| card.title.unwrap_or(card.kind)),
                })
            }
        }
    }

    /// The messages that have arrived since this was last asked.
    ///
    /// # Errors
    ///
    /// A sentence if the inbox does not answer.
    pub(super) async fn letters(&mut self) -> Result<Vec<Letter>, BoxError> {
        let new = match &self.way {
            Way::There(remote) => remote.messages(self.seen).await?,
            Way::Here { inbox, .. } => {
                let shown = |message: &pod_emulator::Message| {
                    let to = message.contact().masked();
                    let letter = Letter {
                        channel: to.channel().as_str().to_owned(),
                        to: to.masked().to_owned(),
                        text: message.expose_text().to_owned(),
                    };
                    (message.number(), letter)
                };
                inbox.after(self.seen).iter().map(shown).collect()
            }
        };
        if let Some((number, letter)) = new.last() {
            self.seen = *number;
            self.code = code_in(&letter.text).map(|code| code.expose().to_owned());
        }
        Ok(new.into_iter().map(|(_, letter)| letter).collect())
    }

    /// The code in the last message that was looked at.
    pub(super) fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }
}
