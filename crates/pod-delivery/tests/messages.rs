//! What Twilio is asked when a code is sent by text message.

use std::collections::BTreeMap;
use std::time::Duration;

use pod_core::ports::{Courier, Delivery};
use pod_core::{Code, Contact};
use pod_delivery::{
    MessagesConfig, TwilioAccount, TwilioCredentials, TwilioMessages, TwilioSender, TwilioSid,
    Words,
};
use pod_http::{Http, Route};
use pod_testkit::fixtures::{deadline, language, order, zoe, zoe_phone};
use url::form_urlencoded::parse;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const SERVICE: &str = "MG0123456789abcdef0123456789abcdef";

/// Sends a code, and returns the form and the credentials that arrived.
async fn asked(
    sender: TwilioSender,
    credentials: TwilioCredentials,
    callback: Option<&str>,
) -> (BTreeMap<String, String>, String) {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path(format!(
            "/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        )))
        .respond_with(ResponseTemplate::new(201).set_body_string("{}"))
        .mount(&server)
        .await;
    let config = MessagesConfig {
        account: TwilioAccount {
            sid: TwilioSid::account(ACCOUNT).unwrap(),
            credentials,
            base_url: Some(server.uri().parse().unwrap()),
        },
        sender,
        status_callback: callback.map(|url| url.parse().unwrap()),
    };
    let words = Words::new("Pizza on Demand", "pod.example.com").unwrap();
    let http = Http::new(&Route::default()).unwrap();
    let courier = TwilioMessages::new(config, words, http);
    let order = order(1, &zoe());
    let contact: Contact = zoe_phone();
    let delivery = Delivery {
        contact: &contact,
        code: &Code::parse("482913").unwrap(),
        order: &order,
        sent_at: order.placed_at,
        lifetime: Duration::from_millis(287_900),
        others_left: false,
        language: &language(),
        deadline: deadline(),
    };

    courier.deliver(&delivery).await.expect("taken");

    let [request] = server
        .received_requests()
        .await
        .unwrap()
        .try_into()
        .unwrap();
    let form = parse(&request.body).into_owned().collect();
    let known = request.headers["authorization"].to_str().unwrap();
    (form, known.to_owned())
}

fn token() -> TwilioCredentials {
    TwilioCredentials::AuthToken("token".into())
}

#[tokio::test]
async fn a_message_is_worth_nothing_after_its_code_and_leaves_nothing_behind() {
    let from = TwilioSender::from("+15005550006").unwrap();

    let (form, known) = asked(from, token(), None).await;

    assert_eq!(form["To"], zoe_phone().expose());
    assert_eq!(form["From"], "+15005550006");
    assert_eq!(form["ValidityPeriod"], "287");
    assert_eq!(form["ContentRetention"], "discard");
    assert_eq!(form["AddressRetention"], "obfuscate");
    assert!(form["Body"].ends_with("\n@pod.example.com #482913"));
    assert_eq!(form.len(), 6, "{form:?}");
    // `AC...:token` in base64.
    assert!(known.starts_with("Basic QUMwMTIz"), "{known}");
}

#[tokio::test]
async fn a_service_sends_for_an_api_key_and_reports_where_it_is_told() {
    let service = TwilioSid::messaging_service(SERVICE).unwrap();
    let key = TwilioCredentials::ApiKey {
        sid: TwilioSid::api_key(&ACCOUNT.replace("AC", "SK")).unwrap(),
        secret: "secret".into(),
    };
    let callback = "https://pod.example.com/pod/twilio/status";

    let (form, known) = asked(TwilioSender::MessagingService(service), key, Some(callback)).await;

    assert_eq!(form["MessagingServiceSid"], SERVICE);
    assert!(!form.contains_key("From"));
    let order = order(1, &zoe());
    let reported = &form["StatusCallback"];
    assert!(reported.starts_with(&format!("{callback}?order={}&sent=", order.id)));
    assert!(known.starts_with("Basic U0swMTIz"), "{known}");
}
