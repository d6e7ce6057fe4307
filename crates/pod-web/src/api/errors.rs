//! What each error of the use cases is to a program.

use std::time::Duration;

use pod_core::{
    CancelOrderError, ConfirmOrderError, Fault, PlaceOrderError, ResendCodeError, Timestamp,
};

use super::problem::{Kind, Problem};

/// What a use case comes to that is not done.
pub(super) enum Refusal {
    /// The request was not begun.
    NotBegun(pod_core::BeginRequestError),
    /// It was, and this is its answer.
    Problem(Problem),
}

impl From<&Fault> for Problem {
    fn from(fault: &Fault) -> Self {
        if fault.is_temporary() {
            Self::new(Kind::SupplierUnavailable, "Try again in a moment.")
                .retry_after(Duration::from_secs(5))
        } else {
            let detail = "Somebody has to set this right at the shop: try again later.";
            Self::new(Kind::SupplierUnavailable, detail).retry_after(Duration::from_mins(1))
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

fn wait(now: Timestamp, until: Timestamp) -> Duration {
    Duration::try_from(until.duration_since(now)).unwrap_or_default()
}

fn no_contact() -> Problem {
    Problem::new(
        Kind::Undeliverable,
        "No telephone number or e-mail address is known that a code may be sent to: add one to \
         the account.",
    )
}

fn unreached() -> Problem {
    Problem::new(
        Kind::Undeliverable,
        "None of the customer's contacts can be reached: ask for the code again later.",
    )
}

fn too_many_sends(wait: Duration) -> Problem {
    Problem::new(Kind::TooManySends, "Wait before the next code is sent.").retry_after(wait)
}

fn paused(wait: Duration) -> Problem {
    let detail = "No codes are texted to the customer's country at present.";
    Problem::new(Kind::SupplierUnavailable, detail).retry_after(wait)
}

fn no_order() -> Problem {
    Problem::new(Kind::NoOrder, "Look at the orders: none like this is open.")
}

pub(super) fn of_placing(error: PlaceOrderError, now: Timestamp) -> Refusal {
    Refusal::Problem(match error {
        PlaceOrderError::NotBegun(error) => return Refusal::NotBegun(error),
        PlaceOrderError::NoContact => no_contact(),
        PlaceOrderError::Undeliverable => unreached(),
        PlaceOrderError::TooManySends { retry_at } => too_many_sends(wait(now, retry_at)),
        PlaceOrderError::Paused { retry_at } => paused(wait(now, retry_at)),
        PlaceOrderError::Superseded => Problem::new(
            Kind::Superseded,
            "The customer ordered something else meanwhile, or cancelled.",
        ),
        PlaceOrderError::Fault(fault) => Problem::from(&fault),
    })
}

pub(super) fn of_confirming(error: ConfirmOrderError, now: Timestamp) -> Refusal {
    Refusal::Problem(match error {
        ConfirmOrderError::NotBegun(error) => return Refusal::NotBegun(error),
        ConfirmOrderError::NothingPending => no_order(),
        ConfirmOrderError::WrongCode { attempts_left } => {
            let detail = match attempts_left {
                1 => "1 attempt is left.".to_owned(),
                more => format!("{more} attempts are left."),
            };
            Problem::new(Kind::WrongCode, detail).attempts_left(attempts_left)
        }
        ConfirmOrderError::Refused => {
            let detail = "The attempts are used up, and the order has ended: order again.";
            Problem::new(Kind::WrongCode, detail).attempts_left(0)
        }
        ConfirmOrderError::Expired => Problem::new(
            Kind::CodeExpired,
            "The order has ended with its code: order again.",
        ),
        ConfirmOrderError::Locked { until: Some(until) } => {
            let detail = "There were too many wrong codes: wait.";
            Problem::new(Kind::Locked, detail).retry_after(wait(now, until))
        }
        ConfirmOrderError::Locked { until: None } => Problem::new(
            Kind::Locked,
            "There were too many wrong codes: the shop has to unlock the customer.",
        ),
        ConfirmOrderError::Fault(fault) => Problem::from(&fault),
    })
}

pub(super) fn of_resending(error: ResendCodeError, now: Timestamp) -> Problem {
    match error {
        ResendCodeError::NothingPending => no_order(),
        ResendCodeError::TooSoon { retry_at } | ResendCodeError::TooManySends { retry_at } => {
            too_many_sends(wait(now, retry_at))
        }
        ResendCodeError::Exhausted => Problem::new(
            Kind::TooManySends,
            "The order's code was sent as often as it may be: use it, or order again.",
        ),
        ResendCodeError::TooLate => Problem::new(
            Kind::CodeExpired,
            "The order is too old for its code to be sent again: order again.",
        ),
        ResendCodeError::NoContact => no_contact(),
        ResendCodeError::Undeliverable => unreached(),
        ResendCodeError::Paused { retry_at } => paused(wait(now, retry_at)),
        ResendCodeError::Fault(fault) => Problem::from(&fault),
    }
}

pub(super) fn of_cancelling(error: &CancelOrderError) -> Problem {
    match error {
        CancelOrderError::NothingPending => no_order(),
        CancelOrderError::Fault(fault) => Problem::from(fault),
    }
}
