//! The fake that counts attempts and confirms orders.

use async_trait::async_trait;
use pod_core::ports::{Attempts, BeginAttemptError, Claim, ConfirmAttemptError};
use pod_core::{
    Attempt, AttemptLimits, Confirmation, CustomerId, Fault, Order, OrderId, Stage, State,
    Timestamp,
};

use super::orders::InMemoryOrders;

#[async_trait]
impl Attempts for InMemoryOrders {
    async fn begin(
        &self,
        customer: &CustomerId,
        order: Option<OrderId>,
        now: Timestamp,
        limits: &AttemptLimits,
        claim: Option<&Claim>,
    ) -> Result<Attempt, BeginAttemptError> {
        self.once(claim, |kept| {
            // Kept only if the attempt succeeds: a refused one counts nothing.
            let mut standing = kept.standings.get(customer).cloned().unwrap_or_default();
            standing.begin(now, &limits.failures)?;

            let awaiting = kept.of(customer).rev().find(|kept| {
                kept.state.stage() == Stage::AwaitingCode
                    && order.is_none_or(|order| order == kept.placed.id)
            });
            let Some(awaiting) = awaiting else {
                return Err(BeginAttemptError::NothingPending);
            };
            let id = awaiting.placed.id;
            *awaiting = awaiting.clone().seen_at(now);
            let State::AwaitingCode {
                challenge,
                attempts,
            } = &mut awaiting.state
            else {
                return Err(BeginAttemptError::Expired(id));
            };
            let Some(left) = limits.per_order.get().checked_sub(*attempts + 1) else {
                awaiting.state = State::Refused { at: now };
                return Err(BeginAttemptError::Refused(id));
            };
            *attempts += 1;
            let underway = challenge.sent_at - Attempt::UNDERWAY;
            let mut attempt =
                Attempt::counted(awaiting.placed.clone(), challenge.clone(), left, now)
                    .locking(standing.lock);
            let overtakes =
                |other: &mut Order| other.placed.id != id && other.last_send_at > underway;
            if kept.of(customer).any(overtakes) {
                attempt = attempt.overtaken();
            }
            kept.standings.insert(customer.clone(), standing);
            Ok(attempt)
        })
    }

    async fn confirm(&self, confirmation: &Confirmation) -> Result<(), ConfirmAttemptError> {
        let (placed, at) = (confirmation.order(), confirmation.at());
        self.kept(|kept| {
            let order = kept
                .find(&placed.customer, placed.id)
                .filter(|order| order.placed == *placed)
                .filter(|order| is_awaiting(order, at))
                .ok_or(ConfirmAttemptError::NotAwaiting)?;
            order.state = State::Confirmed { at };
            if let Some(standing) = kept.standings.get_mut(&placed.customer) {
                standing.succeed(confirmation.attempt().begun_at());
            }
            Ok(())
        })
    }

    async fn unlock(&self, customer: &CustomerId) -> Result<(), Fault> {
        self.kept(|kept| kept.standings.remove(customer));
        Ok(())
    }
}

fn is_awaiting(order: &Order, now: Timestamp) -> bool {
    order.clone().seen_at(now).state.stage() == Stage::AwaitingCode
}
