//! An emulated Twilio and mail server, and adapters that reach them.

use std::sync::Arc;
use std::time::Duration;

use pod_core::ports::{Courier, DeliverError, Delivery};
use pod_core::{Code, Contact, Deadline, Menu};
use pod_delivery::{
    Couriers, MailFrom, MessagesConfig, SmtpConfig, SmtpCourier, SmtpUrl, TwilioAccount,
    TwilioCredentials, TwilioMessages, TwilioSender, TwilioSid, TwilioVerify, VerifyConfig, Words,
};
use pod_emulator::{
    Emulator, EmulatorConfig, InteractionModel, Keys, TWILIO_ACCOUNT, TWILIO_FROM, TWILIO_TOKEN,
    TWILIO_VERIFY_SERVICE,
};
use pod_http::{Http, Route};
use pod_testkit::fixtures::{deadline, language, order, zoe};
use pod_testkit::{FakeClock, FakeEntropy};

/// The keys of the outside world: making new ones would take a second for
/// each test.
const KEYS: &str = include_str!("../../crates/pod-emulator/tests/keys.pem");

fn http() -> Http {
    Http::new(&Route::default()).expect("a way out")
}

/// The suppliers.
pub(crate) struct Suppliers(pub(crate) Emulator);

impl Suppliers {
    pub(crate) async fn start() -> Self {
        let menu = Menu::default();
        let sizes: Vec<_> = menu.sizes().iter().map(|s| (s.id(), s.name())).collect();
        let model = pod_alexa::interaction_model("en-US", &sizes, &[]).expect("a model");
        let model = InteractionModel::parse(&model.to_string()).expect("a model");
        let nowhere = "http://127.0.0.1:9/".parse().expect("a URL");
        let (clock, entropy) = (Arc::<FakeClock>::default(), Arc::<FakeEntropy>::default());
        let config = EmulatorConfig {
            keys: Some(Keys::from_pem(KEYS).expect("four private keys")),
            ..EmulatorConfig::new(Arc::new(model), nowhere, clock, entropy)
        };
        Self(Emulator::start(config).await.expect("it starts"))
    }

    pub(crate) fn account(&self) -> TwilioAccount {
        let url = format!("http://{}", self.0.address());
        TwilioAccount {
            sid: TwilioSid::account(TWILIO_ACCOUNT).expect("an account"),
            credentials: TwilioCredentials::AuthToken(TWILIO_TOKEN.into()),
            base_url: Some(url.parse().expect("a URL")),
        }
    }

    pub(crate) fn messages(&self) -> TwilioMessages {
        let config = MessagesConfig {
            account: self.account(),
            sender: TwilioSender::from(TWILIO_FROM).expect("a number"),
            status_callback: None,
        };
        TwilioMessages::new(config, words(), http())
    }

    pub(crate) fn verify(&self) -> TwilioVerify {
        let config = VerifyConfig {
            account: self.account(),
            service: TwilioSid::verify_service(TWILIO_VERIFY_SERVICE).expect("a service"),
            payee: "Pizza on Demand".into(),
        };
        TwilioVerify::new(config, http())
    }

    pub(crate) fn smtp(&self) -> SmtpCourier {
        let server = format!("smtp://{}", self.0.mailbox().address());
        let config = SmtpConfig {
            server: SmtpUrl::parse(&server).expect("a server"),
            from: MailFrom::parse("Pizza on Demand <codes@example.com>").expect("a sender"),
            connections: 4,
        };
        SmtpCourier::new(config, words()).expect("a courier")
    }

    pub(crate) fn couriers(&self) -> Couriers {
        Couriers {
            phone: Some(Arc::new(self.messages())),
            email: Some(Arc::new(self.smtp())),
        }
    }

    /// The texts that have arrived at a contact.
    pub(crate) fn texts_to(&self, contact: &Contact) -> Vec<String> {
        let all = self.0.inbox().after(0).into_iter();
        let theirs = all.filter(|message| message.contact() == contact);
        theirs
            .map(|message| message.expose_text().to_owned())
            .collect()
    }

    /// The codes that have arrived at a contact.
    pub(crate) fn codes_to(&self, contact: &Contact) -> Vec<Code> {
        let all = self.0.inbox().after(0).into_iter();
        let theirs = all.filter(|message| message.contact() == contact);
        theirs
            .map(|message| message.code().expect("a code"))
            .collect()
    }
}

pub(crate) fn words() -> Words {
    Words::new("Pizza on Demand", "pod.example.com").expect("words")
}

/// Has a courier carry a code to a contact.
pub(crate) async fn deliver(courier: &dyn Courier, contact: &Contact) -> Result<(), DeliverError> {
    deliver_by(courier, contact, deadline(), false).await
}

pub(crate) async fn deliver_by(
    courier: &dyn Courier,
    contact: &Contact,
    deadline: Deadline,
    others_left: bool,
) -> Result<(), DeliverError> {
    let order = order(1, &zoe());
    let delivery = Delivery {
        contact,
        code: &Code::parse("482913").expect("a code"),
        order: &order,
        sent_at: order.placed_at,
        others_left,
        lifetime: Duration::from_secs(287),
        language: &language(),
        deadline,
    };
    courier.deliver(&delivery).await
}
