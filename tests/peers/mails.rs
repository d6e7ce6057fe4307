//! Mail by servers that others wrote: aiosmtpd in every way that a server can
//! be protected, and Postfix. What has arrived is read by Python's own parser.

use std::time::{Duration, Instant};

use pod_core::ports::{Courier as _, DeliverError, Delivery};
use pod_core::{Code, Contact, Deadline, Item, Language, PlacedOrder};
use pod_delivery::{MailFrom, SmtpConfig, SmtpCourier, SmtpUrl, Words};
use pod_testkit::fixtures::{email, order, zoe};
use serde_json::Value;

use crate::{deadline, peer};

const LOGIN: &str = "pod:mail-password-42@";

fn words() -> Words {
    Words::new("Pizza on Demand", "pod.example.com").unwrap()
}

/// A courier to one of the servers.
fn courier(scheme: &str, login: &str, server: &str, rest: &str) -> SmtpCourier {
    let url = format!("{scheme}://{login}{}{rest}", peer(server));
    let config = SmtpConfig {
        server: SmtpUrl::parse(&url).unwrap(),
        from: MailFrom::parse("Pizza på begäran <codes@example.com>").unwrap(),
        connections: 2,
    };
    SmtpCourier::new(config, words()).unwrap()
}

fn implicit() -> SmtpCourier {
    courier("smtps", LOGIN, "PEER_MAIL_IMPLICIT", "")
}

/// An order of a kind that only this test places, so that its mail is known.
fn order_of(summary: &str) -> PlacedOrder {
    let first = order(1, &zoe());
    PlacedOrder {
        item: Item::new("pizza", summary, first.item.amount(), "").unwrap(),
        ..first
    }
}

async fn send(
    courier: &SmtpCourier,
    to: &Contact,
    summary: &str,
    language: &str,
) -> Result<(), DeliverError> {
    let order = order_of(summary);
    let language = Language::parse(language).unwrap();
    courier
        .deliver(&delivery(&order, to, &code(), &language))
        .await
}

fn code() -> Code {
    Code::parse("482913").unwrap()
}

fn delivery<'a>(
    order: &'a PlacedOrder,
    contact: &'a Contact,
    code: &'a Code,
    language: &'a Language,
) -> Delivery<'a> {
    Delivery {
        contact,
        code,
        order,
        sent_at: order.placed_at,
        others_left: false,
        lifetime: Duration::from_mins(5),
        language,
        deadline: deadline(),
    }
}

/// The mails that name an item, once there is one.
async fn arrived(summary: &str) -> Vec<Value> {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let all = std::fs::read_to_string(peer("PEER_MAIL_ARRIVED")).unwrap();
        // What is being written has no end yet.
        let whole = all.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let mails = whole
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        let names = |mail: &Value| mail["plain"].as_str().unwrap().contains(summary);
        let mails: Vec<Value> = mails.filter(names).collect();
        if !mails.is_empty() {
            return mails;
        }
        assert!(Instant::now() < until, "no mail has arrived");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Whether a server may be tried again later; `None` if the contact cannot be
/// reached.
fn is_temporary(outcome: Result<(), DeliverError>) -> Option<bool> {
    match outcome.expect_err("not taken") {
        DeliverError::Undeliverable => None,
        DeliverError::Fault(fault) => Some(fault.is_temporary()),
    }
}

/// What a fault says of its cause.
fn told(outcome: Result<(), DeliverError>) -> String {
    let error = outcome.expect_err("not taken");
    let first: Option<&dyn std::error::Error> = Some(&error);
    let causes = std::iter::successors(first, |error| error.source());
    let told: Vec<String> = causes.map(ToString::to_string).collect();
    told.join("; ")
}

#[tokio::test]
#[ignore = "needs aiosmtpd: tests/peers/run"]
async fn a_mail_in_every_language_is_read_back_as_it_was_written() {
    let courier = implicit();
    for language in [
        "en-US", "de-DE", "es-ES", "fr-FR", "it-IT", "ja-JP", "pt-BR", "hi-IN",
    ] {
        let item = format!("a pizza “Ærlig” with jalapeños for {language} 🍕");
        let to = email("ada@example.com");
        send(&courier, &to, &item, language).await.expect("taken");

        let mails = arrived(&item).await;

        let [mail] = &mails[..] else {
            panic!("{} mails", mails.len());
        };
        let (order, code) = (order_of(&item), code());
        let language = Language::parse(language).unwrap();
        let written = words().mail(&delivery(&order, &to, &code, &language));
        assert_eq!(mail["defects"].as_array().unwrap().len(), 0, "{mail}");
        assert_eq!(mail["kind"], "multipart/alternative");
        let plain = mail["plain"].as_str().unwrap().replace("\r\n", "\n");
        let html = mail["html"].as_str().unwrap().replace("\r\n", "\n");
        assert_eq!(plain.trim_end(), written.text.trim_end());
        assert_eq!(html.trim_end(), written.html.trim_end());
        let headers = &mail["headers"];
        assert_eq!(headers["subject"], written.subject.as_str());
        assert_eq!(headers["from"], "Pizza på begäran <codes@example.com>");
        assert_eq!(headers["to"], "ada@example.com");
        assert_eq!(headers["auto-submitted"], "auto-generated");
        assert!(!headers.to_string().contains("482913"), "{headers}");
    }
}

#[tokio::test]
#[ignore = "needs aiosmtpd: tests/peers/run"]
async fn an_address_that_is_not_ascii_is_written_to() {
    let item = "a pizza for Zoë";
    let to = email("zoë@exämple.com");

    send(&implicit(), &to, item, "en-US").await.expect("taken");

    assert_eq!(arrived(item).await[0]["headers"]["to"], "zoë@exämple.com");
}

#[tokio::test]
#[ignore = "needs aiosmtpd: tests/peers/run"]
async fn starttls_is_used_where_it_is_required() {
    let courier = courier("smtp", LOGIN, "PEER_MAIL_STARTTLS", "?tls=required");
    for n in 0..3 {
        let item = format!("a pizza by STARTTLS {n}");
        let sent = send(&courier, &email("ada@example.com"), &item, "en-US").await;
        sent.expect("taken");
        assert_eq!(arrived(&item).await[0]["server"], "STARTTLS");
    }
    courier.check(deadline()).await.expect("it takes mail");
}

#[tokio::test]
#[ignore = "needs aiosmtpd: tests/peers/run"]
async fn nobody_is_told_a_password_or_a_code_who_is_not_protected_or_not_trusted() {
    for (scheme, server, rest) in [
        // Somebody on the way has taken STARTTLS out of the answer.
        ("smtp", "PEER_MAIL_STRIPPED", "?tls=required"),
        ("smtps", "PEER_MAIL_STRANGE", ""),
        ("smtp", "PEER_MAIL_STRANGE_STARTTLS", "?tls=required"),
        ("smtps", "PEER_MAIL_MISNAMED", ""),
    ] {
        let courier = courier(scheme, LOGIN, server, rest);
        let item = format!("a pizza for {server}");

        let outcome = send(&courier, &email("ada@example.com"), &item, "en-US").await;

        let told = told(outcome);
        assert!(told.contains("no protected connection"), "{server}: {told}");
        assert!(courier.check(deadline()).await.is_err());
        let all = std::fs::read_to_string(peer("PEER_MAIL_ARRIVED")).unwrap();
        assert!(!all.contains(&item));
    }
}

#[tokio::test]
#[ignore = "needs aiosmtpd: tests/peers/run"]
async fn a_server_that_does_not_speak_tls_is_given_up_in_time() {
    let courier = courier("smtps", LOGIN, "PEER_MAIL_STRIPPED", "");
    let soon = Deadline::at(Instant::now() + Duration::from_secs(2));

    let refused = courier.check(soon).await.expect_err("it speaks no TLS");

    assert!(
        Instant::now() < soon.instant() + Duration::from_secs(1),
        "{refused}"
    );
}

#[tokio::test]
#[ignore = "needs aiosmtpd: tests/peers/run"]
async fn a_wrong_password_is_something_to_set_right() {
    for (scheme, server, rest) in [
        ("smtps", "PEER_MAIL_IMPLICIT", ""),
        ("smtp", "PEER_MAIL_STARTTLS", "?tls=required"),
    ] {
        let courier = courier(scheme, "pod:wrong@", server, rest);

        let outcome = send(&courier, &email("ada@example.com"), "a pizza", "en-US").await;

        let told = told(outcome);
        assert!(told.contains("did not accept user and password"), "{told}");
        assert!(!told.contains("wrong"), "{told}");
    }
    // The server lets nobody send who has not said who it is.
    let courier = courier("smtps", "", "PEER_MAIL_IMPLICIT", "");
    let outcome = send(&courier, &email("ada@example.com"), "a pizza", "en-US").await;
    assert_eq!(is_temporary(outcome), Some(false));
}

#[tokio::test]
#[ignore = "needs aiosmtpd: tests/peers/run"]
async fn a_greylisted_mail_is_taken_at_the_second_try() {
    let item = "a pizza for somebody new";

    let sent = send(&implicit(), &email("grey-ada@example.com"), item, "en-US").await;

    sent.expect("taken");
    assert_eq!(arrived(item).await.len(), 1);
}

#[tokio::test]
#[ignore = "needs aiosmtpd: tests/peers/run"]
async fn who_is_not_there_is_not_reached_and_who_is_busy_may_be_later() {
    let courier = implicit();
    for (to, temporary) in [("gone@example.com", None), ("busy@example.com", Some(true))] {
        let outcome = send(&courier, &email(to), "a pizza", "en-US").await;
        assert_eq!(is_temporary(outcome), temporary, "{to}");
    }
    // The connection was not the contact's fault.
    let item = "a pizza after a refusal";
    let sent = send(&courier, &email("ada@example.com"), item, "en-US").await;
    sent.expect("taken");
    assert_eq!(arrived(item).await.len(), 1);
}

#[tokio::test]
#[ignore = "needs postfix: tests/peers/run"]
async fn postfix_takes_a_mail_and_passes_it_on_unchanged() {
    for (scheme, server, rest) in [
        ("smtp", "PEER_POSTFIX_STARTTLS", "?tls=required"),
        ("smtps", "PEER_POSTFIX_IMPLICIT", ""),
    ] {
        let courier = courier(scheme, "", server, rest);
        let to = email("ada@example.com");
        let item = format!("a pizza “Ærlig” by {server} 🍕");
        courier.check(deadline()).await.expect("it takes mail");

        send(&courier, &to, &item, "hi-IN").await.expect("taken");

        let mails = arrived(&item).await;
        let (order, code) = (order_of(&item), code());
        let language = Language::parse("hi-IN").unwrap();
        let written = words().mail(&delivery(&order, &to, &code, &language));
        assert_eq!(mails[0]["server"], "RELAY");
        assert_eq!(mails[0]["defects"].as_array().unwrap().len(), 0);
        assert_eq!(mails[0]["headers"]["subject"], written.subject.as_str());
        let plain = mails[0]["plain"].as_str().unwrap().replace("\r\n", "\n");
        assert_eq!(plain.trim_end(), written.text.trim_end());
    }
}

#[tokio::test]
#[ignore = "needs postfix: tests/peers/run"]
async fn postfix_does_not_pass_on_what_it_may_not() {
    let courier = courier("smtp", "", "PEER_POSTFIX_STARTTLS", "?tls=required");

    let outcome = send(
        &courier,
        &email("ada@elsewhere.example"),
        "a pizza",
        "en-US",
    )
    .await;

    // 554 5.7.1: something to set right, and no fault of the contact's.
    assert_eq!(is_temporary(outcome), Some(false));
}
