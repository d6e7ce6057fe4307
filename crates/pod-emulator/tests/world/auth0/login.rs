//! Signing in: what may be asked for, the page, and the code that comes of it.

use hyper::StatusCode;
use pod_emulator::{ADA_PASSWORD, ALEXA_CLIENT, ALEXA_REDIRECTS, ALEXA_SECRET, WEB_CLIENT};
use serde_json::{Value, json};

use super::{API, PROVED, VERIFIER, World, alexa, basic, claims, form, head, parameter, refused};

const ADA: (&str, &str) = ("ada@example.com", ADA_PASSWORD);

#[tokio::test]
async fn a_browser_signs_in_and_the_code_gives_tokens_of_the_user() {
    let world = World::start().await;
    let asked = [
        PROVED[0],
        PROVED[1],
        ("nonce", "a nonce"),
        ("login_hint", "ada@x"),
    ];

    let page = world.get(&alexa(&asked)).await.location();
    let shown = world.get(&page[url::Position::BeforePath..]).await;
    let back = world.fill(&page, ADA).await.location();
    let code = parameter(&back, "code").unwrap();
    let answer = world.exchange(&code, Some(VERIFIER)).await;

    let issuer = world.emulator.tenant().issuer();
    assert_eq!(
        page.as_str().split('?').next().unwrap(),
        format!("{issuer}u/login")
    );
    assert!(shown.text.contains("<form method=\"post\""));
    assert!(shown.text.contains("value=\"ada@x\""));
    assert!(!shown.text.contains("<script"));
    assert!(back.as_str().starts_with(ALEXA_REDIRECTS[0]));
    assert_eq!(parameter(&back, "state").as_deref(), Some("a state"));
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("cache-control"), "no-store");
    let tokens = answer.json();
    let id = claims(&tokens["id_token"]);
    assert_eq!(id["sub"], "auth0|ada");
    assert_eq!(id["aud"], ALEXA_CLIENT);
    assert_eq!(id["nonce"], "a nonce");
    assert_eq!(id["auth_time"], id["iat"]);
    assert_eq!(id["iss"], issuer);
    assert_eq!(id["phone_number"], "+14155550142");
    assert_eq!(
        (&id["phone_number_verified"], &id["email_verified"]),
        (&json!(true), &json!(true))
    );
    assert!(id["sid"].is_string());
    let access = claims(&tokens["access_token"]);
    assert_eq!(access["aud"], json!([API, format!("{issuer}userinfo")]));
    assert_eq!(access["azp"], ALEXA_CLIENT);
    assert_eq!(
        access["scope"],
        "openid email phone offline_access order:pizza"
    );
    assert_eq!(head(&tokens["access_token"])["typ"], "JWT");
    assert_eq!(tokens["expires_in"], 86_400);
}

#[tokio::test]
async fn a_wrong_password_says_so_and_the_next_try_may_be_right() {
    let world = World::start().await;
    let page = world.get(&alexa(&[])).await.location();

    let wrong = world.fill(&page, ("ada@example.com", "<b>")).await;
    let right = world.fill(&page, ADA).await;
    let again = world.fill(&page, ADA).await;

    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.text.contains("Wrong email or password."));
    assert_eq!(right.status, StatusCode::FOUND);
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn ten_wrong_passwords_lock_the_account_until_it_is_unblocked() {
    let world = World::start().await;
    let page = world.get(&alexa(&[])).await.location();
    for _ in 0..10 {
        world.fill(&page, ("ada@example.com", "no")).await;
    }
    let token = world
        .administrator(
            pod_emulator::SETUP_CLIENT,
            pod_emulator::SETUP_SECRET,
            "read:users update:users",
        )
        .await;

    let locked = world.fill(&page, ADA).await;
    let blocks = world
        .json(
            hyper::Method::GET,
            "/api/v2/user-blocks/auth0%7Cada",
            &token,
            &Value::Null,
        )
        .await;
    world
        .json(
            hyper::Method::DELETE,
            "/api/v2/user-blocks/auth0%7Cada",
            &token,
            &Value::Null,
        )
        .await;
    let open = world.fill(&page, ADA).await;

    assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        blocks.json(),
        json!({"blocked_for": [{"identifier": "ada@example.com", "ip": "127.0.0.1"}]})
    );
    assert_eq!(open.status, StatusCode::FOUND);
}

#[tokio::test]
async fn who_is_not_known_is_shown_a_page_and_never_redirected() {
    let world = World::start().await;

    for more in [
        ("client_id", "nobody"),
        ("redirect_uri", "https://evil.example/"),
        ("redirect_uri", ""),
    ] {
        let answer = world.get(&alexa(&[more])).await;

        assert!(answer.status.is_client_error(), "{more:?}");
        assert_eq!(answer.header("location"), "", "{more:?}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    }
}

#[tokio::test]
async fn what_may_not_be_asked_for_goes_back_as_an_error() {
    let world = World::start().await;
    let plain = [
        ("code_challenge", VERIFIER),
        ("code_challenge_method", "plain"),
    ];
    let asked: [(&[(&str, &str)], &str); 7] = [
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("audience", "https://other.example")], "access_denied"),
        (&[("prompt", "none")], "login_required"),
        (&[("prompt", "perhaps")], "invalid_request"),
        (&plain, "invalid_request"),
        (&[PROVED[0]], "invalid_request"),
        (&[("connection", "sms")], "invalid_request"),
    ];

    for (more, error) in asked {
        let back = world.get(&alexa(more)).await.location();

        assert!(back.as_str().starts_with(ALEXA_REDIRECTS[0]), "{more:?}");
        assert_eq!(
            parameter(&back, "error").as_deref(),
            Some(error),
            "{more:?}"
        );
        assert_eq!(parameter(&back, "state").as_deref(), Some("a state"));
        assert_eq!(parameter(&back, "code"), None);
    }
}

#[tokio::test]
async fn a_code_is_for_one_client_one_address_and_one_verifier() {
    let world = World::start().await;
    let wrong = refused(403, "invalid_grant", "Failed to verify code verifier");
    let proved = world.code(ADA, &PROVED).await;
    let plain = world.code(ADA, &[]).await;

    // Who stole the code has no verifier, and who plants one has no challenge.
    assert_eq!(world.exchange(&proved, None).await.refusal(), wrong);
    assert_eq!(
        world.exchange(&proved, Some("other")).await.refusal(),
        wrong
    );
    assert_eq!(
        world.exchange(&plain, Some(VERIFIER)).await.refusal(),
        wrong
    );

    let elsewhere = [
        ("grant_type", "authorization_code"),
        ("code", proved.as_str()),
        ("redirect_uri", ALEXA_REDIRECTS[1]),
        ("code_verifier", VERIFIER),
    ];
    let alexa = basic(ALEXA_CLIENT, ALEXA_SECRET);
    let elsewhere = world.form("/oauth/token", &[alexa], &elsewhere).await;
    assert_eq!(elsewhere.refusal().1, "invalid_grant");
    let other = json!({
        "grant_type": "authorization_code", "code": proved, "code_verifier": VERIFIER,
        "redirect_uri": ALEXA_REDIRECTS[0],
        "client_id": WEB_CLIENT, "client_secret": pod_emulator::WEB_SECRET,
    });
    let other = world.post("/oauth/token", &other).await;
    assert_eq!(
        other.refusal(),
        refused(403, "invalid_grant", "Invalid authorization code")
    );
    let right = world.exchange(&proved, Some(VERIFIER)).await;
    assert_eq!(right.status, StatusCode::OK);
}

#[tokio::test]
async fn a_replayed_code_takes_the_tokens_of_its_first_use_away() {
    let world = World::start().await;
    let code = world.code(ADA, &PROVED).await;
    let tokens = world.exchange(&code, Some(VERIFIER)).await.json();
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let before = world
        .get_with("/userinfo", ("authorization", &bearer))
        .await;

    let replayed = world.exchange(&code, Some(VERIFIER)).await;

    let after = world
        .get_with("/userinfo", ("authorization", &bearer))
        .await;
    assert_eq!(
        replayed.refusal(),
        refused(403, "invalid_grant", "Invalid authorization code")
    );
    assert_eq!(before.json()["sub"], "auth0|ada");
    assert_eq!(after.status, StatusCode::UNAUTHORIZED);
    let refreshed = world.refresh(&tokens["refresh_token"]).await;
    assert_eq!(refreshed.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_code_that_was_long_on_its_way_is_good_for_nothing() {
    let world = World::start().await;
    let code = world.code(ADA, &[]).await;

    world.wait(60);

    assert_eq!(
        world.exchange(&code, None).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn a_browser_that_is_signed_in_is_not_asked_again() {
    let world = World::start().await;
    let page = world.get(&alexa(&[])).await.location();
    let signed_in = world.fill(&page, ADA).await;
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap();

    let silent = world
        .get_with(&alexa(&[("prompt", "none")]), ("cookie", cookie))
        .await;
    let anew = world
        .get_with(&alexa(&[("prompt", "login")]), ("cookie", cookie))
        .await;
    world.wait(61);
    let old = world
        .get_with(&alexa(&[("max_age", "60")]), ("cookie", cookie))
        .await;

    assert!(parameter(&silent.location(), "code").is_some());
    assert!(anew.location().path().ends_with("/u/login"));
    assert!(old.location().path().ends_with("/u/login"));
}

#[tokio::test]
async fn a_blocked_user_does_not_get_in() {
    let world = World::start().await;
    let token = world
        .administrator(
            pod_emulator::SETUP_CLIENT,
            pod_emulator::SETUP_SECRET,
            "update:users",
        )
        .await;
    let blocked = json!({"blocked": true});
    world
        .json(
            hyper::Method::PATCH,
            "/api/v2/users/auth0%7Cada",
            &token,
            &blocked,
        )
        .await;
    let page = world.get(&alexa(&[])).await.location();

    let answer = world.fill(&page, ADA).await;

    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_parameter_that_comes_twice_is_refused() {
    let world = World::start().await;
    let twice = [
        ("grant_type", "authorization_code"),
        ("code", "a"),
        ("code", "b"),
    ];

    let answer = world.form("/oauth/token", &[], &twice).await;
    let page = world.get(&format!("{}&state=other", alexa(&[]))).await;

    assert_eq!(answer.refusal().1, "invalid_request");
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert_eq!(form(&twice[..1]), "grant_type=authorization_code");
}
