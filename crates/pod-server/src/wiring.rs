//! Puts the adapters together: the only file that knows all of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use axum::Router;
use pod_alexa::verify::{Verifier, VerifierConfig};
use pod_alexa::{Skill, SkillPorts};
use pod_auth0::{
    Auth0Authenticator, Auth0Customers, Auth0Passwordless, Auth0SignIn, AuthenticatorConfig,
    CustomersConfig, PasswordlessConfig,
};
use pod_core::ports::{
    Challenger, Clock, ContactBook, Conversions, Courier, Customers, NoDirectory, Orders, Ports,
    Quotas,
};
use pod_core::{BoxError, Deadline, Fault, Passcodes, Pod, Policy};
use pod_delivery::{
    Couriers, MessagesConfig, Screened, SmtpCourier, TwilioCallbacks, TwilioMessages, TwilioVerify,
    VerifyConfig, WebhookConfig, WebhookCourier,
};
use pod_http::{Http, Route};
pub use pod_store::SqliteStore as Store;
use pod_web::Live;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use crate::admin::Ready;
use crate::causes::Causes;
use crate::config::{BackEnd, ChallengerKind, Config, DeliveryConfig};
use crate::metrics::{
    Counted, CountedContacts, InProcessAnnouncer, Metrics, Refusal, TimedAuthenticator,
    TimedChallenger, TimedCourier, TimedCustomers,
};
use crate::reports::{self, Reports};
use crate::system::{OsEntropy, SystemClock};

mod no_courier;
mod web;

pub use web::{Posts, sign_in};

/// How long an answer may take, of the eight seconds that Alexa waits.
const BUDGET: Duration = Duration::from_secs(6);

/// How long a stop waits for what was begun: longer than any budget.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long it is from one sweep of the database to the next.
const SWEEP: Duration = Duration::from_mins(10);

/// How long fetching the tenant's keys ahead of the first request may take.
const WARM_UP: Duration = Duration::from_secs(10);

/// What a pod has outside, and the demo has beside it.
pub struct Outside {
    /// Who carries codes.
    pub couriers: Suppliers,
    /// How it is reached.
    pub route: Route,
    /// Whether pages of pod's own address may show the web app in a frame.
    pub framed: bool,
}

impl Outside {
    /// The outside world as the system's environment leads to it.
    #[must_use]
    pub fn real() -> Self {
        Self {
            couriers: Suppliers::Configured,
            route: Route::default(),
            framed: false,
        }
    }
}

/// Who carries codes.
pub enum Suppliers {
    /// Those that are configured.
    Configured,
    /// Somebody else.
    Given(Arc<dyn Courier>),
}

/// A pod that is ready to be served.
pub struct Assembled {
    /// What answers below the base path.
    pub router: Router,
    /// The use cases.
    pub pod: Arc<Pod>,
    /// The skill in front of them.
    pub skill: Arc<Skill>,
    /// Where everything is kept.
    pub store: Store,
    /// Who tells what becomes of orders.
    pub announcer: InProcessAnnouncer,
    /// Who tells those who listen over HTTP.
    pub live: Live,
    /// What is counted.
    pub metrics: Metrics,
    /// What was begun for programs and browsers.
    pub tasks: TaskTracker,
    /// What posts events elsewhere.
    pub posts: Posts,
    /// What goes on in the background; it ends when this is dropped.
    pub jobs: JoinSet<()>,
}

impl Assembled {
    /// Ends what goes on in the background, waits for what was begun for a
    /// customer and then for what is announced of it, and closes the database.
    pub async fn close(self) {
        drop(self.jobs);
        // Each has a deadline of its own; one that misses it is not waited for.
        self.tasks.close();
        let begun = async {
            self.skill.finish().await;
            self.tasks.wait().await;
        };
        if timeout(PATIENCE, begun).await.is_err() {
            tracing::warn!("a request did not end in time: what became of it is not known");
        }
        // What was begun last may have been announced just now.
        self.posts.finish().await;
        self.store.close().await;
    }
}

/// Opens the database and puts every adapter in its place. Nothing is fetched
/// yet from outside.
///
/// # Errors
///
/// Whatever an adapter says that cannot work as configured.
pub async fn assemble(config: &Config, outside: Outside) -> Result<Assembled, BoxError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let metrics = Metrics::new();

    // Each of these takes milliseconds: the database's statements are
    // prepared, and the system's trusted certificates read.
    let database = config.database.store();
    let store = tokio::task::spawn_blocking(move || Store::open(&database));
    let route = outside.route;
    let http = tokio::task::spawn_blocking(move || Http::new(&route));
    let (store, http) = tokio::try_join!(store, http)?;
    let (store, http) = (store?, http?);

    let authenticator = Auth0Authenticator::new(tenant(config), http.clone(), clock.clone());
    let authenticator = Arc::new(authenticator);
    let directory = customers(config)
        .map(|directory| Auth0Customers::new(directory, http.clone(), clock.clone()));
    let sign_in = sign_in(config)?
        .map(|page| Auth0SignIn::new(page, http.clone(), clock.clone(), Arc::new(OsEntropy)));
    let suppliers = outside.couriers;
    let by_suppliers = !matches!(suppliers, Suppliers::Given(_));
    let challenger = challenger(config, directory.as_ref(), suppliers, &http, &metrics)?;
    let policy = config.policy();
    let customers = known(directory, &policy, &metrics);
    let kept = Arc::new(store.clone());
    let mut jobs = JoinSet::new();
    let told = web::Told::new(config, &metrics, &clock, &http)?;
    let ports = Ports {
        announcer: told.by_all.clone(),
        attempts: kept.clone(),
        enrolment_challenger: enrolling(config, &challenger, by_suppliers),
        challenger,
        clock: clock.clone(),
        contact_book: book(kept.clone(), &policy, &metrics),
        conversions: Arc::new(Counted::<dyn Conversions>::new(
            kept.clone(),
            metrics.clone(),
        )),
        customers,
        enrolments: kept.clone(),
        entropy: Arc::new(OsEntropy),
        history: kept.clone(),
        links: kept.clone(),
        orders: Arc::new(Counted::<dyn Orders>::new(kept.clone(), metrics.clone())),
        quotas: Arc::new(Counted::<dyn Quotas>::new(kept.clone(), metrics.clone())),
        replies: kept,
    };
    let pepper = config.codes.keys.pepper();
    let pod = Arc::new(Pod::new(ports, policy, pepper));

    let timed = TimedAuthenticator::new(authenticator.clone(), metrics.clone());
    let ports = SkillPorts {
        pod: pod.clone(),
        authenticator: Arc::new(timed),
        clock: clock.clone(),
        observer: Arc::new(metrics.clone()),
    };
    let verifier = Verifier::new(amazon(config), http)?;
    let skill = Arc::new(skill(config, verifier, ports));
    let mut routes = pod_alexa::router(skill.clone());
    if let Some(reports) = reports(config, &pod, &metrics) {
        routes = routes.merge(reports);
    }
    let tasks = TaskTracker::new();
    let parts = web::Parts {
        pod: pod.clone(),
        authenticator: authenticator.clone(),
        sign_in,
        store: store.clone(),
        live: told.live.clone(),
        clock: clock.clone(),
        metrics: metrics.clone(),
        tasks: tasks.clone(),
    };
    routes = routes.merge(web::routes(config, parts, outside.framed));
    let router = match config.base_path.as_str() {
        "" => routes,
        path => Router::new().nest(path, routes),
    };

    jobs.spawn(warm_up(authenticator));
    jobs.spawn(sweep(store.clone(), clock));
    if by_suppliers && config.sends_texts() {
        // Before a number has to wait for it.
        tokio::task::spawn_blocking(pod_delivery::warm_up);
    }
    Ok(Assembled {
        router,
        pod,
        skill,
        store,
        announcer: told.counted,
        live: told.live,
        metrics,
        tasks,
        posts: told.posts,
        jobs,
    })
}

/// What customers have decided of their contacts, as the store keeps it.
fn book(store: Arc<Store>, policy: &Policy, metrics: &Metrics) -> Arc<dyn ContactBook> {
    let (policy, metrics) = (policy.clone(), metrics.clone());
    Arc::new(CountedContacts::<dyn ContactBook>::new(
        store, policy, metrics,
    ))
}

/// Who knows the customers' contacts besides the store: the tenant, or nobody.
fn known(
    directory: Option<Auth0Customers>,
    policy: &Policy,
    metrics: &Metrics,
) -> Arc<dyn Customers> {
    let customers: Arc<dyn Customers> = match directory {
        Some(directory) => Arc::new(TimedCustomers::new(Arc::new(directory), metrics.clone())),
        None => Arc::new(NoDirectory),
    };
    let (policy, metrics) = (policy.clone(), metrics.clone());
    Arc::new(CountedContacts::new(customers, policy, metrics))
}

/// The skill of these settings.
fn skill(config: &Config, verifier: Verifier, ports: SkillPorts) -> Skill {
    let skill = Skill::with_verifier(verifier, config.menu.clone(), BUDGET, ports);
    match config.identity.scope.as_str() {
        Some(scope) => skill.requiring(scope),
        None => skill,
    }
}

/// Where Twilio reports what became of messages, if it does.
fn reports(config: &Config, pod: &Arc<Pod>, metrics: &Metrics) -> Option<Router> {
    let reports = config.delivery.reports.as_ref()?;
    let callbacks = TwilioCallbacks::new(
        reports.address.clone(),
        reports.auth_token.clone(),
        reports.keys.clone(),
    );
    Some(reports::router(Reports {
        callbacks,
        pod: pod.clone(),
        metrics: metrics.clone(),
    }))
}

/// Whose tokens are good.
#[must_use]
pub fn tenant(config: &Config) -> AuthenticatorConfig {
    AuthenticatorConfig {
        domain: config.identity.domain.clone(),
        audience: config.identity.audience.clone(),
        clients: config.identity.clients.clone(),
        hs256_key: config.identity.signing_key.clone(),
    }
}

/// Which requests are Amazon's.
#[must_use]
pub fn amazon(config: &Config) -> VerifierConfig {
    VerifierConfig {
        trust_anchors: config.alexa.trust_anchors.clone(),
        ..VerifierConfig::new(config.alexa.skill_ids.clone())
    }
}

/// Where the tenant's customers are looked up; `None` where pod keeps contacts
/// itself.
#[must_use]
pub fn customers(config: &Config) -> Option<CustomersConfig> {
    let BackEnd {
        client,
        secret,
        keep,
        trust_user_metadata,
        ..
    } = config.identity.back_end.clone()?;
    Some(CustomersConfig {
        domain: config.identity.domain.clone(),
        client,
        secret,
        keep,
        trust_user_metadata,
    })
}

fn challenger(
    config: &Config,
    directory: Option<&Auth0Customers>,
    suppliers: Suppliers,
    http: &Http,
    metrics: &Metrics,
) -> Result<Arc<dyn Challenger>, BoxError> {
    let codes = &config.codes;
    let by_hand = matches!(suppliers, Suppliers::Given(_));
    let challenger: Arc<dyn Challenger> = match codes.challenger {
        ChallengerKind::Passcodes => {
            let courier = couriers(&config.delivery, suppliers, http)?;
            Arc::new(Passcodes::new(
                codes.keys.clone(),
                codes.digits,
                Arc::new(TimedCourier::new(courier, metrics.clone())),
            ))
        }
        ChallengerKind::Auth0 => {
            let (Some(back_end), Some(directory)) = (&config.identity.back_end, directory) else {
                return Err("Auth0 sends codes for a client of the back end's only".into());
            };
            let auth0 = passwordless(back_end, directory);
            Arc::new(TimedChallenger::new(Arc::new(auth0), metrics.clone()))
        }
        ChallengerKind::TwilioVerify => {
            let verify = twilio_verify(&config.delivery, http.clone())?;
            Arc::new(TimedChallenger::new(Arc::new(verify), metrics.clone()))
        }
    };
    // Where nobody texts, a number is nobody's to look up.
    if by_hand || !config.sends_texts() {
        return Ok(challenger);
    }
    let metrics = metrics.clone();
    let screened = Screened::new(challenger, move || metrics.refused(Refusal::Number));
    Ok(Arc::new(screened))
}

/// Who sends codes for contacts that are to be enrolled: only codes of pod's
/// own are bound to what they are for.
fn enrolling(
    config: &Config,
    challenger: &Arc<dyn Challenger>,
    by_suppliers: bool,
) -> Option<Arc<dyn Challenger>> {
    let carried = config.delivery.words.is_some() || !by_suppliers;
    let own = matches!(config.codes.challenger, ChallengerKind::Passcodes);
    (own && carried).then(|| challenger.clone())
}

/// Codes of Twilio Verify's.
///
/// # Errors
///
/// What is not configured.
pub fn twilio_verify(delivery: &DeliveryConfig, http: Http) -> Result<TwilioVerify, BoxError> {
    let (Some(account), Some(service)) = (delivery.twilio.clone(), delivery.verify.clone()) else {
        return Err("Twilio Verify sends codes for an account with a service only".into());
    };
    let config = VerifyConfig {
        account,
        service,
        payee: delivery.shop.clone().into(),
    };
    Ok(TwilioVerify::new(config, http))
}

/// How text messages are sent; `None` if Twilio sends none.
#[must_use]
pub fn messages(delivery: &DeliveryConfig) -> Option<MessagesConfig> {
    let reports = delivery.reports.as_ref();
    Some(MessagesConfig {
        account: delivery.twilio.clone()?,
        sender: delivery.sender.clone()?,
        status_callback: reports.map(|reports| reports.address.clone()),
    })
}

/// The couriers that are configured: a webhook carries what no other does.
fn couriers(
    delivery: &DeliveryConfig,
    suppliers: Suppliers,
    http: &Http,
) -> Result<Arc<dyn Courier>, BoxError> {
    if let Suppliers::Given(courier) = suppliers {
        return Ok(courier);
    }
    let mut couriers = Couriers::default();
    let Some(words) = &delivery.words else {
        return Ok(Arc::new(no_courier::NoCourier));
    };
    if let Some(config) = messages(delivery) {
        let twilio = TwilioMessages::new(config, words.clone(), http.clone());
        couriers.phone = Some(Arc::new(twilio));
    }
    if let Some(config) = delivery.mail.clone() {
        couriers.email = Some(Arc::new(SmtpCourier::new(config, words.clone())?));
    }
    if let Some((url, secret)) = delivery.webhook.clone() {
        let config = WebhookConfig { url, secret };
        let webhook = WebhookCourier::new(config, words.clone(), http.clone());
        let webhook: Arc<dyn Courier> = Arc::new(webhook);
        couriers.phone.get_or_insert(webhook.clone());
        couriers.email.get_or_insert(webhook);
    }
    Ok(Arc::new(couriers))
}

/// Codes of the tenant's own.
#[must_use]
pub fn passwordless(back_end: &BackEnd, directory: &Auth0Customers) -> Auth0Passwordless {
    let config = PasswordlessConfig {
        client: back_end.client.clone(),
        secret: back_end.secret.clone(),
        mode: back_end.mode.clone(),
    };
    Auth0Passwordless::new(config, directory, Arc::new(OsEntropy))
}

/// Fetches the tenant's keys, so that the first customer need not wait for
/// them.
async fn warm_up(authenticator: Arc<Auth0Authenticator>) {
    let deadline = Deadline::at(Instant::now() + WARM_UP);
    if let Err(fault) = authenticator.warm(deadline).await {
        tracing::warn!(
            error = %Causes(&fault),
            "the tenant's keys could not be fetched: the first token will try again"
        );
    }
}

/// Has the database forget, now and then, what nobody needs any more.
async fn sweep(store: Store, clock: Arc<dyn Clock>) {
    let mut turns = tokio::time::interval(SWEEP);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    // The first turn is now, when there is better to do.
    turns.tick().await;
    loop {
        turns.tick().await;
        match store.sweep(clock.now()).await {
            Ok(swept) => tracing::debug!(?swept, "the database was swept"),
            Err(fault) => tracing::warn!(
                error = %Causes(&fault),
                "the database was not swept: it will be tried again in ten minutes"
            ),
        }
    }
}

#[async_trait]
impl Ready for Store {
    async fn check(&self) -> Result<(), Fault> {
        Self::check(self).await
    }
}
