//! The pod: every crate as it is shipped, on a port of its own.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use pod_alexa::verify::{SkillIds, VerifierConfig};
use pod_alexa::{Observer, Skill, SkillConfig, SkillPorts};
use pod_auth0::{Audience, Auth0Authenticator, Auth0Domain, AuthenticatorConfig};
use pod_core::ports::{Attempts, Clock, Courier, Entropy, History, Orders, Ports, Replies};
use pod_core::{Passcodes, Pod};
use pod_http::{Http, Route};
use pod_testkit::{InMemoryAnnouncer, fixtures};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use url::Url;

use super::house::House;
use super::storage::Stores;
use super::switch::{Switch, Switched};
use super::talk::Setup;

/// What a pod is given, and outlives it.
pub(crate) struct Given {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) courier: Arc<dyn Courier>,
    pub(crate) announcer: Arc<InMemoryAnnouncer>,
    pub(crate) switch: Arc<Switch>,
    pub(crate) watch: Arc<Watch>,
}

/// A pod that answers.
pub(crate) struct Shop {
    pub(crate) url: Url,
    pub(crate) pod: Arc<Pod>,
    pub(crate) skill: Arc<Skill>,
    serving: JoinSet<()>,
}

/// Remembers why requests were refused.
#[derive(Default)]
pub(crate) struct Watch(Mutex<Vec<&'static str>>);

impl Watch {
    /// The reasons, the first first; they are told once.
    pub(crate) fn refusals(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Observer for Watch {
    fn answered(&self, _request: &'static str, _outcome: &'static str, _took: Duration) {}

    fn rejected(&self, reason: &'static str) {
        let mut reasons = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reasons.push(reason);
    }
}

impl Shop {
    pub(crate) async fn open(setup: &Setup, house: &House, stores: Stores, given: &Given) -> Self {
        let pod = Arc::new(pod(setup, &stores, given));
        let skill = skill(setup, house, &pod, given);
        let skill = Arc::new(skill);
        let router = Router::new().nest("/pod", pod_alexa::router(skill.clone()));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            axum::serve(listener, router).await.expect("it serves");
        });
        let url = format!("http://{address}/pod/alexa");
        Self {
            url: url.parse().expect("a URL"),
            pod,
            skill,
            serving,
        }
    }

    /// Ends it as a crash does: at once, whatever it was doing.
    pub(crate) async fn die(mut self) {
        self.serving.shutdown().await;
    }
}

fn pod(setup: &Setup, stores: &Stores, given: &Given) -> Pod {
    let keys = fixtures::code_keys();
    let (policy, pepper) = (setup.policy.clone(), keys.pepper());
    let passcodes = Passcodes::new(keys, policy.digits, given.courier.clone());
    let ports = Ports {
        announcer: given.announcer.clone(),
        attempts: Arc::new(Switched::<dyn Attempts> {
            port: stores.attempts.clone(),
            switch: given.switch.clone(),
        }),
        challenger: Arc::new(passcodes),
        clock: given.clock.clone(),
        contact_book: stores.contact_book.clone(),
        conversions: stores.conversions.clone(),
        customers: stores.customers.clone(),
        enrolment_challenger: None,
        enrolments: stores.enrolments.clone(),
        entropy: given.entropy.clone(),
        history: Arc::new(Switched::<dyn History> {
            port: stores.history.clone(),
            switch: given.switch.clone(),
        }),
        links: stores.links.clone(),
        orders: Arc::new(Switched::<dyn Orders> {
            port: stores.orders.clone(),
            switch: given.switch.clone(),
        }),
        quotas: stores.quotas.clone(),
        replies: Arc::new(Switched::<dyn Replies> {
            port: stores.replies.clone(),
            switch: given.switch.clone(),
        }),
    };
    Pod::new(ports, policy, pepper)
}

fn skill(setup: &Setup, house: &House, pod: &Arc<Pod>, given: &Given) -> Skill {
    let root = house.signer.root();
    let skill_ids = SkillIds::parse(&house.skill_id).expect("a skill id");
    let anchors = setup.trust_anchors.as_deref().unwrap_or(root);
    let http = Http::new(&Route {
        proxy: Some(format!("http://{}", house.amazon.proxy())),
        authorities: Some(root.into()),
    })
    .expect("a way out");
    let config = SkillConfig {
        verifier: VerifierConfig {
            trust_anchors: Some(anchors.into()),
            ..VerifierConfig::new(skill_ids)
        },
        http: http.clone(),
        menu: setup.menu.clone(),
        budget: setup.budget,
    };
    let tenant = format!("http://{}", house.tenant.address());
    let audience = setup.audience.unwrap_or("https://pod.localtest.me");
    let authenticator = AuthenticatorConfig {
        domain: Auth0Domain::parse(&tenant).expect("a tenant on this machine"),
        audience: Audience::parse(audience).expect("an API"),
        clients: Vec::new(),
        hs256_key: None,
    };
    let authenticator = Auth0Authenticator::new(authenticator, http, given.clock.clone());
    let ports = SkillPorts {
        pod: pod.clone(),
        authenticator: Arc::new(authenticator),
        clock: given.clock.clone(),
        observer: given.watch.clone(),
    };
    Skill::new(config, ports).expect("a skill")
}
