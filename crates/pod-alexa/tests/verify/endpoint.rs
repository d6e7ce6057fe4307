//! What becomes of requests at the route of the skill, once they are verified
//! or not.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::{Body, Bytes, to_bytes};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream;
use http::{HeaderMap, Request, StatusCode};
use pod_alexa::{Observer, Skill, SkillPorts};
use pod_core::ports::{Begun, Claim, Ports, Replies, Reply, ReplyKey};
use pod_core::{CustomerId, Fault, Menu};
use pod_testkit::{Fakes, InMemoryReplies};
use tower::ServiceExt;

use crate::support::authority::stranger_key;
use crate::support::crowd::everybody_waits;
use crate::support::letter::{Letter, SIGNATURE, body, now};
use crate::support::stage::Stage;

/// What happens when it is asked whether a request is the first of its name:
/// the first thing that is done for a request.
#[derive(Clone, Copy, PartialEq)]
enum Asked {
    Answers,
    Panics,
    AnswersLate,
    SaysNothing,
}

/// Keeps answers, and notes what it was asked and given to keep.
struct Desk {
    asked: Asked,
    replies: InMemoryReplies,
    begun: Mutex<Vec<String>>,
    kept: Mutex<Vec<Reply>>,
}

#[async_trait]
impl Replies for Desk {
    async fn begin(&self, claim: &Claim) -> Result<Begun, Fault> {
        let name = claim.key.as_str().to_owned();
        self.begun.lock().unwrap().push(name);
        match self.asked {
            Asked::Answers => self.replies.begin(claim).await,
            Asked::AnswersLate => {
                tokio::time::sleep(Duration::from_secs(7)).await;
                self.replies.begin(claim).await
            }
            Asked::Panics => panic!("the desk is broken on purpose"),
            Asked::SaysNothing => std::future::pending().await,
        }
    }

    async fn finish(
        &self,
        key: &ReplyKey,
        customer: Option<&CustomerId>,
        reply: &Reply,
    ) -> Result<(), Fault> {
        self.kept.lock().unwrap().push(reply.clone());
        self.replies.finish(key, customer, reply).await
    }

    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault> {
        self.replies.forget(customer).await
    }
}

/// Remembers what came of requests.
#[derive(Default)]
struct Watch(Mutex<Vec<&'static str>>);

impl Observer for Watch {
    fn answered(&self, _request: &'static str, outcome: &'static str, _took: Duration) {
        self.0.lock().unwrap().push(outcome);
    }

    fn rejected(&self, reason: &'static str) {
        self.0.lock().unwrap().push(reason);
    }
}

struct Endpoint {
    skill: Arc<Skill>,
    desk: Arc<Desk>,
    watch: Arc<Watch>,
}

impl Endpoint {
    fn where_the_desk(asked: Asked) -> Self {
        let fakes = Fakes::new();
        fakes.clock.set(now());
        let desk = Arc::new(Desk {
            asked,
            replies: InMemoryReplies::default(),
            begun: Mutex::default(),
            kept: Mutex::default(),
        });
        let watch = Arc::<Watch>::default();
        let ports = SkillPorts {
            pod: Arc::new(fakes.pod_on(Ports {
                replies: desk.clone(),
                ..fakes.ports()
            })),
            authenticator: fakes.authenticator.clone(),
            clock: fakes.clock.clone(),
            observer: watch.clone(),
        };
        let verifier = Stage::new().verifier;
        let budget = Duration::from_secs(6);
        let skill = Skill::with_verifier(verifier, Menu::default(), budget, ports);
        Self {
            skill: Arc::new(skill),
            desk,
            watch,
        }
    }

    async fn send(&self, letter: Letter) -> (StatusCode, HeaderMap, Bytes) {
        self.send_slowly(letter, Duration::ZERO).await
    }

    /// Sends a request whose body takes so long to arrive.
    async fn send_slowly(&self, letter: Letter, took: Duration) -> (StatusCode, HeaderMap, Bytes) {
        let router = pod_alexa::router(Arc::clone(&self.skill));
        let arriving = async move {
            tokio::time::sleep(took).await;
            Ok::<_, std::io::Error>(letter.body)
        };
        let mut request = Request::post("/alexa")
            .body(Body::from_stream(stream::once(arriving)))
            .unwrap();
        *request.headers_mut() = letter.headers;
        let (head, body) = router.oneshot(request).await.unwrap().into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        (head.status, head.headers, body)
    }

    fn outcomes(&self) -> Vec<&'static str> {
        self.watch.0.lock().unwrap().clone()
    }

    fn begun(&self) -> usize {
        self.desk.begun.lock().unwrap().len()
    }
}

#[tokio::test]
async fn a_refused_request_is_told_no_reason_and_others_are_answered() {
    // E1, but a broken handler's request is answered, too: the customer hears
    // what to do, and not that the skill does not respond.
    let endpoint = Endpoint::where_the_desk(Asked::Answers);
    let broken = Endpoint::where_the_desk(Asked::Panics);

    let (refused, _, reason) = endpoint.send(Letter::new().without(SIGNATURE)).await;
    let (answered, headers, _) = endpoint.send(Letter::new()).await;
    let (failed, _, sentence) = broken.send(Letter::new()).await;

    assert_eq!((refused, reason), (StatusCode::BAD_REQUEST, Bytes::new()));
    assert_eq!(answered, StatusCode::OK);
    assert_eq!(headers["content-type"], "application/json;charset=UTF-8");
    assert_eq!(failed, StatusCode::OK);
    assert!(
        String::from_utf8_lossy(&sentence).contains("Something went wrong"),
        "{sentence:?}"
    );
    assert_eq!(endpoint.outcomes(), ["missing-signature", "link-account"]);
    assert_eq!(broken.outcomes(), ["broken"]);
}

#[tokio::test]
async fn what_is_not_signed_never_reaches_the_handler_even_after_what_is() {
    // E2
    let endpoint = Endpoint::where_the_desk(Asked::Answers);
    let forged = Letter::signed_by(stranger_key(), body(&format!(r#""{}""#, now())));
    let garbled = Letter::new().with(SIGNATURE, &STANDARD.encode([1; 256]));

    for letter in [
        Letter::new().without(SIGNATURE),
        forged.clone(),
        garbled.clone(),
    ] {
        assert_eq!(endpoint.send(letter).await.0, StatusCode::BAD_REQUEST);
    }
    assert_eq!(endpoint.begun(), 0);

    assert_eq!(endpoint.send(Letter::new()).await.0, StatusCode::OK);
    for letter in [Letter::new().without(SIGNATURE), forged, garbled] {
        assert_eq!(endpoint.send(letter).await.0, StatusCode::BAD_REQUEST);
    }
    assert_eq!(endpoint.begun(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_got_no_turn_has_no_answer_kept_under_its_name() {
    // It may have the name of another one, which is being carried out.
    let endpoint = Endpoint::where_the_desk(Asked::SaysNothing);

    let (status, ..) = endpoint.send(Letter::new()).await;
    everybody_waits().await;

    assert_eq!(status, StatusCode::OK);
    assert_eq!(endpoint.outcomes(), ["too-slow"]);
    assert_eq!(endpoint.begun(), 1);
    assert_eq!(*endpoint.desk.kept.lock().unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_took_too_long_keeps_the_answer_that_was_given() {
    let endpoint = Endpoint::where_the_desk(Asked::AnswersLate);

    let (_, _, given) = endpoint.send(Letter::new()).await;
    endpoint.skill.finish().await;

    assert_eq!(endpoint.outcomes(), ["too-slow"]);
    assert_eq!(*endpoint.desk.kept.lock().unwrap(), [Reply::new(&*given)]);
}

#[tokio::test(start_paused = true)]
async fn the_time_that_a_body_takes_is_part_of_the_budget() {
    let endpoint = Endpoint::where_the_desk(Asked::SaysNothing);
    let began = tokio::time::Instant::now();

    let late = Duration::from_millis(1_900);
    let (status, ..) = endpoint.send_slowly(Letter::new(), late).await;

    assert_eq!(status, StatusCode::OK);
    assert_eq!(endpoint.outcomes(), ["too-slow"]);
    assert!(
        began.elapsed() < Duration::from_millis(6_600),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_body_that_takes_longer_than_two_seconds_is_not_waited_for() {
    let endpoint = Endpoint::where_the_desk(Asked::Answers);
    let began = tokio::time::Instant::now();

    let late = Duration::from_mins(1);
    let (status, _, reason) = endpoint.send_slowly(Letter::new(), late).await;

    assert_eq!(
        (status, reason),
        (StatusCode::REQUEST_TIMEOUT, Bytes::new())
    );
    assert_eq!(endpoint.outcomes(), ["too-slow"]);
    assert_eq!(endpoint.begun(), 0);
    assert!(began.elapsed() < Duration::from_millis(2_010));
}
