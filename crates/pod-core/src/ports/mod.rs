//! Ports: the roles that adapters play for the core, and what each promises.

mod announcer;
mod attempts;
mod authenticator;
mod challenger;
mod clock;
mod contact_book;
mod conversions;
mod courier;
mod customers;
mod enrolments;
mod entropy;
mod history;
mod links;
mod orders;
mod quotas;
mod replies;
mod sessions;
mod sign_in;

use std::fmt;
use std::sync::Arc;

pub use announcer::{Announcer, Event};
pub use attempts::{Attempts, BeginAttemptError, ConfirmAttemptError};
pub use authenticator::{
    AccessToken, AuthenticateError, Authenticator, Caller, InsufficientScope, InvalidAccessToken,
    Scopes,
};
pub use challenger::{ChallengeError, ChallengeRequest, Challenger, CheckError};
pub use clock::Clock;
pub use contact_book::{ContactBook, ContactChange, ContactEntries};
pub use conversions::Conversions;
pub use courier::{Courier, DeliverError, Delivery};
pub use customers::{Customers, NoDirectory};
pub use enrolments::{BeginEnrolmentError, Enrolments, FinishEnrolmentError};
pub use entropy::Entropy;
pub use history::{History, Page, PageRequest};
pub use links::Links;
pub use orders::{ActivateError, BeginSendError, CloseError, Orders, PlaceError};
pub use quotas::{Quotas, TakeError};
pub use replies::{Begun, Claim, InvalidReplyKey, Repeat, Replies, Reply, ReplyKey, RequestDigest};
pub use sessions::{Session, SessionKey, SessionLimits, Sessions};
pub use sign_in::{
    BegunSignIn, BrowserUrl, Callback, CallbackOutcome, Denial, FinishSignInError, IdTokenHint,
    InvalidCallback, InvalidIdTokenHint, InvalidPendingSignIn, PendingSignIn, SignIn, SignedIn,
};

/// One of each port that use cases need: all that [`Pod`](crate::Pod) is made
/// of.
///
/// It is a plain struct, so that a test can swap one port and keep the rest:
/// `Ports { challenger, ..fakes.ports() }`.
#[derive(Clone)]
pub struct Ports {
    /// Tells who is listening what became of an order.
    pub announcer: Arc<dyn Announcer>,
    /// Counts attempts and confirms orders.
    pub attempts: Arc<dyn Attempts>,
    /// Challenges customers.
    pub challenger: Arc<dyn Challenger>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Keeps what customers have decided of their contacts.
    pub contact_book: Arc<dyn ContactBook>,
    /// Counts how many of the codes texted to a country are used.
    pub conversions: Arc<dyn Conversions>,
    /// Knows where a code can reach a customer.
    pub customers: Arc<dyn Customers>,
    /// Challenges customers for contacts that are to be enrolled; `None` where
    /// that is not done here. It has to bind its codes to the order, as
    /// [`Passcodes`](crate::Passcodes) does: a code for a contact must confirm
    /// no order.
    pub enrolment_challenger: Option<Arc<dyn Challenger>>,
    /// Keeps contacts that are to be proved.
    pub enrolments: Arc<dyn Enrolments>,
    /// Gives randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Finds, lists and erases orders.
    pub history: Arc<dyn History>,
    /// Remembers which account at the assistant is whose.
    pub links: Arc<dyn Links>,
    /// Keeps orders.
    pub orders: Arc<dyn Orders>,
    /// Counts what is limited.
    pub quotas: Arc<dyn Quotas>,
    /// Gives a repeated request its first answer.
    pub replies: Arc<dyn Replies>,
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ports { .. }")
    }
}
