//! The contract suite: each promise of a port is a function here, and each
//! port has a macro that stamps one test for each of its promises.
//!
//! An adapter's whole test of its contract is a file such as
//!
//! ```
//! //! The store in memory keeps the contract.
//!
//! use std::sync::Arc;
//!
//! use pod_testkit::InMemoryOrders;
//! use pod_testkit::contract::Store;
//!
//! pod_testkit::orders_contract!(async { Store::of(Arc::new(InMemoryOrders::default())) });
//! ```
//!
//! The expression makes a new adapter for each test. What has to live as long
//! as the adapter, such as a folder, is given beside it: `(Store::of(store),
//! folder)`. The macros need `tokio` among the dependencies of the tests, with
//! its features `macros` and `rt-multi-thread`.
#![expect(
    clippy::missing_panics_doc,
    reason = "every promise panics if it is not kept: that is what it is for"
)]

pub mod announcer;
pub mod attempts;
pub mod authenticator;
pub mod authenticator_far_end;
pub mod challenger;
pub mod challenger_far_end;
pub mod clock;
pub mod contact_book;
pub mod conversions;
pub mod courier;
pub mod courier_far_end;
pub mod customers;
pub mod customers_far_end;
pub mod enrolments;
pub mod entropy;
pub mod history;
pub mod links;
pub mod orders;
pub mod quotas;
pub mod replies;
pub mod sessions;
pub mod sign_in;
pub mod sign_in_far_end;
mod stages;
mod store;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pod_core::{Deadline, Fault};
use tokio::sync::Barrier;

pub use announcer::AnnouncerHarness;
pub use authenticator::AuthenticatorHarness;
pub use challenger::ChallengerHarness;
pub use courier::CourierHarness;
pub use customers::CustomersHarness;
pub use enrolments::Enrolling;
pub use sign_in::{Flaw, SignInHarness};
pub use store::Store;

/// What a contract is to be tested on: an adapter, alone or with what has to
/// live as long.
pub trait Subject {
    /// The adapter.
    type Adapter;
    /// What has to live as long.
    type Guard;

    /// Takes the two apart.
    fn split(self) -> (Self::Adapter, Self::Guard);
}

impl<P: ?Sized> Subject for Arc<P> {
    type Adapter = Self;
    type Guard = ();

    fn split(self) -> (Self, ()) {
        (self, ())
    }
}

impl<P: ?Sized, G> Subject for (Arc<P>, G) {
    type Adapter = Arc<P>;
    type Guard = G;

    fn split(self) -> Self {
        self
    }
}

impl Subject for Store {
    type Adapter = Self;
    type Guard = ();

    fn split(self) -> (Self, ()) {
        (self, ())
    }
}

impl<G> Subject for (Store, G) {
    type Adapter = Store;
    type Guard = G;

    fn split(self) -> Self {
        self
    }
}

/// A far end that can be told not to answer.
pub trait FarEnd: Send + Sync {
    /// From now on the far end takes calls and does not answer.
    fn fall_silent(&self) -> impl Future<Output = ()> + Send;
}

/// Stamps one test for each of a port's promises, in a module of the port's
/// name.
#[doc(hidden)]
#[macro_export]
macro_rules! __stamp {
    ($port:ident, $subject:expr, [$($promise:ident),+ $(,)?]) => {
        mod $port {
            use super::*;

            $(
                #[::tokio::test(flavor = "multi_thread")]
                async fn $promise() {
                    let (adapter, _guard) = $crate::contract::Subject::split($subject.await);
                    $crate::contract::$port::$promise(adapter).await;
                }
            )+
        }
    };
}

/// Stamps one test for each promise of a port that has a far end.
#[doc(hidden)]
#[macro_export]
macro_rules! __stamp_harness {
    ($port:ident, $harness:expr, [$($promise:ident),+ $(,)?]) => {
        mod $port {
            use super::*;

            $(
                #[::tokio::test(flavor = "multi_thread")]
                async fn $promise() {
                    $crate::contract::$port::$promise($harness.await).await;
                }
            )+
        }
    };
}

/// Makes `count` calls at the same time, and returns what came of them.
async fn at_once<F, T>(count: usize, mut call: impl FnMut(usize) -> F) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let gate = Arc::new(Barrier::new(count));
    let tasks: Vec<_> = (0..count)
        .map(|i| {
            let (gate, call) = (gate.clone(), call(i));
            tokio::spawn(async move {
                gate.wait().await;
                call.await
            })
        })
        .collect();
    let mut outcomes = Vec::with_capacity(count);
    for task in tasks {
        outcomes.push(task.await.expect("a call panicked"));
    }
    outcomes
}

/// Makes a call that gets no answer, with a short deadline, and holds that it
/// comes back in time.
async fn in_time<F: Future>(call: impl FnOnce(Deadline) -> F) -> F::Output {
    let moment = Instant::now() + Duration::from_millis(300);
    let outcome = call(Deadline::at(moment)).await;
    let late = moment.elapsed();
    assert!(
        late < Duration::from_secs(1),
        "it came back {late:?} after its deadline"
    );
    outcome
}

/// Holds that a fault is one that may pass.
fn is_temporary(fault: &Fault) {
    assert!(fault.is_temporary(), "trying again may help: {fault:?}");
}
