//! The token for the Management API: one for everybody, fetched before it is
//! needed again, since a tenant issues only so many a month.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use pod_core::Deadline;
use pod_core::ports::AccessToken;
use pod_http::StatusCode;
use serde::Deserialize;

use super::patience;
use crate::client::{ClientId, ClientSecret};
use crate::error::{Refusal, TenantError};
use crate::flight::{Flights, Outcome};
use crate::tenant::{Answer, Tenant};

const PLACE: &str = "/oauth/token";

/// A token is fetched anew so long before it expires, or after half its life
/// if it does not live that long.
const BEFORE: SignedDuration = SignedDuration::from_mins(5);

/// Longer than any token is kept.
const LONGEST: u32 = 30 * 24 * 60 * 60;

/// The tokens of one application.
#[derive(Clone)]
pub(super) struct Tokens(Arc<Shared>);

struct Shared {
    tenant: Tenant,
    client: ClientId,
    secret: ClientSecret,
    known: Mutex<Option<Known>>,
    flights: Flights<(), Arc<AccessToken>>,
}

#[derive(Clone)]
struct Known {
    token: Arc<AccessToken>,
    scope: Arc<str>,
    since: Timestamp,
    fresh: SignedDuration,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: u32,
    #[serde(default)]
    scope: String,
}

impl Tokens {
    pub(super) fn new(tenant: Tenant, client: ClientId, secret: ClientSecret) -> Self {
        Self(Arc::new(Shared {
            tenant,
            client,
            secret,
            known: Mutex::default(),
            flights: Flights::default(),
        }))
    }

    /// The token, fetched if there is none that is fresh. Whoever asks does so
    /// in the background: it may come after the deadline.
    pub(super) async fn get(&self, deadline: Deadline) -> Outcome<Arc<AccessToken>> {
        if let Some(token) = self.0.fresh() {
            return Ok(token);
        }
        let shared = self.0.clone();
        self.0
            .flights
            .join((), Deadline::at(patience(deadline)), || async move {
                shared.fetch(deadline).await.map_err(Arc::new)
            })
            .await
    }

    /// What the token is good for, as the tenant says.
    pub(super) async fn scopes(&self, deadline: Deadline) -> Outcome<Vec<String>> {
        self.get(deadline).await?;
        let known = self.0.known();
        let scope = known.as_ref().map(|known| known.scope.clone());
        let scope = scope.unwrap_or_default();
        Ok(scope.split_whitespace().map(str::to_owned).collect())
    }

    /// Whether the tenant knows an API: it says so when it refuses a token for
    /// it.
    pub(super) async fn knows_api(
        &self,
        audience: &str,
        deadline: Deadline,
    ) -> Result<bool, TenantError> {
        let answer = self.0.request(audience, deadline).await?;
        let refusal = Refusal::of(&answer.body);
        match answer.status {
            StatusCode::TOO_MANY_REQUESTS => Err(answer.limited()),
            StatusCode::UNAUTHORIZED => Err(TenantError::Credentials),
            status if status.is_server_error() => {
                Err(TenantError::of_status(PLACE, status, refusal.word()))
            }
            _ => Ok(!refusal.error_description.starts_with("Service not")),
        }
    }

    /// Drops a token that was refused, unless there is another one by now.
    pub(super) fn discard(&self, refused: &Arc<AccessToken>) {
        let mut known = self.0.known();
        if known
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(&known.token, refused))
        {
            *known = None;
        }
    }
}

impl Shared {
    fn fresh(&self) -> Option<Arc<AccessToken>> {
        let now = self.tenant.clock.now();
        let known = self.known();
        let known = known.as_ref().filter(|known| known.is_fresh(now))?;
        Some(known.token.clone())
    }

    async fn fetch(&self, deadline: Deadline) -> Result<Arc<AccessToken>, TenantError> {
        // Whoever joined too late for the flight before has its token.
        if let Some(token) = self.fresh() {
            return Ok(token);
        }
        let audience = self.tenant.domain.at("/api/v2/");
        let since = self.tenant.clock.now();
        let answer = self.request(audience.as_str(), deadline).await?;
        if answer.status != StatusCode::OK {
            let refusal = Refusal::of(&answer.body);
            return Err(match answer.status {
                StatusCode::TOO_MANY_REQUESTS => answer.limited(),
                StatusCode::UNAUTHORIZED => TenantError::Credentials,
                StatusCode::FORBIDDEN => TenantError::NoManagement,
                status => TenantError::of_status(PLACE, status, refusal.word()),
            });
        }
        let not_understood = || TenantError::NotUnderstood { place: PLACE };
        let granted: Granted =
            serde_json::from_slice(&answer.body).map_err(|_| not_understood())?;
        let token = AccessToken::parse(&granted.access_token).map_err(|_| not_understood())?;
        let token = Arc::new(token);
        *self.known() = Some(Known {
            token: token.clone(),
            scope: granted.scope.into(),
            since,
            fresh: freshness(granted.expires_in),
        });
        Ok(token)
    }

    /// Asks for a token for an API.
    async fn request(&self, audience: &str, deadline: Deadline) -> Result<Answer, TenantError> {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", self.client.as_str()),
            ("client_secret", self.secret.expose()),
            ("audience", audience),
        ];
        let url = self.tenant.domain.at(PLACE);
        let request = self.tenant.http.post(url).form(&form);
        self.tenant
            .ask_patiently(request, patience(deadline), deadline)
            .await
    }

    fn known(&self) -> MutexGuard<'_, Option<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn is_fresh(&self, now: Timestamp) -> bool {
        let age = now.duration_since(self.since);
        // On a clock that was set back, nobody knows how old it is.
        !age.is_negative() && age < self.fresh
    }
}

/// How long a token is used that expires after so many seconds.
fn freshness(expires_in: u32) -> SignedDuration {
    let life = SignedDuration::from_secs(expires_in.min(LONGEST).into());
    (life - BEFORE).max(life / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_before_it_expires() {
        for (expires_in, fresh) in [
            (86_400, 86_100),
            (600, 300),
            (60, 30),
            (1, 0),
            (0, 0),
            (u32::MAX, 2_591_700),
        ] {
            assert_eq!(freshness(expires_in).as_secs(), fresh, "{expires_in}");
        }
    }
}
