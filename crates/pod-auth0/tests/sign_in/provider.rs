//! A tenant on loopback where customers sign in: it issues codes to a browser
//! that a test plays, exchanges them, and writes down what it was asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pod_auth0::{Auth0Domain, Auth0SignIn, ClientId, ClientSecret, ReturnUrl, SignInConfig};
use pod_core::CustomerId;
use pod_core::ports::{
    BegunSignIn, BrowserUrl, Callback, Clock as _, FinishSignInError, SignIn as _, SignedIn,
};
use pod_http::{Http, Route};
use pod_testkit::{FakeClock, FakeEntropy, fixtures};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::{Url, form_urlencoded};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers};

use crate::tenant::{first, header, set_of, sign};

pub(crate) const CLIENT: &str = "wEb0oZ3aLq7Yw";
pub(crate) const SECRET: &str = "hush-hush/7+a%&=?";
pub(crate) const CALLBACK: &str = "https://pod.example/pod/app/oidc/callback";
pub(crate) const SIGNED_OUT: &str = "https://pod.example/pod/app/?signed=out";

/// Words with values, as URLs and forms have them.
pub(crate) type Pairs = HashMap<String, String>;

/// Makes an ID token of claims, well or badly.
type Mint = Arc<dyn Fn(&Value) -> String + Send + Sync>;

/// A request that the tenant got.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: String,
    pub(crate) form: Pairs,
}

/// What a code stands for.
struct Grant {
    challenge: String,
    claims: Value,
}

struct State {
    grants: HashMap<String, Grant>,
    customers: HashMap<String, CustomerId>,
    asked: Vec<Asked>,
    keys: ResponseTemplate,
    /// What the exchange of any code is answered with, if not as it should be.
    answer: Option<ResponseTemplate>,
    delay: Duration,
    mint: Mint,
}

pub(crate) struct Provider {
    server: MockServer,
    state: Arc<Mutex<State>>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) sign_in: Arc<Auth0SignIn>,
}

/// The ID token that the tenant issues unless a test says otherwise.
pub(crate) fn good(claims: &Value) -> String {
    sign(&header("first"), claims, first()).expose().to_owned()
}

pub(crate) fn config(domain: &str) -> SignInConfig {
    SignInConfig {
        domain: Auth0Domain::parse(domain).expect("a domain"),
        client: ClientId::parse(CLIENT).expect("a client id"),
        secret: ClientSecret::parse(SECRET.into()).expect("a secret"),
        redirect_uri: ReturnUrl::parse(CALLBACK).expect("a URL"),
        signed_out_uri: ReturnUrl::parse(SIGNED_OUT).expect("a URL"),
    }
}

pub(crate) fn http() -> Http {
    Http::new(&Route::default()).expect("a way out")
}

impl Provider {
    pub(crate) async fn start() -> Self {
        let server = MockServer::start().await;
        let state = Arc::new(Mutex::new(State {
            grants: HashMap::new(),
            customers: HashMap::new(),
            asked: Vec::new(),
            keys: set_of(&[first().jwk()]),
            answer: None,
            delay: Duration::ZERO,
            mint: Arc::new(good),
        }));
        let shared = state.clone();
        Mock::given(matchers::any())
            .respond_with(move |request: &Request| lock(&shared).respond(request))
            .mount(&server)
            .await;
        let clock = Arc::<FakeClock>::default();
        let entropy = Arc::new(FakeEntropy::default());
        let sign_in = Auth0SignIn::new(config(&server.uri()), http(), clock.clone(), entropy);
        Self {
            server,
            state,
            clock,
            sign_in: Arc::new(sign_in),
        }
    }

    pub(crate) fn issuer(&self) -> String {
        format!("{}/", self.server.uri())
    }

    /// Everything it was asked, keys left out.
    pub(crate) fn exchanges(&self) -> Vec<Asked> {
        let mut asked = lock(&self.state).asked.clone();
        asked.retain(|asked| asked.path != "/.well-known/jwks.json");
        asked
    }

    /// Publishes its keys so from now on.
    pub(crate) fn publish(&self, keys: ResponseTemplate) {
        lock(&self.state).keys = keys;
    }

    /// Answers every exchange so from now on.
    pub(crate) fn answer(&self, answer: ResponseTemplate) {
        lock(&self.state).answer = Some(answer);
    }

    /// Takes its time from now on.
    pub(crate) fn delay(&self, delay: Duration) {
        lock(&self.state).delay = delay;
    }

    /// Makes ID tokens so from now on.
    pub(crate) fn mint(&self, mint: impl Fn(&Value) -> String + Send + Sync + 'static) {
        lock(&self.state).mint = Arc::new(mint);
    }

    /// A customer follows the URL and signs in.
    pub(crate) fn approve(&self, url: &BrowserUrl, customer: &CustomerId) -> Callback {
        let (path, asked) = self.visit(url);
        assert_eq!(path, "/authorize");
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["redirect_uri"], CALLBACK);
        assert_eq!(asked["code_challenge_method"], "S256");

        let now = self.clock.now().as_second();
        let claims = json!({
            "iss": self.issuer(),
            "sub": customer.as_str(),
            "aud": CLIENT,
            "iat": now,
            "exp": now + 36_000,
            "auth_time": now - 180,
            "nonce": asked["nonce"],
            "sid": "a session",
            "email": "zoe@example.com",
        });
        let mut state = lock(&self.state);
        let code = format!("code-{}/+", state.customers.len() + state.grants.len());
        let grant = Grant {
            challenge: asked["code_challenge"].clone(),
            claims,
        };
        state.grants.insert(code.clone(), grant);
        Callback::parse(Some(&asked["state"]), Some(&code), None).expect("a callback")
    }

    /// A customer follows the URL and comes back with an error.
    pub(crate) fn refuse(&self, url: &BrowserUrl, error: &str) -> Callback {
        let (_, asked) = self.visit(url);
        Callback::parse(Some(&asked["state"]), None, Some(error)).expect("a callback")
    }

    /// A customer follows the URL to sign out.
    pub(crate) fn leave(&self, url: &BrowserUrl) -> Option<(CustomerId, String)> {
        let (path, mut asked) = self.visit(url);
        let allowed = asked.get("post_logout_redirect_uri")? == SIGNED_OUT;
        let hint = asked.get("id_token_hint")?;
        let customer = lock(&self.state).customers.get(hint).cloned()?;
        (path == "/oidc/logout" && allowed).then_some((customer, asked.remove("state")?))
    }

    /// Begins, approves as Zoë and finishes.
    pub(crate) async fn sign_zoe_in(&self) -> Result<SignedIn, FinishSignInError> {
        let BegunSignIn { url, pending } = self.sign_in.begin().expect("randomness");
        let callback = self.approve(&url, &fixtures::zoe());
        let deadline = fixtures::deadline();
        self.sign_in.finish(pending, &callback, deadline).await
    }

    fn visit(&self, url: &BrowserUrl) -> (String, Pairs) {
        let url = Url::parse(url.expose()).expect("a URL");
        assert_eq!(url.origin().ascii_serialization(), self.server.uri());
        (
            url.path().to_owned(),
            pairs(url.query().unwrap_or_default()),
        )
    }
}

impl State {
    fn respond(&mut self, request: &Request) -> ResponseTemplate {
        let asked = Asked {
            path: request.url.path().to_owned(),
            query: request.url.query().map(str::to_owned),
            headers: format!("{:?}", request.headers),
            form: pairs(&String::from_utf8_lossy(&request.body)),
        };
        self.asked.push(asked.clone());
        let answer = match (request.method.as_str(), &*asked.path) {
            ("GET", "/.well-known/jwks.json") => self.keys.clone(),
            ("POST", "/oauth/token") => self.exchange(&asked.form),
            _ => ResponseTemplate::new(404),
        };
        answer.set_delay(self.delay)
    }

    fn exchange(&mut self, form: &Pairs) -> ResponseTemplate {
        if let Some(answer) = &self.answer {
            return answer.clone();
        }
        if form["client_id"] != CLIENT || form["client_secret"] != SECRET {
            return ResponseTemplate::new(401).set_body_json(json!({ "error": "access_denied" }));
        }
        // Used or not, a code is spent by being tried.
        let grant = self.grants.remove(&form["code"]);
        let proof = URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
        let Some(grant) = grant.filter(|grant| grant.challenge == proof) else {
            return ResponseTemplate::new(403).set_body_json(json!({
                "error": "invalid_grant",
                "error_description": "Invalid authorization code",
            }));
        };
        let id_token = (self.mint)(&grant.claims);
        let customer = CustomerId::parse(grant.claims["sub"].as_str().expect("a customer"));
        let customer = customer.expect("a customer");
        self.customers.insert(id_token.clone(), customer);
        ResponseTemplate::new(200).set_body_json(json!({
            "access_token": "an opaque one",
            "refresh_token": "v1.nobody-asked-for-it",
            "id_token": id_token,
            "token_type": "Bearer",
            "expires_in": 86_400,
        }))
    }
}

pub(crate) fn pairs(encoded: &str) -> Pairs {
    let mut pairs = Pairs::new();
    for (name, value) in form_urlencoded::parse(encoded.as_bytes()).into_owned() {
        let twice = pairs.insert(name, value);
        assert_eq!(twice, None, "a name is there twice: {encoded}");
    }
    pairs
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().expect("the tenant")
}
