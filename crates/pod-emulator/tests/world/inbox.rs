//! The inbox: what a message says, and how it is read.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::Method;
use pod_core::ports::{Clock as _, Courier as _, Delivery};
use pod_core::{
    ChallengeId, Code, Contact, Currency, CustomerId, Deadline, EmailAddress, Item, Language,
    Money, Nonce, OrderId, PhoneNumber, PlacedOrder, Seed,
};
use pod_emulator::{Emulator, Inbox};
use serde_json::json;

use crate::support::{StandingClock, ask, config};

pub(crate) fn ada() -> Contact {
    Contact::Phone(PhoneNumber::parse("+14155550142").unwrap())
}

fn grace() -> Contact {
    Contact::Email(EmailAddress::parse("grace@mail.example.com").unwrap())
}

fn inbox() -> Inbox {
    Inbox::new(
        "Pizza on demand",
        "pod.example.com",
        Arc::new(StandingClock),
    )
}

pub(crate) async fn deliver(inbox: &Inbox, contact: &Contact, code: &str) {
    let amount = Money::new(1850, Currency::USD);
    let item = Item::new("pizza", "a large pizza with onions", Some(amount), "{}").unwrap();
    let placed_at = StandingClock.now();
    let order = PlacedOrder {
        id: OrderId::new(placed_at, [7; 10]),
        customer: CustomerId::parse("auth0|ada").unwrap(),
        item,
        placed_at,
        seed: Seed {
            challenge: ChallengeId::from_bytes([1; 16]),
            nonce: Nonce::from_bytes([2; 16]),
        },
    };
    let delivery = Delivery {
        contact,
        code: &Code::parse(code).unwrap(),
        order: &order,
        sent_at: placed_at,
        lifetime: Duration::from_mins(5),
        others_left: false,
        language: &Language::default(),
        deadline: Deadline::at(Instant::now() + Duration::from_secs(5)),
    };
    inbox.deliver(&delivery).await.unwrap();
}

#[tokio::test]
async fn a_message_says_what_is_being_approved() {
    let inbox = inbox();

    deliver(&inbox, &ada(), "482913").await;

    let message = inbox.latest_for(&ada()).unwrap();
    assert_eq!(
        message.expose_text(),
        "Pizza on demand: 482913 confirms a large pizza with onions, 18.50 USD. It works for 5 minutes. Not your order? \
         Do nothing.\n@pod.example.com #482913"
    );
    assert!(message.expose_text().len() <= 160);
    assert_eq!(message.code().unwrap().expose(), "482913");
}

#[tokio::test]
async fn everybody_finds_the_newest_message_of_ones_own() {
    let inbox = inbox();

    deliver(&inbox, &ada(), "111111").await;
    deliver(&inbox, &grace(), "222222").await;
    deliver(&inbox, &ada(), "333333").await;

    let code = |contact: &Contact| {
        inbox
            .latest_for(contact)
            .unwrap()
            .code()
            .unwrap()
            .expose()
            .to_owned()
    };
    assert_eq!(
        (code(&ada()), code(&grace())),
        ("333333".to_owned(), "222222".to_owned())
    );
    assert_eq!(inbox.after(1).len(), 2);
}

#[tokio::test]
async fn who_waits_gets_the_next_message_and_nobody_elses() {
    let inbox = inbox();
    let ada = ada();
    deliver(&inbox, &ada, "111111").await;
    let newest = inbox.newest();

    let (message, ()) = tokio::join!(inbox.wait_for_next(&ada, newest), async {
        deliver(&inbox, &grace(), "222222").await;
        tokio::task::yield_now().await;
        deliver(&inbox, &ada, "333333").await;
    });

    assert_eq!(message.number(), 3);
}

#[tokio::test]
async fn old_messages_make_room() {
    let inbox = inbox();

    for _ in 0..1001 {
        deliver(&inbox, &ada(), "111111").await;
    }

    let kept = inbox.after(0);
    assert_eq!(
        (kept.len(), kept[0].number(), inbox.newest()),
        (1000, 2, 1001)
    );
}

#[tokio::test]
async fn neither_code_nor_number_is_shown_by_accident() {
    let inbox = inbox();

    deliver(&inbox, &ada(), "482913").await;

    let shown = format!("{inbox:?} {:?}", inbox.latest_for(&ada()));
    assert!(
        !shown.contains("482913") && !shown.contains("4155550142"),
        "{shown}"
    );
}

#[tokio::test]
async fn the_inbox_is_read_and_waited_for_over_http() {
    let emulator = Emulator::start(config("http://127.0.0.1:1/"))
        .await
        .unwrap();
    let read = |path| ask(emulator.address(), Method::GET, path, None);
    deliver(emulator.inbox(), &ada(), "482913").await;

    let (_, first) = read("/inbox").await;
    let ((_, second), ()) = tokio::join!(read("/inbox?after=1&wait=20"), async {
        tokio::task::yield_now().await;
        deliver(emulator.inbox(), &grace(), "571204").await;
    });
    let (_, nothing) = read("/inbox?after=2").await;

    assert_eq!(first.as_array().unwrap().len(), 1);
    assert_eq!(first[0]["to"], "…42");
    assert_eq!(first[0]["channel"], "phone");
    assert!(first[0]["text"].as_str().unwrap().ends_with("#482913"));
    assert_eq!(
        (&second[0]["number"], &second[0]["at"]),
        (&json!(2), &json!("2026-11-22T11:43:17.25Z"))
    );
    assert_eq!(nothing, json!([]));
}
