//! Twilio's adapters by Twilio's own description of its API, which
//! `@stoplight/prism-cli` holds every request against: what pod sends is
//! accepted, and the same with something spoiled is not.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::http::request::Parts;
use hyper_util::rt::TokioIo;
use pod_core::ports::{ChallengeRequest, Challenger as _, Courier as _, Delivery};
use pod_core::{Attempt, Challenge, Code, Contact, Item, PlacedOrder};
use pod_delivery::{
    MessagesConfig, TwilioAccount, TwilioCredentials, TwilioMessages, TwilioSender, TwilioSid,
    TwilioVerify, VerifyConfig, Words,
};
use pod_testkit::fixtures::{
    at, challenge, email, language, order, pizza, zoe, zoe_email, zoe_phone,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::{deadline, http, peer};

const ACCOUNT: &str = "AC5f1e8a2b3c4d4e5f8a9b0c1d2e3f4a5b";

/// What one request was, and what it was answered.
struct Asked {
    head: Parts,
    body: Bytes,
    status: u16,
}

/// Stands between an adapter and its peer, and keeps what passes.
struct Between {
    url: url::Url,
    peer: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    _serving: JoinSet<()>,
}

impl Between {
    async fn start(name: &str) -> Self {
        let peer = peer(name).trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::default();
        let state = (peer.clone(), Arc::clone(&asked));
        let router = Router::new().fallback(pass_on).with_state(state);
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            url: url.parse().unwrap(),
            peer,
            asked,
            _serving: serving,
        }
    }

    fn account(&self, credentials: TwilioCredentials) -> TwilioAccount {
        TwilioAccount {
            sid: TwilioSid::account(ACCOUNT).unwrap(),
            credentials,
            base_url: Some(self.url.clone()),
        }
    }

    /// What was asked since the last time.
    fn taken(&self) -> Vec<Asked> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *asked)
    }

    /// The status for a request like this one, with a field of its form set, or
    /// taken away.
    async fn spoiled(&self, asked: &Asked, field: &str, value: Option<&str>) -> u16 {
        let form = url::form_urlencoded::parse(&asked.body);
        let form = form.filter(|(name, _)| name != field);
        let set = value.map(|value| (field.into(), value.into()));
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form.chain(set))
            .finish();
        let body = Bytes::from(body);
        ask(&self.peer, asked.head.clone(), body).await.0
    }
}

async fn pass_on(
    State((peer, asked)): State<(String, Arc<Mutex<Vec<Asked>>>)>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let (status, answer) = ask(&peer, head.clone(), body.clone()).await;
    asked
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(Asked { head, body, status });
    let answer = Response::builder().status(status).body(Body::from(answer));
    answer.unwrap()
}

async fn ask(peer: &str, mut head: Parts, body: Bytes) -> (u16, Bytes) {
    let stream = TcpStream::connect(peer).await.unwrap();
    let (mut client, connection) = handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    head.headers.insert(HOST, peer.parse().unwrap());
    head.headers.remove("content-length");
    let request = hyper::Request::from_parts(head, Full::new(body));
    let answer = client.send_request(request).await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.collect().await.unwrap().to_bytes())
}

fn with_token() -> TwilioCredentials {
    TwilioCredentials::AuthToken("9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e".into())
}

/// A text message as pod has Twilio send it.
async fn text(between: &Between, credentials: TwilioCredentials, sender: TwilioSender) -> Asked {
    let config = MessagesConfig {
        account: between.account(credentials),
        sender,
        status_callback: Some("https://pod.example.com/twilio/status".parse().unwrap()),
    };
    let words = Words::new("Pizza on Demand", "pod.example.com").unwrap();
    let courier = TwilioMessages::new(config, words, http());
    let order = order(1, &zoe());
    let delivery = Delivery {
        contact: &zoe_phone(),
        code: &Code::parse("482913").unwrap(),
        order: &order,
        sent_at: order.placed_at,
        others_left: false,
        lifetime: Duration::from_mins(5),
        language: &language(),
        deadline: deadline(),
    };
    courier.deliver(&delivery).await.expect("taken");
    between.taken().pop().expect("it was asked")
}

#[tokio::test]
#[ignore = "needs prism: tests/peers/run"]
async fn text_messages_are_as_twilio_describes_them() {
    let between = Between::start("PEER_TWILIO_MESSAGES").await;
    let by_key = TwilioCredentials::ApiKey {
        sid: TwilioSid::api_key(&ACCOUNT.replace("AC", "SK")).unwrap(),
        secret: "secret".into(),
    };
    let service = TwilioSid::messaging_service(&ACCOUNT.replace("AC", "MG")).unwrap();
    let service = TwilioSender::MessagingService(service);
    let number = TwilioSender::from("+15005550006").unwrap();

    for (credentials, sender) in [(with_token(), number), (by_key, service)] {
        let asked = text(&between, credentials, sender).await;

        assert_eq!(asked.status, 201);
        for (field, value) in [
            ("To", None),
            ("MessagingServiceSid", Some("MG1")),
            ("ValidityPeriod", Some("soon")),
            ("StatusCallback", Some("nowhere")),
            ("ContentRetention", Some("keep")),
            ("AddressRetention", Some("keep")),
        ] {
            let status = between.spoiled(&asked, field, value).await;
            assert_eq!(status, 422, "{field}");
        }
    }
}

#[tokio::test]
#[ignore = "needs prism: tests/peers/run"]
async fn a_text_message_goes_nowhere_without_its_account_its_owner_or_its_form() {
    let between = Between::start("PEER_TWILIO_MESSAGES").await;
    let number = TwilioSender::from("+15005550006").unwrap();
    let asked = text(&between, with_token(), number).await;

    let mut nobody = asked.head.clone();
    nobody.headers.remove("authorization");
    assert_eq!(ask(&between.peer, nobody, asked.body.clone()).await.0, 401);

    let mut json = asked.head.clone();
    json.headers
        .insert(CONTENT_TYPE, "application/json".parse().unwrap());
    let body = Bytes::from_static(br#"{"To": "+14155550142"}"#);
    assert_eq!(ask(&between.peer, json, body).await.0, 415);

    let mut elsewhere = asked.head.clone();
    let path = elsewhere.uri.path().replace(ACCOUNT, "AC1");
    elsewhere.uri = path.parse().unwrap();
    assert_eq!(
        ask(&between.peer, elsewhere, asked.body.clone()).await.0,
        422
    );

    let mut unknown = asked.head;
    unknown.uri = unknown
        .uri
        .path()
        .replace("Messages", "Texts")
        .parse()
        .unwrap();
    assert_eq!(ask(&between.peer, unknown, asked.body).await.0, 404);
}

fn verify(between: &Between) -> TwilioVerify {
    let config = VerifyConfig {
        account: between.account(with_token()),
        service: TwilioSid::verify_service(&ACCOUNT.replace("AC", "VA")).unwrap(),
        payee: "Pizza on Demand".into(),
    };
    TwilioVerify::new(config, http())
}

async fn start(between: &Between, order: &PlacedOrder, to: &Contact) -> (Challenge, Asked) {
    let request = ChallengeRequest {
        order,
        contact: to,
        previous: None,
        sent_at: order.placed_at,
        others_left: false,
        lifetime: Duration::from_mins(5),
        language: &language(),
        deadline: deadline(),
    };
    let handle = verify(between).challenge(&request).await.expect("sent");
    let asked = between.taken().pop().expect("it was asked");
    let sent = Challenge {
        handle,
        ..challenge(order)
    };
    (sent, asked)
}

#[tokio::test]
#[ignore = "needs prism: tests/peers/run"]
async fn verifications_are_as_twilio_describes_them() {
    let between = Between::start("PEER_TWILIO_VERIFY").await;
    let free = PlacedOrder {
        item: Item::new("pizza", "a pizza on the house", None, "").unwrap(),
        ..order(2, &zoe())
    };
    let dear = PlacedOrder {
        item: pizza(),
        ..order(1, &zoe())
    };

    for (order, to) in [
        (&dear, zoe_phone()),
        (&free, zoe_phone()),
        (&dear, zoe_email()),
        (&free, email("zoe@example.com")),
    ] {
        let (sent, asked) = start(&between, order, &to).await;
        assert_eq!(asked.status, 201);
        for field in ["To", "Channel"] {
            assert_eq!(between.spoiled(&asked, field, None).await, 422, "{field}");
        }

        let attempt = Attempt::counted(order.clone(), sent, 2, at(30));
        let code = Code::parse("482913").unwrap();
        // Every code is right to this peer.
        let checked = verify(&between).check(&attempt, &code, deadline()).await;
        assert!(attempt.confirm(checked.expect("right"), at(31)).is_ok());
        let asked = between.taken().pop().expect("it was asked");
        assert_eq!(asked.status, 200);
        let status = between
            .spoiled(&asked, "VerificationSid", Some("VE1"))
            .await;
        assert_eq!(status, 422);
    }
}
