//! Things to test with: all distinct, every field filled, no round times, and
//! names that are not ASCII.
#![expect(
    clippy::missing_panics_doc,
    reason = "a fixture is good, or every test that uses it fails"
)]

use std::time::{Duration, Instant};

use pod_core::ports::{Claim, ReplyKey, RequestDigest};
use pod_core::{
    Challenge, ChallengeId, Code, CodeKeys, ConfirmOrder, Contact, Currency, CustomerId, Deadline,
    EmailAddress, Handle, Item, Language, Money, Nonce, OrderId, PhoneNumber, PlaceOrder,
    PlacedOrder, ResendCode, Seed, Timestamp,
};

/// The time at which tests begin: a Sunday evening, to the microsecond.
#[must_use]
pub fn start() -> Timestamp {
    Timestamp::from_microsecond(1_795_370_863_219_517).expect("a time of this century")
}

/// The time so many seconds after [`start`], or before it.
#[must_use]
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_microsecond(start().as_microsecond() + seconds * 1_000_000)
        .expect("a time near the start")
}

/// A moment that is far enough for everything that works.
#[must_use]
pub fn deadline() -> Deadline {
    Deadline::at(Instant::now() + Duration::from_secs(20))
}

/// Zoë, a customer.
#[must_use]
pub fn zoe() -> CustomerId {
    customer("auth0|zoë-Ω'\"--")
}

/// Björn, another customer; the name begins as Zoë's does.
#[must_use]
pub fn bjorn() -> CustomerId {
    customer("auth0|zoë-Ω'\"--björn")
}

/// The customer of that name.
#[must_use]
pub fn customer(name: &str) -> CustomerId {
    CustomerId::parse(name).expect("a customer's name")
}

/// Zoë's telephone, in the United States.
#[must_use]
pub fn zoe_phone() -> Contact {
    phone("+14155550142")
}

/// Zoë's e-mail address.
#[must_use]
pub fn zoe_email() -> Contact {
    email("zoë.o'hara+pod@münchen.example")
}

/// Björn's telephone, in Sweden.
#[must_use]
pub fn bjorn_phone() -> Contact {
    phone("+46701740605")
}

/// The telephone with that number.
#[must_use]
pub fn phone(number: &str) -> Contact {
    Contact::Phone(PhoneNumber::parse(number).expect("a telephone number"))
}

/// The mailbox with that address.
#[must_use]
pub fn email(address: &str) -> Contact {
    Contact::Email(EmailAddress::parse(address).expect("an e-mail address"))
}

/// Something to eat, with every part filled.
#[must_use]
pub fn pizza() -> Item {
    Item::new(
        "pizza",
        "a large pizza with jalapeños",
        Some(Money::new(1850, Currency::USD)),
        r#"{"size":"large","toppings":["jalapeños"],"note":"it's \"hot\"; 100%_"}"#,
    )
    .expect("an item")
}

/// Something that nobody eats, with every part filled.
#[must_use]
pub fn transfer() -> Item {
    Item::new(
        "transfer",
        "a transfer of 250 euros to Håkon",
        Some(Money::new(
            25_000,
            Currency::parse("EUR").expect("a currency"),
        )),
        "NO93 8601 1117 947",
    )
    .expect("an item")
}

/// A customer's `n`-th order: no part of it is like another's, and those with
/// a greater `n` are newer, by one second and a bit for each.
#[must_use]
pub fn order(n: u32, customer: &CustomerId) -> PlacedOrder {
    let placed_at =
        Timestamp::from_microsecond(start().as_microsecond() + i64::from(n) * 1_000_003)
            .expect("a time near the start");
    let mut byte = scrambled(n, customer.as_str());
    let item = Item::new(
        "pizza",
        &format!("pizza № {n} with jalapeños"),
        Some(Money::new(
            1000 + u64::from(n),
            Currency::parse("SEK").expect("a currency"),
        )),
        &format!(r#"{{"size":"large","toppings":["jalapeños"],"n":{n},"note":"it's \"hot\""}}"#),
    );
    PlacedOrder {
        id: OrderId::new(placed_at, std::array::from_fn(|_| byte())),
        customer: customer.clone(),
        item: item.expect("an item"),
        placed_at,
        seed: Seed {
            challenge: ChallengeId::from_bytes(std::array::from_fn(|_| byte())),
            nonce: Nonce::from_bytes(std::array::from_fn(|_| byte())),
        },
    }
}

/// The challenge of an order, sent a moment after it was placed, and good for
/// 300 seconds from then on.
#[must_use]
pub fn challenge(order: &PlacedOrder) -> Challenge {
    challenge_sent(order, order.placed_at + Duration::from_micros(412_345))
}

/// The challenge of an order, sent at `sent_at`, and good for 300 seconds from
/// then on.
#[must_use]
pub fn challenge_sent(order: &PlacedOrder, sent_at: Timestamp) -> Challenge {
    Challenge {
        handle: Handle::parse(&format!("6.clé-{}'\"", order.id)).expect("a handle"),
        sent_to: zoe_email().masked(),
        instead_of: None,
        sent_at,
        expires_at: sent_at + Duration::from_mins(5),
    }
}

/// A language that is not the default.
#[must_use]
pub fn language() -> Language {
    Language::parse("es-MX").expect("a language")
}

/// Two keys to derive codes with, `new` and `old`.
#[must_use]
pub fn code_keys() -> CodeKeys {
    CodeKeys::new([key("new", 0xA7), key("old", 0x3C)]).expect("two keys")
}

/// One key as [`CodeKeys::new`] takes it: `byte`, thirty-two times.
#[must_use]
pub fn key(id: &str, byte: u8) -> (String, secrecy::SecretBox<[u8]>) {
    let secret: Box<[u8]> = Box::new([byte; 32]);
    (id.to_owned(), secrecy::SecretBox::new(secret))
}

/// A claim of a request whose contents a byte stands for.
#[must_use]
pub fn claim(name: &str, contents: u8) -> Claim {
    Claim {
        key: ReplyKey::parse(name).expect("a request's name"),
        digest: RequestDigest::from_bytes([contents; 32]),
        keep_until: at(1_000_000_000),
    }
}

/// The command by which a customer orders a [`pizza`].
#[must_use]
pub fn place_order(customer: &CustomerId) -> PlaceOrder {
    PlaceOrder {
        customer: customer.clone(),
        item: pizza(),
        language: language(),
        deadline: deadline(),
        claim: None,
    }
}

/// The command by which a customer says a code, for whichever order awaits it.
#[must_use]
pub fn confirm_order(customer: &CustomerId, code: &Code) -> ConfirmOrder {
    ConfirmOrder {
        customer: customer.clone(),
        order: None,
        code: code.clone(),
        deadline: deadline(),
        claim: None,
    }
}

/// The command by which a customer asks for the code of the newest open order
/// again.
#[must_use]
pub fn resend_code(customer: &CustomerId) -> ResendCode {
    ResendCode {
        customer: customer.clone(),
        order: None,
        language: language(),
        deadline: deadline(),
    }
}

/// The `n`-th code of as many digits as the right one that is not the right
/// one.
#[must_use]
pub fn wrong_code(right: &Code, n: u64) -> Code {
    let least = 10_u64.pow(u32::try_from(right.digits()).expect("few digits") - 1);
    let right: u64 = right.expose().parse().expect("digits");
    let wrong = least + (right - least + 1 + n % (9 * least - 1)) % (9 * least);
    Code::parse(&wrong.to_string()).expect("a code")
}

/// Texts that are hard to keep: quotes, what SQL, JavaScript and patterns give
/// a meaning to, letters of more than one byte, spaces at the ends, and as
/// long as a customer's name can be. No two are alike.
#[must_use]
pub fn unusual_texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "__proto__",
        "constructor",
        "null",
        "0",
        "00",
        "1e3",
        "a",
        "A",
        "'; DROP TABLE orders; --",
        "\"quoted\" 'twice' `thrice`",
        "100%",
        "100_",
        "\\",
        "\\x00",
        "a ",
        " a",
        "é",
        "e\u{301}",
        "Ωμέγα",
        "注文",
        "🍕🍕",
        "\u{202e}turned",
    ]
    .map(str::to_owned)
    .into();
    texts.push("x".repeat(255));
    texts.push("x".repeat(254));
    texts.push(format!("{}x", "ü".repeat(127)));
    texts
}

/// Bytes that differ for each `n` and each `name`, and look like chance.
fn scrambled(n: u32, name: &str) -> impl FnMut() -> u8 {
    let mut state = name
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325_u64 ^ u64::from(n), |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
        });
    move || {
        state = crate::fakes::mixed(state);
        state.to_le_bytes()[3]
    }
}
