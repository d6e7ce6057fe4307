//! Who is speaking: a linked account, or the way to one.

use std::time::Duration;

use expect_test::expect;
use pod_core::ports::AccessToken;
use pod_testkit::Fakes;
use serde_json::json;

use super::talk::{TOKEN, Talk};

/// Everything that needs to know who is speaking.
const PERSONAL: [&str; 4] = [
    "AuthorizePizzaOrderIntent",
    "ResendCodeIntent",
    "OrderStatusIntent",
    "CancelOrderIntent",
];

#[tokio::test]
async fn without_an_account_there_is_a_card_to_link_one() {
    let mut talk = Talk::with_zoe();
    talk.token = None;

    talk.order_any().await;

    expect![[r#"
        Zoë: a large pizza with onions
        Pod: To order, please link your Pizza on Demand account first. I put a card with a link into your Alexa app.
             [card: LinkAccount]
             [the session ends]
    "#]].assert_eq(&talk.transcript);
    talk.open().await;
    assert_eq!(talk.response()["card"], json!({"type": "LinkAccount"}));
    for intent in PERSONAL {
        talk.say("(something)", intent).await;
        assert_eq!(
            talk.response()["card"],
            json!({"type": "LinkAccount"}),
            "{intent}"
        );
    }
}

#[tokio::test]
async fn nobody_is_asked_for_a_size_before_the_account() {
    let mut talk = Talk::with_zoe();
    talk.token = None;

    talk.say("get me a pizza", "GetMeSomePizzaIntent").await;

    assert_eq!(talk.outcome, "link-account");
}

#[tokio::test]
async fn an_account_whose_token_is_no_longer_good_has_to_be_linked_again() {
    let mut talk = Talk::with_zoe();
    talk.fakes
        .authenticator
        .revoke(&AccessToken::parse(TOKEN).unwrap());

    talk.order_any().await;

    expect![[r#"
        Zoë: a large pizza with onions
        Pod: Your Pizza on Demand account is no longer linked. Please link it again: I put a card with a link into your Alexa app.
             [card: LinkAccount]
             [the session ends]
    "#]].assert_eq(&talk.transcript);
    for token in [
        "somebody-elses",
        "no token",
        "naïve",
        "\n",
        &"x".repeat(16_385),
    ] {
        talk.token = Some(token.to_owned());
        talk.order_any().await;
        assert_eq!(talk.outcome, "link-account-again", "{token}");
    }
}

#[tokio::test]
async fn an_account_whose_token_lacks_the_scope_has_to_be_linked_again() {
    let mut talk = Talk::with_zoe().requiring("order:pizza", "openid order read:orders");

    talk.order_any().await;

    expect![[r#"
        Zoë: a large pizza with onions
        Pod: Your Pizza on Demand account is no longer linked. Please link it again: I put a card with a link into your Alexa app.
             [card: LinkAccount]
             [the session ends]
    "#]].assert_eq(&talk.transcript);
    for intent in PERSONAL {
        talk.say("(something)", intent).await;
        assert_eq!(talk.outcome, "link-account-again", "{intent}");
        assert_eq!(
            talk.response()["card"],
            json!({"type": "LinkAccount"}),
            "{intent}"
        );
    }
    assert_eq!(talk.stages(), [""; 0]);
    assert_eq!(talk.fakes.courier.deliveries().len(), 0);
}

#[tokio::test]
async fn an_account_whose_token_has_the_scope_orders() {
    let mut talk = Talk::with_zoe().requiring("order:pizza", "openid order:pizza");

    talk.order_any().await;
    talk.right_code().await;

    assert_eq!(talk.stages(), ["confirmed"]);
}

#[tokio::test]
async fn who_needs_no_account_gets_an_answer_without_one() {
    let mut talk = Talk::with_zoe();
    talk.token = None;

    for (intent, outcome) in [
        ("AMAZON.HelpIntent", "help"),
        ("AMAZON.StopIntent", "goodbye"),
        ("AMAZON.FallbackIntent", "not-understood"),
    ] {
        talk.say("(something)", intent).await;
        assert_eq!(talk.outcome, outcome);
    }
}

#[tokio::test(start_paused = true)]
async fn when_it_cannot_be_found_out_who_is_speaking_nothing_is_done() {
    let mut talk = Talk::on(Fakes::with_zoe());
    talk.order_any().await;
    talk.fakes.clock.advance(Duration::from_secs(31));
    talk.fakes.authenticator.fall_silent();
    talk.transcript.clear();

    talk.right_code().await;

    expect![[r#"
        Zoë: (the right code)
        Pod: I cannot check your account right now, and nothing was done. Please try again in a minute.
             [the session ends]
    "#]].assert_eq(&talk.transcript);
    for intent in PERSONAL {
        talk.say("(something)", intent).await;
        assert_eq!(talk.outcome, "unrecognised", "{intent}");
    }
    assert_eq!(talk.stages(), ["awaiting_code"]);
    assert_eq!(talk.attempts(), 0);
    assert_eq!(talk.fakes.courier.deliveries().len(), 1);
}
