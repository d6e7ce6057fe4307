//! Codes that Twilio Verify makes, sends and judges.

use std::time::Instant;

use async_trait::async_trait;
use pod_core::ports::{ChallengeError, ChallengeRequest, Challenger, CheckError};
use pod_core::{Attempt, Channel, Code, CodeAccepted, Deadline, Fault, Handle, Item};
use pod_http::{Answer, Http};
use serde::{Deserialize, Serialize};

use super::TWILIO;
use super::account::{self, Twilio, TwilioAccount, TwilioSid};
use super::error::{Refused, TwilioError, refused};

/// Where Twilio's Verify API is.
const HOST: &str = "verify.twilio.com";

/// How Verify is used.
#[derive(Debug, Clone)]
pub struct VerifyConfig {
    /// The account.
    pub account: TwilioAccount,
    /// The service, which says what codes are like.
    pub service: TwilioSid,
    /// Who is paid: the shop's name.
    pub payee: Box<str>,
}

/// Challenges customers with codes of Twilio Verify's.
///
/// Verify binds a code to a contact and, by PSD2, to amount and payee, but not
/// to the order. While one is pending, it gives another order of the same
/// contact the same code: such a verification is cancelled, and begun anew. An
/// older order that was overtaken so is confirmed by no code, whether or not
/// cancelling worked.
#[derive(Clone)]
pub struct TwilioVerify {
    twilio: Twilio,
    service: TwilioSid,
    payee: Box<str>,
}

/// The request, as Twilio documents it
/// (<https://www.twilio.com/docs/verify/api/verification>).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct NewVerification<'a> {
    to: &'a str,
    channel: &'static str,
    locale: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payee: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Check<'a> {
    verification_sid: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payee: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    status: &'static str,
}

/// What Verify says of a verification.
#[derive(Deserialize)]
struct Verification {
    sid: String,
    status: String,
    #[serde(default)]
    valid: bool,
    #[serde(default)]
    send_code_attempts: Vec<serde_json::Value>,
}

impl TwilioVerify {
    /// Uses a service, by this way out.
    #[must_use]
    pub fn new(config: VerifyConfig, http: Http) -> Self {
        Self {
            twilio: Twilio::new(config.account, http),
            service: config.service,
            payee: config.payee,
        }
    }

    /// Tries whether Twilio knows the service and its owner. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it does not, or does not answer.
    pub async fn check_access(&self, deadline: Deadline) -> Result<(), Fault> {
        let path = format!("/v2/Services/{}", self.service.as_str());
        self.twilio.check(HOST, &path, deadline).await
    }

    async fn start(
        &self,
        request: &ChallengeRequest<'_>,
        until: Instant,
    ) -> Result<Verification, ChallengeError> {
        let amount = amount(&request.order.item);
        let new = NewVerification {
            to: request.contact.expose(),
            channel: match request.contact.channel() {
                Channel::Phone => "sms",
                Channel::Email => "email",
            },
            locale: locale(request.language.as_str()),
            payee: amount.as_ref().map(|_| &*self.payee),
            amount: amount.as_deref(),
        };
        let answer = self.ask("Verifications", &new, until).await?;
        if answer.status.is_success() {
            let begun = understood(&answer)?;
            // Whether it is a new one is known by them alone.
            if begun.send_code_attempts.is_empty() {
                return Err(Fault::from(TwilioError::NotUnderstood).into());
            }
            return Ok(begun);
        }
        Err(match refused(&answer) {
            Refused::Contact => ChallengeError::Undeliverable,
            Refused::Other { error, .. } => Fault::from(error).into(),
        })
    }

    async fn cancel(&self, sid: &TwilioSid, until: Instant) -> Result<(), Fault> {
        let place = format!("Verifications/{}", sid.as_str());
        let change = Change { status: "canceled" };
        let answer = self.ask(&place, &change, until).await?;
        // One that is not there any more need not be cancelled.
        if answer.status.is_success() || answer.status.as_u16() == 404 {
            return Ok(());
        }
        Err(match refused(&answer) {
            Refused::Contact => TwilioError::NotUnderstood.into(),
            Refused::Other { error, .. } => error.into(),
        })
    }

    async fn ask(
        &self,
        place: &str,
        form: &(impl Serialize + Sync),
        until: Instant,
    ) -> Result<Answer, Fault> {
        let path = format!("/v2/Services/{}/{place}", self.service.as_str());
        let request = self.twilio.post(HOST, &path, form)?;
        account::ask(request, until).await.map_err(Fault::from)
    }
}

#[async_trait]
impl Challenger for TwilioVerify {
    async fn challenge(&self, request: &ChallengeRequest<'_>) -> Result<Handle, ChallengeError> {
        let deadline = request.deadline;
        let until = deadline.for_one_contact(request.others_left, Instant::now());
        let previous = request.previous.and_then(|sent| read(&sent.handle));
        let mut begun = self.start(request, until).await?;
        let mut sid = sid_of(&begun)?;
        let is_anothers = begun.send_code_attempts.len() > 1 && previous.as_ref() != Some(&sid);
        if is_anothers {
            self.cancel(&sid, until).await?;
            begun = self.start(request, until).await?;
            let cancelled = std::mem::replace(&mut sid, sid_of(&begun)?);
            if sid == cancelled {
                return Err(Fault::from(TwilioError::OtherVerification).into());
            }
        }
        Handle::parse(sid.as_str()).map_err(|error| Fault::broken(TWILIO, error).into())
    }

    async fn check(
        &self,
        attempt: &Attempt,
        code: &Code,
        deadline: Deadline,
    ) -> Result<CodeAccepted, CheckError> {
        // What was sent later to the same contact may have been this code once
        // more, in a message for the other order.
        if attempt.is_overtaken() {
            return Err(CheckError::Refused);
        }
        let sid = read(&attempt.challenge().handle);
        let sid = sid.ok_or_else(|| Fault::from(TwilioError::Handle))?;
        let amount = amount(&attempt.order().item);
        let check = Check {
            verification_sid: sid.as_str(),
            code: code.expose(),
            payee: amount.as_ref().map(|_| &*self.payee),
            amount: amount.as_deref(),
        };
        let until = deadline.instant();
        let answer = self.ask("VerificationCheck", &check, until).await?;
        if answer.status.is_success() {
            let checked = understood(&answer)?;
            if checked.sid != sid.as_str() {
                return Err(Fault::from(TwilioError::OtherVerification).into());
            }
            return if checked.valid && checked.status == "approved" {
                Ok(CodeAccepted::assertion(attempt))
            } else {
                Err(CheckError::Refused)
            };
        }
        match refused(&answer) {
            // It has expired, was approved or cancelled (20404), was checked
            // too often (60202), or could not be a code at all (60200).
            Refused::Contact
            | Refused::Other {
                code: 20404 | 60202,
                ..
            } => Err(CheckError::Refused),
            Refused::Other { error, .. } => Err(Fault::from(error).into()),
        }
    }
}

/// The amount as the customer is told it, and as it has to be said again.
fn amount(item: &Item) -> Option<String> {
    item.amount().map(|amount| amount.to_string())
}

/// Verify's locales are languages, and a few have a country.
fn locale(tag: &str) -> &str {
    match tag {
        "en-GB" | "pt-BR" | "zh-CN" | "zh-HK" => tag,
        _ => tag.split('-').next().unwrap_or("en"),
    }
}

fn read(handle: &Handle) -> Option<TwilioSid> {
    TwilioSid::verification(handle.as_str()).ok()
}

fn sid_of(verification: &Verification) -> Result<TwilioSid, Fault> {
    TwilioSid::verification(&verification.sid).map_err(|_| TwilioError::NotUnderstood.into())
}

fn understood(answer: &Answer) -> Result<Verification, Fault> {
    serde_json::from_slice(answer.body()).map_err(|_| TwilioError::NotUnderstood.into())
}
