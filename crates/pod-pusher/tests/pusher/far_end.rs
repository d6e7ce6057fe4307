//! A server of Pusher's protocol: it takes what is signed, and keeps it.

use std::future::{pending, ready};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::{Digest as _, Md5};
use pod_core::ports::{Announcer as _, Event};
use pod_core::{Deadline, Fault, Pepper};
use pod_http::{Http, Route};
use pod_pusher::{
    Lost, PusherAnnouncer, PusherAppId, PusherChannels, PusherConfig, PusherKey, PusherPosts,
    PusherServer,
};
use pod_testkit::FakeClock;
use sha2::Sha256;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

pub(crate) const KEY: &str = "278d425bdf160c739803";
pub(crate) const SECRET: &str = "7ad3773142a6692b25b8";
const PATH: &str = "/apps/3/events";

/// How long the fastest of tests waits for what ought to come.
const LONG: Duration = Duration::from_secs(20);

/// An app at a server with this root.
pub(crate) fn config(server: &str) -> PusherConfig {
    PusherConfig {
        app_id: PusherAppId::parse("3").unwrap(),
        key: PusherKey::parse(KEY).unwrap(),
        secret: SECRET.into(),
        server: PusherServer::host(server).unwrap(),
    }
}

pub(crate) fn pepper() -> Pepper {
    Pepper::derived(b"a pepper of the tests")
}

pub(crate) fn channels() -> PusherChannels {
    PusherChannels::new(&config("push.example.com"), pepper())
}

/// An announcer that posts to a server, and what it lost.
pub(crate) struct Announcing {
    pub(crate) announcer: Arc<PusherAnnouncer>,
    pub(crate) clock: Arc<FakeClock>,
    lost: mpsc::UnboundedReceiver<Lost>,
    posts: Option<PusherPosts>,
    posting: JoinSet<()>,
}

impl Announcing {
    /// One whose posts have not begun.
    pub(crate) fn at(server: &str) -> Self {
        Self::of(&config(server))
    }

    pub(crate) fn of(config: &PusherConfig) -> Self {
        let (tell, lost) = mpsc::unbounded_channel();
        let clock = Arc::new(FakeClock::default());
        let on_lost = move |why| tell.send(why).unwrap_or_default();
        let http = Http::new(&Route::default()).unwrap();
        let (announcer, posts) =
            PusherAnnouncer::new(config, pepper(), http, clock.clone(), on_lost);
        Self {
            announcer: Arc::new(announcer),
            clock,
            lost,
            posts: Some(posts),
            posting: JoinSet::new(),
        }
    }

    pub(crate) fn post(mut self) -> Self {
        let posts = self.posts.take().expect("not begun");
        self.posting.spawn(posts.run(pending()));
        self
    }

    /// Posts what waits as at the end of a program, and says what was lost.
    pub(crate) async fn end(&mut self) -> Vec<Lost> {
        let posts = self.posts.take().expect("not begun");
        posts.run(ready(())).await;
        self.lost()
    }

    /// Ends the posting, whatever waits.
    pub(crate) fn stop(&mut self) {
        self.posts = None;
    }

    /// Tries the app, before anything is posted.
    pub(crate) async fn check(&self) -> Result<(), Fault> {
        let posts = self.posts.as_ref().expect("not begun");
        posts.check(Deadline::at(Instant::now() + LONG)).await
    }

    pub(crate) async fn announce(&self, event: &Event) {
        self.announcer.announce(event).await;
    }

    /// Why the next event is lost.
    pub(crate) async fn next_lost(&mut self) -> Lost {
        let lost = tokio::time::timeout(LONG, self.lost.recv()).await;
        lost.expect("an event is lost").expect("it is told")
    }

    /// Why events were lost so far.
    pub(crate) fn lost(&mut self) -> Vec<Lost> {
        std::iter::from_fn(|| self.lost.try_recv().ok()).collect()
    }

    /// Posts what waits, and says what was lost.
    pub(crate) async fn finish(self) -> Vec<Lost> {
        let Self {
            announcer,
            mut lost,
            posts,
            posting,
            ..
        } = self;
        drop(announcer);
        if let Some(posts) = posts {
            posts.run(pending()).await;
        }
        posting.join_all().await;
        std::iter::from_fn(|| lost.try_recv().ok()).collect()
    }
}

/// A server, and what it has heard.
pub(crate) struct FarEnd {
    pub(crate) server: MockServer,
    heard: watch::Receiver<Vec<Vec<u8>>>,
}

impl FarEnd {
    /// One that takes what is signed.
    pub(crate) async fn start() -> Self {
        let (tell, heard) = watch::channel(Vec::new());
        let server = MockServer::start().await;
        Mock::given(any())
            .respond_with(Ears(tell))
            .with_priority(9)
            .mount(&server)
            .await;
        Self { server, heard }
    }

    /// From now on it answers this, so many times.
    pub(crate) async fn answer(&self, answer: ResponseTemplate, times: u64) {
        Mock::given(any())
            .respond_with(answer)
            .up_to_n_times(times)
            .with_priority(1)
            .mount(&self.server)
            .await;
    }

    /// The bodies of what it took, once they are enough.
    pub(crate) async fn heard(
        &self,
        enough: impl Fn(&[Vec<u8>]) -> bool + Send + Sync,
    ) -> Vec<Vec<u8>> {
        let mut heard = self.heard.clone();
        let heard = heard.wait_for(|bodies| enough(bodies));
        let heard = tokio::time::timeout(LONG, heard).await;
        heard.expect("it is heard").expect("it listens").clone()
    }

    pub(crate) async fn requests(&self) -> Vec<Request> {
        self.server.received_requests().await.unwrap()
    }
}

/// What hears.
struct Ears(watch::Sender<Vec<Vec<u8>>>);

impl Respond for Ears {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        if !is_signed(request) {
            return ResponseTemplate::new(401);
        }
        self.0
            .send_modify(|bodies| bodies.push(request.body.clone()));
        ResponseTemplate::new(200).set_body_raw("{}", "application/json")
    }
}

/// Whether a request is signed as Pusher says, read apart from how pod signs.
fn is_signed(request: &Request) -> bool {
    let mut query: Vec<(String, String)> = request.url.query_pairs().into_owned().collect();
    query.sort();
    let signature = query.iter().position(|(name, _)| name == "auth_signature");
    let Some(signature) = signature.map(|place| query.remove(place).1) else {
        return false;
    };
    let names: Vec<&str> = query.iter().map(|(name, _)| name.as_str()).collect();
    let pairs: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let text = format!(
        "{}\n{}\n{}",
        request.method,
        request.url.path(),
        pairs.join("&")
    );

    names == ["auth_key", "auth_timestamp", "auth_version", "body_md5"]
        && query[0].1 == KEY
        && query[2].1 == "1.0"
        && query[3].1 == hex(&Md5::digest(&request.body))
        && request.method == "POST"
        && request.url.path() == PATH
        && signature == signed(&text)
}

/// What the app's secret makes of a text.
pub(crate) fn signed(text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    hex(&mac.finalize().into_bytes())
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}
