//! Who may listen to what.

use pod_core::{CustomerId, Pepper};
use pod_pusher::{PusherChannels, Unauthorized};
use pod_testkit::fixtures::{bjorn, customer, unusual_texts, zoe};
use serde_json::Value;

use crate::far_end::{KEY, channels, config};

const SOCKET: &str = "1234.1234";

fn refused(customer: &CustomerId, socket_id: &str, channel: &str) -> Unauthorized {
    let answer = channels().authorize(customer, socket_id, channel);
    answer.expect_err(&format!("{socket_id:?} {channel:?}"))
}

#[test]
fn a_customer_may_listen_to_the_channel_of_its_own() {
    for customer in unusual_texts().iter().map(|name| customer(name)) {
        let channel = channels().channel(&customer);

        let answer = channels().authorize(&customer, SOCKET, &channel).unwrap();

        let answer: Value = serde_json::from_str(&answer).unwrap();
        let (key, signature) = answer["auth"].as_str().unwrap().split_once(':').unwrap();
        assert_eq!(answer.as_object().unwrap().len(), 1);
        assert_eq!(key, KEY);
        assert_eq!(signature.len(), 64);
    }
}

#[test]
fn a_channel_is_private_and_its_name_tells_nothing_without_the_pepper() {
    let name = channels().channel(&zoe());
    let other_pepper = Pepper::derived(b"another pepper");
    let others = PusherChannels::new(&config("push.example.com"), other_pepper);

    let digits = name.strip_prefix("private-orders-").unwrap();
    assert_eq!(digits.len(), 32);
    assert!(digits.bytes().all(|b| b.is_ascii_hexdigit()));
    assert_ne!(name, others.channel(&zoe()));
    assert_ne!(name, channels().channel(&bjorn()));
    assert_eq!(name, channels().channel(&zoe()));
}

#[test]
fn nobody_may_listen_to_somebody_elses_channel() {
    let theirs = channels().channel(&bjorn());

    assert_eq!(refused(&zoe(), SOCKET, &theirs), Unauthorized::Channel);
}

#[test]
fn a_channel_is_the_customers_own_to_the_letter() {
    let own = channels().channel(&zoe());
    let theirs = channels().channel(&bjorn());

    for channel in [
        format!("{own}-more"),
        format!("{own}0"),
        format!("{own}\0"),
        format!("{own}\n"),
        format!("{own} "),
        format!("{own},{theirs}"),
        format!("{own}:{{}}"),
        format!(" {own}"),
        own[..own.len() - 1].to_owned(),
        own.to_uppercase(),
        own.replace("private-", "presence-"),
        own.replace("private-", "private-encrypted-"),
        own.replace("private-", "private-cache-"),
        own.replace("private-", ""),
        "private-orders-".to_owned(),
        String::new(),
    ] {
        assert_eq!(
            refused(&zoe(), SOCKET, &channel),
            Unauthorized::Channel,
            "{channel:?}"
        );
    }
}

#[test]
fn a_malformed_socket_id_is_not_signed() {
    let own = channels().channel(&zoe());
    let theirs = channels().channel(&bjorn());

    for socket_id in [
        "",
        ".",
        "1234",
        "1234.",
        ".1234",
        "1234.1234.1234",
        "1234,1234",
        "-1.1",
        "+1.1",
        "1.1 ",
        " 1.1",
        "1.1\n",
        "1.1\0",
        "a.b",
        "0x1.1",
        "1e3.1",
        "１.１",
        "١.١",
        "1234.1234:",
        // As if the other's channel had been asked for.
        &format!("1234.1234:{theirs}"),
        // As if somebody signed in.
        "1234.1234::user::{\"id\":\"1\"}",
        "1234.1234\nPOST",
    ] {
        assert_eq!(
            refused(&zoe(), socket_id, &own),
            Unauthorized::SocketId,
            "{socket_id:?}"
        );
    }
}

#[test]
fn an_authorization_is_for_one_socket() {
    let own = channels().channel(&zoe());

    let one = channels().authorize(&zoe(), SOCKET, &own);
    let other = channels().authorize(&zoe(), "1234.1235", &own);

    assert_ne!(one, other);
}
