//! What codes cost: deriving, judging and hearing them.

mod support;

use std::sync::Arc;

use divan::{Bencher, black_box};
use pod_core::ports::{ChallengeRequest, Challenger};
use pod_core::{
    ChallengeId, Code, CodeDigits, CodeLifetime, Language, Nonce, OrderId, Passcodes, PlacedOrder,
    Seed,
};

use support::{Hand, code_keys, contact, customer, deadline, now, pizza};

fn main() {
    divan::main();
}

fn order() -> PlacedOrder {
    PlacedOrder {
        id: OrderId::new(now(), [7; 10]),
        customer: customer(0),
        item: pizza(),
        placed_at: now(),
        seed: Seed {
            challenge: ChallengeId::from_bytes([1; 16]),
            nonce: Nonce::from_bytes([2; 16]),
        },
    }
}

/// Deriving a code and handing it to a courier, and the runtime around it.
#[divan::bench]
fn challenge(bencher: Bencher<'_, '_>) {
    let hand = Arc::new(Hand::default());
    let passcodes = Passcodes::new(code_keys(), CodeDigits::default(), hand.clone());
    let (order, contact, language) = (order(), contact(0), Language::default());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let deadline = deadline();

    bencher.bench_local(|| {
        let request = ChallengeRequest {
            order: &order,
            contact: &contact,
            previous: None,
            sent_at: order.placed_at,
            others_left: false,
            lifetime: CodeLifetime::default().get(),
            language: &language,
            deadline,
        };
        runtime
            .block_on(passcodes.challenge(&request))
            .expect("a challenge");
        hand.take()
    });
}

/// What a code is bound to.
#[divan::bench]
fn digest_of_an_item(bencher: Bencher<'_, '_>) {
    let item = pizza();

    bencher.bench_local(|| black_box(&item).digest());
}

/// What speech recognition makes of a code.
#[divan::bench(args = ["482913", "4 8 2 9 1 3", "four eight two nine one three", "the code is forty eight twenty nine thirteen"])]
fn hear(bencher: Bencher<'_, '_>, heard: &str) {
    bencher.bench_local(|| Code::hear(black_box(heard), CodeDigits::default()).expect("a code"));
}

/// Comparing in constant time.
#[divan::bench]
fn compare(bencher: Bencher<'_, '_>) {
    let [one, other] = ["482913", "482914"].map(|digits| Code::parse(digits).expect("a code"));

    bencher.bench_local(|| black_box(&one).matches(black_box(&other)));
}
