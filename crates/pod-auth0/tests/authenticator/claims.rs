//! What a token of the tenant's own has to say.

use std::time::Duration;

use pod_auth0::Auth0Authenticator;
use pod_core::ports::Clock as _;
use pod_core::{CustomerId, Timestamp};
use pod_testkit::fixtures;
use serde_json::{Value, json};

use crate::tenant::{AUDIENCE, CLIENT, Tenant, authenticate, first, header, is_rejected, sign};

/// Whether a token is accepted whose claims were changed: a claim set to
/// `null` here is one that is missing.
async fn accepts(tenant: &Tenant, changes: Value) -> bool {
    accepts_by(&tenant.authenticator(), tenant, changes).await
}

async fn accepts_by(authenticator: &Auth0Authenticator, tenant: &Tenant, changes: Value) -> bool {
    let mut claims = tenant.claims();
    for (claim, value) in changes.as_object().expect("claims") {
        if value.is_null() {
            claims.as_object_mut().expect("claims").remove(claim);
        } else {
            claims[claim] = value.clone();
        }
    }
    let token = sign(&header("first"), &claims, first());
    authenticator
        .warm(fixtures::deadline())
        .await
        .expect("keys");

    let accepted = authenticate(authenticator, &token).await.is_ok();
    assert_eq!(accepted, !is_rejected(authenticator, &token).await);
    accepted
}

#[tokio::test]
async fn a_good_token_says_who_is_calling_and_what_it_allows() {
    let tenant = Tenant::start().await;

    let caller = authenticate(&tenant.authenticator(), &tenant.token(first()))
        .await
        .unwrap();

    assert_eq!(caller.customer, fixtures::zoe());
    assert!(caller.scopes.contain("order:pizza"));
    assert!(!caller.scopes.contain("order"));
}

#[tokio::test]
async fn a_token_without_a_scope_allows_nothing() {
    let tenant = Tenant::start().await;
    let mut claims = tenant.claims();
    claims.as_object_mut().unwrap().remove("scope");

    let token = sign(&header("first"), &claims, first());
    let caller = authenticate(&tenant.authenticator(), &token).await.unwrap();

    assert!(!caller.scopes.contain("order:pizza"));
    assert!(!caller.scopes.contain(""));
}

#[tokio::test]
async fn the_issuer_is_compared_to_the_letter() {
    let tenant = Tenant::start().await;
    let issuer = tenant.issuer();

    assert!(accepts(&tenant, json!({ "iss": issuer })).await);
    for wrong in [
        json!(null),
        json!(""),
        json!(issuer.trim_end_matches('/')),
        json!(format!("{issuer}/")),
        json!(issuer.to_uppercase()),
        json!(issuer.replacen("http:", "https:", 1)),
        json!(format!("{issuer}\u{0}")),
        json!([issuer]),
        json!(7),
        json!("https://evil.example/"),
    ] {
        assert!(!accepts(&tenant, json!({ "iss": wrong })).await, "{wrong}");
    }
}

#[tokio::test]
async fn the_audience_is_the_api_or_a_list_that_has_it() {
    let tenant = Tenant::start().await;

    for right in [
        json!(AUDIENCE),
        json!([AUDIENCE]),
        json!(["https://other.example", AUDIENCE]),
    ] {
        assert!(accepts(&tenant, json!({ "aud": right })).await, "{right}");
    }
    for wrong in [
        json!(null),
        json!(""),
        json!([]),
        json!("https://other.example"),
        json!(["https://other.example"]),
        json!(format!("{AUDIENCE}/")),
        json!(AUDIENCE.to_uppercase()),
        json!(format!("https://other.example {AUDIENCE}")),
        json!([[AUDIENCE]]),
        json!([AUDIENCE, 7]),
        json!({ "0": AUDIENCE }),
    ] {
        assert!(!accepts(&tenant, json!({ "aud": wrong })).await, "{wrong}");
    }
}

#[tokio::test]
async fn an_id_token_is_no_access_token() {
    let tenant = Tenant::start().await;

    for id_token in [
        json!({ "aud": CLIENT, "azp": null, "scope": null, "nonce": "n" }),
        json!({ "aud": [CLIENT], "azp": CLIENT, "token_use": "id" }),
        json!({ "aud": [CLIENT, format!("{}userinfo", tenant.issuer())] }),
    ] {
        assert!(!accepts(&tenant, id_token.clone()).await, "{id_token}");
    }
}

#[tokio::test]
async fn where_applications_are_listed_the_token_was_issued_to_one_of_them() {
    let tenant = Tenant::start().await;
    let listed = tenant.authenticator_for(&["another", CLIENT]);

    for right in [
        json!({ "azp": CLIENT }),
        json!({ "azp": "another" }),
        json!({ "azp": null, "client_id": CLIENT }),
        json!({ "azp": CLIENT, "client_id": CLIENT }),
    ] {
        assert!(accepts_by(&listed, &tenant, right.clone()).await, "{right}");
    }
    for wrong in [
        json!({ "azp": null }),
        json!({ "azp": "" }),
        json!({ "azp": "somebody-elses" }),
        json!({ "azp": CLIENT.to_lowercase() }),
        json!({ "azp": format!("{CLIENT} another") }),
        json!({ "azp": [CLIENT] }),
        json!({ "azp": 7 }),
        json!({ "azp": null, "client_id": "somebody-elses" }),
        json!({ "azp": CLIENT, "client_id": "somebody-elses" }),
        json!({ "azp": "somebody-elses", "client_id": CLIENT }),
    ] {
        assert!(
            !accepts_by(&listed, &tenant, wrong.clone()).await,
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn where_no_application_is_listed_it_does_not_matter_which_one_it_is() {
    let tenant = Tenant::start().await;

    for any in [json!(null), json!(""), json!("somebody-elses")] {
        assert!(accepts(&tenant, json!({ "azp": any })).await, "{any}");
    }
}

#[tokio::test]
async fn a_token_is_good_until_thirty_seconds_after_it_expired() {
    let tenant = Tenant::start().await;
    let exp = tenant.clock.now().as_second();
    let claims = json!({ "exp": exp, "iat": exp - 60 });

    tenant
        .clock
        .set(Timestamp::from_microsecond((exp + 30) * 1_000_000 - 1).unwrap());
    assert!(accepts(&tenant, claims.clone()).await);

    tenant.clock.advance(Duration::from_micros(1));
    assert!(!accepts(&tenant, claims.clone()).await);

    tenant.clock.advance(Duration::from_hours(8760));
    assert!(!accepts(&tenant, claims).await);
}

#[tokio::test]
async fn a_token_is_good_from_thirty_seconds_before_it_begins() {
    let tenant = Tenant::start().await;
    let begin = tenant.clock.now().as_second();

    for claim in ["nbf", "iat"] {
        tenant
            .clock
            .set(Timestamp::from_second(begin - 30).unwrap());
        assert!(accepts(&tenant, json!({ claim: begin })).await, "{claim}");

        tenant
            .clock
            .set(Timestamp::from_microsecond((begin - 30) * 1_000_000 - 1).unwrap());
        assert!(!accepts(&tenant, json!({ claim: begin })).await, "{claim}");
    }
}

#[tokio::test]
async fn times_are_seconds_whole_or_not_and_only_the_expiry_is_required() {
    let tenant = Tenant::start().await;
    let now = tenant.clock.now().as_second();

    assert!(
        accepts(
            &tenant,
            json!({ "exp": now + 100, "nbf": null, "iat": null })
        )
        .await
    );
    assert!(
        accepts(
            &tenant,
            json!({ "exp": 1_999_999_999.75, "nbf": 1_000_000_000.25 })
        )
        .await
    );
    for wrong in [
        json!(null),
        json!((now + 3600).to_string()),
        json!(true),
        json!([now + 3600]),
        json!(0),
        json!(-1),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1e300),
        json!(-1e300),
    ] {
        assert!(!accepts(&tenant, json!({ "exp": wrong })).await, "{wrong}");
    }
    for wrong in [json!("0"), json!({}), json!(1e300)] {
        assert!(!accepts(&tenant, json!({ "nbf": wrong })).await, "{wrong}");
        assert!(!accepts(&tenant, json!({ "iat": wrong })).await, "{wrong}");
    }
}

#[tokio::test]
async fn the_time_is_the_clocks_and_not_the_systems() {
    let tenant = Tenant::start().await;

    for year in [1971, 2017, 2290] {
        tenant
            .clock
            .set(format!("{year}-06-02T10:11:12.345678Z").parse().unwrap());

        assert!(accepts(&tenant, json!({})).await, "{year}");
    }
}

#[tokio::test]
async fn a_subject_is_just_a_string_or_the_token_is_rejected() {
    let tenant = Tenant::start().await;
    let authenticator = tenant.authenticator();

    for sub in [
        "__proto__",
        "auth0|5a1",
        "Robert'); DROP TABLE orders;--",
        "\"\\",
        "зоя",
        "%00",
    ] {
        let mut claims = tenant.claims();
        claims["sub"] = sub.into();
        let token = sign(&header("first"), &claims, first());

        let caller = authenticate(&authenticator, &token).await.unwrap();

        assert_eq!(caller.customer, CustomerId::parse(sub).unwrap());
    }
    for wrong in [
        json!(null),
        json!(""),
        json!("x".repeat(256)),
        json!("x".repeat(10 * 1024)),
        json!("a\u{0}b"),
        json!("a\nb"),
        json!(7),
        json!(["auth0|5a1"]),
        json!({ "__proto__": "auth0|5a1" }),
    ] {
        assert!(!accepts(&tenant, json!({ "sub": wrong })).await, "{wrong}");
    }
}

#[tokio::test]
async fn a_header_and_claims_are_objects() {
    let tenant = Tenant::start().await;
    let authenticator = tenant.authenticator();
    let good = tenant.claims();
    let in_order = ["iss", "aud", "sub", "scope", "exp", "iat", "iat"].map(|claim| &good[claim]);

    for claims in [
        json!(null),
        json!("claims"),
        json!([]),
        json!([good]),
        json!(in_order),
    ] {
        let token = sign(&header("first"), &claims, first());

        assert!(is_rejected(&authenticator, &token).await, "{claims}");
    }
    for header in [
        json!(null),
        json!([header("first")]),
        json!(["RS256", "first", "JWT"]),
    ] {
        let token = sign(&header, &good, first());

        assert!(is_rejected(&authenticator, &token).await, "{header}");
    }
}
