//! The fake that signs customers in as a test tells it to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use pod_core::ports::{
    BegunSignIn, BrowserUrl, Callback, CallbackOutcome, Clock, Entropy, FinishSignInError,
    IdTokenHint, PendingSignIn, SignIn, SignedIn,
};
use pod_core::{CustomerId, Deadline, Fault};
use secrecy::ExposeSecret;

use super::clock::FakeClock;
use super::entropy::FakeEntropy;
use super::lock;
use super::silence::Silence;

/// Where the provider is that a test plays.
const PROVIDER: &str = "https://provider.invalid/";

/// The adapter, as a fault names it.
const NAME: &str = "in-memory sign-in";

/// How long an ID token is good.
const LIFETIME: Duration = Duration::from_hours(1);

/// Signs customers in as a test tells it to: the test plays the browser and the
/// provider.
#[derive(Debug, Default)]
pub struct InMemorySignIn {
    clock: Arc<FakeClock>,
    entropy: FakeEntropy,
    /// The state of the sign-in that each code was issued for, and who signed
    /// in; nobody if the ID token is not good.
    codes: Mutex<HashMap<String, (String, Option<CustomerId>)>>,
    /// Whom each ID token is about.
    id_tokens: Mutex<HashMap<String, CustomerId>>,
    silence: Silence,
}

impl InMemorySignIn {
    /// Makes one that goes by a clock.
    #[must_use]
    pub fn new(clock: Arc<FakeClock>) -> Self {
        Self {
            clock,
            ..Self::default()
        }
    }

    /// A customer follows the URL and signs in; returns what the browser
    /// brings back.
    ///
    /// # Panics
    ///
    /// If the URL is not one to sign in at.
    pub fn approve(&self, url: &BrowserUrl, customer: &CustomerId) -> Callback {
        self.issue(url, Some(customer.clone()))
    }

    /// The same, but what the provider is going to say of it is not good.
    ///
    /// # Panics
    ///
    /// If the URL is not one to sign in at.
    pub fn deceive(&self, url: &BrowserUrl) -> Callback {
        self.issue(url, None)
    }

    /// A customer follows the URL and refuses; returns what the browser brings
    /// back.
    ///
    /// # Panics
    ///
    /// If the URL is not one to sign in at.
    #[must_use]
    pub fn refuse(url: &BrowserUrl) -> Callback {
        let state = parameter(url, "authorize?state=");
        Callback::parse(state, None, Some("access_denied")).expect("a URL to sign in at")
    }

    /// A customer follows the URL to sign out; returns who that is, and the
    /// state that the browser brings back.
    pub fn leave(&self, url: &BrowserUrl) -> Option<(CustomerId, String)> {
        let (hint, state) = parameter(url, "logout?hint=")?.split_once("&state=")?;
        let customer = lock(&self.id_tokens).get(hint).cloned()?;
        Some((customer, state.to_owned()))
    }

    /// Answers nobody from now on.
    pub fn fall_silent(&self) {
        self.silence.begin();
    }

    /// Answers again.
    pub fn speak_again(&self) {
        self.silence.end();
    }

    fn issue(&self, url: &BrowserUrl, customer: Option<CustomerId>) -> Callback {
        let state = parameter(url, "authorize?state=").expect("a URL to sign in at");
        let code = self.secret().expect("randomness");
        let callback = Callback::parse(Some(state), Some(&code), None);
        lock(&self.codes).insert(code, (state.to_owned(), customer));
        callback.expect("a URL to sign in at")
    }

    /// Forty-three letters that are there once.
    fn secret(&self) -> Result<String, Fault> {
        let mut bytes = [0; 43];
        self.entropy.fill(&mut bytes)?;
        Ok(bytes
            .map(|byte| char::from(b'a' + byte % 26))
            .iter()
            .collect())
    }
}

#[async_trait]
impl SignIn for InMemorySignIn {
    fn begin(&self) -> Result<BegunSignIn, Fault> {
        let [state, nonce, verifier] = [self.secret()?, self.secret()?, self.secret()?];
        let pending = PendingSignIn::new(&state, &nonce, &verifier);
        Ok(BegunSignIn {
            url: BrowserUrl::new(format!("{PROVIDER}authorize?state={state}")),
            pending: pending.map_err(|error| Fault::broken(NAME, error))?,
        })
    }

    async fn finish(
        &self,
        pending: PendingSignIn,
        callback: &Callback,
        deadline: Deadline,
    ) -> Result<SignedIn, FinishSignInError> {
        if !pending.is_of(callback) {
            return Err(FinishSignInError::StateMismatch);
        }
        let code = match callback.outcome() {
            CallbackOutcome::Code(code) => code.expose_secret(),
            CallbackOutcome::Error(denial) => {
                return Err(FinishSignInError::Denied(denial.clone()));
            }
        };
        self.silence.wait(NAME, deadline).await?;
        let issued = lock(&self.codes).remove(code);
        let Some((state, Some(customer))) = issued else {
            return Err(FinishSignInError::Rejected);
        };
        if state != pending.state() {
            return Err(FinishSignInError::Rejected);
        }
        let id_token = self.secret()?;
        lock(&self.id_tokens).insert(id_token.clone(), customer.clone());
        let now = self.clock.now();
        Ok(SignedIn {
            customer,
            id_token: IdTokenHint::parse(&id_token).map_err(|error| Fault::broken(NAME, error))?,
            finished_at: now,
            authenticated_at: now,
            expires_at: now + LIFETIME,
        })
    }

    fn sign_out(&self, id_token: &IdTokenHint, state: &str) -> BrowserUrl {
        let hint = id_token.expose();
        BrowserUrl::new(format!("{PROVIDER}logout?hint={hint}&state={state}"))
    }
}

/// What follows some words in a URL of the provider's.
fn parameter<'u>(url: &'u BrowserUrl, words: &str) -> Option<&'u str> {
    url.expose().strip_prefix(PROVIDER)?.strip_prefix(words)
}
