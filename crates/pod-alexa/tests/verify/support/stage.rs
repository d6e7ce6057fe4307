//! A verifier with everything around it that it needs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use pod_alexa::verify::{Rejection, SkillId, Verified, Verifier, VerifierConfig};

use super::authority::{Pki, leaf};
use super::letter::{Letter, SKILL, URL, now};
use super::shelf::Shelf;

pub(crate) struct Stage {
    pub(crate) pki: Pki,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) verifier: Verifier,
}

impl Stage {
    /// Amazon's certificate is where [`Letter`]s say, and its root is trusted.
    pub(crate) fn new() -> Self {
        let pki = Pki::new();
        let shelf = Arc::new(Shelf::new());
        shelf.put_file(URL, pki.chain(&leaf()));
        let verifier = trusting(&pki.root.pem(), &shelf);
        Self {
            pki,
            shelf,
            verifier,
        }
    }

    /// The same, for tests that run several requests at a time.
    pub(crate) fn shared() -> Arc<Self> {
        Arc::new(Self::new())
    }

    pub(crate) async fn verify(&self, letter: &Letter) -> Result<Verified, Rejection> {
        self.verify_at(letter, now()).await
    }

    pub(crate) async fn verify_at(
        &self,
        letter: &Letter,
        now: Timestamp,
    ) -> Result<Verified, Rejection> {
        self.verifier
            .verify(&letter.headers, &letter.body, now, in_five_seconds())
            .await
    }

    /// The reason for which the request is refused.
    pub(crate) async fn refusal(&self, letter: &Letter) -> &'static str {
        self.refusal_at(letter, now()).await
    }

    pub(crate) async fn refusal_at(&self, letter: &Letter, now: Timestamp) -> &'static str {
        match self.verify_at(letter, now).await {
            Ok(_) => "nothing: it was let in",
            Err(rejection) => rejection.reason(),
        }
    }
}

/// A verifier for our skill that trusts these authorities.
pub(crate) fn trusting(anchors: &str, shelf: &Arc<Shelf>) -> Verifier {
    let config = VerifierConfig {
        trust_anchors: Some(anchors.as_bytes().to_vec()),
        ..for_our_skill()
    };
    Verifier::with_host(config, shelf.clone()).unwrap()
}

pub(crate) fn for_our_skill() -> VerifierConfig {
    VerifierConfig::new(SkillId::parse(SKILL).unwrap())
}

pub(crate) fn in_five_seconds() -> Instant {
    // Tokio's clock, since some tests stop it.
    tokio::time::Instant::now().into_std() + Duration::from_secs(5)
}
