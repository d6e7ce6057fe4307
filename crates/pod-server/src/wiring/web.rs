//! What browsers and programs see, put together: the API, the web app, and who
//! tells them what happens.

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use pod_auth0::{Auth0Authenticator, Auth0SignIn, ReturnUrl, SignInConfig};
use pod_core::ports::{Announcer, Clock, Entropy as _, Event, SessionLimits, SignIn};
use pod_core::{BoxError, CustomerId, Fault, Pod};
use pod_http::Http;
use pod_pusher::{Lost, PusherAnnouncer, PusherChannels, PusherConfig, PusherPosts};
use pod_web::{Api, ApiConfig, ApiPorts, App, AppConfig, AppPorts, Live, Push};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{BUDGET, Store};
use crate::causes::Causes;
use crate::config::{AppSettings, Config};
use crate::metrics::{InProcessAnnouncer, Metrics, TimedAuthenticator};
use crate::system::OsEntropy;

/// Who is told of what becomes of orders.
pub(super) struct Told {
    /// Who counts, and tells the program.
    pub(super) counted: InProcessAnnouncer,
    /// Who tells those who listen over HTTP.
    pub(super) live: Live,
    /// All of them.
    pub(super) by_all: Arc<dyn Announcer>,
    /// What is posted elsewhere.
    pub(super) posts: Posts,
}

/// What posts events elsewhere, if anything does.
#[derive(Default)]
pub struct Posts {
    end: CancellationToken,
    posting: JoinSet<()>,
}

impl Posts {
    fn begin(&mut self, posts: PusherPosts) {
        let end = self.end.clone();
        self.posting.spawn(posts.run(end.cancelled_owned()));
    }

    /// Posts what still waits, and takes nothing new. It does not take long.
    pub(super) async fn finish(self) {
        self.end.cancel();
        self.posting.join_all().await;
    }
}

impl Told {
    /// Puts them together.
    pub(super) fn new(
        config: &Config,
        metrics: &Metrics,
        clock: &Arc<dyn Clock>,
        http: &Http,
    ) -> Result<Self, Fault> {
        let counted = InProcessAnnouncer::new(metrics.clone());
        let mut run = [0; 8];
        OsEntropy.fill(&mut run)?;
        let live = Live::new(u64::from_be_bytes(run));
        let mut all: Vec<Arc<dyn Announcer>> =
            vec![Arc::new(counted.clone()), Arc::new(live.clone())];
        let mut posting = Posts::default();
        if let Some(pusher) = &config.pusher {
            let lost = |lost: Lost| {
                tracing::warn!(error = %Causes(&lost), "an event is not announced by Pusher");
            };
            let pepper = config.codes.keys.pepper();
            let (announcer, posts) =
                PusherAnnouncer::new(pusher, pepper, http.clone(), clock.clone(), lost);
            all.push(Arc::new(announcer));
            posting.begin(posts);
        }
        Ok(Self {
            counted,
            live,
            by_all: Arc::new(Announcers(all.into())),
            posts: posting,
        })
    }
}

/// Several who hear of every event, one after the other.
struct Announcers(Box<[Arc<dyn Announcer>]>);

#[async_trait]
impl Announcer for Announcers {
    async fn announce(&self, event: &Event) {
        for announcer in &self.0 {
            announcer.announce(event).await;
        }
    }
}

/// What the routes are made of.
pub(super) struct Parts {
    pub(super) pod: Arc<Pod>,
    pub(super) authenticator: Arc<Auth0Authenticator>,
    pub(super) sign_in: Option<Auth0SignIn>,
    pub(super) store: Store,
    pub(super) live: Live,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) metrics: Metrics,
    pub(super) tasks: TaskTracker,
}

/// Routes the API and, where customers can sign in, the web app.
pub(super) fn routes(config: &Config, parts: Parts, framed: bool) -> Router {
    let timed = TimedAuthenticator::new(parts.authenticator, parts.metrics);
    let ports = ApiPorts {
        pod: parts.pod.clone(),
        authenticator: Arc::new(timed),
        clock: parts.clock.clone(),
        live: parts.live.clone(),
        tasks: parts.tasks.clone(),
    };
    let routes = Api::new(ports, api(config)).router();
    let (Some(sign_in), Some(settings)) = (parts.sign_in, &config.app) else {
        return routes;
    };
    let sign_in: Arc<dyn SignIn> = Arc::new(sign_in);
    let ports = AppPorts {
        pod: parts.pod,
        sign_in,
        sessions: Arc::new(parts.store),
        clock: parts.clock,
        entropy: Arc::new(OsEntropy),
        live: parts.live,
        tasks: parts.tasks,
    };
    routes.merge(App::new(ports, app(config, settings, framed)).router())
}

/// What the API is told.
fn api(config: &Config) -> ApiConfig {
    ApiConfig {
        base_path: config.base_path.as_str().to_owned(),
        menu: config.menu.clone(),
        scope: config.identity.scope.as_str().map(str::to_owned),
        budget: BUDGET,
        requests_per_minute: config.api.requests_per_minute,
        origins: config.api.origins.clone(),
    }
}

/// What the web app is told.
fn app(config: &Config, settings: &AppSettings, framed: bool) -> AppConfig {
    // The same in every program that has the same keys, and none of them.
    let secret = config
        .codes
        .keys
        .pepper()
        .digest(b"sign-ins of the web app");
    AppConfig {
        base_path: config.base_path.as_str().to_owned(),
        origin: settings.public.origin().ascii_serialization(),
        shop: config.delivery.shop.clone(),
        secret: secret.as_bytes().as_slice().into(),
        sign_in_origin: config
            .identity
            .domain
            .issuer()
            .trim_end_matches('/')
            .to_owned(),
        sessions: SessionLimits::default(),
        budget: BUDGET,
        framed,
        push: config.pusher.as_ref().map(|pusher| push(config, pusher)),
    }
}

/// Where pages hear of what happens by Pusher.
fn push(config: &Config, pusher: &PusherConfig) -> Push {
    let channels = PusherChannels::new(pusher, config.codes.keys.pepper());
    let root = pusher.server.url().as_str().trim_end_matches('/');
    let cluster = pusher.server.cluster_name();
    let host = cluster.map_or_else(
        || root.replacen("http", "ws", 1),
        |cluster| format!("wss://ws-{cluster}.pusher.com"),
    );
    let own = channels.clone();
    Push {
        socket: format!("{host}/app/{}?protocol=7&client=pod", pusher.key.as_str()),
        origin: host,
        channel: Arc::new(move |customer: &CustomerId| own.channel(customer)),
        authorize: Arc::new(move |customer: &CustomerId, socket: &str, channel: &str| {
            channels.authorize(customer, socket, channel).ok()
        }),
    }
}

/// Where customers sign in to the web app; `None` if there is none.
///
/// # Errors
///
/// What keeps browsers from coming back to this address.
pub fn sign_in(config: &Config) -> Result<Option<SignInConfig>, BoxError> {
    let Some(settings) = &config.app else {
        return Ok(None);
    };
    let app = format!("{}/app", config.base_path.as_str());
    let at = |rest: &str| -> Result<ReturnUrl, BoxError> {
        let url = settings.public.join(&format!("{app}{rest}"))?;
        Ok(ReturnUrl::parse(url.as_str())?)
    };
    Ok(Some(SignInConfig {
        domain: config.identity.domain.clone(),
        client: settings.client.clone(),
        secret: settings.secret.clone(),
        redirect_uri: at("/oidc/callback")?,
        signed_out_uri: at("/?said=signed-out")?,
    }))
}
