//! Signs what customers say, as Amazon does: ahead of the measured time, on
//! every processor there is.

use std::sync::Arc;
use std::thread;

use jiff::SignedDuration;
use pod_core::BoxError;
use pod_emulator::{Account, Amazon, Device, Echo, Emulator, SignedRequest, Skill, Tenant};
use pod_server::system::{OsEntropy, SystemClock};
use secrecy::SecretString;

use crate::customers;

/// How long tokens last: longer than any measurement.
const LIFETIME: SignedDuration = SignedDuration::from_hours(2);

/// Everybody's devices, and Amazon behind them.
pub(crate) struct Signing {
    skill: Skill,
    amazon: Amazon,
    tenant: Tenant,
}

/// A customer with a linked account.
#[derive(Clone)]
pub(crate) struct Speaker {
    number: u32,
    token: SecretString,
}

impl Signing {
    /// Signs for a skill.
    pub(crate) fn new(skill: Skill, emulator: &Emulator) -> Self {
        Self {
            skill,
            amazon: emulator.amazon().clone(),
            tenant: emulator.tenant().clone(),
        }
    }

    /// Links accounts: those of `count` customers, beginning with `first`.
    pub(crate) fn link(&self, first: u32, count: usize) -> Result<Vec<Speaker>, BoxError> {
        let numbers: Vec<u32> = (first..).take(count).collect();
        in_parallel(&numbers, |number| {
            let token = self.tenant.issue_token(
                &customers::subject(*number),
                "openid order:pizza",
                LIFETIME,
            )?;
            Ok(Speaker {
                number: *number,
                token,
            })
        })
    }

    /// Signs what each of them says now, each in a session of its own.
    pub(crate) fn sign(
        &self,
        speakers: &[(Speaker, String)],
    ) -> Result<Vec<SignedRequest>, BoxError> {
        in_parallel(speakers, |(speaker, utterance)| {
            let mut echo = Echo::new(
                self.skill.clone(),
                device(speaker.number),
                Account::Token(speaker.token.clone()),
                self.amazon.clone(),
                Arc::new(SystemClock),
                Arc::new(OsEntropy),
            );
            let envelope = echo.compose(utterance)?;
            Ok(self.amazon.sign(envelope.to_string())?)
        })
    }
}

/// A device with ids as long as real ones.
fn device(number: u32) -> Device {
    Device {
        name: format!("load {number}"),
        id: format!("amzn1.ask.device.{number:0>148}"),
        user_id: format!("amzn1.ask.account.{number:0>192}"),
        locale: "en-US".to_owned(),
    }
}

/// Does the same for each of many, on every processor, and keeps the order.
fn in_parallel<T: Sync, R: Send>(
    all: &[T],
    make: impl Fn(&T) -> Result<R, BoxError> + Sync,
) -> Result<Vec<R>, BoxError> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let portion = all.len().div_ceil(threads).max(1);
    let make = &make;
    thread::scope(|scope| {
        let portions: Vec<_> = all
            .chunks(portion)
            .map(|some| scope.spawn(move || some.iter().map(make).collect::<Result<Vec<_>, _>>()))
            .collect();
        let mut made = Vec::with_capacity(all.len());
        for portion in portions {
            made.append(
                &mut portion
                    .join()
                    .map_err(|_| "a thread that signs panicked")??,
            );
        }
        Ok(made)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_in_parallel_stays_in_order() {
        let all: Vec<u32> = (0..1001).collect();

        let made = in_parallel(&all, |number| Ok(number * 2)).unwrap();

        assert_eq!(made, (0..1001).map(|number| number * 2).collect::<Vec<_>>());
    }

    #[test]
    fn one_failure_is_the_failure_of_all() {
        let all: Vec<u32> = (0..100).collect();

        let made = in_parallel(&all, |number| match number {
            77 => Err("77".into()),
            number => Ok(*number),
        });

        assert_eq!(made.unwrap_err().to_string(), "77");
    }
}
