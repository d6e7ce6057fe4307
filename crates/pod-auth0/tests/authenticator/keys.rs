//! Fetching the tenant's keys: as seldom as possible, and as often as needed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pod_auth0::Auth0Authenticator;
use pod_core::Deadline;
use pod_core::ports::{AccessToken, AuthenticateError, Authenticator as _, Caller};
use pod_testkit::fixtures;
use serde_json::json;
use tokio::task::JoinSet;
use wiremock::ResponseTemplate;

use crate::tenant::{
    Tenant, authenticate, encode, fault, first, header, is_rejected, second, set_of, token,
};

/// Uses tokens all at the same time.
async fn all_at_once(
    authenticator: &Arc<Auth0Authenticator>,
    tokens: Vec<AccessToken>,
) -> Vec<Result<Caller, AuthenticateError>> {
    let mut calls = JoinSet::new();
    for token in tokens {
        let authenticator = authenticator.clone();
        calls.spawn(async move { authenticate(&authenticator, &token).await });
    }
    calls.join_all().await
}

/// Waits until the tenant was asked so many times.
async fn until_fetched(tenant: &Tenant, times: usize) {
    let asked = async {
        while tenant.fetches() < times {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), asked)
        .await
        .expect("a fetch");
}

/// A token with a key id that nobody knows. It needs no signature: nobody gets
/// as far as looking at it.
fn unknown(tenant: &Tenant, number: usize) -> AccessToken {
    let header = encode(&header(&format!("unknown {number}")));
    token(&format!("{header}.{}.AAAA", encode(&tenant.claims())))
}

#[tokio::test]
async fn simultaneous_first_requests_share_one_fetch() {
    let tenant = Tenant::start().await;
    tenant.answer(set_of(&[first().jwk()]).set_delay(Duration::from_millis(50)));
    let tokens = vec![tenant.token(first()); 64];

    let outcomes = all_at_once(&tenant.authenticator(), tokens).await;

    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(tenant.fetches(), 1);
}

#[tokio::test]
async fn one_caller_who_gives_up_does_not_end_the_fetch_of_the_others() {
    let tenant = Tenant::start().await;
    tenant.answer(set_of(&[first().jwk()]).set_delay(Duration::from_millis(100)));
    let authenticator = tenant.authenticator();
    let token = tenant.token(first());
    let soon = Deadline::at(Instant::now() + Duration::from_millis(5));

    let hasty = authenticator.authenticate(&token, soon);
    let (hasty, patient) = tokio::join!(hasty, authenticate(&authenticator, &token));

    assert!(fault(hasty).is_temporary());
    assert!(patient.is_ok());
    assert_eq!(tenant.fetches(), 1);
}

#[tokio::test]
async fn warm_keys_make_the_first_token_wait_for_nothing() {
    let tenant = Tenant::start().await;
    let authenticator = tenant.authenticator();
    authenticator.warm(fixtures::deadline()).await.unwrap();
    authenticator.warm(fixtures::deadline()).await.unwrap();
    let no_time = Deadline::at(Instant::now());

    let outcome = authenticator
        .authenticate(&tenant.token(first()), no_time)
        .await;

    assert!(outcome.is_ok());
    assert_eq!(tenant.fetches(), 1);
}

#[tokio::test]
async fn a_new_key_is_fetched_when_a_token_asks_for_it() {
    let tenant = Tenant::start().await;
    let authenticator = tenant.authenticator();
    authenticator.warm(fixtures::deadline()).await.unwrap();
    tenant.publish(&[second(), first()]);

    let outcomes = all_at_once(&authenticator, vec![tenant.token(second()); 64]).await;

    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert!(
        authenticate(&authenticator, &tenant.token(first()))
            .await
            .is_ok()
    );
    assert_eq!(tenant.fetches(), 2);
}

#[tokio::test]
async fn a_key_that_is_no_longer_published_is_no_longer_accepted() {
    let tenant = Tenant::start().await;
    let authenticator = tenant.authenticator();
    let token = tenant.token(first());
    assert!(authenticate(&authenticator, &token).await.is_ok());
    tenant.publish(&[second()]);

    let keys = authenticator.check(fixtures::deadline()).await.unwrap();

    assert_eq!(keys, 1);
    assert!(is_rejected(&authenticator, &token).await);
}

#[tokio::test]
async fn a_flood_of_unknown_keys_causes_one_fetch_a_minute() {
    let tenant = Tenant::start().await;
    let authenticator = tenant.authenticator();
    authenticator.warm(fixtures::deadline()).await.unwrap();

    for (wait, fetches) in [(0, 2), (59, 2), (1, 3), (0, 3), (60, 4)] {
        tenant.clock.advance(Duration::from_secs(wait));
        let flood = (0..1000).map(|number| unknown(&tenant, number)).collect();

        let outcomes = all_at_once(&authenticator, flood).await;

        let rejected = |outcome| matches!(outcome, &Err(AuthenticateError::Rejected));
        assert!(outcomes.iter().all(rejected), "{outcomes:?}");
        assert_eq!(tenant.fetches(), fetches);
    }
    assert!(
        authenticate(&authenticator, &tenant.token(first()))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn an_unknown_key_in_the_first_token_is_looked_for_once() {
    let tenant = Tenant::start().await;

    assert!(is_rejected(&tenant.authenticator(), &unknown(&tenant, 1)).await);
    assert_eq!(tenant.fetches(), 1);
}

#[tokio::test]
async fn old_keys_serve_while_one_refresh_runs_beside() {
    let tenant = Tenant::start().await;
    let authenticator = tenant.authenticator();
    authenticator.warm(fixtures::deadline()).await.unwrap();
    let old = tenant.token(first());
    tenant.answer(set_of(&[first().jwk(), second().jwk()]).set_delay(Duration::from_millis(300)));

    tenant.clock.advance(Duration::from_secs(599));
    assert!(authenticate(&authenticator, &old).await.is_ok());
    assert_eq!(tenant.fetches(), 1);
    tenant.clock.advance(Duration::from_secs(1));
    for _ in 0..64 {
        let no_time = Deadline::at(Instant::now());
        assert!(authenticator.authenticate(&old, no_time).await.is_ok());
    }

    until_fetched(&tenant, 2).await;
    assert!(
        authenticate(&authenticator, &tenant.token(second()))
            .await
            .is_ok()
    );
    assert_eq!(tenant.fetches(), 2);
}

#[tokio::test]
async fn a_clock_that_was_set_back_does_not_stop_refreshes() {
    let tenant = Tenant::start().await;
    let authenticator = tenant.authenticator();
    authenticator.warm(fixtures::deadline()).await.unwrap();
    tenant.clock.set(fixtures::at(-86_400));

    let outcome = authenticate(&authenticator, &tenant.token(first())).await;

    assert!(outcome.is_ok());
    until_fetched(&tenant, 2).await;
}

#[tokio::test]
async fn an_outage_keeps_the_known_keys() {
    let tenant = Tenant::start().await;
    let authenticator = tenant.authenticator();
    authenticator.warm(fixtures::deadline()).await.unwrap();

    for broken in [
        ResponseTemplate::new(503),
        ResponseTemplate::new(404),
        ResponseTemplate::new(200).set_body_string("<html>out of order</html>"),
        ResponseTemplate::new(200).set_body_json(json!({ "error": "out of order" })),
    ] {
        tenant.answer(broken);
        tenant.clock.advance(Duration::from_hours(1));

        assert!(authenticator.check(fixtures::deadline()).await.is_err());

        assert!(
            authenticate(&authenticator, &tenant.token(first()))
                .await
                .is_ok()
        );
    }
}

#[tokio::test]
async fn an_outage_leaves_a_token_with_an_unknown_key_open() {
    let tenant = Tenant::start().await;
    let authenticator = tenant.authenticator();
    authenticator.warm(fixtures::deadline()).await.unwrap();
    tenant.answer(ResponseTemplate::new(503));

    for _ in 0..10 {
        let outcome = authenticate(&authenticator, &unknown(&tenant, 1)).await;

        assert!(fault(outcome).is_temporary());
    }

    assert_eq!(tenant.fetches(), 2);
    tenant.publish(&[first()]);
    tenant.clock.advance(Duration::from_mins(1));
    assert!(is_rejected(&authenticator, &unknown(&tenant, 1)).await);
}

#[tokio::test]
async fn a_flood_of_unknown_keys_in_an_outage_causes_one_fetch_a_minute() {
    let tenant = Tenant::start().await;
    let authenticator = tenant.authenticator();
    authenticator.warm(fixtures::deadline()).await.unwrap();
    tenant.answer(ResponseTemplate::new(503));

    for (wait, fetches) in [(0, 2), (59, 2), (1, 3)] {
        tenant.clock.advance(Duration::from_secs(wait));
        let flood = (0..1000).map(|number| unknown(&tenant, number)).collect();

        let outcomes = all_at_once(&authenticator, flood).await;

        let open = |outcome| matches!(outcome, &Err(AuthenticateError::Fault(_)));
        assert!(outcomes.iter().all(open), "{outcomes:?}");
        assert_eq!(tenant.fetches(), fetches);
        let known = tenant.token(first());
        assert!(authenticate(&authenticator, &known).await.is_ok());
    }
}

#[tokio::test]
async fn a_failed_first_fetch_is_a_fault_and_repeated_after_a_second() {
    let tenant = Tenant::start().await;
    tenant.answer(ResponseTemplate::new(503));
    let authenticator = tenant.authenticator();

    let outcomes = all_at_once(&authenticator, vec![tenant.token(first()); 64]).await;

    assert!(
        outcomes
            .into_iter()
            .all(|outcome| fault(outcome).is_temporary())
    );
    assert_eq!(tenant.fetches(), 1);
    tenant.publish(&[first()]);
    tenant.clock.advance(Duration::from_millis(999));
    assert!(fault(authenticate(&authenticator, &tenant.token(first())).await).is_temporary());
    assert_eq!(tenant.fetches(), 1);
    tenant.clock.advance(Duration::from_millis(1));
    assert!(
        authenticate(&authenticator, &tenant.token(first()))
            .await
            .is_ok()
    );
    assert_eq!(tenant.fetches(), 2);
}

#[test]
fn a_fetch_that_was_lost_with_its_runtime_does_not_block_the_next_one() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let serving = runtime();
    let tenant = serving.block_on(Tenant::start());
    tenant.answer(set_of(&[first().jwk()]).set_delay(Duration::from_millis(300)));
    let authenticator = tenant.authenticator();
    let token = tenant.token(first());

    let soon = Deadline::at(Instant::now() + Duration::from_millis(20));
    let lost = runtime().block_on(authenticator.authenticate(&token, soon));
    let next = runtime().block_on(authenticate(&authenticator, &token));

    assert!(fault(lost).is_temporary());
    assert!(next.is_ok(), "{next:?}");
}
