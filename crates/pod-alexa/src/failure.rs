//! The log: one line where a failure is handled, and nothing of a customer's
//! in it.

use std::error::Error;
use std::fmt::Write as _;

use pod_core::Fault;

use crate::envelope::Complaint;
use crate::verify::Rejection;

/// Logs that something behind the skill broke, and what came of it.
pub(crate) fn broke(outcome: &'static str, fault: &Fault) {
    tracing::error!(
        adapter = fault.adapter(),
        error = causes(fault),
        "{outcome}"
    );
}

/// Logs that a request was refused.
pub(crate) fn rejected(rejection: &Rejection) {
    tracing::warn!(
        reason = rejection.reason(),
        error = causes(rejection),
        "a request was refused"
    );
}

/// Logs that Alexa could not use an answer: it is for whoever runs the skill
/// to find out why.
pub(crate) fn complaint(complaint: &Complaint, about: Option<&str>) {
    let Complaint { kind, message } = complaint;
    let (kind, message) = (kind.as_deref(), message.as_deref());
    tracing::error!(kind, message, about, "Alexa could not use an answer");
}

fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}
