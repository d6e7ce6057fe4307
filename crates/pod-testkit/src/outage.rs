//! An outage at one call of a port, to see what is left behind.

use std::future::{Future, pending};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use pod_core::ports::{
    ActivateError, Announcer, Attempts, BeginAttemptError, BeginEnrolmentError, BeginSendError,
    Begun, ChallengeError, ChallengeRequest, Challenger, CheckError, Claim, CloseError,
    ConfirmAttemptError, ContactBook, ContactChange, ContactEntries, Conversions, Customers,
    Enrolments, Entropy, Event, FinishEnrolmentError, History, Links, Orders, Page, PageRequest,
    PlaceError, Ports, Quotas, Replies, Reply, ReplyKey, TakeError,
};
use pod_core::{
    AccountId, Allowance, Attempt, AttemptLimits, Challenge, Code, CodeAccepted, Confirmation,
    Contact, ConversionLimits, Country, CustomerId, Deadline, Ending, Enrolled, Enrolment,
    EnrolmentAttempt, Fault, Handle, Order, OrderId, PlacedOrder, SendLimits, Timestamp,
};
use tokio::sync::Notify;

/// What happens at the call that an [`Outage`] strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blow {
    /// The call is not made, and faults.
    Lost,
    /// The call is made, and faults all the same: its answer was lost.
    Unanswered,
    /// The process ends before the call is made.
    CrashBefore,
    /// The process ends after the call was made.
    CrashAfter,
}

impl Blow {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Lost,
        Self::Unanswered,
        Self::CrashBefore,
        Self::CrashAfter,
    ];

    fn comes_first(self) -> bool {
        matches!(self, Self::Lost | Self::CrashBefore)
    }

    fn is_crash(self) -> bool {
        matches!(self, Self::CrashBefore | Self::CrashAfter)
    }
}

/// Strikes one of the calls that are made of ports, counted from zero.
///
/// A use case is run on [`Outage::ports`] and by [`Outage::survive`], for
/// every call from the first on, until [`Outage::struck`] says that there was
/// no such call any more. The clock is not among the ports that are struck.
#[derive(Debug)]
pub struct Outage {
    at: usize,
    blow: Blow,
    calls: AtomicUsize,
    crash: Notify,
}

impl Outage {
    /// Plans an outage at the call of that number.
    #[must_use]
    pub fn at(call: usize, blow: Blow) -> Arc<Self> {
        Arc::new(Self {
            at: call,
            blow,
            calls: AtomicUsize::new(0),
            crash: Notify::new(),
        })
    }

    /// Puts the outage between a pod and its ports.
    #[must_use]
    pub fn ports(self: &Arc<Self>, ports: Ports) -> Ports {
        Ports {
            announcer: self.before(ports.announcer),
            attempts: self.before(ports.attempts),
            challenger: self.before(ports.challenger),
            clock: ports.clock,
            contact_book: self.before(ports.contact_book),
            conversions: self.before(ports.conversions),
            customers: self.before(ports.customers),
            enrolment_challenger: ports
                .enrolment_challenger
                .map(|port| self.before(port) as _),
            enrolments: self.before(ports.enrolments),
            entropy: self.before(ports.entropy),
            history: self.before(ports.history),
            links: self.before(ports.links),
            orders: self.before(ports.orders),
            quotas: self.before(ports.quotas),
            replies: self.before(ports.replies),
        }
    }

    /// Whether the call was made that the outage was planned at.
    #[must_use]
    pub fn struck(&self) -> bool {
        self.calls.load(Ordering::SeqCst) > self.at
    }

    /// Runs a use case to its end; `None` if the process ended before.
    pub async fn survive<T>(&self, use_case: impl Future<Output = T> + Send) -> Option<T> {
        tokio::select! {
            biased;
            outcome = use_case => Some(outcome),
            () = self.crash.notified() => None,
        }
    }

    fn before<P: ?Sized>(self: &Arc<Self>, port: Arc<P>) -> Arc<Struck<P>> {
        Arc::new(Struck {
            port,
            outage: self.clone(),
        })
    }

    fn is_next(&self) -> bool {
        self.calls.fetch_add(1, Ordering::SeqCst) == self.at
    }

    async fn call<T, E: From<Fault>>(
        &self,
        call: impl Future<Output = Result<T, E>> + Send,
    ) -> Result<T, E> {
        if !self.is_next() {
            return call.await;
        }
        // The answer is dropped before anything else is waited for.
        if !self.blow.comes_first() {
            drop(call.await);
        }
        if self.blow.is_crash() {
            self.end_the_process().await;
        }
        Err(fault().into())
    }

    async fn end_the_process(&self) {
        self.crash.notify_one();
        pending::<()>().await;
    }
}

fn fault() -> Fault {
    Fault::unavailable("outage", "planned by the test")
}

/// A port with an outage before it.
struct Struck<P: ?Sized> {
    port: Arc<P>,
    outage: Arc<Outage>,
}

#[async_trait]
impl Announcer for Struck<dyn Announcer> {
    async fn announce(&self, event: &Event) {
        if !self.outage.is_next() {
            return self.port.announce(event).await;
        }
        if !self.outage.blow.comes_first() {
            self.port.announce(event).await;
        }
        if self.outage.blow.is_crash() {
            self.outage.end_the_process().await;
        }
    }
}

#[async_trait]
impl Attempts for Struck<dyn Attempts> {
    async fn begin(
        &self,
        customer: &CustomerId,
        order: Option<OrderId>,
        now: Timestamp,
        limits: &AttemptLimits,
        claim: Option<&Claim>,
    ) -> Result<Attempt, BeginAttemptError> {
        let call = self.port.begin(customer, order, now, limits, claim);
        self.outage.call(call).await
    }

    async fn confirm(&self, confirmation: &Confirmation) -> Result<(), ConfirmAttemptError> {
        self.outage.call(self.port.confirm(confirmation)).await
    }

    async fn unlock(&self, customer: &CustomerId) -> Result<(), Fault> {
        self.outage.call(self.port.unlock(customer)).await
    }
}

#[async_trait]
impl Challenger for Struck<dyn Challenger> {
    async fn challenge(&self, request: &ChallengeRequest<'_>) -> Result<Handle, ChallengeError> {
        self.outage.call(self.port.challenge(request)).await
    }

    async fn check(
        &self,
        attempt: &Attempt,
        code: &Code,
        deadline: Deadline,
    ) -> Result<CodeAccepted, CheckError> {
        let call = self.port.check(attempt, code, deadline);
        self.outage.call(call).await
    }
}

#[async_trait]
impl ContactBook for Struck<dyn ContactBook> {
    async fn entries(&self, customer: &CustomerId) -> Result<ContactEntries, Fault> {
        self.outage.call(self.port.entries(customer)).await
    }

    async fn change(&self, customer: &CustomerId, change: &ContactChange) -> Result<bool, Fault> {
        self.outage.call(self.port.change(customer, change)).await
    }

    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault> {
        self.outage.call(self.port.forget(customer)).await
    }
}

#[async_trait]
impl Enrolments for Struck<dyn Enrolments> {
    async fn keep(&self, enrolment: &Enrolment) -> Result<(), Fault> {
        self.outage.call(self.port.keep(enrolment)).await
    }

    async fn find(
        &self,
        customer: &CustomerId,
        now: Timestamp,
    ) -> Result<Option<(Enrolment, u32)>, Fault> {
        self.outage.call(self.port.find(customer, now)).await
    }

    async fn begin(
        &self,
        customer: &CustomerId,
        contact: &str,
        now: Timestamp,
        limits: &AttemptLimits,
    ) -> Result<EnrolmentAttempt, BeginEnrolmentError> {
        let call = self.port.begin(customer, contact, now, limits);
        self.outage.call(call).await
    }

    async fn finish(
        &self,
        enrolled: &Enrolled,
        contact: &Contact,
        now: Timestamp,
    ) -> Result<(), FinishEnrolmentError> {
        let call = self.port.finish(enrolled, contact, now);
        self.outage.call(call).await
    }
}

#[async_trait]
impl Conversions for Struck<dyn Conversions> {
    async fn sent(
        &self,
        country: Country,
        customer: &CustomerId,
        placed_at: Timestamp,
    ) -> Result<(), Fault> {
        let counted = self.port.sent(country, customer, placed_at);
        self.outage.call(counted).await
    }

    async fn used(
        &self,
        country: Country,
        customer: &CustomerId,
        placed_at: Timestamp,
    ) -> Result<(), Fault> {
        let counted = self.port.used(country, customer, placed_at);
        self.outage.call(counted).await
    }

    async fn lost(
        &self,
        country: Country,
        customer: &CustomerId,
        placed_at: Timestamp,
    ) -> Result<(), Fault> {
        let counted = self.port.lost(country, customer, placed_at);
        self.outage.call(counted).await
    }

    async fn paused_until(
        &self,
        country: Country,
        limits: &ConversionLimits,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Fault> {
        let call = self.port.paused_until(country, limits, now);
        self.outage.call(call).await
    }
}

#[async_trait]
impl Customers for Struck<dyn Customers> {
    async fn contacts(
        &self,
        customer: &CustomerId,
        deadline: Deadline,
    ) -> Result<Vec<Contact>, Fault> {
        self.outage
            .call(self.port.contacts(customer, deadline))
            .await
    }

    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault> {
        self.outage.call(self.port.forget(customer)).await
    }
}

/// It waits for nothing, so a crash cannot be told from a fault here.
impl Entropy for Struck<dyn Entropy> {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        if self.outage.is_next() {
            return Err(fault());
        }
        self.port.fill(bytes)
    }
}

#[async_trait]
impl History for Struck<dyn History> {
    async fn find(&self, customer: &CustomerId, order: OrderId) -> Result<Option<Order>, Fault> {
        self.outage.call(self.port.find(customer, order)).await
    }

    async fn find_anyones(&self, order: OrderId) -> Result<Option<Order>, Fault> {
        self.outage.call(self.port.find_anyones(order)).await
    }

    async fn page(&self, customer: &CustomerId, request: &PageRequest) -> Result<Page, Fault> {
        self.outage.call(self.port.page(customer, request)).await
    }

    async fn clear(&self, customer: &CustomerId, now: Timestamp) -> Result<u64, Fault> {
        self.outage.call(self.port.clear(customer, now)).await
    }

    async fn erase(&self, customer: &CustomerId) -> Result<(), Fault> {
        self.outage.call(self.port.erase(customer)).await
    }
}

#[async_trait]
impl Links for Struck<dyn Links> {
    async fn link(&self, account: &AccountId, customer: &CustomerId) -> Result<(), Fault> {
        self.outage.call(self.port.link(account, customer)).await
    }

    async fn find(&self, account: &AccountId) -> Result<Option<CustomerId>, Fault> {
        self.outage.call(self.port.find(account)).await
    }

    async fn unlink(&self, account: &AccountId) -> Result<Option<CustomerId>, Fault> {
        self.outage.call(self.port.unlink(account)).await
    }

    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault> {
        self.outage.call(self.port.forget(customer)).await
    }
}

#[async_trait]
impl Orders for Struck<dyn Orders> {
    async fn place(
        &self,
        order: &PlacedOrder,
        allowances: &[Allowance],
        claim: Option<&Claim>,
    ) -> Result<(), PlaceError> {
        let call = self.port.place(order, allowances, claim);
        self.outage.call(call).await
    }

    async fn begin_send(
        &self,
        customer: &CustomerId,
        order: OrderId,
        now: Timestamp,
        limits: &SendLimits,
    ) -> Result<Order, BeginSendError> {
        let call = self.port.begin_send(customer, order, now, limits);
        self.outage.call(call).await
    }

    async fn activate(
        &self,
        order: &PlacedOrder,
        challenge: &Challenge,
    ) -> Result<Vec<OrderId>, ActivateError> {
        self.outage.call(self.port.activate(order, challenge)).await
    }

    async fn close(
        &self,
        customer: &CustomerId,
        order: OrderId,
        ending: Ending,
        at: Timestamp,
    ) -> Result<(), CloseError> {
        let call = self.port.close(customer, order, ending, at);
        self.outage.call(call).await
    }
}

#[async_trait]
impl Quotas for Struck<dyn Quotas> {
    async fn take(&self, allowances: &[Allowance], now: Timestamp) -> Result<(), TakeError> {
        self.outage.call(self.port.take(allowances, now)).await
    }
}

#[async_trait]
impl Replies for Struck<dyn Replies> {
    async fn begin(&self, claim: &Claim) -> Result<Begun, Fault> {
        self.outage.call(self.port.begin(claim)).await
    }

    async fn finish(
        &self,
        key: &ReplyKey,
        customer: Option<&CustomerId>,
        reply: &Reply,
    ) -> Result<(), Fault> {
        let finished = self.port.finish(key, customer, reply);
        self.outage.call(finished).await
    }

    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault> {
        self.outage.call(self.port.forget(customer)).await
    }
}
