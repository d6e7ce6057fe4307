//! The fake that knows the tokens it was told.

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use pod_core::Deadline;
use pod_core::ports::{AccessToken, AuthenticateError, Authenticator, Caller};

use super::lock;
use super::silence::Silence;

/// Knows the tokens it was told, and rejects all others.
#[derive(Debug, Default)]
pub struct InMemoryAuthenticator {
    callers: Mutex<HashMap<Box<str>, Caller>>,
    silence: Silence,
}

impl InMemoryAuthenticator {
    /// Lets a token stand for a caller.
    pub fn know(&self, token: &AccessToken, caller: Caller) {
        lock(&self.callers).insert(token.expose().into(), caller);
    }

    /// Rejects a token from now on, as when it has expired.
    pub fn revoke(&self, token: &AccessToken) {
        lock(&self.callers).remove(token.expose());
    }

    /// Answers nobody from now on.
    pub fn fall_silent(&self) {
        self.silence.begin();
    }

    /// Answers again.
    pub fn speak_again(&self) {
        self.silence.end();
    }
}

#[async_trait]
impl Authenticator for InMemoryAuthenticator {
    async fn authenticate(
        &self,
        token: &AccessToken,
        deadline: Deadline,
    ) -> Result<Caller, AuthenticateError> {
        self.silence
            .wait("in-memory authenticator", deadline)
            .await?;
        let caller = lock(&self.callers).get(token.expose()).cloned();
        caller.ok_or(AuthenticateError::Rejected)
    }
}
