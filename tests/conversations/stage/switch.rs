//! A switch in front of the stores: what is switched off fails, before it
//! has any effect or after.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use pod_core::ports::{
    ActivateError, Attempts, BeginAttemptError, BeginSendError, Begun, Claim, CloseError,
    ConfirmAttemptError, History, Orders, Page, PageRequest, PlaceError, Replies, Reply, ReplyKey,
};
use pod_core::{
    Allowance, Attempt, AttemptLimits, Challenge, Confirmation, CustomerId, Ending, Fault, Order,
    OrderId, PlacedOrder, SendLimits, Timestamp,
};

/// A call that can be made to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// `Orders::place`.
    Place,
    /// `Orders::activate`.
    Activate,
    /// `Orders::close`.
    Close,
    /// `Attempts::begin`.
    BeginAttempt,
    /// `Attempts::confirm`.
    Confirm,
    /// `History::page`.
    Page,
    /// `Replies::begin`.
    BeginReply,
    /// `Replies::finish`.
    FinishReply,
}

/// When a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before it has had any effect.
    Before,
    /// After it was kept: only its answer is lost.
    After,
}

/// Which calls fail.
#[derive(Debug, Default)]
pub(crate) struct Switch(Mutex<Vec<(Call, Moment)>>);

impl Switch {
    /// Has a call fail from now on.
    pub(crate) fn off(&self, call: Call, moment: Moment) {
        let mut off = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        off.push((call, moment));
    }

    /// Lets everything work again.
    pub(crate) fn on(&self) {
        let mut off = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        off.clear();
    }

    fn check(&self, call: Call, moment: Moment) -> Result<(), Fault> {
        let off = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if off.contains(&(call, moment)) {
            Err(Fault::unavailable("store", "switched off"))
        } else {
            Ok(())
        }
    }
}

/// A port behind the switch.
pub(crate) struct Switched<P: ?Sized> {
    pub(crate) port: Arc<P>,
    pub(crate) switch: Arc<Switch>,
}

impl<P: ?Sized + Send + Sync> Switched<P> {
    async fn run<T, E: From<Fault>>(
        &self,
        call: Call,
        work: impl Future<Output = Result<T, E>> + Send,
    ) -> Result<T, E> {
        self.switch.check(call, Moment::Before)?;
        let done = work.await;
        self.switch.check(call, Moment::After)?;
        done
    }
}

#[async_trait]
impl Orders for Switched<dyn Orders> {
    async fn place(
        &self,
        order: &PlacedOrder,
        allowances: &[Allowance],
        claim: Option<&Claim>,
    ) -> Result<(), PlaceError> {
        let call = self.port.place(order, allowances, claim);
        self.run(Call::Place, call).await
    }

    async fn begin_send(
        &self,
        customer: &CustomerId,
        order: OrderId,
        now: Timestamp,
        limits: &SendLimits,
    ) -> Result<Order, BeginSendError> {
        self.port.begin_send(customer, order, now, limits).await
    }

    async fn activate(
        &self,
        order: &PlacedOrder,
        challenge: &Challenge,
    ) -> Result<Vec<OrderId>, ActivateError> {
        let work = self.port.activate(order, challenge);
        self.run(Call::Activate, work).await
    }

    async fn close(
        &self,
        customer: &CustomerId,
        order: OrderId,
        ending: Ending,
        at: Timestamp,
    ) -> Result<(), CloseError> {
        let work = self.port.close(customer, order, ending, at);
        self.run(Call::Close, work).await
    }
}

#[async_trait]
impl Attempts for Switched<dyn Attempts> {
    async fn begin(
        &self,
        customer: &CustomerId,
        order: Option<OrderId>,
        now: Timestamp,
        limits: &AttemptLimits,
        claim: Option<&Claim>,
    ) -> Result<Attempt, BeginAttemptError> {
        let work = self.port.begin(customer, order, now, limits, claim);
        self.run(Call::BeginAttempt, work).await
    }

    async fn confirm(&self, confirmation: &Confirmation) -> Result<(), ConfirmAttemptError> {
        self.run(Call::Confirm, self.port.confirm(confirmation))
            .await
    }

    async fn unlock(&self, customer: &CustomerId) -> Result<(), Fault> {
        self.port.unlock(customer).await
    }
}

#[async_trait]
impl History for Switched<dyn History> {
    async fn find(&self, customer: &CustomerId, order: OrderId) -> Result<Option<Order>, Fault> {
        self.port.find(customer, order).await
    }

    async fn find_anyones(&self, order: OrderId) -> Result<Option<Order>, Fault> {
        self.port.find_anyones(order).await
    }

    async fn page(&self, customer: &CustomerId, request: &PageRequest) -> Result<Page, Fault> {
        self.run(Call::Page, self.port.page(customer, request))
            .await
    }

    async fn clear(&self, customer: &CustomerId, now: Timestamp) -> Result<u64, Fault> {
        self.port.clear(customer, now).await
    }

    async fn erase(&self, customer: &CustomerId) -> Result<(), Fault> {
        self.port.erase(customer).await
    }
}

#[async_trait]
impl Replies for Switched<dyn Replies> {
    async fn begin(&self, claim: &Claim) -> Result<Begun, Fault> {
        self.run(Call::BeginReply, self.port.begin(claim)).await
    }

    async fn finish(
        &self,
        key: &ReplyKey,
        customer: Option<&CustomerId>,
        reply: &Reply,
    ) -> Result<(), Fault> {
        let finished = self.port.finish(key, customer, reply);
        self.run(Call::FinishReply, finished).await
    }

    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault> {
        self.port.forget(customer).await
    }
}
