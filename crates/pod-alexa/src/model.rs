//! The interaction model.
