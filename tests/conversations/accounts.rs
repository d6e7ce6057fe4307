//! Accounts: who is speaking, and where a code can reach them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use expect_test::expect;
use jiff::SignedDuration;
use pod_core::{Country, Policy};
use pod_emulator::Account;
use pod_testkit::fixtures;
use secrecy::{ExposeSecret, SecretString};

use crate::stage::{ADA, GRACE, Setup, Storage, Talk, Trouble, ada_phone};

played_on_both_stores![
    who_has_linked_no_account_is_sent_to_link_one,
    a_guest_orders_and_learns_nothing_of_the_code,
    who_gets_no_text_message_gets_an_e_mail,
    who_has_no_contact_is_told_so,
    a_token_that_has_expired_is_as_good_as_none,
    a_forged_token_is_as_good_as_none,
    a_token_for_another_api_is_as_good_as_none,
    unusual_names_are_names_like_any_other,
    a_name_without_end_is_nobodys,
];

async fn who_has_linked_no_account_is_sent_to_link_one(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.guest_in_the_hallway("Alexa, open Pizza on Demand")
        .await;
    talk.guest_in_the_hallway("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.guest_in_the_hallway("Alexa, ask Pizza on Demand to get me a pizza")
        .await;
    talk.guest_in_the_hallway("Alexa, tell Pizza on Demand the code is <wrong code>")
        .await;
    talk.guest_in_the_hallway("Alexa, ask Pizza on Demand where is my pizza")
        .await;
    talk.guest_in_the_hallway("Alexa, ask Pizza on Demand for help")
        .await;

    expect![[r#"
        A guest: Alexa, open Pizza on Demand
        Pod: To order, please link your Pizza on Demand account first. I put a card with a link into your Alexa app.
        [card: LinkAccount]
        A guest: Alexa, ask Pizza on Demand for a large pizza
        Pod: To order, please link your Pizza on Demand account first. I put a card with a link into your Alexa app.
        [card: LinkAccount]
        A guest: Alexa, ask Pizza on Demand to get me a pizza
        Pod: To order, please link your Pizza on Demand account first. I put a card with a link into your Alexa app.
        [card: LinkAccount]
        A guest: Alexa, tell Pizza on Demand the code is <wrong code>
        Pod: To order, please link your Pizza on Demand account first. I put a card with a link into your Alexa app.
        [card: LinkAccount]
        A guest: Alexa, ask Pizza on Demand where is my pizza
        Pod: To order, please link your Pizza on Demand account first. I put a card with a link into your Alexa app.
        [card: LinkAccount]
        A guest: Alexa, ask Pizza on Demand for help
        Pod: I take your order, and send a code to your phone or e-mail, so that only you can confirm it. You can say, for example: get me a large pizza with pepperoni and onions. When you have the code, say: the code is, and then the digits. You can also say: send the code again, what became of my order, or cancel my order.
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.messages(), 0);
}

async fn a_guest_orders_and_learns_nothing_of_the_code(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    talk.guest_in_the_kitchen("Alexa, ask Pizza on Demand for a jumbo pizza with pineapple")
        .await;
    talk.guest_in_the_kitchen("repeat that").await;
    talk.guest_in_the_kitchen("where is my code").await;
    talk.guest_in_the_kitchen("Alexa, tell Pizza on Demand the code is <wrong code>")
        .await;
    talk.ada("cancel my order").await;
    talk.ada("yes").await;

    expect![[r#"
        A guest: Alexa, ask Pizza on Demand for a jumbo pizza with pineapple
        Pod: I have your order: a jumbo pizza with pineapple, 20 dollars. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a jumbo pizza with pineapple, 20 dollars Confirm it with the code sent to …42.]
        [sms to …42: <code 1> confirms a jumbo pizza with pineapple, 20.00 USD. It works for 5 minutes.]
        [awaiting code: a jumbo pizza with pineapple]
        A guest: repeat that
        Pod: I have your order: a jumbo pizza with pineapple, 20 dollars. I sent a code to your phone ending in 4 2. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        A guest: where is my code
        Pod: I have only just tried to send the code. If it does not arrive, ask me again in 24 seconds.
        A guest: Alexa, tell Pizza on Demand the code is <wrong code>
        Pod: That is not the right code. You have 2 more attempts. Please say the code again, digit by digit.
        Ada: cancel my order
        Pod: Shall I cancel your order: a jumbo pizza with pineapple, 20 dollars?
        Ada: yes
        Pod: I cancelled your order. Its code is worth nothing any more.
        [cancelled: a jumbo pizza with pineapple]
    "#]].assert_eq(talk.transcript());
    assert_eq!(
        talk.orders_of(ADA).await,
        ["a jumbo pizza with pineapple: cancelled"]
    );
}

async fn who_gets_no_text_message_gets_an_e_mail(storage: Storage) {
    let policy = Policy {
        sms_countries: Some(vec![Country::parse("SE").expect("Sweden")]),
        ..Policy::default()
    };
    let setup = Setup {
        policy,
        ..Setup::default()
    };
    let mut talk = Talk::with(setup, storage).await;
    let mail = fixtures::email("ada@example.com");
    talk.know(ADA, vec![ada_phone(), mail]).await;

    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.ada("<code 1>").await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I have your order: a large pizza, 15 dollars 50. I sent a code to your e-mail address that begins with a. It is good for 5 minutes. Say: the code is, and then the digits one by one. If it takes longer, say: Alexa, tell pizza on demand the code is, and then the digits.
        [card: a large pizza, 15 dollars 50 Confirm it with the code sent to a…@…com.]
        [mail to a…@…com: <code 1> confirms a large pizza, 15.50 USD. It works for 5 minutes.]
        [awaiting code: a large pizza]
        Ada: <code 1>
        Pod: Your order is confirmed: a large pizza, 15 dollars 50. Enjoy your meal!
        [card: Confirmed: a large pizza, 15 dollars 50.]
        [confirmed: a large pizza]
    "#]].assert_eq(talk.transcript());
}

async fn who_has_no_contact_is_told_so(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    talk.know(ADA, Vec::new()).await;

    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    talk.direct("Ada adds a telephone to her account");
    talk.know(ADA, vec![ada_phone()]).await;
    talk.post_is(Trouble::Unknown);
    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I know no verified phone number or e-mail address of yours that I may send a code to. Please add one to your account, and then order again.
        (Ada adds a telephone to her account)
        (the post knows nobody of that name)
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: I could not reach your phone or e-mail. Please check the contacts in your account, and then order again.
        [undelivered: a large pizza]
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: undelivered"]);
}

async fn a_token_that_has_expired_is_as_good_as_none(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    let token = token(&talk, ADA, SignedDuration::from_mins(-5));
    talk.house.echo("hallway").link(Account::Token(token));

    talk.guest_in_the_hallway("Alexa, ask Pizza on Demand for a large pizza")
        .await;

    expect![[r#"
        A guest: Alexa, ask Pizza on Demand for a large pizza
        Pod: Your Pizza on Demand account is no longer linked. Please link it again: I put a card with a link into your Alexa app.
        [card: LinkAccount]
    "#]].assert_eq(talk.transcript());
    assert!(talk.orders_of(ADA).await.is_empty());
}

async fn a_forged_token_is_as_good_as_none(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;
    let token = token(&talk, GRACE, SignedDuration::from_hours(1));
    let forgeries = forgeries(token.expose_secret(), GRACE, ADA);
    talk.cut();

    for (how, forgery) in forgeries {
        talk.direct(how);
        talk.house
            .echo("hallway")
            .link(Account::Token(forgery.into()));
        talk.guest_in_the_hallway("Alexa, tell Pizza on Demand the code is <code 1>")
            .await;
    }

    expect![[r#"
        (the name in the token is changed)
        A guest: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: Your Pizza on Demand account is no longer linked. Please link it again: I put a card with a link into your Alexa app.
        [card: LinkAccount]
        (the token says that it needs no signature)
        A guest: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: Your Pizza on Demand account is no longer linked. Please link it again: I put a card with a link into your Alexa app.
        [card: LinkAccount]
        (the token names another algorithm)
        A guest: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: Your Pizza on Demand account is no longer linked. Please link it again: I put a card with a link into your Alexa app.
        [card: LinkAccount]
        (the token is cut short)
        A guest: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: Your Pizza on Demand account is no longer linked. Please link it again: I put a card with a link into your Alexa app.
        [card: LinkAccount]
        (the token is only a name)
        A guest: Alexa, tell Pizza on Demand the code is <code 1>
        Pod: Your Pizza on Demand account is no longer linked. Please link it again: I put a card with a link into your Alexa app.
        [card: LinkAccount]
    "#]].assert_eq(talk.transcript());
    assert_eq!(talk.orders_of(ADA).await, ["a large pizza: awaiting code"]);
}

async fn a_token_for_another_api_is_as_good_as_none(storage: Storage) {
    let setup = Setup {
        audience: Some("https://bank.example"),
        ..Setup::default()
    };
    let mut talk = Talk::with(setup, storage).await;

    talk.ada("Alexa, ask Pizza on Demand for a large pizza")
        .await;

    expect![[r#"
        Ada: Alexa, ask Pizza on Demand for a large pizza
        Pod: Your Pizza on Demand account is no longer linked. Please link it again: I put a card with a link into your Alexa app.
        [card: LinkAccount]
    "#]].assert_eq(talk.transcript());
}

async fn unusual_names_are_names_like_any_other(storage: Storage) {
    let mut talk = Talk::on(storage).await;
    let names = fixtures::unusual_texts();

    for (name, number) in names.iter().zip(1..) {
        talk.know(name, vec![fixtures::phone(&format!("+1415555{number:04}"))])
            .await;
        talk.house.link("hallway", name);
        talk.guest_in_the_hallway("Alexa, ask Pizza on Demand for a large pizza")
            .await;
        talk.guest_in_the_hallway(&format!("<code {number}>")).await;
    }

    for name in &names {
        assert_eq!(
            talk.orders_of(name).await,
            ["a large pizza: confirmed"],
            "{name}"
        );
    }
    assert_eq!(talk.messages(), names.len() as u64);
}

async fn a_name_without_end_is_nobodys(storage: Storage) {
    let mut talk = Talk::on(storage).await;

    for length in [256, 10_000, 20_000] {
        let name = "x".repeat(length);
        talk.direct(&format!("the name in the token has {length} letters"));
        talk.house.link("hallway", &name);
        talk.guest_in_the_hallway("Alexa, ask Pizza on Demand for a large pizza")
            .await;
    }

    expect![[r#"
        (the name in the token has 256 letters)
        A guest: Alexa, ask Pizza on Demand for a large pizza
        Pod: Your Pizza on Demand account is no longer linked. Please link it again: I put a card with a link into your Alexa app.
        [card: LinkAccount]
        (the name in the token has 10000 letters)
        A guest: Alexa, ask Pizza on Demand for a large pizza
        Pod: Your Pizza on Demand account is no longer linked. Please link it again: I put a card with a link into your Alexa app.
        [card: LinkAccount]
        (the name in the token has 20000 letters)
        A guest: Alexa, ask Pizza on Demand for a large pizza
        Pod: Your Pizza on Demand account is no longer linked. Please link it again: I put a card with a link into your Alexa app.
        [card: LinkAccount]
    "#]].assert_eq(talk.transcript());
}

fn token(talk: &Talk, subject: &str, lifetime: SignedDuration) -> SecretString {
    let tenant = talk.house.tenant.emulator().tenant();
    let token = tenant.issue_token(subject, "openid", lifetime);
    token.expect("a token")
}

/// What can be made of a good token of one customer's to pass for another,
/// without the tenant's key.
fn forgeries(token: &str, own: &str, other: &str) -> Vec<(&'static str, String)> {
    let parts: Vec<&str> = token.split('.').collect();
    let [head, claims, signature] = parts[..] else {
        panic!("a token has three parts");
    };
    let read = |part| String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    let others = read(claims).replace(own, other);
    assert_ne!(others, read(claims));
    let others = URL_SAFE_NO_PAD.encode(others);
    let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let symmetric = URL_SAFE_NO_PAD.encode(read(head).replace("RS256", "HS256"));
    vec![
        (
            "the name in the token is changed",
            format!("{head}.{others}.{signature}"),
        ),
        (
            "the token says that it needs no signature",
            format!("{unsigned}.{others}."),
        ),
        (
            "the token names another algorithm",
            format!("{symmetric}.{others}.{signature}"),
        ),
        ("the token is cut short", format!("{head}.{others}")),
        ("the token is only a name", other.to_owned()),
    ]
}
