//! The port that signs customers in, in their browsers.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use thiserror::Error;

use crate::deadline::Deadline;
use crate::fault::Fault;
use crate::ids::CustomerId;

/// Where to send a browser. What it says is for that browser alone: it does
/// not show itself.
#[derive(Debug, Clone)]
pub struct BrowserUrl(SecretString);

impl BrowserUrl {
    /// Takes a URL that the adapter has put together.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into().into())
    }

    /// The URL, to send the browser there.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// A sign-in that has begun, to be remembered for the one browser that began
/// it, and nowhere the browser can read it.
///
/// It is three secrets of this sign-in's own: the state that comes back with
/// the browser, the nonce that comes back in the ID token, and the verifier
/// that nobody sees until the code is exchanged. It is spent by finishing, and
/// is therefore not `Clone`.
#[derive(Debug)]
pub struct PendingSignIn {
    state: SecretString,
    nonce: SecretString,
    verifier: SecretString,
}

/// Not a sign-in that has begun; what was given is left out on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "a sign-in that has begun is three different secrets between dots, each of 43 to 128 letters, digits, hyphens or underscores"
)]
pub struct InvalidPendingSignIn;

impl PendingSignIn {
    /// Takes the three secrets.
    ///
    /// # Errors
    ///
    /// [`InvalidPendingSignIn`] unless each is 43 to 128 letters, digits,
    /// hyphens or underscores (RFC 7636, 4.1) and no two are alike.
    pub fn new(state: &str, nonce: &str, verifier: &str) -> Result<Self, InvalidPendingSignIn> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let fits = |raw: &str| (43..=128).contains(&raw.len()) && raw.bytes().all(plain);
        let differ = state != nonce && nonce != verifier && verifier != state;
        if differ && [state, nonce, verifier].into_iter().all(fits) {
            Ok(Self {
                state: state.into(),
                nonce: nonce.into(),
                verifier: verifier.into(),
            })
        } else {
            Err(InvalidPendingSignIn)
        }
    }

    /// Takes back what [`PendingSignIn::expose`] gave out.
    ///
    /// # Errors
    ///
    /// [`InvalidPendingSignIn`] if it gave out nothing like it.
    pub fn parse(raw: &str) -> Result<Self, InvalidPendingSignIn> {
        let mut secrets = raw.splitn(3, '.');
        let mut next = || secrets.next().ok_or(InvalidPendingSignIn);
        Self::new(next()?, next()?, next()?)
    }

    /// All three secrets as one text, to be kept with the browser's session.
    #[must_use]
    pub fn expose(&self) -> SecretString {
        let secrets = [&self.state, &self.nonce, &self.verifier];
        let secrets = secrets.map(ExposeSecret::expose_secret);
        secrets.join(".").into()
    }

    /// What comes back with the browser.
    #[must_use]
    pub fn state(&self) -> &str {
        self.state.expose_secret()
    }

    /// What comes back in the ID token.
    #[must_use]
    pub fn nonce(&self) -> &str {
        self.nonce.expose_secret()
    }

    /// What proves, when the code is exchanged, that it was asked for here.
    #[must_use]
    pub fn verifier(&self) -> &str {
        self.verifier.expose_secret()
    }

    /// Whether a callback has the state of this sign-in. It takes as long
    /// whatever the state is.
    #[must_use]
    pub fn is_of(&self, callback: &Callback) -> bool {
        let came = callback.state.expose_secret().as_bytes();
        self.state().as_bytes().ct_eq(came).into()
    }
}

/// What a browser brought back.
#[derive(Debug, Clone)]
pub struct Callback {
    state: SecretString,
    outcome: CallbackOutcome,
}

/// How a sign-in went at the provider.
#[derive(Debug, Clone)]
pub enum CallbackOutcome {
    /// Whoever has this code can find out once who signed in.
    Code(SecretString),
    /// Nobody signed in.
    Error(Denial),
}

/// Nothing that a provider sends a browser back with; what was given is left
/// out on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a sign-in comes back with its state and either a code or an error")]
pub struct InvalidCallback;

impl Callback {
    /// Reads the parameters `state`, `code` and `error` of the URL that the
    /// browser came back to.
    ///
    /// # Errors
    ///
    /// [`InvalidCallback`] unless there is a state, and either a code or an
    /// error, each of at most 4096 visible ASCII characters.
    pub fn parse(
        state: Option<&str>,
        code: Option<&str>,
        error: Option<&str>,
    ) -> Result<Self, InvalidCallback> {
        let fits = |raw: &&str| {
            (1..=4096).contains(&raw.len()) && raw.bytes().all(|b| b.is_ascii_graphic())
        };
        let state = state.filter(fits).ok_or(InvalidCallback)?;
        let outcome = match (code, error) {
            (Some(code), None) if fits(&code) => CallbackOutcome::Code(code.into()),
            (None, Some(error)) if fits(&error) => CallbackOutcome::Error(Denial::new(error)),
            _ => return Err(InvalidCallback),
        };
        Ok(Self {
            state: state.into(),
            outcome,
        })
    }

    /// How the sign-in went.
    #[must_use]
    pub fn outcome(&self) -> &CallbackOutcome {
        &self.outcome
    }
}

/// The provider's word for why nobody signed in, such as `access_denied`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial(Box<str>);

impl Denial {
    /// Takes a word. The browser could have made it up: whatever is not 1 to
    /// 64 small letters and underscores becomes `other`.
    #[must_use]
    pub fn new(raw: &str) -> Self {
        let fits = (1..=64).contains(&raw.len())
            && raw.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        Self(if fits { raw } else { "other" }.into())
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The ID token by which the provider knows whom to sign out. It is kept with
/// the browser's session, and nowhere the browser can read it.
#[derive(Debug, Clone)]
pub struct IdTokenHint(SecretString);

/// Not an ID token; what was given is left out on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an ID token is 1 to 16384 visible ASCII characters")]
pub struct InvalidIdTokenHint;

impl IdTokenHint {
    /// Reads a token.
    ///
    /// # Errors
    ///
    /// [`InvalidIdTokenHint`] unless it is 1 to 16384 visible ASCII
    /// characters.
    pub fn parse(raw: &str) -> Result<Self, InvalidIdTokenHint> {
        let fits = (1..=16_384).contains(&raw.len()) && raw.bytes().all(|b| b.is_ascii_graphic());
        if fits {
            Ok(Self(raw.into()))
        } else {
            Err(InvalidIdTokenHint)
        }
    }

    /// The token, to keep it or to send it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Where to send the browser, and what to remember until it comes back.
#[derive(Debug)]
pub struct BegunSignIn {
    /// Where to send the browser.
    pub url: BrowserUrl,
    /// What to remember.
    pub pending: PendingSignIn,
}

/// Who signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The customer.
    pub customer: CustomerId,
    /// What signs the customer out.
    pub id_token: IdTokenHint,
    /// When the sign-in was finished.
    pub finished_at: Timestamp,
    /// When the customer last proved it to the provider: at most
    /// [`FRESH`](Self::FRESH) before the browser was sent there. Where that
    /// moment is not known, it may be as long again for the way back.
    pub authenticated_at: Timestamp,
    /// Until when the provider vouches for it.
    pub expires_at: Timestamp,
}

impl SignedIn {
    /// How long ago somebody may have proved it to the provider: whoever finds
    /// a browser that was left open is asked for the password (`max_age` of
    /// `OpenID Connect` Core, 3.1.2.1).
    pub const FRESH: Duration = Duration::from_mins(5);
}

/// Signs customers in, in their browsers.
///
/// No token but the ID token comes out of it, and none that could be renewed
/// is asked for.
#[async_trait]
pub trait SignIn: Send + Sync {
    /// Begins a sign-in, at which the customer proves it to the provider, unless
    /// that was less than [`SignedIn::FRESH`] ago. No two have a secret in common, and the URL does not
    /// have the verifier.
    ///
    /// # Errors
    ///
    /// [`Fault`] if there is no randomness.
    fn begin(&self) -> Result<BegunSignIn, Fault>;

    /// Finishes a sign-in with what the browser brought back, and says who
    /// signed in. A code works once, and only for the sign-in that it was
    /// asked for.
    ///
    /// # Errors
    ///
    /// [`FinishSignInError::StateMismatch`] if the callback is another
    /// sign-in's, and nothing of it was looked at;
    /// [`FinishSignInError::Denied`] if the customer or the provider refused;
    /// [`FinishSignInError::Rejected`] if the code or the ID token is not good
    /// for this sign-in; [`FinishSignInError::Fault`] if it could not be
    /// finished before the deadline: begin another one.
    async fn finish(
        &self,
        pending: PendingSignIn,
        callback: &Callback,
        deadline: Deadline,
    ) -> Result<SignedIn, FinishSignInError>;

    /// Where to send the browser so that the provider signs the customer out,
    /// too. The browser comes back with `state`.
    fn sign_out(&self, id_token: &IdTokenHint, state: &str) -> BrowserUrl;
}

/// Why it is not known who signed in.
#[derive(Debug, Error)]
pub enum FinishSignInError {
    /// The browser came back from another sign-in.
    #[error("the callback is not that of the sign-in")]
    StateMismatch,
    /// Nobody signed in.
    #[error("the sign-in was denied: {}", .0.as_str())]
    Denied(Denial),
    /// The code or the ID token is not good.
    #[error("the sign-in was rejected")]
    Rejected,
    /// It could not be finished.
    #[error(transparent)]
    Fault(#[from] Fault),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(letter: &str) -> String {
        letter.repeat(43)
    }

    fn pending() -> PendingSignIn {
        PendingSignIn::new(&secret("s"), &secret("n"), &secret("v")).unwrap()
    }

    fn callback(state: &str) -> Callback {
        Callback::parse(Some(state), Some("code"), None).unwrap()
    }

    #[test]
    fn a_sign_in_that_has_begun_survives_being_kept() {
        let kept = pending().expose();
        let back = PendingSignIn::parse(kept.expose_secret()).unwrap();

        assert_eq!(back.state(), secret("s"));
        assert_eq!(back.nonce(), secret("n"));
        assert_eq!(back.verifier(), secret("v"));
    }

    #[test]
    fn secrets_that_are_short_alike_or_strange_are_refused() {
        let [s, n, v] = ["s", "n", "v"].map(secret);
        for raw in [
            String::new(),
            "..".to_owned(),
            format!("{s}.{n}"),
            format!("{s}.{n}.{v}.{v}"),
            format!("{s}.{n}.{}", &v[1..]),
            format!("{s}.{n}.{}", "v".repeat(129)),
            format!("{s}.{s}.{v}"),
            format!("{s}.{n}.{s}"),
            format!("{s}.{n}.{n}"),
            format!("{s}.{n}.{v} "),
            format!("{s}.{n}.{v}é"),
            format!("{s}.{n}.{v}~"),
        ] {
            let refused = PendingSignIn::parse(&raw).unwrap_err();
            assert_eq!(refused, InvalidPendingSignIn, "{raw}");
        }
    }

    #[test]
    fn a_callback_is_of_the_sign_in_whose_state_it_has() {
        assert!(pending().is_of(&callback(&secret("s"))));
        for other in [&secret("n"), "s", &"s".repeat(42), &"s".repeat(44)] {
            assert!(!pending().is_of(&callback(other)), "{other}");
        }
    }

    #[test]
    fn a_callback_has_a_state_and_either_a_code_or_an_error() {
        let long = "x".repeat(4097);
        for (state, code, error) in [
            (None, None, None),
            (Some("s"), None, None),
            (None, Some("c"), None),
            (None, None, Some("access_denied")),
            (Some("s"), Some("c"), Some("access_denied")),
            (Some(""), Some("c"), None),
            (Some("s"), Some(""), None),
            (Some("s"), Some("c\n"), None),
            (Some(&long), Some("c"), None),
            (Some("s"), Some(&*long), None),
        ] {
            let refused = Callback::parse(state, code, error).unwrap_err();
            assert_eq!(refused, InvalidCallback, "{state:?} {code:?} {error:?}");
        }
    }

    #[test]
    fn a_denial_is_a_word_or_other() {
        for (raw, word) in [
            ("access_denied", "access_denied"),
            ("<script>", "other"),
            ("Access", "other"),
            ("", "other"),
            (&"x".repeat(65), "other"),
        ] {
            assert_eq!(Denial::new(raw).as_str(), word, "{raw}");
        }
    }

    #[test]
    fn no_secret_shows_itself() {
        let shown = format!(
            "{:?} {:?} {:?} {:?} {:?}",
            pending(),
            pending().expose(),
            callback("sss"),
            IdTokenHint::parse("eyJhint").unwrap(),
            BrowserUrl::new("https://tenant.example/?state=sss"),
        );

        for secret in ["sss", "nnn", "vvv", "code\"", "eyJhint", "tenant.example"] {
            assert!(!shown.contains(secret), "{secret}: {shown}");
        }
    }
}
