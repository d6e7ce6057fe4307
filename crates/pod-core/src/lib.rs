//! The domain of pod: orders, the codes that confirm them, and the ports that
//! the rest of the world is behind.
//!
//! A voice assistant hears whoever is in the room. This crate lets it act only
//! for the person who owns the account: an order is kept, a one-time code for
//! exactly that order goes to a contact known to be the customer's, and only
//! that code, said in time, confirms it. What is ordered does not matter: an
//! [`Item`] has a line the customer is told, and [`Menu`] and [`Pizza`] are
//! one shop's words for it.
//!
//! The crate decides and does nothing else: it has no I/O, knows no vendor,
//! and has no clock and no randomness but those it is given.
//!
//! # How an order lives
//!
//! ```text
//! Placed --code sent--> AwaitingCode --right code--> Confirmed
//!    |                     |-- time is up --> Expired     |-- attempts used up --> Refused
//!    |                     |-- newer order --> Superseded '-- cancelled --> Cancelled
//!    '-- could not be sent --> Undelivered (sending again may still bring AwaitingCode)
//! ```
//!
//! [`Pod`] has a method for each use case:
//!
//! * [`Pod::place_order`] takes one sending from the quotas, keeps the order,
//!   and has its code sent. Only when that is acknowledged does the order await
//!   its code and take the place of an older one: until then, the older one and
//!   its code stand.
//! * [`Pod::confirm_order`] counts an attempt, has the code judged, and keeps
//!   the confirmation, in this order. It returns when the confirmation is
//!   durable. The judge's [`CodeAccepted`] is spent on one [`Confirmation`];
//!   there is no other way to one.
//! * [`Pod::resend_code`] sends the same code again, [`Pod::cancel_order`] ends
//!   what is open.
//! * [`Pod::order_status`], [`Pod::order`] and [`Pod::orders`] show what became
//!   of orders, [`Pod::clear_history`] clears those that have ended.
//! * [`Pod::contacts`] shows where codes go, [`Pod::prefer_contact`] and
//!   [`Pod::remove_contact`] change it; [`Pod::enrol_contact`] sends codes to a
//!   new contact and to one known before, [`Pod::prove_contact`] takes them
//!   back.
//! * [`Pod::link_account`] and [`Pod::unlink_account`] go along with an account
//!   at the assistant, [`Pod::forget_customer`] erases a customer, and
//!   [`Pod::unlock_customer`] is for operators.
//!
//! How many digits, attempts, messages and minutes there are is decided by a
//! [`Policy`].
//!
//! # Ports
//!
//! What the domain asks of the world are the traits in [`ports`]; whoever
//! embeds the crate brings one adapter for each of [`Ports`](ports::Ports):
//!
//! | port | role |
//! |---|---|
//! | [`Orders`](ports::Orders) | keeps orders and leads them through their life |
//! | [`Attempts`](ports::Attempts) | counts attempts, confirms each order at most once |
//! | [`History`](ports::History) | finds, lists and erases orders |
//! | [`Customers`](ports::Customers) | knows where a code can reach a customer |
//! | [`ContactBook`](ports::ContactBook), [`Enrolments`](ports::Enrolments) | keep the contacts that customers have proved to pod, and the one to be proved |
//! | [`Challenger`](ports::Challenger) | sends a code for an order, judges the code that comes back |
//! | [`Quotas`](ports::Quotas) | counts what is limited |
//! | [`Links`](ports::Links) | remembers which account at the assistant is whose |
//! | [`Announcer`](ports::Announcer) | tells who is listening what became of an order |
//! | [`Clock`](ports::Clock), [`Entropy`](ports::Entropy) | give time and randomness |
//!
//! [`Passcodes`] is a challenger of pod's own, whose codes are derived and never
//! stored; it needs a [`Courier`](ports::Courier) to carry them.
//! [`Authenticator`](ports::Authenticator) and [`Replies`](ports::Replies) are
//! not for use cases but for what drives them: they tell who is calling, and
//! give a repeated request its first answer.
//!
//! # A pizza
//!
//! On the fakes of `pod-testkit`, which play every port in memory:
//!
//! ```
//! use std::time::{Duration, Instant};
//!
//! use pod_core::{Channel, Code, ConfirmOrder, Deadline, Language, Menu, PlaceOrder, Stage};
//! use pod_testkit::{Fakes, fixtures};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let fakes = Fakes::with_zoe();
//! let (pod, zoe) = (fakes.pod(), fixtures::zoe());
//! let deadline = Deadline::at(Instant::now() + Duration::from_secs(6));
//!
//! let pizza = Menu::default().pizza("large", ["pepperoni", "onions"])?;
//! let sent = pod
//!     .place_order(PlaceOrder {
//!         customer: zoe.clone(),
//!         item: pizza.item(),
//!         language: Language::default(),
//!         deadline,
//!         claim: None,
//!     })
//!     .await?;
//! assert_eq!(sent.order.item.summary(), "a large pizza with pepperoni and onions");
//! assert_eq!(sent.challenge.sent_to.channel(), Channel::Phone);
//! assert_eq!(sent.challenge.sent_to.masked(), "…42");
//!
//! let code: Code = fakes.courier.last_code().expect("a code was sent");
//! let confirmation = pod
//!     .confirm_order(ConfirmOrder { customer: zoe.clone(), order: None, code, deadline, claim: None })
//!     .await?;
//! assert_eq!(confirmation.order(), &sent.order);
//!
//! let newest = pod.order_status(&zoe).await?.expect("there is one");
//! assert_eq!(newest.state.stage(), Stage::Confirmed);
//! # Ok(())
//! # }
//! ```
//!
//! # Anything else
//!
//! A code is bound to all of an item: its kind, the line the customer is told,
//! the amount, and the details for whoever fulfils it.
//!
//! ```
//! use std::time::{Duration, Instant};
//!
//! use pod_core::{
//!     ConfirmOrder, ConfirmOrderError, Currency, Deadline, Item, Language, Money, PlaceOrder,
//! };
//! use pod_testkit::{Fakes, fixtures};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let fakes = Fakes::with_zoe();
//! let (pod, zoe) = (fakes.pod(), fixtures::zoe());
//! let deadline = Deadline::at(Instant::now() + Duration::from_secs(6));
//!
//! let amount = Money::new(2_500, Currency::parse("EUR")?);
//! let details = r#"{"to":"grace"}"#;
//! let item = Item::new("transfer", "25 euros to Grace", Some(amount), details)?;
//! let language = Language::default();
//! pod.place_order(PlaceOrder { customer: zoe.clone(), item, language, deadline, claim: None }).await?;
//!
//! let right = fakes.courier.last_code().expect("a code was sent");
//! let wrong = fixtures::wrong_code(&right, 0);
//! let say = |code| ConfirmOrder { customer: zoe.clone(), order: None, code, deadline, claim: None };
//!
//! let error = pod.confirm_order(say(wrong)).await.unwrap_err();
//! assert!(matches!(error, ConfirmOrderError::WrongCode { attempts_left: 2 }));
//! let confirmation = pod.confirm_order(say(right.clone())).await?;
//! assert_eq!(confirmation.order().item.details(), details);
//!
//! // A code confirms once.
//! let error = pod.confirm_order(say(right)).await.unwrap_err();
//! assert!(matches!(error, ConfirmOrderError::NothingPending));
//! # Ok(())
//! # }
//! ```
#![cfg_attr(not(test), warn(clippy::unwrap_used))]

mod begin_request;
mod cancel_order;
mod challenge;
mod clear_history;
mod code;
mod confirm_order;
mod contact;
mod contacts;
mod conversion;
mod country;
mod deadline;
mod enrol_contact;
mod enrolment;
mod fault;
mod forget_customer;
mod heard;
mod ids;
mod item;
mod language;
mod link_account;
mod menu;
mod money;
mod order;
mod passcodes;
mod pepper;
mod pizza;
mod place_order;
mod pod;
mod policy;
pub mod ports;
mod prove_contact;
mod quota;
mod report_undelivered;
mod resend_code;
mod send_code;
mod show_orders;
mod standing;
mod unlock_customer;

pub use begin_request::BeginRequestError;
pub use cancel_order::CancelOrderError;
pub use challenge::{Challenge, Handle, InvalidHandle, Nonce, Seed};
pub use code::{Code, CodeDigits, InvalidCode, InvalidCodeDigits};
pub use confirm_order::{ConfirmOrder, ConfirmOrderError};
pub use contact::{
    Channel, Contact, EmailAddress, InvalidEmailAddress, InvalidPhoneNumber, PhoneNumber, SentTo,
};
pub use contacts::{ChangeContactError, KnownContact};
pub use conversion::{Conversion, ConversionLimits, ConversionTallies, ConversionWindow};
pub use country::{Country, InvalidCountry};
pub use deadline::Deadline;
pub use enrol_contact::{EnrolContact, EnrolContactError};
pub use enrolment::{Enrolled, Enrolment, EnrolmentAttempt, SentCode};
pub use fault::{BoxError, Fault};
pub use heard::Misheard;
pub use ids::{
    AccountId, ChallengeId, CustomerId, InvalidAccountId, InvalidCustomerId, InvalidOrderId,
    OrderId,
};
pub use item::{InvalidItem, Item, ItemDigest};
pub use jiff::Timestamp;
pub use language::{InvalidLanguage, Language};
pub use menu::{Entry, InvalidMenu, Menu, NotOnTheMenu};
pub use money::{Currency, InvalidCurrency, Money};
pub use order::{
    Attempt, CodeAccepted, Confirmation, Ending, Order, PlacedOrder, ProofMismatch, Stage, State,
};
pub use passcodes::{CodeKey, CodeKeys, InvalidCodeKeys, Passcodes};
pub use pepper::Pepper;
pub use pizza::Pizza;
pub use place_order::{CodeSent, PlaceOrder, PlaceOrderError};
pub use pod::Pod;
pub use policy::{
    AttemptLimits, AttemptsPerOrder, CodeLifetime, FailureLimits, InvalidAttempts,
    InvalidCodeLifetime, Policy, SendLimits,
};
pub use prove_contact::{ProveContact, ProveContactError};
pub use quota::{Allowance, InvalidQuotaKey, QuotaKey, Takings, Window};
pub use report_undelivered::{ReportUndelivered, ReportUndeliveredError, Reported};
pub use resend_code::{ResendCode, ResendCodeError};
pub use standing::{Lock, Locked, Standing};
