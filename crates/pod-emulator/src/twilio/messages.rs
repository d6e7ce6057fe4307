//! Text messages.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use pod_core::{Contact, PhoneNumber};
use serde_json::{Value, json};
use url::Url;

use super::callbacks::Report;
use super::http::{Form, Owner};
use super::problem::Problem;
use super::{TWILIO_ACCOUNT, TWILIO_FROM, TWILIO_MESSAGING_SERVICE, Twilio, TwilioTrouble, lock};

/// A message that Twilio would send.
struct Accepted<'a> {
    to: PhoneNumber,
    from: Option<&'a str>,
    body: &'a str,
    callback: Option<Url>,
}

/// The messages that are kept: none, since none is to be.
pub(super) async fn list(
    Path(account): Path<String>,
    _owner: Owner,
) -> Result<Json<Value>, Problem> {
    if account != TWILIO_ACCOUNT {
        return Err(Problem(20404));
    }
    Ok(Json(json!({
        "messages": [], "page": 0, "page_size": 1, "next_page_uri": null,
        "uri": format!("/2010-04-01/Accounts/{TWILIO_ACCOUNT}/Messages.json?PageSize=1&Page=0"),
    })))
}

pub(super) async fn create(
    State(twilio): State<Twilio>,
    Path(account): Path<String>,
    _owner: Owner,
    form: Form,
) -> Result<Response, Response> {
    if account != TWILIO_ACCOUNT {
        return Err(Problem(20404).into_response());
    }
    let trouble = twilio.0.troubles.take();
    if let Some(TwilioTrouble::Refuse(code)) = trouble {
        return Err(Problem(code).into_response());
    }
    if let Some(trouble) = trouble {
        tokio::time::sleep(trouble.delay()).await;
    }
    let message = accepted(&form).map_err(IntoResponse::into_response)?;
    let sid = twilio
        .sid("SM")
        .map_err(|_| Problem(20500).into_response())?;

    lock(&twilio.0.sent).push(message.to.clone());
    let lost = match trouble {
        Some(TwilioTrouble::Lose(code)) => Some(code),
        _ => None,
    };
    if lost.is_none() {
        let contact = Contact::Phone(message.to.clone());
        twilio.0.inbox.take(contact, message.body.to_owned());
    }
    let (service, status) = match message.from {
        Some(_) => (None, "queued"),
        None => (Some(TWILIO_MESSAGING_SERVICE), "accepted"),
    };
    let answer = json!({
        "sid": sid, "account_sid": TWILIO_ACCOUNT, "status": status,
        "to": message.to.expose(), "from": message.from,
        "messaging_service_sid": service, "body": message.body,
        "num_segments": segments(message.body).to_string(), "num_media": "0",
        "direction": "outbound-api", "api_version": "2010-04-01",
        "price": null, "price_unit": "USD", "error_code": null, "error_message": null,
        "date_created": jiff::fmt::rfc2822::to_string(&twilio.now().to_zoned(jiff::tz::TimeZone::UTC)).ok(),
        "date_updated": null, "date_sent": null,
        "uri": format!("/2010-04-01/Accounts/{TWILIO_ACCOUNT}/Messages/{sid}.json"),
        "subresource_uris": {},
    });
    if let Some(url) = message.callback {
        twilio.report(Report {
            url,
            sid,
            to: message.to.expose().to_owned(),
            from: message.from.unwrap_or(TWILIO_FROM).to_owned(),
            service,
            lost,
        });
    }
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// What Twilio holds a request to, its magic numbers for tests included.
fn accepted(form: &Form) -> Result<Accepted<'_>, Problem> {
    let (from, service) = (form.field("From"), form.field("MessagingServiceSid"));
    match (from, service) {
        (None, None) => return Err(Problem(21603)),
        (Some("+15005550001"), _) => return Err(Problem(21212)),
        (Some("+15005550007"), _) => return Err(Problem(21606)),
        (Some("+15005550008"), _) => return Err(Problem(21611)),
        (Some(from), None) if from != TWILIO_FROM => return Err(Problem(21606)),
        (_, Some(service)) if service != TWILIO_MESSAGING_SERVICE => return Err(Problem(20404)),
        _ => {}
    }
    let to = form.field("To").unwrap_or_default();
    let to = match to {
        "+15005550001" => return Err(Problem(21211)),
        "+15005550002" => return Err(Problem(21612)),
        "+15005550003" => return Err(Problem(21408)),
        "+15005550004" => return Err(Problem(21610)),
        "+15005550009" => return Err(Problem(21614)),
        to => PhoneNumber::parse(to).ok().filter(|n| n.expose() == to),
    };
    let body = form.field("Body").ok_or(Problem(21602))?;
    if body.chars().count() > 1600 {
        return Err(Problem(21617));
    }
    let validity = form.field("ValidityPeriod").map(str::parse::<u32>);
    if validity.is_some_and(|seconds| !seconds.is_ok_and(|s| (1..=36_000).contains(&s))) {
        return Err(Problem(30203));
    }
    let retained = [
        ("ContentRetention", ["retain", "discard"]),
        ("AddressRetention", ["retain", "obfuscate"]),
    ];
    for (name, known) in retained {
        if form
            .field(name)
            .is_some_and(|value| !known.contains(&value))
        {
            return Err(Problem(20001));
        }
    }
    let callback = form.field("StatusCallback").map(str::parse::<Url>);
    let callback = callback.transpose().map_err(|_| Problem(21609))?;
    if callback
        .as_ref()
        .is_some_and(|url| !matches!(url.scheme(), "http" | "https"))
    {
        return Err(Problem(21609));
    }
    Ok(Accepted {
        to: to.ok_or(Problem(21211))?,
        from: from.filter(|_| service.is_none()),
        body,
        callback,
    })
}

/// How many messages a text is, roughly: whatever is not ASCII makes it
/// sixteen bits a character.
fn segments(text: &str) -> usize {
    let (length, alone, each) = if text.is_ascii() {
        (text.len(), 160, 153)
    } else {
        (text.encode_utf16().count(), 70, 67)
    };
    if length <= alone {
        1
    } else {
        length.div_ceil(each)
    }
}
