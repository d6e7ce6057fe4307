//! Verify: codes that Twilio makes, sends and judges.

use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use pod_core::{Contact, EmailAddress, PhoneNumber};
use serde_json::{Value, json};

use super::http::{Form, Owner};
use super::problem::Problem;
use super::verifications::{Exhausted, Payment, Verification};
use super::{TWILIO_ACCOUNT, TWILIO_VERIFY_SERVICE, Twilio, TwilioTrouble, lock};

/// The service, as much of it as somebody asks who wants to know whether it is
/// there.
pub(super) async fn service(
    Path(service): Path<String>,
    _owner: Owner,
) -> Result<Json<Value>, Problem> {
    known(&service)?;
    Ok(Json(json!({
        "sid": service, "account_sid": TWILIO_ACCOUNT, "friendly_name": "Pizza on demand",
        "code_length": 6, "psd2_enabled": true,
    })))
}

pub(super) async fn create(
    State(twilio): State<Twilio>,
    Path(service): Path<String>,
    _owner: Owner,
    form: Form,
) -> Result<Response, Problem> {
    known(&service)?;
    let to = form.field("To").ok_or(Problem(60200))?;
    let (channel, contact) = match form.field("Channel") {
        Some("sms") => {
            if to == "+15005550009" {
                return Err(Problem(60205));
            }
            let number = PhoneNumber::parse(to).map_err(|_| Problem(60200))?;
            ("sms", Contact::Phone(number))
        }
        Some("email") => {
            let address = EmailAddress::parse(to).map_err(|_| Problem(60200))?;
            ("email", Contact::Email(address))
        }
        _ => return Err(Problem(60200)),
    };
    // What goes wrong, goes wrong with text messages.
    let trouble = match channel {
        "sms" => twilio.0.troubles.take(),
        _ => None,
    };
    if let Some(TwilioTrouble::Refuse(code)) = trouble {
        return Err(Problem(code));
    }
    if let Some(trouble) = trouble {
        tokio::time::sleep(trouble.delay()).await;
    }
    let payment = payment(&form)?;
    let now = twilio.now();
    let broken = |_| Problem(20500);
    let new = (
        twilio.sid("VE").map_err(broken)?,
        twilio.0.random.digits(6).map_err(broken)?,
    );
    let mut verifications = lock(&twilio.0.verifications);
    let counted = verifications.count_send(to, now);
    counted.map_err(|_| Problem(60203))?;
    let sid = verifications.begin(new, to, channel, payment, now);
    let begun = verifications
        .pending(&sid, now)
        .map_err(|_| Problem(20404))?;
    let text = text(&twilio.0.shop, begun);
    let answer = shown(&sid, begun, false);
    drop(verifications);

    if let Contact::Phone(number) = &contact {
        lock(&twilio.0.sent).push(number.clone());
    }
    if !matches!(trouble, Some(TwilioTrouble::Lose(_))) {
        twilio.0.inbox.take(contact, text);
    }
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

pub(super) async fn check(
    State(twilio): State<Twilio>,
    Path(service): Path<String>,
    _owner: Owner,
    form: Form,
) -> Result<Json<Value>, Problem> {
    known(&service)?;
    tokio::time::sleep(twilio.0.troubles.delay()).await;
    let sid = form.field("VerificationSid").ok_or(Problem(60200))?;
    let code = form.field("Code").ok_or(Problem(60200))?;
    let payment = payment(&form)?;
    let mut verifications = lock(&twilio.0.verifications);
    let pending = verifications.pending(sid, twilio.now());
    let pending = pending.map_err(|_| Problem(20404))?;
    let right = pending.check(code, &payment).map_err(|why| match why {
        Exhausted::TooMany => Problem(60202),
        Exhausted::Gone => Problem(20404),
    })?;
    Ok(Json(shown(sid, pending, right)))
}

pub(super) async fn change(
    State(twilio): State<Twilio>,
    Path((service, sid)): Path<(String, String)>,
    _owner: Owner,
    form: Form,
) -> Result<Json<Value>, Problem> {
    known(&service)?;
    if twilio.0.refuses_changes.load(Ordering::SeqCst) {
        return Err(Problem(20503));
    }
    let status = match form.field("Status") {
        Some("canceled") => "canceled",
        Some("approved") => "approved",
        _ => return Err(Problem(60200)),
    };
    let mut verifications = lock(&twilio.0.verifications);
    let pending = verifications.pending(&sid, twilio.now());
    let pending = pending.map_err(|_| Problem(20404))?;
    pending.status = status;
    Ok(Json(shown(&sid, pending, false)))
}

fn known(service: &str) -> Result<(), Problem> {
    if service == TWILIO_VERIFY_SERVICE {
        Ok(())
    } else {
        Err(Problem(20404))
    }
}

/// Amount and payee: both, or neither.
fn payment(form: &Form) -> Result<Payment, Problem> {
    match (form.field("Amount"), form.field("Payee")) {
        (Some(amount), Some(payee)) => Ok(Some((amount.to_owned(), payee.to_owned()))),
        (None, None) => Ok(None),
        _ => Err(Problem(60206)),
    }
}

/// The code is the last number in it.
fn text(shop: &str, verification: &Verification) -> String {
    let code = verification.expose_code();
    match &verification.payment {
        Some((amount, payee)) => {
            format!("Your code for the payment of {amount} to {payee} is: {code}")
        }
        None => format!("Your {shop} verification code is: {code}"),
    }
}

fn shown(sid: &str, verification: &Verification, valid: bool) -> Value {
    let attempts: Vec<_> = (0..verification.sends)
        .map(|_| json!({"channel": verification.channel, "attempt_sid": null}))
        .collect();
    let (amount, payee) = verification.payment.clone().unzip();
    json!({
        "sid": sid, "service_sid": TWILIO_VERIFY_SERVICE, "account_sid": TWILIO_ACCOUNT,
        "to": verification.to, "channel": verification.channel,
        "status": verification.status, "valid": valid, "send_code_attempts": attempts,
        "amount": amount, "payee": payee, "lookup": {},
    })
}
