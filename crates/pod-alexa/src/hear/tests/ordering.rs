//! Ordering: from the wish to the code on its way.

use std::sync::Arc;
use std::time::Duration;

use expect_test::expect;
use pod_core::ports::{ActivateError, ChallengeError, Ports};
use pod_core::{Currency, Menu};
use pod_testkit::{
    Fakes, MockChallenger, MockCustomers, MockEntropy, MockOrders, MockQuotas, fixtures,
};
use serde_json::json;

use super::talk::{Talk, fault};

#[tokio::test]
async fn an_order_is_confirmed_by_its_code() {
    let mut talk = Talk::with_zoe();

    talk.open().await;
    talk.order("large", "pepperoni and onions").await;
    talk.right_code().await;

    expect![[r#"
        Zoë: open pizza on demand
        Pod: Welcome to Pizza on Demand. You can say, for example: get me a large pizza with pepperoni and onions.
        Zoë: a large pizza with pepperoni and onions
        Pod: I have your order: a large pizza with pepperoni and onions, 18 dollars 50. I sent a code to your phone ending in 42. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
             [card: a large pizza with pepperoni and onions, 18 dollars 50 / Confirm it with the code sent to …42.]
        Zoë: (the right code)
        Pod: Your order is confirmed: a large pizza with pepperoni and onions, 18 dollars 50. Enjoy your meal!
             [card: Confirmed: a large pizza with pepperoni and onions, 18 dollars 50.]
             [the session ends]
    "#]].assert_eq(&talk.transcript);
    assert_eq!(talk.stages(), ["confirmed"]);
}

#[tokio::test]
async fn a_code_goes_to_an_address_where_there_is_no_telephone() {
    let mut talk = Talk::with_zoe();
    talk.fakes
        .customers
        .know(&fixtures::zoe(), vec![fixtures::zoe_email()]);

    talk.order("jumbo", "extra cheese").await;

    expect![[r#"
        Zoë: a jumbo pizza with extra cheese
        Pod: I have your order: a jumbo pizza with extra cheese, 20 dollars. I sent a code to your e-mail address that begins with z. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
             [card: a jumbo pizza with extra cheese, 20 dollars / Confirm it with the code sent to z…@…example.]
    "#]].assert_eq(&talk.transcript);
}

#[tokio::test]
async fn after_an_order_pod_listens_for_its_code() {
    let mut talk = Talk::with_zoe();

    talk.order_any().await;

    assert_eq!(talk.listens_for(), Some("Code"));
    assert_eq!(talk.response()["shouldEndSession"], false);
}

#[tokio::test]
async fn what_is_missing_or_not_sold_is_asked_for() {
    let mut talk = Talk::with_zoe();

    talk.say("get me a pizza", "GetMeSomePizzaIntent").await;
    assert_eq!(talk.listens_for(), Some("Size"));
    talk.order("vast", "onions").await;
    assert_eq!(talk.listens_for(), Some("Size"));
    talk.order("large", "onions and gravel").await;
    assert_eq!(talk.listens_for(), None);

    expect![[r#"
        Zoë: get me a pizza
        Pod: Which size would you like: small, medium, large or jumbo?
        Zoë: a vast pizza with onions
        Pod: I do not have that size. Which size would you like: small, medium, large or jumbo?
        Zoë: a large pizza with onions and gravel
        Pod: I do not have all of those toppings. I have pepperoni, mushrooms, onions, sausage, bacon, extra cheese, black olives, green peppers, pineapple, spinach and chicken. Which pizza would you like?
    "#]].assert_eq(&talk.transcript);
    assert_eq!(talk.stages(), [""; 0]);
}

#[tokio::test]
async fn a_shop_without_toppings_says_so() {
    let fakes = Fakes::with_zoe();
    let ports = fakes.ports();
    let menu = Menu::new(Currency::USD, &[("Oval", 900), ("Square", 950)], &[]).unwrap();
    let mut talk = Talk::at_a_shop(fakes, ports, menu);

    talk.order("oval", "onions").await;

    expect![[r#"
        Zoë: a oval pizza with onions
        Pod: I have no toppings at all. Which pizza would you like?
    "#]]
    .assert_eq(&talk.transcript);
}

#[tokio::test]
async fn what_was_heard_is_never_said_back() {
    let mut talk = Talk::with_zoe();

    for heard in ["482913", "four eight two nine one three", "<audio/>"] {
        talk.order(heard, "onions").await;
        assert!(!talk.answer.to_string().contains(heard), "{}", talk.answer);
        talk.order("large", heard).await;
        assert!(!talk.answer.to_string().contains(heard), "{}", talk.answer);
    }
}

#[tokio::test]
async fn a_message_is_in_the_customers_language() {
    let mut talk = Talk::with_zoe();

    for locale in ["es-MX", "not a locale"] {
        talk.locale = locale;
        talk.order_any().await;
    }

    let deliveries = talk.fakes.courier.deliveries();
    let languages = deliveries.iter().map(|sent| sent.language.as_str());
    assert_eq!(languages.collect::<Vec<_>>(), ["es-MX", "en-US"]);
}

#[tokio::test]
async fn without_a_contact_nothing_is_ordered() {
    let mut talk = Talk::on(Fakes::new());

    talk.order_any().await;

    expect![[r#"
        Zoë: a large pizza with onions
        Pod: I know no verified phone number or e-mail address of yours that I may send a code to. Please add one to your account, and then order again.
             [the session ends]
    "#]].assert_eq(&talk.transcript);
    assert_eq!(talk.stages(), [""; 0]);
}

#[tokio::test]
async fn a_contact_that_cannot_be_reached_has_to_be_looked_after() {
    let mut talk = Talk::with_zoe();
    talk.fakes.courier.lose(&fixtures::zoe_phone());

    talk.order_any().await;

    expect![[r#"
        Zoë: a large pizza with onions
        Pod: I could not reach your phone or e-mail. Please check the contacts in your account, and then order again.
             [the session ends]
    "#]].assert_eq(&talk.transcript);
    assert_eq!(talk.stages(), ["undelivered"]);
}

#[tokio::test]
async fn too_many_orders_have_to_wait() {
    let mut talk = Talk::with_zoe();
    for _ in 0..5 {
        talk.order_any().await;
        talk.fakes.clock.advance(Duration::from_secs(7));
    }
    talk.transcript.clear();

    talk.order_any().await;

    expect![[r#"
        Zoë: a large pizza with onions
        Pod: You have asked for too many codes. Please try again in 10 minutes.
             [the session ends]
    "#]]
    .assert_eq(&talk.transcript);
    assert_eq!(talk.stages().len(), 5);
}

#[tokio::test]
async fn an_order_that_ended_before_its_code_was_sent_says_so() {
    let fakes = Fakes::with_zoe();
    let mut orders = MockOrders::new();
    orders.expect_place().returning(|_, _, _| Ok(()));
    orders
        .expect_activate()
        .returning(|_, _| Err(ActivateError::NotOpen));
    orders
        .expect_close()
        .returning(|_, _, _, _| Err(pod_core::ports::CloseError::NotOpen));
    let ports = Ports {
        orders: Arc::new(orders),
        ..fakes.ports()
    };
    let mut talk = Talk::on_ports(fakes, ports);

    talk.order_any().await;

    expect![[r#"
        Zoë: a large pizza with onions
        Pod: That order was replaced or cancelled in the meantime. To hear more, say: Alexa, ask pizza on demand what became of my order.
             [the session ends]
    "#]].assert_eq(&talk.transcript);
}

/// Ports of which one is broken, for each that placing an order needs.
fn broken_one_by_one(fakes: &Fakes) -> [(&'static str, Ports); 5] {
    let mut customers = MockCustomers::new();
    customers.expect_contacts().returning(|_, _| Err(fault()));
    let mut entropy = MockEntropy::new();
    entropy.expect_fill().returning(|_| Err(fault()));
    let mut keeping = MockOrders::new();
    keeping
        .expect_place()
        .returning(|_, _, _| Err(fault().into()));
    let mut challenger = MockChallenger::new();
    challenger
        .expect_challenge()
        .returning(|_| Err(ChallengeError::Fault(fault())));
    let mut activating = MockOrders::new();
    activating.expect_place().returning(|_, _, _| Ok(()));
    activating
        .expect_activate()
        .returning(|_, _| Err(ActivateError::Fault(fault())));
    activating
        .expect_close()
        .returning(|_, _, _, _| Err(pod_core::ports::CloseError::Fault(fault())));
    let all = || fakes.ports();
    [
        (
            "customers",
            Ports {
                customers: Arc::new(customers),
                ..all()
            },
        ),
        (
            "entropy",
            Ports {
                entropy: Arc::new(entropy),
                ..all()
            },
        ),
        (
            "placing",
            Ports {
                orders: Arc::new(keeping),
                ..all()
            },
        ),
        (
            "challenger",
            Ports {
                challenger: Arc::new(challenger),
                ..all()
            },
        ),
        (
            "activating",
            Ports {
                orders: Arc::new(activating),
                ..all()
            },
        ),
    ]
}

#[tokio::test]
async fn whatever_breaks_the_order_is_to_be_placed_again() {
    let fakes = Fakes::with_zoe();

    for (broken, ports) in broken_one_by_one(&fakes) {
        let mut talk = Talk::on_ports(fakes.clone(), ports);
        talk.order_any().await;

        assert_eq!(talk.outcome, "cannot-send", "{broken}");
        assert_eq!(
            talk.said(),
            "I cannot send codes right now, so your order is not confirmed. \
             Please order again in a few minutes."
        );
        assert!(!talk.stages().contains(&"awaiting_code"), "{broken}");
    }
}

#[tokio::test]
async fn when_a_newer_order_cannot_be_sent_its_code_the_older_one_stands() {
    let mut talk = Talk::with_zoe();
    talk.order("small", "bacon").await;
    let code = talk.fakes.courier.last_code().unwrap();
    talk.fakes.clock.advance(Duration::from_secs(3));
    talk.fakes.courier.lose(&fixtures::zoe_phone());

    talk.order("jumbo", "spinach").await;
    talk.code(code.expose()).await;

    assert_eq!(talk.stages(), ["confirmed", "undelivered"]);
    assert_eq!(
        talk.said(),
        "Your order is confirmed: a small pizza with bacon, 11 dollars. Enjoy your meal!"
    );
}

#[tokio::test]
async fn whether_an_order_could_be_fulfilled_is_told_without_doing_anything() {
    let mut talk = Talk::on_ports(
        Fakes::with_zoe(),
        Ports {
            orders: Arc::new(MockOrders::new()),
            quotas: Arc::new(MockQuotas::new()),
            customers: Arc::new(MockCustomers::new()),
            ..Fakes::with_zoe().ports()
        },
    );
    let order = |size: &str, topping: &str| {
        json!({"name": "GetMeSomePizzaIntent", "slots": {
            "Size": {"value": size}, "Toppings": {"value": topping}, "ToppingTwo": {"name": "ToppingTwo"},
        }})
    };
    let code = json!({"name": "AuthorizePizzaOrderIntent", "slots": {"Code": {"value": "482913"}}});
    let mut verdicts = Vec::new();

    for intent in [
        order("large", "onions"),
        order("?", "onions"),
        order("vast", "onions"),
        order("large", "gravel"),
        code,
        json!({"name": "OrderStatusIntent"}),
        json!({"name": "AMAZON.HelpIntent"}),
    ] {
        let request = json!({"type": "CanFulfillIntentRequest", "intent": intent});
        talk.hear("(somebody else asks)", request).await;
        assert_eq!(talk.said(), "(silence)");
        verdicts.push(talk.response()["canFulfillIntent"].to_string());
    }

    let no = r#"{"canFulfill":"NO"}"#;
    let yes = r#"{"canFulfill":"YES","slots":{"Size":{"canFulfill":"YES","canUnderstand":"YES"},"Toppings":{"canFulfill":"YES","canUnderstand":"YES"}}}"#;
    assert_eq!(
        verdicts,
        [yes, r#"{"canFulfill":"MAYBE"}"#, no, no, no, no, no]
    );
    assert!(talk.fakes.courier.deliveries().is_empty());
}
