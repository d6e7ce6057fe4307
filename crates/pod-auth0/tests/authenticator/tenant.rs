//! A tenant on loopback: it publishes keys, counts who asks for them, and signs
//! tokens, good and bad. Its two private keys open nothing else.

use std::sync::{Arc, Mutex, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use pod_auth0::{
    Audience, Auth0Authenticator, Auth0Domain, AuthenticatorConfig, ClientId, Hs256Key,
};
use pod_core::Fault;
use pod_core::ports::{AccessToken, AuthenticateError, Authenticator as _, Caller, Clock as _};
use pod_http::{Http, Route};
use pod_testkit::{FakeClock, fixtures};
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers};

pub(crate) const AUDIENCE: &str = "https://pod.example/api";

/// The application that tokens are issued to.
pub(crate) const CLIENT: &str = "Vp0oZ3aLq7Yw";

/// A signing key of the tenant.
pub(crate) struct Key {
    pub(crate) kid: &'static str,
    pub(crate) pem: &'static str,
    private: EncodingKey,
}

impl Key {
    fn read(kid: &'static str, pem: &'static str) -> Self {
        let private = EncodingKey::from_rsa_pem(pem.as_bytes()).expect("a key");
        Self { kid, pem, private }
    }

    /// The key as the tenant publishes it.
    pub(crate) fn jwk(&self) -> Value {
        let jwk = Jwk::from_encoding_key(&self.private, Algorithm::RS256).expect("a public key");
        let mut jwk = serde_json::to_value(jwk).expect("JSON");
        jwk["kid"] = self.kid.into();
        jwk["use"] = "sig".into();
        jwk
    }

    /// The RS256 signature of anything.
    pub(crate) fn sign_message(&self, message: &str) -> String {
        crypto::sign(message.as_bytes(), &self.private, Algorithm::RS256).expect("a signature")
    }
}

/// The key that signs unless a test says otherwise.
pub(crate) fn first() -> &'static Key {
    static KEY: OnceLock<Key> = OnceLock::new();
    KEY.get_or_init(|| Key::read("first", include_str!("keys/first.pem")))
}

/// The key after it.
pub(crate) fn second() -> &'static Key {
    static KEY: OnceLock<Key> = OnceLock::new();
    KEY.get_or_init(|| Key::read("second", include_str!("keys/second.pem")))
}

/// Answers with these keys.
pub(crate) fn set_of(keys: &[Value]) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({ "keys": keys }))
}

pub(crate) struct Tenant {
    server: MockServer,
    answer: Arc<Mutex<ResponseTemplate>>,
    asked: Arc<Mutex<Vec<String>>>,
    pub(crate) clock: Arc<FakeClock>,
}

impl Tenant {
    /// A tenant that publishes the first key.
    pub(crate) async fn start() -> Self {
        let server = MockServer::start().await;
        let answer = Arc::new(Mutex::new(set_of(&[first().jwk()])));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (next, paths) = (answer.clone(), asked.clone());
        Mock::given(matchers::any())
            .respond_with(move |request: &Request| {
                paths
                    .lock()
                    .expect("paths")
                    .push(request.url.path().to_owned());
                next.lock().expect("an answer").clone()
            })
            .mount(&server)
            .await;
        Self {
            server,
            answer,
            asked,
            clock: Arc::default(),
        }
    }

    /// Gives this answer from now on.
    pub(crate) fn answer(&self, answer: ResponseTemplate) {
        *self.answer.lock().expect("an answer") = answer;
    }

    /// Publishes these keys from now on.
    pub(crate) fn publish(&self, keys: &[&Key]) {
        self.answer(set_of(
            &keys.iter().map(|key| key.jwk()).collect::<Vec<_>>(),
        ));
    }

    /// How often the keys were asked for, and nothing else was.
    pub(crate) fn fetches(&self) -> usize {
        let asked = self.asked.lock().expect("paths");
        assert!(
            asked.iter().all(|path| path == "/.well-known/jwks.json"),
            "{asked:?}"
        );
        asked.len()
    }

    pub(crate) fn issuer(&self) -> String {
        format!("{}/", self.server.uri())
    }

    pub(crate) fn authenticator(&self) -> Arc<Auth0Authenticator> {
        self.make(None, &[])
    }

    /// An authenticator that accepts tokens of these applications alone.
    pub(crate) fn authenticator_for(&self, clients: &[&str]) -> Arc<Auth0Authenticator> {
        self.make(None, clients)
    }

    /// An authenticator that accepts HS256 by this secret.
    pub(crate) fn authenticator_with(&self, secret: &str) -> Arc<Auth0Authenticator> {
        let key = Hs256Key::parse(secret.into()).expect("a secret");
        self.make(Some(key), &[])
    }

    fn make(&self, hs256_key: Option<Hs256Key>, clients: &[&str]) -> Arc<Auth0Authenticator> {
        let clients = clients.iter().map(|id| ClientId::parse(id));
        let config = AuthenticatorConfig {
            domain: Auth0Domain::parse(&self.server.uri()).expect("a domain"),
            audience: Audience::parse(AUDIENCE).expect("an audience"),
            clients: clients.collect::<Result<_, _>>().expect("client ids"),
            hs256_key,
        };
        let http = Http::new(&Route::default()).expect("a way out");
        Arc::new(Auth0Authenticator::new(config, http, self.clock.clone()))
    }

    /// The claims of a good token, as Auth0 writes them.
    pub(crate) fn claims(&self) -> Value {
        let now = self.clock.now().as_second();
        json!({
            "iss": self.issuer(),
            "sub": fixtures::zoe().as_str(),
            "aud": [AUDIENCE, format!("{}userinfo", self.issuer())],
            "iat": now - 60,
            "exp": now + 3600,
            "scope": "openid order:pizza",
            "azp": CLIENT,
        })
    }

    /// A good token.
    pub(crate) fn token(&self, key: &Key) -> AccessToken {
        sign(&header(key.kid), &self.claims(), key)
    }
}

/// The header of a good token.
pub(crate) fn header(kid: &str) -> Value {
    json!({ "alg": "RS256", "typ": "JWT", "kid": kid })
}

/// Signs with RS256, whatever the header says.
pub(crate) fn sign(header: &Value, claims: &Value, key: &Key) -> AccessToken {
    sign_as(Algorithm::RS256, header, claims, &key.private)
}

/// Signs with an algorithm, whatever the header says.
pub(crate) fn sign_as(
    algorithm: Algorithm,
    header: &Value,
    claims: &Value,
    key: &EncodingKey,
) -> AccessToken {
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = crypto::sign(message.as_bytes(), key, algorithm).expect("a signature");
    token(&format!("{message}.{signature}"))
}

/// Signs with RSA by another algorithm than RS256, and says so.
pub(crate) fn sign_rsa(algorithm: Algorithm, claims: &Value, key: &Key) -> AccessToken {
    let header = json!({ "alg": format!("{algorithm:?}"), "kid": key.kid });
    sign_as(algorithm, &header, claims, &key.private)
}

/// Signs with HS256 by some bytes.
pub(crate) fn sign_hs256(header: &Value, claims: &Value, secret: &[u8]) -> AccessToken {
    sign_as(
        Algorithm::HS256,
        header,
        claims,
        &EncodingKey::from_secret(secret),
    )
}

pub(crate) fn encode(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

pub(crate) fn token(raw: &str) -> AccessToken {
    AccessToken::parse(raw).expect("visible characters")
}

/// What comes of a token, in time.
pub(crate) async fn authenticate(
    authenticator: &Auth0Authenticator,
    token: &AccessToken,
) -> Result<Caller, AuthenticateError> {
    authenticator
        .authenticate(token, fixtures::deadline())
        .await
}

/// Whether a token was rejected: not accepted, and not left open by a fault.
pub(crate) async fn is_rejected(authenticator: &Auth0Authenticator, token: &AccessToken) -> bool {
    matches!(
        authenticate(authenticator, token).await,
        Err(AuthenticateError::Rejected)
    )
}

/// The fault that kept a token from being verified.
pub(crate) fn fault(outcome: Result<Caller, AuthenticateError>) -> Fault {
    match outcome {
        Err(AuthenticateError::Fault(fault)) => fault,
        other => panic!("no fault: {other:?}"),
    }
}
