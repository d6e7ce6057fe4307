//! The emulator for people with curl: devices, signatures, settings, the end.

use std::net::SocketAddr;

use hyper::{Method, StatusCode};
use pod_emulator::{DeviceSetup, Emulator, EmulatorConfig, EmulatorError};
use serde_json::{Value, json};

use crate::support::{Skill, ask, config};

async fn post(emulator: &Emulator, path: &str, body: Value) -> (StatusCode, Value) {
    ask(emulator.address(), Method::POST, path, Some(body)).await
}

#[tokio::test]
async fn anybody_can_talk_to_a_skill_through_a_device() {
    let skill = Skill::start().await;
    let emulator = Emulator::start(config(&skill.url())).await.unwrap();
    skill.will_say("Welcome.", false);

    let (status, heard) = post(
        &emulator,
        "/echo",
        json!({"utterance": "alexa, open corner shop"}),
    )
    .await;

    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        (&heard["speech"], &heard["session_open"]),
        (&json!("Welcome."), &json!(true))
    );
    assert_eq!(
        skill.received()[0].headers["content-type"],
        "application/json; charset=utf-8"
    );
}

#[tokio::test]
async fn devices_belong_to_different_people() {
    let skill = Skill::start().await;
    let emulator = Emulator::start(config(&skill.url())).await.unwrap();
    let mut senders = Vec::new();

    for device in ["kitchen", "office", "hallway"] {
        skill.will_say("Welcome.", true);
        post(
            &emulator,
            "/echo",
            json!({"utterance": "open corner shop", "device": device}),
        )
        .await;
        senders.push(skill.last()["context"]["System"].clone());
    }

    assert_ne!(senders[0]["user"]["userId"], senders[1]["user"]["userId"]);
    assert_ne!(
        senders[0]["device"]["deviceId"],
        senders[1]["device"]["deviceId"]
    );
    assert!(senders[0]["user"]["accessToken"].is_string());
    assert_eq!(senders[2]["user"].get("accessToken"), None);
}

#[tokio::test]
async fn what_cannot_be_said_is_explained() {
    let emulator = Emulator::start(config("http://127.0.0.1:1/"))
        .await
        .unwrap();

    let early = post(&emulator, "/echo", json!({"utterance": "get me a basket"})).await;
    let nobody = post(&emulator, "/echo", json!({"utterance": "open corner shop"})).await;
    let nowhere = post(
        &emulator,
        "/echo",
        json!({"utterance": "open corner shop", "device": "cellar"}),
    )
    .await;
    let afar = post(
        &emulator,
        "/echo",
        json!({"utterance": "open corner shop", "skill_url": "http://192.0.2.1/"}),
    )
    .await;

    assert_eq!(early.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        early.1["error"],
        r#"no session is open; begin with "alexa, open corner shop" or "alexa, ask corner shop to ...""#
    );
    assert_eq!(nobody.0, StatusCode::BAD_GATEWAY);
    assert_eq!(
        nowhere.1["error"],
        "there is no such device; there are hallway, kitchen, office"
    );
    assert_eq!(afar.0, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn a_request_is_composed_and_signed_without_being_sent() {
    let skill = Skill::start().await;
    let emulator = Emulator::start(config(&skill.url())).await.unwrap();

    let (_, composed) = post(
        &emulator,
        "/echo/compose",
        json!({"utterance": "ask corner shop where is my basket"}),
    )
    .await;
    let body = composed["body"].as_str().unwrap();
    let (_, headers) = post(&emulator, "/echo/sign", json!({"body": body})).await;

    let request: Value = serde_json::from_str(body).unwrap();
    assert_eq!(request["request"]["intent"]["name"], "StatusIntent");
    assert_eq!(composed["headers"], headers);
    assert_eq!(
        headers["SignatureCertChainUrl"],
        "https://s3.amazonaws.com/echo.api/echo-api-cert.pem"
    );
    assert!(skill.received().is_empty());
}

#[tokio::test]
async fn the_environment_is_complete_once_the_root_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let roots = Some(directory.path().to_owned());
    let emulator = Emulator::start(EmulatorConfig {
        roots,
        ..config("http://127.0.0.1:1/")
    })
    .await
    .unwrap();

    let environment = emulator.environment();

    let names: Vec<_> = environment.iter().map(|(name, _)| *name).collect();
    let value = |wanted| {
        &environment
            .iter()
            .find(|(name, _)| *name == wanted)
            .unwrap()
            .1
    };
    assert_eq!(
        names,
        [
            "POD_ALEXA_SKILL_ID",
            "AUTH0_DOMAIN",
            "API_ID",
            "HTTPS_PROXY",
            "NO_PROXY",
            "POD_ALEXA_TRUST_ANCHORS",
            "SSL_CERT_FILE"
        ]
    );
    assert_eq!(
        *value("AUTH0_DOMAIN"),
        format!("http://{}", emulator.address())
    );
    assert_eq!(
        *value("HTTPS_PROXY"),
        format!("http://{}", emulator.proxy())
    );
    assert_eq!(
        std::fs::read_to_string(value("SSL_CERT_FILE")).unwrap(),
        emulator.amazon().root()
    );
}

#[tokio::test]
async fn other_machines_are_kept_out() {
    for address in ["0.0.0.0:0", "192.0.2.1:7000", "[::]:0"] {
        let listen: SocketAddr = address.parse().unwrap();
        let open = EmulatorConfig {
            listen,
            ..config("http://127.0.0.1:1/")
        };
        let open_proxy = EmulatorConfig {
            proxy_listen: listen,
            ..config("http://127.0.0.1:1/")
        };

        for config in [open, open_proxy] {
            let error = Emulator::start(config).await.unwrap_err();
            assert!(
                matches!(error, EmulatorError::NotLoopback(refused) if refused == listen),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listen = taken.local_addr().unwrap();

    let error = Emulator::start(EmulatorConfig {
        listen,
        ..config("http://127.0.0.1:1/")
    })
    .await
    .unwrap_err();

    assert_eq!(
        error.to_string(),
        format!("{listen} cannot be listened on; choose another port")
    );
}

#[tokio::test]
async fn a_house_needs_a_device() {
    let empty = EmulatorConfig {
        devices: Vec::new(),
        ..config("http://127.0.0.1:1/")
    };
    let own = EmulatorConfig {
        devices: vec![DeviceSetup::unlinked("attic")],
        ..config("http://127.0.0.1:1/")
    };

    assert!(matches!(
        Emulator::start(empty).await,
        Err(EmulatorError::NoDevice)
    ));
    assert!(Emulator::start(own).await.unwrap().echo("attic").is_some());
}

#[tokio::test]
async fn after_the_shutdown_nobody_answers() {
    let emulator = Emulator::start(config("http://127.0.0.1:1/"))
        .await
        .unwrap();
    let addresses = [emulator.address(), emulator.proxy()];

    emulator.shutdown().await;

    for address in addresses {
        assert!(
            tokio::net::TcpStream::connect(address).await.is_err(),
            "{address}"
        );
    }
}
