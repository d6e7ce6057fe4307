//! Ordering: what there is, what there is not, and how it is confirmed.

use expect_test::expect;
use pod_core::{Currency, Menu};

use crate::stage::{ADA, Setup, Storage, Talk};

played_on_both_stores![
    a_code_confirms_one_order_once,
    the_code_is_said_in_the_same_session,
    a_message_names_what_it_confirms,
    a_code_is_heard_in_pairs_and_digit_by_digit,
    the_size_is_asked_for,
    what_is_not_sold_is_named_with_what_is,
    another_shop_has_another_menu,
];

async fn a_code_confirms_one_order_once(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand to get me a large pizza with pepperoni and onions")
        .await;
    talk.ada("Alexa, tell Pizza on Demand the code is <code 1>")
        .await;
    talk.ada("Alexa, tell Pizza on Demand the code is <code 1>")
        .await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand to get me a large pizza with pepperoni and onions
        Pod: I have your order: a large pizza with pepperoni and onions, 18 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza with pepperoni and onions, 18 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza with pepperoni and onions, 18.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza with pepperoni and onions]
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: Your order is confirmed: a large pizza with pepperoni and onions, 18 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza with pepperoni and onions, 18 dollars 50.]
        [confirmed: a large pizza with pepperoni and onions]
        Ada: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: You have no order that waits for a code. You can say, for example: get me a large pizza with pepperoni and onions.
    "#]].assert_eq(talk.transcript());
    assert_eq!(
        talk.orders_of(ADA).await,
        ["a large pizza with pepperoni and onions: confirmed"]
    );
}

async fn the_code_is_said_in_the_same_session(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, open Pizza on Demand").await;
    talk.ada("a jumbo pizza").await;
    talk.ada("<code 1>").await;

    expect![[r#"
        Ada: Alexa, open Pizza on Demand
        Pod: Welcome to Pizza on Demand. You can say, for example: get me a large pizza with pepperoni and onions.
        Ada: a jumbo pizza
        Pod: I have your order: a jumbo pizza, 18 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a jumbo pizza, 18 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a jumbo pizza, 18.50 USD. It works for 5 minutes.]
        [awaiting code: a jumbo pizza]
        Ada: <code 1>
        Pod: Your order is confirmed: a jumbo pizza, 18 dollars 50. Enjoy your meal!
        [card: Confirmed: a jumbo pizza, 18 dollars 50.]
        [confirmed: a jumbo pizza]
    "#]].assert_eq(talk.transcript());
}

async fn a_message_names_what_it_confirms(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a medium pizza with chicken and extra cheese")
        .await;

    let message = talk.post.inbox.after(0).pop().expect("a message");
    let text = message.expose_text().replace(talk.code(1), "<code>");
    expect![[r#"
        Pizza on demand: <code> confirms a medium pizza with chicken and extra cheese, 15.50 USD. It works for 5 minutes. Not your order? Do nothing.
        @pod.localtest.me #<code>"#]].assert_eq(&text);
}

async fn a_code_is_heard_in_pairs_and_digit_by_digit(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a small pizza")
        .await;
    let code = talk.code(1).to_owned();
    let pairs = [&code[..2], &code[2..4], &code[4..]].join("-");
    talk.ada_intends("AuthorizePizzaOrderIntent", &[("Code", &pairs)])
        .await;
    talk.ada("Alexa, ask Pizza on Demand for a medium pizza")
        .await;
    let code = talk.code(2).to_owned();
    let names = ["DOne", "DTwo", "DThree", "DFour", "DFive", "DSix"];
    let digits: Vec<&str> = code.split("").filter(|digit| !digit.is_empty()).collect();
    let slots: Vec<(&str, &str)> = names.into_iter().zip(digits).collect();
    talk.ada_intends("AuthorizePizzaOrderIntent", &slots).await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a small pizza
        Pod: I have your order: a small pizza, 9 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a small pizza, 9 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a small pizza, 9.50 USD. It works for 5 minutes.]
        [awaiting code: a small pizza]
        Ada: (AuthorizePizzaOrderIntent)
        Pod: Your order is confirmed: a small pizza, 9 dollars 50. Enjoy your meal!
        [card: Confirmed: a small pizza, 9 dollars 50.]
        [confirmed: a small pizza]
        Ada: Alexa, ask Pizza on Demand for a medium pizza
        Pod: I have your order: a medium pizza, 12 dollars 50. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a medium pizza, 12 dollars 50 Confirm it with the code sent to …42.]
        [sms to …42: <code 2> confirms a medium pizza, 12.50 USD. It works for 5 minutes.]
        [awaiting code: a medium pizza]
        Ada: (AuthorizePizzaOrderIntent)
        Pod: Your order is confirmed: a medium pizza, 12 dollars 50. Enjoy your meal!
        [card: Confirmed: a medium pizza, 12 dollars 50.]
        [confirmed: a medium pizza]
    "#]].assert_eq(talk.transcript());
}

async fn the_size_is_asked_for(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand to get me a pizza with bacon")
        .await;
    talk.ada("large").await;
    talk.ada("the code is <code 1>").await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand to get me a pizza with bacon
        Pod: Which size would you like: small, medium, large or jumbo?
        Ada: large
        Pod: I have your order: a large pizza with bacon, 17 dollars. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza with bacon, 17 dollars Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a large pizza with bacon, 17.00 USD. It works for 5 minutes.]
        [awaiting code: a large pizza with bacon]
        Ada: the code is <code 1>
        Pod: Your order is confirmed: a large pizza with bacon, 17 dollars. Enjoy your meal!
        [card: Confirmed: a large pizza with bacon, 17 dollars.]
        [confirmed: a large pizza with bacon]
    "#]].assert_eq(talk.transcript());
}

async fn what_is_not_sold_is_named_with_what_is(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a gigantic pizza with onions")
        .await;
    talk.ada("jumbo").await;
    talk.ada("Alexa, ask Pizza on Demand for a large pizza with onions and gravel")
        .await;
    talk.ada("get me a large pizza with onions").await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a gigantic pizza with onions
        Pod: I do not have that size. Which size would you like: small, medium, large or jumbo?
        Ada: jumbo
        Pod: I have your order: a jumbo pizza with onions, 20 dollars. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a jumbo pizza with onions, 20 dollars Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a jumbo pizza with onions, 20.00 USD. It works for 5 minutes.]
        [awaiting code: a jumbo pizza with onions]
        Ada: Alexa, ask Pizza on Demand for a large pizza with onions and gravel
        Pod: I do not have all of those toppings. I have pepperoni, mushrooms, onions, sausage, bacon, extra cheese, black olives, green peppers, pineapple, spinach and chicken. Which pizza would you like?
        Ada: get me a large pizza with onions
        Pod: I have your order: a large pizza with onions, 17 dollars. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza with onions, 17 dollars Confirm it with the code sent to …42.]
        [sms to …42: <code 2> confirms a large pizza with onions, 17.00 USD. It works for 5 minutes.]
        [superseded: a jumbo pizza with onions]
        [awaiting code: a large pizza with onions]
    "#]].assert_eq(talk.transcript());
}

async fn another_shop_has_another_menu(storage: Storage) {
    let sizes = [("Piccola", 700), ("Famiglia", 1905)];
    let toppings = [("Buffalo mozzarella", 200), ("Rucola", 95)];
    let euro = Currency::parse("EUR").expect("a currency");
    let menu = Menu::new(euro, &sizes, &toppings).expect("a menu");
    let setup = Setup {
        menu,
        ..Setup::default()
    };
    let mut talk = Talk::with(setup, storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.ada("famiglia").await;
    talk.ada("Alexa, ask Pizza on Demand for a piccola pizza with rucola and buffalo mozzarella")
        .await;
    talk.ada("the code is <code 2>").await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I do not have that size. Which size would you like: piccola or famiglia?
        Ada: famiglia
        Pod: I have your order: a famiglia pizza, 19 euros and 5 cents. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a famiglia pizza, 19 euros and 5 cents Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a famiglia pizza, 19.05 EUR. It works for 5 minutes.]
        [awaiting code: a famiglia pizza]
        Ada: Alexa, ask Pizza on Demand for a piccola pizza with rucola and buffalo mozzarella
        Pod: I have your order: a piccola pizza with rucola and buffalo mozzarella, 9 euros 95. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a piccola pizza with rucola and buffalo mozzarella, 9 euros 95 Confirm it with the code sent to …42.]
        [sms to …42: <code 2> confirms a piccola pizza with rucola and buffalo mozzarella, 9.95 EUR. It works for 5 minutes.]
        [superseded: a famiglia pizza]
        [awaiting code: a piccola pizza with rucola and buffalo mozzarella]
        Ada: the code is <code 2>
        Pod: Your order is confirmed: a piccola pizza with rucola and buffalo mozzarella, 9 euros 95. Enjoy your meal!
        [card: Confirmed: a piccola pizza with rucola and buffalo mozzarella, 9 euros 95.]
        [confirmed: a piccola pizza with rucola and buffalo mozzarella]
    "#]].assert_eq(talk.transcript());
}
