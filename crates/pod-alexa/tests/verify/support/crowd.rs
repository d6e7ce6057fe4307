//! Many requests, early and late, good and bad.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use pod_alexa::verify::{Rejection, Verified};
use tokio::task::{JoinSet, yield_now};

use crate::support::authority::stranger_key;
use crate::support::letter::{Letter, SIGNATURE, body, now};
use crate::support::stage::Stage;

pub(crate) type Outcomes = JoinSet<Result<Verified, Rejection>>;

pub(crate) fn after_minutes(minutes: i64) -> Timestamp {
    now() + SignedDuration::from_mins(minutes)
}

pub(crate) fn at_address(number: usize) -> String {
    format!("https://s3.amazonaws.com/echo.api/other-{number}.pem")
}

pub(crate) fn badly_signed(time: Timestamp) -> Letter {
    Letter::at(time).with(SIGNATURE, &STANDARD.encode([1; 256]))
}

pub(crate) fn by_stranger(time: Timestamp) -> Letter {
    Letter::signed_by(stranger_key(), body(&format!(r#""{time}""#)))
}

pub(crate) fn send(stage: &Arc<Stage>, letter: Letter, outcomes: &mut Outcomes) {
    let stage = Arc::clone(stage);
    outcomes.spawn(async move { stage.verify(&letter).await });
}

/// Lets every task go as far as it can: they all share this thread.
pub(crate) async fn everybody_waits() {
    for _ in 0..1_000 {
        yield_now().await;
    }
}

pub(crate) fn reasons(outcomes: Vec<Result<Verified, Rejection>>) -> Vec<&'static str> {
    outcomes
        .into_iter()
        .map(|outcome| outcome.map_or_else(|error| error.reason(), |_| "let in"))
        .collect()
}
