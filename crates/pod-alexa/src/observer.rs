//! Who watches what the skill does: metrics, not logs.

use std::time::Duration;

/// Watches what the skill does. The words are stable, few, and hold nothing of
/// a customer's.
pub trait Observer: Send + Sync {
    /// A request was answered: what it asked for, what came of it, and how
    /// long it took.
    fn answered(&self, request: &'static str, outcome: &'static str, took: Duration);

    /// A request was refused, because it is not Amazon's, not for this skill,
    /// or not worth reading.
    fn rejected(&self, reason: &'static str);
}
