//! Linking an account for real, and the token that a skill then gets; and the
//! tenant over TLS.

use std::sync::Arc;

use http_body_util::{BodyExt as _, Empty};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use pod_emulator::{
    ADA_PASSWORD, Account, BACKEND_CLIENT, BACKEND_SECRET, Emulator, EmulatorConfig, SETUP_CLIENT,
    SETUP_SECRET, TenantError, Trouble,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{API, World, claims};
use crate::support::{Skill, ask, config};

const SCOPE: &str = "openid offline_access order:pizza";

async fn link(world: &World) -> Account {
    let tenant = world.emulator.tenant();
    Account::link(tenant, "ada@example.com", ADA_PASSWORD, SCOPE)
        .await
        .unwrap()
}

/// Says something, and gives the token that the skill was sent.
async fn token(world: &World, skill: &Skill, account: &Account) -> Value {
    let url = skill.url().parse().unwrap();
    let mut echo = world.emulator.echo("kitchen").unwrap();
    echo.set_skill_url(url);
    echo.link(account.clone());
    skill.will_say("Welcome.", true);
    echo.say("alexa, open corner shop").await.unwrap();
    skill.last()["context"]["System"]["user"]["accessToken"].clone()
}

#[tokio::test]
async fn a_linked_account_sends_the_customers_token() {
    let world = World::start().await;
    let skill = Skill::start().await;

    let account = link(&world).await;
    let token = token(&world, &skill, &account).await;

    let claims = claims(&token);
    assert_eq!(claims["sub"], "auth0|ada");
    assert_eq!(claims["aud"][0], API);
    assert_eq!(claims["scope"], SCOPE);
    assert_eq!(world.emulator.tenant().requests("/u/login"), 2);
}

#[tokio::test]
async fn tokens_are_renewed_shortly_before_they_expire_by_whichever_device_is_first() {
    let world = World::start().await;
    let skill = Skill::start().await;
    let account = link(&world).await;
    let first = token(&world, &skill, &account).await;

    world.wait(86_400 - 61);
    let same = token(&world, &skill, &account).await;
    world.wait(1);
    let renewed = token(&world, &skill, &account).await;
    let shared = token(&world, &skill, &account).await;

    assert_eq!(first, same);
    assert_ne!(same, renewed);
    assert_eq!(renewed, shared);
    assert_eq!(world.emulator.tenant().requests("/oauth/token"), 2);
}

#[tokio::test]
async fn an_account_that_the_tenant_closed_is_linked_no_more() {
    let world = World::start().await;
    let skill = Skill::start().await;
    let account = link(&world).await;
    let admin = world
        .administrator(SETUP_CLIENT, SETUP_SECRET, "update:users")
        .await;
    let path = "/api/v2/users/auth0%7Cada";
    world
        .json(Method::PATCH, path, &admin, &json!({"blocked": true}))
        .await;

    world.wait(86_400);

    assert_eq!(token(&world, &skill, &account).await, Value::Null);
}

#[tokio::test]
async fn a_tenant_in_trouble_costs_a_turn_and_not_the_link() {
    let world = World::start().await;
    let skill = Skill::start().await;
    let account = link(&world).await;
    world.wait(86_400);
    world
        .emulator
        .tenant()
        .trouble("/oauth/token", 1, Trouble::Status(503));

    let mut echo = world.emulator.echo("kitchen").unwrap();
    echo.link(account.clone());
    let refused = echo.say("alexa, open corner shop").await;
    let token = token(&world, &skill, &account).await;

    assert!(refused.is_err());
    assert_eq!(claims(&token)["sub"], "auth0|ada");
}

#[tokio::test]
async fn who_does_not_know_the_password_links_nothing() {
    let world = World::start().await;
    let tenant = world.emulator.tenant();

    let wrong = Account::link(tenant, "ada@example.com", "guess", SCOPE).await;

    assert!(matches!(wrong, Err(TenantError::Linking(_))));
}

#[tokio::test]
async fn the_back_ends_client_is_among_the_settings_of_its_own() {
    let world = World::start().await;

    let settings = world.emulator.tenant_environment();

    let expected = [
        ("APP_CLIENT_ID", BACKEND_CLIENT.to_owned()),
        ("APP_CLIENT_SECRET", BACKEND_SECRET.to_owned()),
    ];
    assert_eq!(settings, expected);
}

#[tokio::test]
async fn the_tenant_speaks_tls_by_the_name_it_calls_itself() {
    let roots = tempfile::tempdir().unwrap();
    let emulator = Emulator::start(EmulatorConfig {
        tls: true,
        roots: Some(roots.path().to_owned()),
        ..config("http://127.0.0.1:1/")
    })
    .await
    .unwrap();
    let port = emulator.address().port();
    let issuer = format!("https://localhost:{port}/");

    let mut trusted = RootCertStore::empty();
    let root = emulator.amazon().root().as_bytes();
    trusted
        .add(CertificateDer::from_pem_slice(root).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(trusted)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(client));
    for name in ["localhost", "127.0.0.1"] {
        let stream = TcpStream::connect(emulator.address()).await.unwrap();
        let name = ServerName::try_from(name).unwrap();
        let stream = connector.connect(name, stream).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .unwrap();
        tokio::spawn(connection);
        let request = Request::get("/.well-known/openid-configuration")
            .header("host", "localhost")
            .body(Empty::<Bytes>::new())
            .unwrap();
        let response = sender.send_request(request).await.unwrap();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let said: Value = serde_json::from_slice(&body).unwrap();

        assert_eq!(said["issuer"], issuer);
        assert_eq!(said["token_endpoint"], format!("{issuer}oauth/token"));
    }
    let (status, _) = ask(emulator.address(), Method::GET, "/inbox", None).await;
    assert_eq!(status, StatusCode::OK);
    let domain = ("AUTH0_DOMAIN", format!("localhost:{port}"));
    assert!(emulator.environment().contains(&domain));
    Account::link(emulator.tenant(), "ada@example.com", ADA_PASSWORD, SCOPE)
        .await
        .unwrap();
}
