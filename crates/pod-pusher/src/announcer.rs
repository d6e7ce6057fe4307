//! Orders announced by Pusher's HTTP API, and nobody kept waiting for it.

use std::fmt;
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use pod_core::ports::{Announcer, Clock, Event};
use pod_core::{BoxError, CustomerId, Fault, Pepper};
use pod_http::{Answer, AskError, Http, Request, StatusCode};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::json;
use thiserror::Error;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use url::Url;

use crate::PUSHER;
use crate::channels::PusherChannels;
use crate::config::PusherConfig;
use crate::signature::Signer;

/// How many events are posted at the same time. A customer's take one lane,
/// one after the other, so that they keep their order.
const LANES: usize = 8;

/// How many events wait in a lane.
const WAITING: usize = 256;

/// More than any answer has.
pub(crate) const LARGEST: usize = 64 * 1024;

/// How long one post may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// How old an event may get before it is news to nobody.
const NEWS: Duration = Duration::from_secs(30);

/// How long what still waits at the end may take.
const LAST: Duration = Duration::from_secs(5);

/// The pause before a second try, where the server asks for no other.
const SHORT: Duration = Duration::from_millis(250);

/// The longest pause that the server may ask for.
const LONG: Duration = Duration::from_secs(2);

/// Why an event was not announced.
#[derive(Debug, Error)]
pub enum Lost {
    /// Too many waited already.
    #[error("an event was lost: too many wait to be posted")]
    Full,
    /// It waited until it was news to nobody.
    #[error("an event was lost: it waited too long to be posted")]
    Late,
    /// Nothing is posted any more, or it waited when the time for that was up.
    #[error("an event was lost: nothing is posted any more")]
    Stopped,
    /// The server did not take it.
    #[error("an event was lost: it could not be posted")]
    Fault(#[source] Fault),
}

type OnLost = Arc<dyn Fn(Lost) + Send + Sync>;

/// Announces each order on its customer's private channel.
///
/// Announcing takes no time: events wait, 256 of a customer's at most, to be
/// posted by [`PusherPosts`]. An event that the server surely did not take is
/// posted once more; one that is lost is told of, and nobody waits for it.
#[derive(Clone)]
pub struct PusherAnnouncer {
    lanes: Arc<[Sender<Waiting>]>,
    on_lost: OnLost,
}

/// Posts what was announced.
#[must_use = "nothing is posted before it runs"]
pub struct PusherPosts {
    lanes: Vec<Receiver<Waiting>>,
    pub(crate) poster: Arc<Poster>,
}

/// An event that waits to be posted.
struct Waiting {
    event: Event,
    since: Instant,
}

/// Who posts events.
pub(crate) struct Poster {
    events: Url,
    channels: PusherChannels,
    signer: Signer,
    http: Http,
    clock: Arc<dyn Clock>,
    on_lost: OnLost,
}

/// What is posted.
#[derive(Serialize)]
struct Post {
    name: String,
    channels: [String; 1],
    /// JSON within JSON: to Pusher it is just text.
    data: String,
}

/// Why an event was not taken.
#[derive(Debug, Error)]
pub(crate) enum PostError {
    #[error(
        "the server could not be reached: check PUSHER_CLUSTER or PUSHER_HOST, and the network"
    )]
    Unreachable(#[source] BoxError),
    #[error(transparent)]
    Ask(AskError),
    #[error("the server answered {0}: try again later")]
    Failed(StatusCode),
    #[error(
        "the server answered {0}: check PUSHER_APPID, PUSHER_KEY, PUSHER_SECRET and \
         PUSHER_CLUSTER, and this machine's time"
    )]
    Unauthorized(StatusCode),
    #[error("the server answered {0}: check that the app is enabled and within its quota")]
    Forbidden(StatusCode),
    #[error("the server answered {0}: check PUSHER_APPID, and PUSHER_CLUSTER or PUSHER_HOST")]
    Refused(StatusCode),
    #[error("the event could not be written")]
    Written(#[source] serde_json::Error),
}

impl PostError {
    /// Whether the server did what it was asked.
    pub(crate) fn judge(answer: &Answer) -> Result<(), Self> {
        let status = meant(answer);
        match status.as_u16() {
            200..=299 => Ok(()),
            401 => Err(Self::Unauthorized(status)),
            403 => Err(Self::Forbidden(status)),
            429 | 500..=599 => Err(Self::Failed(status)),
            _ => Err(Self::Refused(status)),
        }
    }
}

impl From<AskError> for PostError {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Unreachable(cause) => Self::Unreachable(cause),
            AskError::TooSlow | AskError::Broken(_) => Self::Ask(error),
        }
    }
}

impl From<PostError> for Fault {
    fn from(error: PostError) -> Self {
        match error {
            PostError::Unreachable(_) | PostError::Ask(_) | PostError::Failed(_) => {
                Fault::unavailable(PUSHER, error)
            }
            PostError::Unauthorized(_)
            | PostError::Forbidden(_)
            | PostError::Refused(_)
            | PostError::Written(_) => Fault::broken(PUSHER, error),
        }
    }
}

impl PusherAnnouncer {
    /// Makes an announcer, and what posts for it, by this way out. `pepper`
    /// hides customers in the names of their channels; `on_lost` is told of
    /// each event that is not announced, and must not take long.
    pub fn new(
        config: &PusherConfig,
        pepper: Pepper,
        http: Http,
        clock: Arc<dyn Clock>,
        on_lost: impl Fn(Lost) + Send + Sync + 'static,
    ) -> (Self, PusherPosts) {
        let mut events = config.server.url().clone();
        events.set_path(&format!("/apps/{}/events", config.app_id.as_str()));
        let on_lost: OnLost = Arc::new(on_lost);
        let poster = Arc::new(Poster {
            events,
            channels: PusherChannels::new(config, pepper),
            signer: Signer::new(config),
            http,
            clock,
            on_lost: Arc::clone(&on_lost),
        });
        let (senders, lanes): (Vec<_>, Vec<_>) = (0..LANES).map(|_| mpsc::channel(WAITING)).unzip();
        let announcer = Self {
            lanes: senders.into(),
            on_lost,
        };
        (announcer, PusherPosts { lanes, poster })
    }
}

#[async_trait]
impl Announcer for PusherAnnouncer {
    async fn announce(&self, event: &Event) {
        let waiting = Waiting {
            event: event.clone(),
            since: Instant::now(),
        };
        match self.lanes[lane(&event.customer)].try_send(waiting) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => (self.on_lost)(Lost::Full),
            Err(TrySendError::Closed(_)) => (self.on_lost)(Lost::Stopped),
        }
    }
}

fn lane(customer: &CustomerId) -> usize {
    let mut hasher = DefaultHasher::new();
    customer.hash(&mut hasher);
    let lanes = LANES as u64;
    usize::try_from(hasher.finish() % lanes).unwrap_or(0)
}

impl fmt::Debug for PusherAnnouncer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PusherAnnouncer(..)")
    }
}

impl fmt::Debug for PusherPosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PusherPosts(..)")
    }
}

impl PusherPosts {
    /// Posts events until every announcer is gone and nothing waits, or until
    /// `end` comes: then nothing new is taken, and what waits has five seconds
    /// to be posted before it is lost. What waits when this is dropped is lost
    /// untold.
    pub async fn run(self, end: impl Future<Output = ()> + Send) {
        let (told, progress) = watch::channel(Progress::Posting);
        let mut posting = JoinSet::new();
        for lane in self.lanes {
            let poster = Arc::clone(&self.poster);
            posting.spawn(poster.post_all(lane, progress.clone()));
        }
        let mut all = Box::pin(posting.join_all());
        tokio::select! {
            _ = &mut all => return,
            () = end => {}
        }
        told.send_replace(Progress::Ending);
        if timeout(LAST, &mut all).await.is_err() {
            told.send_replace(Progress::Over);
            all.await;
        }
    }
}

/// How far posting has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Progress {
    /// Whatever is announced is posted.
    Posting,
    /// What waits is posted, and nothing else.
    Ending,
    /// Nothing is.
    Over,
}

/// Waits until posting has come so far.
async fn reached(progress: &mut watch::Receiver<Progress>, wanted: Progress) {
    // An error means that nobody is there to end it.
    if progress.wait_for(|now| *now >= wanted).await.is_err() {
        std::future::pending::<()>().await;
    }
}

impl Poster {
    /// Posts a lane's events, one after the other.
    async fn post_all(
        self: Arc<Self>,
        mut lane: Receiver<Waiting>,
        mut progress: watch::Receiver<Progress>,
    ) {
        loop {
            let next = tokio::select! {
                next = lane.recv() => next,
                () = reached(&mut progress, Progress::Ending) => {
                    lane.close();
                    lane.recv().await
                }
            };
            let Some(waiting) = next else { return };
            let posted = tokio::select! {
                biased;
                () = reached(&mut progress, Progress::Over) => Err(Lost::Stopped),
                posted = self.post(&waiting) => posted,
            };
            if let Err(lost) = posted {
                (self.on_lost)(lost);
            }
        }
    }

    async fn post(&self, waiting: &Waiting) -> Result<(), Lost> {
        if waiting.since.elapsed() > NEWS {
            return Err(Lost::Late);
        }
        let posted = self.post_twice(&waiting.event).await;
        posted.map_err(|error| Lost::Fault(error.into()))
    }

    /// Posts an event, and once more if it was surely not taken: whoever
    /// listens should not hear it twice.
    async fn post_twice(&self, event: &Event) -> Result<(), PostError> {
        let body = self.body(event).map_err(PostError::Written)?;
        let mut answer = self.post_once(&body).await;
        if let Some(pause) = pause(&answer) {
            sleep(pause).await;
            answer = self.post_once(&body).await;
        }
        PostError::judge(&answer?)
    }

    /// Asks what the server knows of a channel.
    pub(crate) fn asking(&self, channel: &str) -> Request {
        let seconds = self.clock.now().as_second();
        let mut url = self.events.clone();
        let path = url.path();
        // Once only: an app may be called so as well.
        let app = path.strip_suffix("/events").unwrap_or(path);
        let path = format!("{app}/channels/{channel}");
        url.set_path(&path);
        let query = self.signer.query_of_nothing("GET", url.path(), seconds);
        url.set_query(Some(&query));
        self.http.get(url)
    }

    async fn post_once(&self, body: &[u8]) -> Result<Answer, AskError> {
        let seconds = self.clock.now().as_second();
        let mut url = self.events.clone();
        let query = self.signer.query(url.path(), seconds, body);
        url.set_query(Some(&query));
        let request = self.http.post(url).body("application/json", body.to_vec());
        // The address has the request's signature: it is not told.
        let until = Instant::now() + PATIENCE;
        let mut answer = request.ask(until.into_std(), LARGEST).await?;
        answer.status = meant(&answer);
        Ok(answer)
    }

    fn body(&self, event: &Event) -> Result<Vec<u8>, serde_json::Error> {
        let stage = event.stage.as_str();
        let data = json!({
            "order": event.order.to_string(),
            "stage": stage,
            "at": event.at.to_string(),
        });
        serde_json::to_vec(&Post {
            name: format!("order.{stage}"),
            channels: [self.channels.channel(&event.customer)],
            data: data.to_string(),
        })
    }
}

/// A refusal as soketi writes it, under whatever status.
#[derive(Deserialize)]
struct Refusal {
    code: u16,
    #[serde(rename = "error")]
    _error: IgnoredAny,
}

/// The status that an answer should have: soketi refuses under 200, and tells
/// the truth in the body.
fn meant(answer: &Answer) -> StatusCode {
    if !answer.status.is_success() {
        return answer.status;
    }
    serde_json::from_slice(answer.body())
        .ok()
        .and_then(|refusal: Refusal| StatusCode::from_u16(refusal.code).ok())
        .filter(|status| !status.is_success())
        .unwrap_or(answer.status)
}

/// How long to wait before a second try, if there is to be one.
fn pause(answer: &Result<Answer, AskError>) -> Option<Duration> {
    match answer {
        Ok(answer) if matches!(answer.status.as_u16(), 429 | 503) => {
            let pause = answer.retry_after().unwrap_or(SHORT);
            (pause <= LONG).then_some(pause)
        }
        Err(AskError::Unreachable(_)) => Some(SHORT),
        Ok(_) | Err(AskError::TooSlow | AskError::Broken(_)) => None,
    }
}
