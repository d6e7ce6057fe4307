//! What no crate can test alone.

/// The examples in `README.md`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

/// The examples in `docs/embedding.md`.
#[cfg(doctest)]
#[doc = include_str!("../docs/embedding.md")]
pub struct Embedding;

/// The examples in `docs/adapters.md`.
#[cfg(doctest)]
#[doc = include_str!("../docs/adapters.md")]
pub struct Adapters;
