//! The domain of pod: orders, the codes that confirm them, and the ports that
//! the rest of the world is behind.
//!
//! TODO doc
#![cfg_attr(not(test), warn(clippy::unwrap_used))]

mod cancel_order;
mod challenge;
mod clear_history;
mod code;
mod confirm_order;
mod contact;
mod country;
mod deadline;
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
mod quota;
mod resend_code;
mod send_code;
mod show_orders;
mod standing;
mod unlock_customer;

pub use cancel_order::CancelOrderError;
pub use challenge::{Challenge, Handle, InvalidHandle, Nonce, Seed};
pub use code::{Code, CodeDigits, InvalidCode, InvalidCodeDigits};
pub use confirm_order::{ConfirmOrder, ConfirmOrderError};
pub use contact::{
    Channel, Contact, EmailAddress, InvalidEmailAddress, InvalidPhoneNumber, PhoneNumber, SentTo,
};
pub use country::{Country, InvalidCountry};
pub use deadline::Deadline;
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
pub use quota::{Allowance, InvalidQuotaKey, QuotaKey, Takings, Window};
pub use resend_code::{ResendCode, ResendCodeError};
pub use standing::{Lock, Locked, Standing};
