//! Fakes: one working adapter of each port, in memory, that keeps the port's
//! promises.

mod announcer;
mod attempts;
mod authenticator;
mod clock;
mod contact_book;
mod conversions;
mod courier;
mod customers;
mod entropy;
mod history;
mod links;
mod orders;
mod quotas;
mod replies;
mod sessions;
mod sign_in;
mod silence;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pod_core::ports::{Challenger, Ports};
use pod_core::{CodeKeys, Passcodes, Pod, Policy};

pub use announcer::InMemoryAnnouncer;
pub use authenticator::InMemoryAuthenticator;
pub use clock::FakeClock;
pub use contact_book::InMemoryContactBook;
pub use conversions::InMemoryConversions;
pub use courier::{Delivered, InMemoryCourier};
pub use customers::InMemoryCustomers;
pub use entropy::FakeEntropy;
pub(crate) use entropy::mixed;
pub use links::InMemoryLinks;
pub use orders::InMemoryOrders;
pub use quotas::InMemoryQuotas;
pub use replies::InMemoryReplies;
pub use sessions::InMemorySessions;
pub use sign_in::InMemorySignIn;

use crate::fixtures;

/// One fake of each port.
///
/// It is a plain struct: a test keeps it, gives [`Fakes::ports`] or
/// [`Fakes::pod`] away, and looks at the fakes afterwards. A clone shares the
/// same fakes.
#[derive(Debug, Clone)]
pub struct Fakes {
    /// Keeps what was announced.
    pub announcer: Arc<InMemoryAnnouncer>,
    /// Knows the tokens it was told.
    pub authenticator: Arc<InMemoryAuthenticator>,
    /// Stands still until it is moved.
    pub clock: Arc<FakeClock>,
    /// Keeps the contacts that customers have proved.
    pub contact_book: Arc<InMemoryContactBook>,
    /// Counts how many codes are used.
    pub conversions: Arc<InMemoryConversions>,
    /// Keeps what it was given to carry.
    pub courier: Arc<InMemoryCourier>,
    /// Knows the contacts it was told.
    pub customers: Arc<InMemoryCustomers>,
    /// Gives the same bytes in every run, and none twice.
    pub entropy: Arc<FakeEntropy>,
    /// Keeps links.
    pub links: Arc<InMemoryLinks>,
    /// Keeps the sessions of browsers: no use case needs them.
    pub sessions: Arc<InMemorySessions>,
    /// Keeps orders and customers' standings: three ports in one.
    pub orders: Arc<InMemoryOrders>,
    /// Keeps what was taken.
    pub quotas: Arc<InMemoryQuotas>,
    /// Keeps answers.
    pub replies: Arc<InMemoryReplies>,
    /// Signs in whom it was told to.
    pub sign_in: Arc<InMemorySignIn>,
    /// What the challenger, the real [`Passcodes`], derives codes with.
    pub keys: CodeKeys,
    /// The rules that [`Fakes::pod`] goes by.
    pub policy: Policy,
}

impl Default for Fakes {
    fn default() -> Self {
        let clock = Arc::<FakeClock>::default();
        let (quotas, replies) = (Arc::default(), Arc::default());
        let orders = InMemoryOrders::beside(Arc::clone(&quotas), Arc::clone(&replies));
        let orders = Arc::new(orders);
        Self {
            announcer: Arc::default(),
            authenticator: Arc::default(),
            sign_in: Arc::new(InMemorySignIn::new(clock.clone())),
            clock,
            contact_book: Arc::new(InMemoryContactBook::beside(orders.clone())),
            conversions: Arc::default(),
            courier: Arc::default(),
            customers: Arc::default(),
            entropy: Arc::default(),
            links: Arc::default(),
            sessions: Arc::default(),
            orders,
            quotas,
            replies,
            keys: fixtures::code_keys(),
            policy: Policy::default(),
        }
    }
}

impl Fakes {
    /// Makes fakes that know nobody and have kept nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes fakes that know [Zoë](fixtures::zoe), by her telephone.
    #[must_use]
    pub fn with_zoe() -> Self {
        let fakes = Self::new();
        fakes
            .customers
            .know(&fixtures::zoe(), vec![fixtures::zoe_phone()]);
        fakes
    }

    /// The real [`Passcodes`], its codes carried by the courier.
    #[must_use]
    pub fn passcodes(&self) -> Arc<dyn Challenger> {
        let courier = self.courier.clone();
        Arc::new(Passcodes::new(
            self.keys.clone(),
            self.policy.digits,
            courier,
        ))
    }

    /// The fakes as ports, to replace some: `Ports { challenger,
    /// ..fakes.ports() }`.
    #[must_use]
    pub fn ports(&self) -> Ports {
        Ports {
            announcer: self.announcer.clone(),
            attempts: self.orders.clone(),
            challenger: self.passcodes(),
            clock: self.clock.clone(),
            contact_book: self.contact_book.clone(),
            conversions: self.conversions.clone(),
            customers: self.customers.clone(),
            enrolment_challenger: Some(self.passcodes()),
            enrolments: self.contact_book.clone(),
            entropy: self.entropy.clone(),
            history: self.orders.clone(),
            links: self.links.clone(),
            orders: self.orders.clone(),
            quotas: self.quotas.clone(),
            replies: self.replies.clone(),
        }
    }

    /// A pod on the fakes.
    #[must_use]
    pub fn pod(&self) -> Pod {
        self.pod_on(self.ports())
    }

    /// A pod on other ports, by the same rules.
    #[must_use]
    pub fn pod_on(&self, ports: Ports) -> Pod {
        Pod::new(ports, self.policy.clone(), self.keys.pepper())
    }
}

/// Locks what a fake keeps. A test that panicked meanwhile has failed already:
/// what it left behind is as good as any.
fn lock<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
