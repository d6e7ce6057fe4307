//! The log: one line where a failure is handled, and nothing of a customer's
//! in it.

use std::error::Error;
use std::fmt::Write as _;

use pod_core::Fault;

use crate::envelope::Complaint;
use crate::verify::Rejection;

/// How much of somebody else's words is logged, in characters.
const CLIPPED: usize = 300;

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
    refused(rejection.reason(), rejection);
}

/// Logs that a request was refused, and why: in a word, and with all causes.
pub(crate) fn refused(reason: &'static str, why: &dyn Error) {
    tracing::warn!(reason, error = causes(why), "a request was refused");
}

/// Logs that Alexa could not use an answer: it is for whoever runs the skill
/// to find out why.
pub(crate) fn complaint(complaint: &Complaint, about: Option<&str>) {
    let kind = complaint.kind.as_deref().map(clipped);
    let said = complaint.message.as_deref().map(clipped);
    let about = about.map(clipped);
    // As `Debug`, so that a line break of theirs begins no line of ours.
    tracing::error!(?kind, ?said, ?about, "Alexa could not use an answer");
}

fn clipped(text: &str) -> &str {
    let end = text.char_indices().nth(CLIPPED);
    end.map_or(text, |(end, _)| &text[..end])
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_with_all_its_causes() {
        let disk = std::io::Error::other("the disk is full");

        let text = causes(&Fault::broken("sqlite", disk));

        assert_eq!(
            text,
            "sqlite is broken: it has to be repaired before trying again: the disk is full"
        );
    }

    #[test]
    fn the_words_of_others_are_cut_between_characters() {
        assert_eq!(clipped("short"), "short");
        assert_eq!(clipped(&"ë".repeat(5_000)), "ë".repeat(CLIPPED));
    }
}
