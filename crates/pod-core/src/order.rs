//! An order and its life.
//!
//! ```text
//! Placed --code sent--> AwaitingCode --right code--> Confirmed
//!    |                     |-- time is up --> Expired     |-- attempts used up --> Refused
//!    |                     |-- newer order --> Superseded '-- cancelled --> Cancelled
//!    '-- could not be sent --> Undelivered (sending again may still bring AwaitingCode)
//! ```

use std::time::Duration;

use jiff::Timestamp;
use thiserror::Error;

use crate::challenge::{Challenge, Seed};
use crate::ids::{ChallengeId, CustomerId, OrderId};
use crate::item::Item;
use crate::standing::Lock;

/// What a customer ordered: it never changes after it was placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedOrder {
    /// The order's name.
    pub id: OrderId,
    /// Who placed it, and alone can confirm it.
    pub customer: CustomerId,
    /// What it is for.
    pub item: Item,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// What its code is derived from.
    pub seed: Seed,
}

/// An order as it is kept: what was ordered, and what has become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// What was ordered.
    pub placed: PlacedOrder,
    /// How often sending a code was begun, the first time included.
    pub sends: u32,
    /// When sending a code was last begun.
    pub last_send_at: Timestamp,
    /// What has become of it.
    pub state: State,
}

/// What has become of an order, with what is known only then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It is kept, and its code has not been sent yet.
    Placed,
    /// Its code was sent, and it waits for the customer to say it.
    AwaitingCode {
        /// The challenge that the supplier acknowledged.
        challenge: Challenge,
        /// How many attempts have been counted.
        attempts: u32,
    },
    /// The right code was said.
    Confirmed {
        /// When.
        at: Timestamp,
    },
    /// Nobody said the right code in time.
    Expired {
        /// When its time was up.
        at: Timestamp,
    },
    /// Its attempts are used up.
    Refused {
        /// When the last one failed.
        at: Timestamp,
    },
    /// A newer order of the customer took its place.
    Superseded {
        /// When.
        at: Timestamp,
    },
    /// The customer did not want it any more.
    Cancelled {
        /// When.
        at: Timestamp,
    },
    /// Its code could not be sent, or did not arrive; sending again may still
    /// work.
    Undelivered {
        /// When sending failed.
        at: Timestamp,
        /// How many attempts had been counted before.
        attempts: u32,
    },
}

/// The name of a [`State`], without what belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// [`State::Placed`].
    Placed,
    /// [`State::AwaitingCode`].
    AwaitingCode,
    /// [`State::Confirmed`].
    Confirmed,
    /// [`State::Expired`].
    Expired,
    /// [`State::Refused`].
    Refused,
    /// [`State::Superseded`].
    Superseded,
    /// [`State::Cancelled`].
    Cancelled,
    /// [`State::Undelivered`].
    Undelivered,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 8] = [
        Self::Placed,
        Self::AwaitingCode,
        Self::Confirmed,
        Self::Expired,
        Self::Refused,
        Self::Superseded,
        Self::Cancelled,
        Self::Undelivered,
    ];

    /// The word for it where programs read it: `awaiting_code`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::AwaitingCode => "awaiting_code",
            Self::Confirmed => "confirmed",
            Self::Expired => "expired",
            Self::Refused => "refused",
            Self::Superseded => "superseded",
            Self::Cancelled => "cancelled",
            Self::Undelivered => "undelivered",
        }
    }

    /// Finds a stage by its word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == word)
    }
}

/// How an order may end, or come to rest, without a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The customer does not want it any more.
    Cancelled,
    /// Its attempts are used up.
    Refused,
    /// Its code could not be sent.
    Undelivered,
    /// Its code did not arrive.
    Lost {
        /// When that code was sent.
        sent_at: Timestamp,
    },
}

impl State {
    /// The state's name.
    #[must_use]
    pub fn stage(&self) -> Stage {
        match self {
            Self::Placed => Stage::Placed,
            Self::AwaitingCode { .. } => Stage::AwaitingCode,
            Self::Confirmed { .. } => Stage::Confirmed,
            Self::Expired { .. } => Stage::Expired,
            Self::Refused { .. } => Stage::Refused,
            Self::Superseded { .. } => Stage::Superseded,
            Self::Cancelled { .. } => Stage::Cancelled,
            Self::Undelivered { .. } => Stage::Undelivered,
        }
    }

    /// Whether the order may still come to be confirmed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(
            self,
            Self::Placed | Self::AwaitingCode { .. } | Self::Undelivered { .. }
        )
    }
}

impl Order {
    /// The order as it stands at `now`: one that still waited for its code
    /// when its time was up has expired, whether or not that was written down.
    #[must_use]
    pub fn seen_at(mut self, now: Timestamp) -> Self {
        if let State::AwaitingCode { challenge, .. } = &self.state
            && challenge.expires_at <= now
        {
            self.state = State::Expired {
                at: challenge.expires_at,
            };
        }
        self
    }
}

/// One attempt to confirm an order, counted before it is judged.
///
/// Only what keeps the orders makes one, after counting it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    order: PlacedOrder,
    challenge: Challenge,
    left: u32,
    begun_at: Timestamp,
    overtaken: bool,
    lock: Option<Lock>,
}

impl Attempt {
    /// Puts an attempt together that has just been counted; `left` is how many
    /// more the order has after this one.
    #[must_use]
    pub fn counted(
        order: PlacedOrder,
        challenge: Challenge,
        left: u32,
        begun_at: Timestamp,
    ) -> Self {
        Self {
            order,
            challenge,
            left,
            begun_at,
            overtaken: false,
            lock: None,
        }
    }

    /// The same attempt, which locks the customer unless it turns out right.
    #[must_use]
    pub fn locking(self, lock: Option<Lock>) -> Self {
        Self { lock, ..self }
    }

    /// The lock that it leaves behind unless it turns out right.
    #[must_use]
    pub fn lock(&self) -> Option<Lock> {
        self.lock
    }

    /// What was begun so long before a challenge was sent may still reach the
    /// supplier after it: no sending that pod answers Alexa for lasts longer.
    pub const UNDERWAY: Duration = Duration::from_secs(10);

    /// The same attempt, of which it is known that sending a code for another
    /// order of the customer was begun after this challenge was sent, or less
    /// than [`UNDERWAY`](Self::UNDERWAY) before.
    #[must_use]
    pub fn overtaken(self) -> Self {
        Self {
            overtaken: true,
            ..self
        }
    }

    /// Whether sending a code for another order of the customer was begun
    /// after this challenge was sent, or so shortly before that it may have
    /// been underway, whatever came of it. A supplier that
    /// knows a code's contact only, and not its order, may then hold the other
    /// order's code for the right one.
    #[must_use]
    pub fn is_overtaken(&self) -> bool {
        self.overtaken
    }

    /// The order to be confirmed.
    #[must_use]
    pub fn order(&self) -> &PlacedOrder {
        &self.order
    }

    /// The challenge whose code is asked for.
    #[must_use]
    pub fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// How many attempts the order has after this one.
    #[must_use]
    pub fn left(&self) -> u32 {
        self.left
    }

    /// When it was counted.
    #[must_use]
    pub fn begun_at(&self) -> Timestamp {
        self.begun_at
    }

    /// Spends the proof, and turns the attempt into a confirmation.
    ///
    /// # Errors
    ///
    /// [`ProofMismatch`] if the proof is for another order or another
    /// challenge of it.
    pub fn confirm(
        self,
        proof: CodeAccepted,
        at: Timestamp,
    ) -> Result<Confirmation, ProofMismatch> {
        if proof.order != self.order.id || proof.challenge != self.order.seed.challenge {
            return Err(ProofMismatch);
        }
        Ok(Confirmation {
            attempt: self,
            at,
            _proof: proof,
        })
    }
}

/// Proof that the right code was given for one order.
///
/// It can be spent once: it is neither `Clone` nor `Copy`. Only a
/// [`Challenger`](crate::ports::Challenger) makes one, so that a search for
/// `CodeAccepted::assertion` lists every place that can let an order through.
#[derive(Debug)]
#[must_use = "an accepted code that confirms nothing is lost"]
pub struct CodeAccepted {
    order: OrderId,
    challenge: ChallengeId,
}

impl CodeAccepted {
    /// Asserts that the right code was given in `attempt`.
    pub fn assertion(attempt: &Attempt) -> Self {
        Self {
            order: attempt.order.id,
            challenge: attempt.order.seed.challenge,
        }
    }
}

/// A proof was for another order: the challenger that made it is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the proof is for another order than the attempt")]
pub struct ProofMismatch;

/// The confirmation of one order, to be kept. It holds the proof it was made
/// with.
#[derive(Debug)]
pub struct Confirmation {
    attempt: Attempt,
    at: Timestamp,
    _proof: CodeAccepted,
}

impl Confirmation {
    /// The order that is confirmed.
    #[must_use]
    pub fn order(&self) -> &PlacedOrder {
        &self.attempt.order
    }

    /// The attempt that succeeded.
    #[must_use]
    pub fn attempt(&self) -> &Attempt {
        &self.attempt
    }

    /// When it was confirmed.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }
}
