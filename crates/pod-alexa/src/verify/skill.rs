//! Which skills a request may be for.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

/// The id Amazon gave a skill, such as `amzn1.ask.skill.…`.
///
/// It is never empty: an unset id must not turn the check off.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SkillId(Arc<str>);

/// Not a skill id.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a skill id is {max} visible ASCII characters at most, and at least one: copy it from the developer console", max = SkillId::MAX)]
pub struct InvalidSkillId;

impl SkillId {
    const MAX: usize = 255;

    /// Reads a skill id.
    ///
    /// # Errors
    ///
    /// [`InvalidSkillId`] if it is empty, too long, or has a space or a
    /// character outside ASCII in it.
    pub fn parse(raw: &str) -> Result<Self, InvalidSkillId> {
        if raw.is_empty()
            || raw.len() > Self::MAX
            || !raw.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err(InvalidSkillId);
        }
        Ok(Self(raw.into()))
    }

    /// Shows the id as Amazon writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SkillId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// The skills this endpoint answers for: one or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkillIds {
    first: SkillId,
    rest: Vec<SkillId>,
}

impl SkillIds {
    /// Lists the skills: one, and any others.
    #[must_use]
    pub fn new(first: SkillId, rest: Vec<SkillId>) -> Self {
        Self { first, rest }
    }

    /// Reads skill ids separated by commas.
    ///
    /// # Errors
    ///
    /// [`InvalidSkillId`] if any of them is none; so an empty list is refused.
    pub fn parse(raw: &str) -> Result<Self, InvalidSkillId> {
        let mut ids = raw.split(',').map(|id| SkillId::parse(id.trim()));
        let first = ids.next().unwrap_or(Err(InvalidSkillId))?;
        Ok(Self::new(first, ids.collect::<Result<_, _>>()?))
    }

    /// Finds the skill of this name among them.
    pub(super) fn find(&self, raw: &str) -> Option<&SkillId> {
        std::iter::once(&self.first)
            .chain(&self.rest)
            .find(|id| id.as_str() == raw)
    }
}

impl From<SkillId> for SkillIds {
    fn from(only: SkillId) -> Self {
        Self::new(only, Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_or_broken_skill_id_is_refused() {
        // S2: without a skill id there is nothing to start with.
        for raw in [
            "",
            " ",
            "amzn1.ask.skill. 1",
            "amzn1.ask.skill.é",
            "a\nb",
            &"x".repeat(256),
        ] {
            assert_eq!(SkillId::parse(raw), Err(InvalidSkillId), "{raw:?}");
        }
    }

    #[test]
    fn several_skill_ids_are_read_from_one_line() {
        let ids = SkillIds::parse("amzn1.ask.skill.a, amzn1.ask.skill.b").unwrap();

        assert_eq!(
            ids.find("amzn1.ask.skill.b").map(SkillId::as_str),
            Some("amzn1.ask.skill.b")
        );
        assert_eq!(ids.find("amzn1.ask.skill.c"), None);
    }

    #[test]
    fn a_list_with_a_gap_is_refused() {
        // S2
        for raw in [
            "",
            ",",
            "amzn1.ask.skill.a,",
            ",amzn1.ask.skill.a",
            "amzn1.ask.skill.a,,amzn1.ask.skill.b",
        ] {
            assert_eq!(SkillIds::parse(raw), Err(InvalidSkillId), "{raw:?}");
        }
    }
}
