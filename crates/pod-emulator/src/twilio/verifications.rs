//! Verifications, and how long each is good.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

/// How long a code can be used, and how long a contact's sends are counted.
const LIFETIME: Duration = Duration::from_mins(10);

/// How often a code is sent, and checked.
const MOST: usize = 5;

/// Everything that was begun, by its name.
#[derive(Default)]
pub(super) struct Verifications {
    begun: BTreeMap<String, Verification>,
    sends: BTreeMap<String, Vec<Timestamp>>,
}

/// What a customer pays, and to whom: both or neither.
pub(super) type Payment = Option<(String, String)>;

/// One verification.
pub(super) struct Verification {
    pub(super) to: String,
    pub(super) channel: &'static str,
    pub(super) payment: Payment,
    pub(super) sends: usize,
    pub(super) status: &'static str,
    code: SecretString,
    checks: usize,
    expires: Timestamp,
}

/// Why a code was not sent or judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exhausted {
    /// Too often.
    TooMany,
    /// There is no such verification, any more.
    Gone,
}

impl Verifications {
    /// Counts a send to a contact.
    pub(super) fn count_send(&mut self, to: &str, now: Timestamp) -> Result<(), Exhausted> {
        let sends = self.sends.entry(to.to_owned()).or_default();
        sends.retain(|at| *at + LIFETIME > now);
        if sends.len() >= MOST {
            return Err(Exhausted::TooMany);
        }
        sends.push(now);
        Ok(())
    }

    /// The pending verification of a contact for the same payment, or a new
    /// one. Returns its name, with how often it was sent counted.
    pub(super) fn begin(
        &mut self,
        new: (String, String),
        to: &str,
        channel: &'static str,
        payment: Payment,
        now: Timestamp,
    ) -> String {
        let pending = self
            .begun
            .iter_mut()
            .find(|(_, known)| known.is_pending(now) && known.to == to && known.payment == payment);
        if let Some((sid, known)) = pending {
            known.sends += 1;
            return sid.clone();
        }
        let (sid, code) = new;
        let verification = Verification {
            to: to.to_owned(),
            channel,
            payment,
            sends: 1,
            status: "pending",
            code: code.into(),
            checks: 0,
            expires: now + LIFETIME,
        };
        self.begun.insert(sid.clone(), verification);
        sid
    }

    pub(super) fn pending(
        &mut self,
        sid: &str,
        now: Timestamp,
    ) -> Result<&mut Verification, Exhausted> {
        let known = self.begun.get_mut(sid);
        known
            .filter(|known| known.is_pending(now))
            .ok_or(Exhausted::Gone)
    }
}

impl Verification {
    fn is_pending(&self, now: Timestamp) -> bool {
        self.status == "pending" && now < self.expires
    }

    /// The code, to be sent.
    pub(super) fn expose_code(&self) -> &str {
        self.code.expose_secret()
    }

    /// Judges a code for a payment. A right one approves.
    pub(super) fn check(&mut self, code: &str, payment: &Payment) -> Result<bool, Exhausted> {
        if self.checks >= MOST {
            return Err(Exhausted::TooMany);
        }
        self.checks += 1;
        let right = self.code.expose_secret() == code && self.payment == *payment;
        if right {
            self.status = "approved";
        }
        Ok(right)
    }
}
