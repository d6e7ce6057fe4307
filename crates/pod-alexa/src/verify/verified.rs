//! The proof that a request is Amazon's.

use jiff::Timestamp;

use super::SkillId;

/// Proof that a request is Amazon's, recent, and for this skill.
///
/// Only [`Verifier::verify`](super::Verifier::verify) makes one, so searching
/// the tree for `Verified::assertion` lists every place that can let a request
/// in.
#[derive(Debug)]
#[must_use = "a verified request that nobody answers was verified for nothing"]
pub struct Verified {
    skill_id: SkillId,
    request_type: String,
    request_id: String,
    timestamp: Timestamp,
    remember_until: Timestamp,
}

impl Verified {
    pub(super) fn assertion(
        skill_id: SkillId,
        request_type: impl Into<String>,
        request_id: impl Into<String>,
        timestamp: Timestamp,
        remember_until: Timestamp,
    ) -> Self {
        let (request_type, request_id) = (request_type.into(), request_id.into());
        Self {
            skill_id,
            request_type,
            request_id,
            timestamp,
            remember_until,
        }
    }

    /// Names the skill the request is for.
    #[must_use]
    pub fn skill_id(&self) -> &SkillId {
        &self.skill_id
    }

    /// Names the type, such as `IntentRequest`.
    #[must_use]
    pub fn request_type(&self) -> &str {
        &self.request_type
    }

    /// Names the request; a repeated one has the same id.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Tells when Amazon sent it.
    #[must_use]
    pub fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    /// Tells until when the answer has to be remembered: twice as long as the
    /// same bytes could be let in again.
    #[must_use]
    pub fn remember_until(&self) -> Timestamp {
        self.remember_until
    }
}
