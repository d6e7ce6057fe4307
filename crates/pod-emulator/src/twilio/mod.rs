//! Twilio: text messages with reports of what became of them, and Verify.

mod callbacks;
mod http;
mod messages;
mod problem;
mod trouble;
mod verifications;
mod verify;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use pod_core::ports::Clock;
use pod_core::{Fault, PhoneNumber};
use tokio::task::JoinSet;
use url::Url;

pub(crate) use http::router;
use trouble::Troubles;
pub use trouble::TwilioTrouble;
use verifications::Verifications;

use crate::inbox::Inbox;
use crate::random::Random;

/// The account.
pub const TWILIO_ACCOUNT: &str = "AC5f1e8a2b3c4d4e5f8a9b0c1d2e3f4a5b";
/// Its auth token, which reports are signed with.
pub const TWILIO_TOKEN: &str = "9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e";
/// An API key of it.
pub const TWILIO_KEY: &str = "SK0a1b2c3d4e5f60718293a4b5c6d7e8f9";
/// That key's secret.
pub const TWILIO_KEY_SECRET: &str = "emulated-api-key-secret-42";
/// The number that it sends from: Twilio's own for tests.
pub const TWILIO_FROM: &str = "+15005550006";
/// Its messaging service.
pub const TWILIO_MESSAGING_SERVICE: &str = "MG1a2b3c4d5e6f708192a3b4c5d6e7f809";
/// Its Verify service.
pub const TWILIO_VERIFY_SERVICE: &str = "VA2b3c4d5e6f708192a3b4c5d6e7f8091a";

/// A Twilio account, and what is to go wrong with it. Clones are the same
/// account.
#[derive(Clone)]
pub struct Twilio(Arc<Inner>);

struct Inner {
    shop: String,
    callback_delay: Duration,
    clock: Arc<dyn Clock>,
    random: Random,
    inbox: Inbox,
    troubles: Troubles,
    refuses_changes: AtomicBool,
    sent: Mutex<Vec<PhoneNumber>>,
    verifications: Mutex<Verifications>,
    reports: Mutex<JoinSet<()>>,
}

impl std::fmt::Debug for Twilio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Twilio")
            .field("messages", &self.messages())
            .finish_non_exhaustive()
    }
}

impl Twilio {
    pub(crate) fn new(
        shop: String,
        callback_delay: Duration,
        clock: Arc<dyn Clock>,
        random: Random,
        inbox: Inbox,
    ) -> Self {
        Self(Arc::new(Inner {
            shop,
            callback_delay,
            clock,
            random,
            inbox,
            troubles: Troubles::default(),
            refuses_changes: AtomicBool::new(false),
            sent: Mutex::default(),
            verifications: Mutex::default(),
            reports: Mutex::default(),
        }))
    }

    /// Has so many messages and verifications meet a trouble; for
    /// [`u32::MAX`], all of them from now on.
    pub fn trouble(&self, times: u32, trouble: TwilioTrouble) {
        self.0.troubles.add(times, trouble);
    }

    /// Ends all troubles.
    pub fn end_troubles(&self) {
        self.0.troubles.clear();
    }

    /// Lets no verification be cancelled from now on.
    pub fn refuse_changes(&self) {
        self.0.refuses_changes.store(true, Ordering::SeqCst);
    }

    /// Gives how many messages were taken.
    #[must_use]
    pub fn messages(&self) -> usize {
        lock(&self.0.sent).len()
    }

    /// Gives how many messages were taken for a number.
    #[must_use]
    pub fn messages_to(&self, number: &PhoneNumber) -> usize {
        let sent = lock(&self.0.sent);
        let sent = sent.iter().filter(|to| to.expose() == number.expose());
        sent.count()
    }

    /// Signs a report as Twilio does: by the auth token, over the address and
    /// the sorted form.
    #[must_use]
    pub fn sign(url: &Url, form: &[(&str, &str)]) -> String {
        callbacks::sign(TWILIO_TOKEN, url, form)
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// A name of Twilio's: two letters and 32 hexadecimal digits.
    fn sid(&self, kind: &str) -> Result<String, Fault> {
        Ok(format!("{kind}{}", self.0.random.hex(32)?))
    }
}

fn lock<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
