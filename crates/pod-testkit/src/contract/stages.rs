//! What the contracts of a store share: orders in each of their stages.

use std::time::Duration;

use pod_core::ports::{
    BeginAttemptError, Begun, Claim, ConfirmAttemptError, Page, PageRequest, Repeat,
};
use pod_core::{
    Attempt, AttemptLimits, CodeAccepted, Confirmation, CustomerId, Ending, Order, OrderId,
    PlacedOrder, Stage, State, Timestamp,
};

use super::Store;
use crate::fixtures::{challenge, order, zoe};

/// The smallest step of time.
pub(super) const TICK: Duration = Duration::from_micros(1);

pub(super) const OPEN: [Stage; 3] = [Stage::Placed, Stage::AwaitingCode, Stage::Undelivered];

pub(super) const ENDED: [Stage; 5] = [
    Stage::Confirmed,
    Stage::Expired,
    Stage::Refused,
    Stage::Superseded,
    Stage::Cancelled,
];

/// The right code's confirmation of an attempt.
pub(super) fn confirmation(attempt: &Attempt, at: Timestamp) -> Confirmation {
    let proof = CodeAccepted::assertion(attempt);
    attempt.clone().confirm(proof, at).expect("its own proof")
}

/// A moment after an order's code was sent.
pub(super) fn soon_after(order: &PlacedOrder) -> Timestamp {
    challenge(order).sent_at + Duration::from_micros(7_654_321)
}

impl Store {
    /// Begins a request, and returns what it repeats.
    pub(super) async fn repeat(&self, claim: &Claim) -> Option<Repeat> {
        match self.replies.begin(claim).await.expect("known") {
            Begun::First => None,
            Begun::Repeated(repeat) => Some(repeat),
        }
    }

    /// The order as it is kept.
    pub(super) async fn kept(&self, order: &PlacedOrder) -> Order {
        self.find(&order.customer, order.id)
            .await
            .expect("the order is kept")
    }

    pub(super) async fn find(&self, customer: &CustomerId, order: OrderId) -> Option<Order> {
        let found = self.history.find(customer, order).await;
        found.expect("looked up")
    }

    pub(super) async fn stage(&self, order: &PlacedOrder) -> Stage {
        self.kept(order).await.state.stage()
    }

    pub(super) async fn page(
        &self,
        customer: &CustomerId,
        stage: Option<Stage>,
        now: Timestamp,
    ) -> Page {
        let request = PageRequest {
            stage,
            older_than: None,
            limit: 1000,
            now,
        };
        let page = self.history.page(customer, &request).await;
        page.expect("listed")
    }

    pub(super) async fn place(&self, n: u32, customer: &CustomerId) -> PlacedOrder {
        let order = order(n, customer);
        self.orders.place(&order, &[], None).await.expect("kept");
        order
    }

    /// Places an order and keeps its challenge.
    pub(super) async fn await_code(&self, n: u32, customer: &CustomerId) -> PlacedOrder {
        let order = self.place(n, customer).await;
        self.activate(&order).await;
        order
    }

    pub(super) async fn activate(&self, order: &PlacedOrder) -> Vec<OrderId> {
        let superseded = self.orders.activate(order, &challenge(order)).await;
        superseded.expect("it awaits its code")
    }

    pub(super) async fn close(&self, order: &PlacedOrder, ending: Ending) {
        let at = soon_after(order);
        let closed = self
            .orders
            .close(&order.customer, order.id, ending, at)
            .await;
        closed.expect("it was open");
    }

    /// Begins an attempt at the order, soon after its code was sent.
    pub(super) async fn begin(&self, order: &PlacedOrder) -> Attempt {
        let begun = self.try_begin(order).await;
        begun.expect("it awaits its code")
    }

    pub(super) async fn try_begin(
        &self,
        order: &PlacedOrder,
    ) -> Result<Attempt, BeginAttemptError> {
        let (customer, limits) = (&order.customer, AttemptLimits::default());
        self.attempts
            .begin(customer, Some(order.id), soon_after(order), &limits, None)
            .await
    }

    /// Whether the right code's confirmation of an attempt is refused.
    pub(super) async fn refuses(&self, attempt: &Attempt, at: Timestamp) -> bool {
        let confirmed = self.attempts.confirm(&confirmation(attempt, at)).await;
        matches!(confirmed, Err(ConfirmAttemptError::NotAwaiting))
    }

    /// Begins attempts at one new order of Zoë's after another until she is
    /// locked, and returns how many began.
    pub(super) async fn failures_until_locked(&self, first: u32) -> u32 {
        let mut failures = 0;
        for n in first..first + 40 {
            let order = self.await_code(n, &zoe()).await;
            for _ in 0..3 {
                match self.try_begin(&order).await {
                    Ok(_) => failures += 1,
                    Err(BeginAttemptError::Locked(_)) => return failures,
                    Err(error) => panic!("neither begun nor locked: {error:?}"),
                }
            }
        }
        panic!("{failures} failures locked nobody");
    }

    /// Leads a new order to a stage, and returns it as it should be kept. The
    /// customer's older orders that are open may be superseded by it, and the
    /// customer's `n + 1`-th may have been used.
    pub(super) async fn bring(&self, n: u32, customer: &CustomerId, stage: Stage) -> Order {
        let placed = self.place(n, customer).await;
        let (challenge, at) = (challenge(&placed), soon_after(&placed));
        let became = match stage {
            Stage::Placed => State::Placed,
            Stage::Undelivered => {
                self.close(&placed, Ending::Undelivered).await;
                State::Undelivered { at, attempts: 0 }
            }
            Stage::AwaitingCode => {
                self.activate(&placed).await;
                self.begin(&placed).await;
                State::AwaitingCode {
                    challenge,
                    attempts: 1,
                }
            }
            Stage::Confirmed => {
                self.activate(&placed).await;
                let confirmation = confirmation(&self.begin(&placed).await, at);
                let confirmed = self.attempts.confirm(&confirmation).await;
                confirmed.expect("it awaited its code");
                State::Confirmed { at }
            }
            Stage::Expired => {
                self.activate(&placed).await;
                let at = challenge.expires_at;
                let limits = AttemptLimits::default();
                let late = self
                    .attempts
                    .begin(customer, Some(placed.id), at, &limits, None)
                    .await;
                assert!(matches!(late, Err(BeginAttemptError::Expired(id)) if id == placed.id));
                State::Expired { at }
            }
            Stage::Refused => {
                self.activate(&placed).await;
                self.close(&placed, Ending::Refused).await;
                State::Refused { at }
            }
            Stage::Cancelled => {
                self.activate(&placed).await;
                self.close(&placed, Ending::Cancelled).await;
                State::Cancelled { at }
            }
            Stage::Superseded => {
                self.activate(&placed).await;
                let newer = self.await_code(n + 1, customer).await;
                self.close(&newer, Ending::Cancelled).await;
                State::Superseded {
                    at: crate::fixtures::challenge(&newer).sent_at,
                }
            }
        };
        Order {
            sends: 1,
            last_send_at: placed.placed_at,
            placed,
            state: became,
        }
    }
}
