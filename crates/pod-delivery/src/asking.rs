//! How suppliers are asked.

use std::time::Duration;

use pod_http::Answer;

/// More than any answer has.
pub(crate) const LARGEST: usize = 64 * 1024;

/// The pause before a second try, where the supplier asks for no other.
const SHORT: Duration = Duration::from_millis(250);

/// Longer than anybody waits for a code to be sent.
const LONG: Duration = Duration::from_mins(1);

/// How long to wait before a second try of what is known not to have been
/// done.
pub(crate) fn pause(answer: Option<&Answer>) -> Duration {
    answer
        .and_then(Answer::retry_after)
        .map_or(SHORT, |pause| pause.min(LONG))
}
