//! What goes wrong at Twilio, and what it means for a code.

use pod_core::Fault;
use pod_http::{Answer, AskError, StatusCode};
use serde::Deserialize;
use thiserror::Error;

use super::TWILIO;

/// What one of Twilio's error codes means (<https://www.twilio.com/docs/api/errors>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Somebody has to set something right; no other contact would do better.
    Configuration(&'static str),
    /// This contact cannot be reached, now or later.
    Permanent,
    /// It may work later.
    Transient,
    /// It may work later: there was too much at once, and nothing was done.
    Throttled,
}

impl Meaning {
    /// The meaning of an error code, of requests and of messages that were
    /// taken; `None` for one that is not known.
    pub(crate) fn of(code: u32) -> Option<Self> {
        Some(match code {
            20003 => Self::Configuration("check TWILIO_ACCOUNT_SID with its token or API key"),
            20404 => Self::Configuration("check TWILIO_ACCOUNT_SID and the service's SID"),
            21212 | 21603 | 21606 => Self::Configuration(
                "check TWILIO_FROM: the account has no such sender for text messages",
            ),
            21608 => Self::Configuration(
                "a trial account sends to verified numbers only: verify the number, or upgrade",
            ),
            21617 => Self::Configuration("the message is too long: report this as a bug of pod's"),
            30002 => Self::Configuration("the account is suspended: settle that with Twilio"),
            30032 => Self::Configuration("verify the toll-free number with Twilio"),
            30034 => Self::Configuration("register the number for A2P 10DLC with Twilio"),
            60206 => Self::Configuration(
                "amount and payee do not fit the Verify service: have Twilio enable PSD2 for it",
            ),
            60204 | 60223 => Self::Configuration("enable the channel in the Verify service"),
            // Not a number, no permission for its country, STOP, no route, not
            // a mobile; blocked, unknown, a landline, filtered, pumping; and
            // those of Verify that say the same.
            21211
            | 21408
            | 21610
            | 21612
            | 21614
            | 30004..=30007
            | 30450
            | 60200
            | 60205
            | 60220
            | 60238
            | 60410
            | 60605 => Self::Permanent,
            20429 | 60203 | 60212 => Self::Throttled,
            // The queue is full, the handset is off, nobody knows, too late,
            // the carrier is slow.
            20500 | 20503 | 21611 | 30001 | 30003 | 30008 | 30036 | 30410 => Self::Transient,
            _ => return None,
        })
    }
}

/// Why Twilio did not do what it was asked. Nothing in it is a customer's.
#[derive(Debug, Error)]
pub(crate) enum TwilioError {
    #[error(transparent)]
    Ask(#[from] AskError),
    #[error("Twilio refused (error {code}): {todo}")]
    Configuration { code: u32, todo: &'static str },
    #[error("Twilio has too many requests at once (error {0}): try again in a moment")]
    Throttled(u32),
    #[error("Twilio cannot do it right now (error {0}): try again later")]
    Transient(u32),
    #[error(
        "Twilio answered {status} (error {code}), which pod does not know: look the error up at twilio.com/docs/api/errors/{code}"
    )]
    Unknown { status: StatusCode, code: u32 },
    #[error("Twilio answered {0}: try again later")]
    Failed(StatusCode),
    #[error("Twilio answered something that cannot be understood: check TWILIO_BASE_URL")]
    NotUnderstood,
    #[error("Twilio answered for another verification")]
    OtherVerification,
    #[error(
        "the order's code was sent in another way than the one that is configured: order again"
    )]
    Handle,
}

impl TwilioError {
    /// Whether an answer says that nothing was done.
    pub(crate) fn is_throttled(answer: &Answer) -> bool {
        answer.status == StatusCode::TOO_MANY_REQUESTS
            && matches!(Problem::of(answer).code, 0 | 20429)
    }

    fn is_temporary(&self) -> bool {
        match self {
            Self::Ask(_) | Self::Throttled(_) | Self::Transient(_) | Self::Failed(_) => true,
            Self::Configuration { .. }
            | Self::Unknown { .. }
            | Self::NotUnderstood
            | Self::OtherVerification
            | Self::Handle => false,
        }
    }
}

impl From<TwilioError> for Fault {
    fn from(error: TwilioError) -> Self {
        if error.is_temporary() {
            Fault::unavailable(TWILIO, error)
        } else {
            Fault::broken(TWILIO, error)
        }
    }
}

/// What Twilio says instead of what it was asked for. Its message may name a
/// number: only the code is read.
#[derive(Default, Deserialize)]
struct Problem {
    #[serde(default)]
    code: u32,
}

impl Problem {
    fn of(answer: &Answer) -> Self {
        serde_json::from_slice(answer.body()).unwrap_or_default()
    }
}

/// Why a request was refused.
pub(crate) enum Refused {
    /// The contact cannot be reached.
    Contact,
    /// Anything else.
    Other { code: u32, error: TwilioError },
}

/// Reads an answer that is not a success.
pub(crate) fn refused(answer: &Answer) -> Refused {
    let (status, code) = (answer.status, Problem::of(answer).code);
    let error = match Meaning::of(code) {
        Some(Meaning::Permanent) => return Refused::Contact,
        Some(Meaning::Configuration(todo)) => TwilioError::Configuration { code, todo },
        Some(Meaning::Transient) => TwilioError::Transient(code),
        Some(Meaning::Throttled) => TwilioError::Throttled(code),
        None if status.is_server_error() => TwilioError::Failed(status),
        None if status == StatusCode::TOO_MANY_REQUESTS => TwilioError::Throttled(code),
        None => TwilioError::Unknown { status, code },
    };
    Refused::Other { code, error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_meaning() {
        let permanent = [
            21211, 21408, 21610, 21612, 21614, 30004, 30005, 30006, 30007, 30450, 60200, 60205,
            60220, 60238, 60410, 60605,
        ];
        for code in permanent {
            assert_eq!(Meaning::of(code), Some(Meaning::Permanent), "{code}");
        }
        for code in [20500, 20503, 21611, 30001, 30003, 30008, 30036, 30410] {
            assert_eq!(Meaning::of(code), Some(Meaning::Transient), "{code}");
        }
        for code in [20429, 60203, 60212] {
            assert_eq!(Meaning::of(code), Some(Meaning::Throttled), "{code}");
        }
        for code in [
            20003, 20404, 21212, 21606, 21608, 21617, 30002, 30032, 30034, 60206, 60223,
        ] {
            let meaning = Meaning::of(code);
            assert!(matches!(meaning, Some(Meaning::Configuration(_))), "{code}");
        }
        assert_eq!(Meaning::of(12345), None);
    }
}
