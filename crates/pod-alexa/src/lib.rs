//! The Alexa skill over HTTP: verifies that a request is Amazon's, reads what
//! the customer wants, has [`Pod`](pod_core::Pod) do it, and answers with a
//! sentence, whatever happened.
//!
//! Make a [`Skill`] and serve its [`router()`]:
//!
//! ```no_run
//! # fn serve(config: pod_alexa::SkillConfig, ports: pod_alexa::SkillPorts)
//! # -> Result<axum::Router, pod_alexa::verify::InvalidTrustAnchors> {
//! let skill = pod_alexa::Skill::new(config, ports)?;
//! let app = axum::Router::new().nest("/pod", pod_alexa::router(skill.into()));
//! # Ok(app)
//! # }
//! ```
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

mod envelope;
mod failure;
#[cfg(fuzzing)]
pub mod fuzzing;
mod hear;
mod model;
mod observer;
mod router;
mod skill;
mod speech;
pub mod verify;
mod wish;

#[doc(hidden)]
pub use envelope::parse_envelope;
pub use model::{LOCALES, interaction_model};
pub use observer::Observer;
pub use router::router;
pub use skill::{Skill, SkillConfig, SkillPorts};
