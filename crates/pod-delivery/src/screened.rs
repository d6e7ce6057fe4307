//! Codes go to telephones only that can take them.

use std::sync::Arc;

use async_trait::async_trait;
use pod_core::ports::{ChallengeError, ChallengeRequest, Challenger, CheckError};
use pod_core::{Attempt, Code, CodeAccepted, Contact, Deadline, Handle};

use crate::numbers::takes_texts;

/// A challenger that is asked for numbers only that [take
/// texts](takes_texts): landlines and premium rates cannot be reached.
#[derive(Clone)]
pub struct Screened {
    challenger: Arc<dyn Challenger>,
    refused: Arc<dyn Fn() + Send + Sync>,
}

impl Screened {
    /// Stands before a challenger, and tells of each number that it refuses.
    #[must_use]
    pub fn new(
        challenger: Arc<dyn Challenger>,
        refused: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self {
            challenger,
            refused: Arc::new(refused),
        }
    }
}

#[async_trait]
impl Challenger for Screened {
    async fn challenge(&self, request: &ChallengeRequest<'_>) -> Result<Handle, ChallengeError> {
        if let Contact::Phone(number) = request.contact
            && !takes_texts(number)
        {
            (self.refused)();
            return Err(ChallengeError::Undeliverable);
        }
        self.challenger.challenge(request).await
    }

    async fn check(
        &self,
        attempt: &Attempt,
        code: &Code,
        deadline: Deadline,
    ) -> Result<CodeAccepted, CheckError> {
        self.challenger.check(attempt, code, deadline).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use pod_testkit::MockChallenger;
    use pod_testkit::fixtures::{deadline, language, order, phone, zoe, zoe_email, zoe_phone};

    use super::*;

    async fn challenge(screened: &Screened, contact: &Contact) -> Result<Handle, ChallengeError> {
        let order = order(1, &zoe());
        let request = ChallengeRequest {
            order: &order,
            contact,
            previous: None,
            sent_at: order.placed_at,
            lifetime: Duration::from_mins(5),
            others_left: false,
            language: &language(),
            deadline: deadline(),
        };
        screened.challenge(&request).await
    }

    #[tokio::test]
    async fn a_landline_is_never_sent_anything_and_is_counted() {
        let mut challenger = MockChallenger::new();
        challenger
            .expect_challenge()
            .times(2)
            .returning(|_| Ok(Handle::parse("h").unwrap()));
        let refused = Arc::new(AtomicUsize::new(0));
        let count = refused.clone();
        let screened = Screened::new(Arc::new(challenger), move || {
            count.fetch_add(1, Ordering::SeqCst);
        });

        for number in ["+442079460000", "+19005550142", "+49301234567"] {
            let error = challenge(&screened, &phone(number)).await.unwrap_err();
            assert!(matches!(error, ChallengeError::Undeliverable), "{error:?}");
        }
        challenge(&screened, &zoe_phone()).await.unwrap();
        challenge(&screened, &zoe_email()).await.unwrap();

        assert_eq!(refused.load(Ordering::SeqCst), 3);
    }
}
