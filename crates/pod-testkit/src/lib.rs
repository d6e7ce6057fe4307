//! Working fakes of every port of `pod-core`, mocks of them, and the contract
//! suite that every adapter runs.
#![cfg_attr(not(test), warn(clippy::unwrap_used))]

pub mod contract;
mod fakes;
pub mod fixtures;
pub mod mocks;
mod outage;

pub use fakes::{
    Delivered, FakeClock, FakeEntropy, Fakes, InMemoryAnnouncer, InMemoryAuthenticator,
    InMemoryContactBook, InMemoryConversions, InMemoryCourier, InMemoryCustomers, InMemoryLinks,
    InMemoryOrders, InMemoryQuotas, InMemoryReplies, InMemorySessions, InMemorySignIn,
};
pub use mocks::{
    MockAnnouncer, MockAttempts, MockAuthenticator, MockChallenger, MockClock, MockContactBook,
    MockConversions, MockCourier, MockCustomers, MockEnrolments, MockEntropy, MockHistory,
    MockLinks, MockOrders, MockQuotas, MockReplies, MockSignIn,
};
pub use outage::{Blow, Outage};
