//! Codes by webhook, to whoever answers there.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use pod_core::ports::{Courier, DeliverError, Delivery};
use pod_core::{Code, Contact};
use pod_delivery::{WebhookConfig, WebhookCourier, WebhookSecret, Words};
use pod_http::{Http, Route};
use pod_testkit::contract::{CourierHarness, FarEnd};
use pod_testkit::fixtures::{deadline, language, order, phone, zoe, zoe_email, zoe_phone};
use serde_json::Value;
use sha2::Sha256;
use wiremock::matchers::{body_string_contains, method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const KEY: [u8; 32] = [7; 32];
const LOST: &str = "+14155550166";

/// A supplier at the other end of a webhook.
struct Supplier {
    server: MockServer,
    courier: WebhookCourier,
}

impl Supplier {
    /// One that takes everything but messages to [`LOST`].
    async fn start() -> Self {
        let supplier = Self::answering(200).await;
        Mock::given(body_string_contains(LOST))
            .respond_with(ResponseTemplate::new(422))
            .with_priority(1)
            .mount(&supplier.server)
            .await;
        supplier
    }

    async fn answering(status: u16) -> Self {
        let server = MockServer::start().await;
        Mock::given(method("POST"))
            .and(path("/codes"))
            .respond_with(ResponseTemplate::new(status))
            .with_priority(9)
            .mount(&server)
            .await;
        let secret = format!("whsec_{}", BASE64_STANDARD.encode(KEY));
        let config = WebhookConfig {
            url: format!("{}/codes", server.uri()).parse().unwrap(),
            secret: WebhookSecret::parse(&secret).unwrap(),
        };
        let words = Words::new("Pizza on Demand", "pod.example.com").unwrap();
        Self {
            courier: WebhookCourier::new(config, words, Http::new(&Route::default()).unwrap()),
            server,
        }
    }

    async fn requests(&self) -> Vec<Request> {
        self.server.received_requests().await.unwrap()
    }

    async fn deliver(&self, contact: &Contact) -> Result<(), DeliverError> {
        let order = order(1, &zoe());
        let delivery = Delivery {
            contact,
            code: &Code::parse("482913").unwrap(),
            order: &order,
            sent_at: order.placed_at,
            lifetime: Duration::from_secs(287),
            others_left: false,
            language: &language(),
            deadline: deadline(),
        };
        self.courier.deliver(&delivery).await
    }
}

impl CourierHarness for Supplier {
    fn courier(&self) -> Arc<dyn Courier> {
        Arc::new(self.courier.clone())
    }

    fn contact(&self) -> Contact {
        zoe_phone()
    }

    fn unreachable_contact(&self) -> Contact {
        phone(LOST)
    }

    async fn messages_to(&self, contact: &Contact) -> Vec<String> {
        let requests = self.requests().await.into_iter();
        let bodies = requests.map(|request| body(&request));
        let theirs = bodies.filter(|body| body["data"]["to"] == contact.expose());
        let taken = theirs.filter(|body| body["data"]["to"] != LOST);
        taken
            .map(|body| body["data"]["text"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl FarEnd for Supplier {
    async fn fall_silent(&self) {
        Mock::given(method("POST"))
            .respond_with(ResponseTemplate::new(200).set_delay(Duration::from_mins(1)))
            .with_priority(1)
            .mount(&self.server)
            .await;
    }
}

pod_testkit::courier_contract!(Supplier::start());
pod_testkit::courier_far_end_contract!(Supplier::start());

fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

fn header<'r>(request: &'r Request, name: &str) -> &'r str {
    request.headers[name].to_str().unwrap()
}

/// Whether a request is signed as Standard Webhooks says.
fn is_signed(request: &Request) -> bool {
    let [id, time, signature] =
        ["webhook-id", "webhook-timestamp", "webhook-signature"].map(|name| header(request, name));
    let mut mac = Hmac::<Sha256>::new_from_slice(&KEY).unwrap();
    mac.update(format!("{id}.{time}.").as_bytes());
    mac.update(&request.body);
    let signature = signature.strip_prefix("v1,").unwrap();
    let signature = BASE64_STANDARD.decode(signature).unwrap();
    mac.verify_slice(&signature).is_ok()
}

#[tokio::test]
async fn a_message_has_what_a_supplier_needs_and_is_signed() {
    let supplier = Supplier::start().await;

    supplier.deliver(&zoe_phone()).await.expect("taken");
    supplier.deliver(&zoe_email()).await.expect("taken");

    let [text, mail] = supplier.requests().await.try_into().unwrap();
    assert!(is_signed(&text) && is_signed(&mail));
    assert_ne!(header(&text, "webhook-id"), header(&mail, "webhook-id"));
    let (text, mail) = (body(&text), body(&mail));
    let order = order(1, &zoe());
    assert_eq!(text["type"], "code.requested");
    assert_eq!(text["timestamp"], order.placed_at.to_string());
    let data = &text["data"];
    assert_eq!(data["order"], order.id.to_string());
    assert_eq!(data["channel"], "phone");
    assert_eq!(data["to"], zoe_phone().expose());
    assert_eq!(data["code"], "482913");
    assert_eq!(data["expires_in"], 287);
    assert_eq!(data["language"], "es-MX");
    assert_eq!(data["amount"]["minor"], 1001);
    assert_eq!(data["amount"]["currency"], "SEK");
    assert!(data.get("subject").is_none() && data.get("html").is_none());
    let data = &mail["data"];
    assert_eq!(data["channel"], "email");
    assert!(data["html"].as_str().unwrap().contains("482913"));
    assert!(!data["subject"].as_str().unwrap().contains("482913"));
}

#[tokio::test]
async fn every_answer_is_what_it_means_and_only_what_may_pass_is_posted_again() {
    for (status, temporary, posts) in [
        (400, Some(false), 1),
        (401, Some(false), 1),
        (404, None, 1),
        (410, None, 1),
        (422, None, 1),
        (302, Some(false), 1),
        (429, Some(true), 2),
        (500, Some(true), 2),
        (503, Some(true), 2),
    ] {
        let supplier = Supplier::answering(status).await;

        let error = supplier.deliver(&zoe_phone()).await.expect_err("refused");

        let found = match &error {
            DeliverError::Undeliverable => None,
            DeliverError::Fault(fault) => Some(fault.is_temporary()),
        };
        assert_eq!(found, temporary, "{status}");
        let requests = supplier.requests().await;
        assert_eq!(requests.len(), posts, "{status}");
        let ids: Vec<_> = requests.iter().map(|r| header(r, "webhook-id")).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        let told = format!("{error:?}");
        assert!(
            !told.contains("4155550142") && !told.contains("482913"),
            "{told}"
        );
    }
}
