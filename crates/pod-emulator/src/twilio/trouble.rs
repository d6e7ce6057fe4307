//! What goes wrong at Twilio when somebody wants to see it.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use serde::Deserialize;

use super::lock;

/// What goes wrong with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TwilioTrouble {
    /// It is refused at once, with this error.
    Refuse(u32),
    /// It is taken, does not arrive, and is reported as undelivered with this
    /// error.
    Lose(u32),
    /// The answer is right, but so many milliseconds late.
    DelayMilliseconds(u64),
}

impl TwilioTrouble {
    pub(super) fn delay(self) -> Duration {
        match self {
            Self::DelayMilliseconds(milliseconds) => Duration::from_millis(milliseconds),
            Self::Refuse(_) | Self::Lose(_) => Duration::ZERO,
        }
    }
}

/// The troubles to come.
#[derive(Default)]
pub(super) struct Troubles(Mutex<VecDeque<(u32, TwilioTrouble)>>);

impl Troubles {
    pub(super) fn add(&self, times: u32, trouble: TwilioTrouble) {
        lock(&self.0).push_back((times, trouble));
    }

    pub(super) fn clear(&self) {
        lock(&self.0).clear();
    }

    /// How late an answer is that is no message.
    pub(super) fn delay(&self) -> Duration {
        let coming = lock(&self.0);
        let mut coming = coming.iter().filter(|(times, _)| *times > 0);
        coming
            .next()
            .map_or(Duration::ZERO, |(_, trouble)| trouble.delay())
    }

    /// Takes the trouble that waits for the next message.
    pub(super) fn take(&self) -> Option<TwilioTrouble> {
        let mut coming = lock(&self.0);
        let (times, trouble) = coming.iter_mut().find(|(times, _)| *times > 0)?;
        // So many times are for ever.
        if *times < u32::MAX {
            *times -= 1;
        }
        Some(*trouble)
    }
}
