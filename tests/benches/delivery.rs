//! What carrying a code costs: the processor time of the side that sends, and
//! how fast a queue of mails goes out over the pool.
//!
//! Twilio and the mail server are emulated, on a thread of their own that is
//! not counted.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pod_core::ports::{Courier, Delivery};
use pod_core::{
    ChallengeId, Code, Contact, Deadline, Language, Menu, Nonce, OrderId, PlacedOrder, Seed,
};
use pod_delivery::{
    MailFrom, MessagesConfig, SmtpConfig, SmtpCourier, SmtpUrl, TwilioAccount, TwilioCredentials,
    TwilioMessages, TwilioSender, TwilioSid, Words,
};
use pod_emulator::{Emulator, EmulatorConfig, InteractionModel, Keys};
use pod_http::{Http, Route};
use pod_server::system::{OsEntropy, SystemClock};
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::{Builder, Runtime};

const KEYS: &str = include_str!("../../crates/pod-emulator/tests/keys.pem");

/// How many text messages are sent one after the other, after as many to warm
/// up.
const TEXTS: u32 = 2_000;

/// How many mails.
const MAILS: u32 = 100;

/// How many mails wait at once.
const QUEUED: usize = 1_000;

fn main() {
    let (emulator, _far_end) = far_end();
    let near = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let _inside = near.enter();
    let words = Words::new("Pizza on Demand", "pod.example.com").expect("words");
    let order = order();

    let phone = contact("+14155550142");
    let email = contact("ada@example.com");
    let began = cpu();
    for _ in 0..TEXTS {
        std::hint::black_box(words.text(&delivery(&order, &phone)));
    }
    report("the words of a text message", since(began), TEXTS);
    let began = cpu();
    for _ in 0..TEXTS {
        std::hint::black_box(words.mail(&delivery(&order, &email)));
    }
    report("the words of a mail", since(began), TEXTS);

    let messages = messages(&emulator, &words);
    one_by_one(
        &near,
        TEXTS,
        "a text message by Twilio",
        &messages,
        &order,
        &phone,
    );
    let mail = mail(&emulator, &words, 8);
    one_by_one(
        &near,
        MAILS,
        "a mail, over a kept connection",
        &mail,
        &order,
        &email,
    );

    for connections in [8, 32] {
        let courier = Arc::new(self::mail(&emulator, &words, connections));
        queue(&near, &courier, &emulator, connections);
    }
}

/// Sends one after the other, and reports what each cost.
fn one_by_one(
    near: &Runtime,
    count: u32,
    name: &str,
    courier: &dyn Courier,
    order: &PlacedOrder,
    contact: &Contact,
) {
    let send = || {
        for _ in 0..count {
            let sent = near.block_on(courier.deliver(&delivery(order, contact)));
            sent.expect("taken");
        }
    };
    send();
    let began = cpu();
    send();
    report(name, since(began), count);
}

/// Sends a thousand mails at once.
fn queue(near: &Runtime, courier: &Arc<SmtpCourier>, emulator: &Emulator, connections: u32) {
    let (before, opened) = (
        emulator.mailbox().received(),
        emulator.mailbox().connections(),
    );
    let (began, cpu_began) = (Instant::now(), cpu());
    near.block_on(async {
        let mut sending = tokio::task::JoinSet::new();
        for _ in 0..QUEUED {
            let courier = courier.clone();
            sending.spawn(async move {
                let (order, contact) = (order(), contact("ada@example.com"));
                courier.deliver(&delivery(&order, &contact)).await
            });
        }
        while let Some(sent) = sending.join_next().await {
            sent.expect("no panic").expect("taken");
        }
    });
    let took = began.elapsed();
    let opened = emulator.mailbox().connections() - opened;
    assert_eq!(emulator.mailbox().received() - before, QUEUED);
    println!(
        "{QUEUED} queued mails over a pool of {connections}: {:.0} ms, {:.0} mails a second, {opened} connections",
        took.as_secs_f64() * 1e3,
        f64::from(u32::try_from(QUEUED).unwrap_or_default()) / took.as_secs_f64(),
    );
    let count = u32::try_from(QUEUED).unwrap_or_default();
    report("  each of them", since(cpu_began), count);
}

fn report(name: &str, took: Duration, count: u32) {
    println!(
        "{name}: {:.1} µs of CPU",
        took.as_secs_f64() * 1e6 / f64::from(count)
    );
}

/// The processor time of this thread since then.
fn since(began: Duration) -> Duration {
    cpu().saturating_sub(began)
}

/// The processor time of this thread so far.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        time.tv_sec.try_into().unwrap_or_default(),
        time.tv_nsec.try_into().unwrap_or_default(),
    )
}

/// The suppliers, on threads of their own.
fn far_end() -> (Emulator, Runtime) {
    let far = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let sizes = [("large", "Large")];
    let model = pod_alexa::interaction_model("en-US", &sizes, &[]).expect("a model");
    let model = InteractionModel::parse(&model.to_string()).expect("a model");
    let nowhere = "http://127.0.0.1:9/".parse().expect("a URL");
    let config = EmulatorConfig {
        keys: Some(Keys::from_pem(KEYS).expect("four keys")),
        ..EmulatorConfig::new(
            Arc::new(model),
            nowhere,
            Arc::new(SystemClock),
            Arc::new(OsEntropy),
        )
    };
    let emulator = far.block_on(Emulator::start(config)).expect("it starts");
    (emulator, far)
}

fn messages(emulator: &Emulator, words: &Words) -> TwilioMessages {
    let url = format!("http://{}", emulator.address());
    let config = MessagesConfig {
        account: TwilioAccount {
            sid: TwilioSid::account(pod_emulator::TWILIO_ACCOUNT).expect("an account"),
            credentials: TwilioCredentials::AuthToken(pod_emulator::TWILIO_TOKEN.into()),
            base_url: Some(url.parse().expect("a URL")),
        },
        sender: TwilioSender::from(pod_emulator::TWILIO_FROM).expect("a number"),
        status_callback: None,
    };
    let http = Http::new(&Route::default()).expect("a way out");
    TwilioMessages::new(config, words.clone(), http)
}

fn mail(emulator: &Emulator, words: &Words, connections: u32) -> SmtpCourier {
    let server = format!("smtp://{}", emulator.mailbox().address());
    let config = SmtpConfig {
        server: SmtpUrl::parse(&server).expect("a server"),
        from: MailFrom::parse("Pizza on Demand <codes@example.com>").expect("a sender"),
        connections,
    };
    SmtpCourier::new(config, words.clone()).expect("a courier")
}

fn contact(raw: &str) -> Contact {
    match pod_core::PhoneNumber::parse(raw) {
        Ok(number) => Contact::Phone(number),
        Err(_) => Contact::Email(pod_core::EmailAddress::parse(raw).expect("an address")),
    }
}

fn order() -> PlacedOrder {
    let pizza = Menu::default().pizza("large", ["pepperoni", "onions"]);
    let placed_at = pod_core::Timestamp::from_second(1_795_000_000).expect("a time");
    PlacedOrder {
        id: OrderId::new(placed_at, [7; 10]),
        customer: pod_core::CustomerId::parse("auth0|ada").expect("a customer"),
        item: pizza.expect("it is on the menu").item(),
        placed_at,
        seed: Seed {
            challenge: ChallengeId::from_bytes([1; 16]),
            nonce: Nonce::from_bytes([2; 16]),
        },
    }
}

fn delivery<'a>(order: &'a PlacedOrder, contact: &'a Contact) -> Delivery<'a> {
    use std::sync::LazyLock;

    static CODE: LazyLock<Code> = LazyLock::new(|| Code::parse("482913").expect("a code"));
    static LANGUAGE: LazyLock<Language> = LazyLock::new(Language::default);
    Delivery {
        contact,
        code: &CODE,
        order,
        sent_at: order.placed_at,
        lifetime: Duration::from_mins(5),
        others_left: false,
        language: &LANGUAGE,
        deadline: Deadline::at(Instant::now() + Duration::from_secs(20)),
    }
}
