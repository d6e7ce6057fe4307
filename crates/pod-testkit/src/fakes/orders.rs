//! The fake that keeps orders, and leads them through their life.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use pod_core::ports::{
    ActivateError, BeginSendError, Begun, Claim, CloseError, Orders, PlaceError, Quotas, Repeat,
    Replies, Reply, ReplyKey, TakeError,
};
use pod_core::{
    Allowance, Challenge, CustomerId, Ending, Fault, Order, OrderId, PlacedOrder, SendLimits,
    Stage, Standing, State, Timestamp,
};

use super::lock;
use super::quotas::InMemoryQuotas;
use super::replies::InMemoryReplies;

/// Keeps orders and customers' standings in memory, behind one lock, so that
/// each call is one step.
#[derive(Debug, Default)]
pub struct InMemoryOrders {
    kept: Mutex<Kept>,
    quotas: Arc<InMemoryQuotas>,
    replies: Arc<InMemoryReplies>,
}

#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) orders: BTreeMap<OrderId, Order>,
    pub(super) standings: HashMap<CustomerId, Standing>,
}

impl Kept {
    pub(super) fn of<'a>(
        &'a mut self,
        customer: &'a CustomerId,
    ) -> impl DoubleEndedIterator<Item = &'a mut Order> {
        self.orders
            .values_mut()
            .filter(move |order| order.placed.customer == *customer)
    }

    pub(super) fn find(&mut self, customer: &CustomerId, order: OrderId) -> Option<&mut Order> {
        self.orders
            .get_mut(&order)
            .filter(|order| order.placed.customer == *customer)
    }
}

impl InMemoryOrders {
    /// Keeps nothing yet, and looks at these quotas and requests.
    #[must_use]
    pub fn beside(quotas: Arc<InMemoryQuotas>, replies: Arc<InMemoryReplies>) -> Self {
        Self {
            kept: Mutex::default(),
            quotas,
            replies,
        }
    }

    /// Does a step unless its request is a repeated one.
    pub(super) fn once<T, E: From<Repeat>>(
        &self,
        claim: Option<&Claim>,
        step: impl FnOnce(&mut Kept) -> Result<T, E>,
    ) -> Result<T, E> {
        self.kept(|kept| {
            if let Some(claim) = claim {
                self.replies.claim(claim)?;
            }
            step(kept)
        })
    }

    /// Every order of a customer as it is kept, oldest first.
    #[must_use]
    pub fn all(&self, customer: &CustomerId) -> Vec<Order> {
        self.kept(|kept| kept.of(customer).map(|order| order.clone()).collect())
    }

    /// How a customer stands.
    #[must_use]
    pub fn standing(&self, customer: &CustomerId) -> Standing {
        self.kept(|kept| kept.standings.get(customer).cloned().unwrap_or_default())
    }

    pub(super) fn kept<T>(&self, step: impl FnOnce(&mut Kept) -> T) -> T {
        step(&mut lock(&self.kept))
    }
}

#[async_trait]
impl Orders for InMemoryOrders {
    async fn place(
        &self,
        order: &PlacedOrder,
        allowances: &[Allowance],
        claim: Option<&Claim>,
    ) -> Result<(), PlaceError> {
        self.once(claim, |kept| {
            self.quotas
                .take_at_once(allowances, order.placed_at)
                .map_err(|retry_at| PlaceError::Exhausted { retry_at })?;
            kept.orders.entry(order.id).or_insert_with(|| Order {
                placed: order.clone(),
                sends: 1,
                last_send_at: order.placed_at,
                state: State::Placed,
            });
            Ok(())
        })
    }

    async fn begin_send(
        &self,
        customer: &CustomerId,
        order: OrderId,
        now: Timestamp,
        limits: &SendLimits,
    ) -> Result<Order, BeginSendError> {
        self.kept(|kept| {
            let order = kept
                .find(customer, order)
                .filter(|order| is_open(order, now))
                .ok_or(BeginSendError::NotOpen)?;
            if order.sends >= limits.most {
                return Err(BeginSendError::Exhausted);
            }
            let retry_at = order.last_send_at + limits.cool_down(order.sends);
            if now < retry_at {
                return Err(BeginSendError::TooSoon { retry_at });
            }
            order.sends += 1;
            order.last_send_at = now;
            Ok(order.clone())
        })
    }

    async fn activate(
        &self,
        order: &PlacedOrder,
        challenge: &Challenge,
    ) -> Result<Vec<OrderId>, ActivateError> {
        let at = challenge.sent_at;
        self.kept(|kept| {
            let newer_awaits = kept.of(&order.customer).any(|other| {
                other.placed.id > order.id && other.state.stage() == Stage::AwaitingCode
            });
            let this = kept
                .find(&order.customer, order.id)
                .filter(|this| this.placed == *order && this.state.is_open())
                .ok_or(ActivateError::NotOpen)?;
            if newer_awaits {
                this.state = State::Superseded { at };
                return Err(ActivateError::NotOpen);
            }
            let attempts = match this.state {
                State::AwaitingCode { attempts, .. } | State::Undelivered { attempts, .. } => {
                    attempts
                }
                _ => 0,
            };
            this.state = State::AwaitingCode {
                challenge: challenge.clone(),
                attempts,
            };
            let mut superseded = Vec::new();
            for older in kept.of(&order.customer).rev() {
                if older.placed.id >= order.id {
                    continue;
                }
                *older = older.clone().seen_at(at);
                if older.state.is_open() {
                    older.state = State::Superseded { at };
                    superseded.push(older.placed.id);
                }
            }
            Ok(superseded)
        })
    }

    async fn close(
        &self,
        customer: &CustomerId,
        order: OrderId,
        ending: Ending,
        at: Timestamp,
    ) -> Result<(), CloseError> {
        self.kept(|kept| {
            let order = kept
                .find(customer, order)
                .filter(|order| is_open(order, at))
                .ok_or(CloseError::NotOpen)?;
            order.state = match (ending, &order.state) {
                (Ending::Cancelled, _) => State::Cancelled { at },
                (Ending::Refused, _) => State::Refused { at },
                (Ending::Undelivered, State::Placed) => State::Undelivered { at, attempts: 0 },
                (Ending::Undelivered, State::Undelivered { attempts, .. }) => {
                    let attempts = *attempts;
                    State::Undelivered { at, attempts }
                }
                (
                    Ending::Lost { sent_at },
                    State::AwaitingCode {
                        challenge,
                        attempts,
                    },
                ) if challenge.sent_at == sent_at => {
                    let attempts = *attempts;
                    State::Undelivered { at, attempts }
                }
                _ => return Err(CloseError::NotOpen),
            };
            Ok(())
        })
    }
}

fn is_open(order: &Order, now: Timestamp) -> bool {
    order.clone().seen_at(now).state.is_open()
}

/// Takes from the quotas beside it.
#[async_trait]
impl Quotas for InMemoryOrders {
    async fn take(&self, allowances: &[Allowance], now: Timestamp) -> Result<(), TakeError> {
        self.quotas.take(allowances, now).await
    }
}

/// Begins and answers the requests beside it.
#[async_trait]
impl Replies for InMemoryOrders {
    async fn begin(&self, claim: &Claim) -> Result<Begun, Fault> {
        self.replies.begin(claim).await
    }

    async fn finish(
        &self,
        key: &ReplyKey,
        customer: Option<&CustomerId>,
        reply: &Reply,
    ) -> Result<(), Fault> {
        self.replies.finish(key, customer, reply).await
    }

    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault> {
        self.replies.forget(customer).await
    }
}
