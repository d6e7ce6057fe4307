//! Mocks, for what a fake cannot show: a fault, or a call that must not be
//! made.
//!
//! A mock takes the place of one port, and fakes play the others:
//!
//! ```
//! use std::sync::Arc;
//!
//! use pod_core::ports::Ports;
//! use pod_testkit::{Fakes, MockOrders};
//!
//! let fakes = Fakes::with_zoe();
//! let mut orders = MockOrders::new();
//! orders.expect_place().never();
//! let ports = Ports { orders: Arc::new(orders), ..fakes.ports() };
//! ```

#![expect(
    clippy::ref_option_ref,
    reason = "mockall passes what it was given by reference"
)]

use async_trait::async_trait;
use mockall::mock;
use pod_core::ports::{
    AccessToken, ActivateError, Announcer, Attempts, AuthenticateError, Authenticator,
    BeginAttemptError, BeginEnrolmentError, BeginSendError, Begun, BegunSignIn, BrowserUrl,
    Callback, Caller, ChallengeError, ChallengeRequest, Challenger, CheckError, Claim, Clock,
    CloseError, ConfirmAttemptError, ContactBook, ContactChange, ContactEntries, Conversions,
    Courier, Customers, DeliverError, Delivery, Enrolments, Entropy, Event, FinishEnrolmentError,
    FinishSignInError, History, IdTokenHint, Links, Orders, Page, PageRequest, PendingSignIn,
    PlaceError, Quotas, Replies, Reply, ReplyKey, SignIn, SignedIn, TakeError,
};
use pod_core::{
    AccountId, Allowance, Attempt, AttemptLimits, Challenge, Code, CodeAccepted, Confirmation,
    Contact, ConversionLimits, Country, CustomerId, Deadline, Ending, Enrolled, Enrolment,
    EnrolmentAttempt, Fault, Order, OrderId, PlacedOrder, SendLimits, Timestamp,
};

mock! {
    /// A mock of the port that tells who is listening what became of an order.
    #[derive(Debug)]
    pub Announcer {}

    #[async_trait]
    impl Announcer for Announcer {
        async fn announce(&self, event: &Event);
    }
}

mock! {
    /// A mock of the port that counts attempts and confirms orders.
    #[derive(Debug)]
    pub Attempts {}

    #[async_trait]
    impl Attempts for Attempts {
        async fn begin<'s, 'c, 'l, 'a>(
            &'s self,
            customer: &'c CustomerId,
            order: Option<OrderId>,
            now: Timestamp,
            limits: &'l AttemptLimits,
            claim: Option<&'a Claim>,
        ) -> Result<Attempt, BeginAttemptError>;
        async fn confirm(&self, confirmation: &Confirmation) -> Result<(), ConfirmAttemptError>;
        async fn unlock(&self, customer: &CustomerId) -> Result<(), Fault>;
    }
}

mock! {
    /// A mock of the port that finds out who is calling.
    #[derive(Debug)]
    pub Authenticator {}

    #[async_trait]
    impl Authenticator for Authenticator {
        async fn authenticate(
            &self,
            token: &AccessToken,
            deadline: Deadline,
        ) -> Result<Caller, AuthenticateError>;
    }
}

mock! {
    /// A mock of the port that challenges customers.
    #[derive(Debug)]
    pub Challenger {}

    #[async_trait]
    impl Challenger for Challenger {
        async fn challenge<'s, 'r, 'a>(
            &'s self,
            request: &'r ChallengeRequest<'a>,
        ) -> Result<pod_core::Handle, ChallengeError>;
        async fn check(
            &self,
            attempt: &Attempt,
            code: &Code,
            deadline: Deadline,
        ) -> Result<CodeAccepted, CheckError>;
    }
}

mock! {
    /// A mock of the port that tells the time.
    #[derive(Debug)]
    pub Clock {}

    impl Clock for Clock {
        fn now(&self) -> Timestamp;
    }
}

mock! {
    /// A mock of the port that keeps what customers have decided of their
    /// contacts.
    #[derive(Debug)]
    pub ContactBook {}

    #[async_trait]
    impl ContactBook for ContactBook {
        async fn entries(&self, customer: &CustomerId) -> Result<ContactEntries, Fault>;
        async fn change(
            &self,
            customer: &CustomerId,
            change: &ContactChange,
        ) -> Result<bool, Fault>;
        async fn forget(&self, customer: &CustomerId) -> Result<(), Fault>;
    }
}

mock! {
    /// A mock of the port that counts how many codes are used.
    #[derive(Debug)]
    pub Conversions {}

    #[async_trait]
    impl Conversions for Conversions {
        async fn sent(
            &self,
            country: Country,
            customer: &CustomerId,
            placed_at: Timestamp,
        ) -> Result<(), Fault>;
        async fn used(
            &self,
            country: Country,
            customer: &CustomerId,
            placed_at: Timestamp,
        ) -> Result<(), Fault>;
        async fn lost(
            &self,
            country: Country,
            customer: &CustomerId,
            placed_at: Timestamp,
        ) -> Result<(), Fault>;
        async fn paused_until(
            &self,
            country: Country,
            limits: &ConversionLimits,
            now: Timestamp,
        ) -> Result<Option<Timestamp>, Fault>;
    }
}

mock! {
    /// A mock of the port that carries a code to a contact.
    #[derive(Debug)]
    pub Courier {}

    #[async_trait]
    impl Courier for Courier {
        async fn deliver<'s, 'r, 'a>(&'s self, delivery: &'r Delivery<'a>) -> Result<(), DeliverError>;
    }
}

mock! {
    /// A mock of the port that knows where a code can reach a customer.
    #[derive(Debug)]
    pub Customers {}

    #[async_trait]
    impl Customers for Customers {
        async fn contacts(
            &self,
            customer: &CustomerId,
            deadline: Deadline,
        ) -> Result<Vec<Contact>, Fault>;
        async fn forget(&self, customer: &CustomerId) -> Result<(), Fault>;
    }
}

mock! {
    /// A mock of the port that keeps enrolments.
    #[derive(Debug)]
    pub Enrolments {}

    #[async_trait]
    impl Enrolments for Enrolments {
        async fn keep(&self, enrolment: &Enrolment) -> Result<(), Fault>;
        async fn find(
            &self,
            customer: &CustomerId,
            now: Timestamp,
        ) -> Result<Option<(Enrolment, u32)>, Fault>;
        async fn begin(
            &self,
            customer: &CustomerId,
            contact: &str,
            now: Timestamp,
            limits: &AttemptLimits,
        ) -> Result<EnrolmentAttempt, BeginEnrolmentError>;
        async fn finish(
            &self,
            enrolled: &Enrolled,
            contact: &Contact,
            now: Timestamp,
        ) -> Result<(), FinishEnrolmentError>;
    }
}

mock! {
    /// A mock of the port that gives randomness.
    #[derive(Debug)]
    pub Entropy {}

    impl Entropy for Entropy {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault>;
    }
}

mock! {
    /// A mock of the port that finds, lists and erases orders.
    #[derive(Debug)]
    pub History {}

    #[async_trait]
    impl History for History {
        async fn find(
            &self,
            customer: &CustomerId,
            order: OrderId,
        ) -> Result<Option<Order>, Fault>;
        async fn find_anyones(&self, order: OrderId) -> Result<Option<Order>, Fault>;
        async fn page(&self, customer: &CustomerId, request: &PageRequest) -> Result<Page, Fault>;
        async fn clear(&self, customer: &CustomerId, now: Timestamp) -> Result<u64, Fault>;
        async fn erase(&self, customer: &CustomerId) -> Result<(), Fault>;
    }
}

mock! {
    /// A mock of the port that remembers which account at the assistant is
    /// whose.
    #[derive(Debug)]
    pub Links {}

    #[async_trait]
    impl Links for Links {
        async fn link(&self, account: &AccountId, customer: &CustomerId) -> Result<(), Fault>;
        async fn find(&self, account: &AccountId) -> Result<Option<CustomerId>, Fault>;
        async fn unlink(&self, account: &AccountId) -> Result<Option<CustomerId>, Fault>;
        async fn forget(&self, customer: &CustomerId) -> Result<(), Fault>;
    }
}

mock! {
    /// A mock of the port that keeps orders.
    #[derive(Debug)]
    pub Orders {}

    #[async_trait]
    impl Orders for Orders {
        async fn place<'s, 'o, 'l, 'a>(
            &'s self,
            order: &'o PlacedOrder,
            allowances: &'l [Allowance],
            claim: Option<&'a Claim>,
        ) -> Result<(), PlaceError>;
        async fn begin_send(
            &self,
            customer: &CustomerId,
            order: OrderId,
            now: Timestamp,
            limits: &SendLimits,
        ) -> Result<Order, BeginSendError>;
        async fn activate(
            &self,
            order: &PlacedOrder,
            challenge: &Challenge,
        ) -> Result<Vec<OrderId>, ActivateError>;
        async fn close(
            &self,
            customer: &CustomerId,
            order: OrderId,
            ending: Ending,
            at: Timestamp,
        ) -> Result<(), CloseError>;
    }
}

mock! {
    /// A mock of the port that counts what is limited.
    #[derive(Debug)]
    pub Quotas {}

    #[async_trait]
    impl Quotas for Quotas {
        async fn take(&self, allowances: &[Allowance], now: Timestamp) -> Result<(), TakeError>;
    }
}

mock! {
    /// A mock of the port that gives a repeated request its first answer.
    #[derive(Debug)]
    pub Replies {}

    #[async_trait]
    impl Replies for Replies {
        async fn begin(&self, claim: &Claim) -> Result<Begun, Fault>;
        async fn finish<'s, 'k, 'c, 'r>(
            &'s self,
            key: &'k ReplyKey,
            customer: Option<&'c CustomerId>,
            reply: &'r Reply,
        ) -> Result<(), Fault>;
        async fn forget(&self, customer: &CustomerId) -> Result<(), Fault>;
    }
}

mock! {
    /// A mock of the port that signs customers in.
    #[derive(Debug)]
    pub SignIn {}

    #[async_trait]
    impl SignIn for SignIn {
        fn begin(&self) -> Result<BegunSignIn, Fault>;
        async fn finish(
            &self,
            pending: PendingSignIn,
            callback: &Callback,
            deadline: Deadline,
        ) -> Result<SignedIn, FinishSignInError>;
        fn sign_out(&self, id_token: &IdTokenHint, state: &str) -> BrowserUrl;
    }
}
