//! Pages that listen to a server of Pusher's protocol.

use std::sync::Arc;

use http::StatusCode;
use pod_core::CustomerId;
use pod_testkit::fixtures::{bjorn, zoe};
use pod_web::Push;

use crate::stage::{Browser, Stage};

fn channel(customer: &CustomerId) -> String {
    format!("private-{}", customer.as_str().len())
}

fn push() -> Push {
    Push {
        socket: "wss://ws-eu.pusher.com/app/key?protocol=7".to_owned(),
        origin: "wss://ws-eu.pusher.com".to_owned(),
        channel: Arc::new(channel),
        authorize: Arc::new(|customer, socket, wanted| {
            (wanted == channel(customer)).then(|| format!("{{\"auth\":\"key:{socket}\"}}"))
        }),
    }
}

fn form(channel: &str) -> String {
    format!("socket_id=1.2&channel_name={channel}")
}

#[tokio::test]
async fn a_page_may_listen_to_its_own_customers_channel_only() {
    let stage = Stage::with(|config| config.push = Some(push()));
    let mut browser = stage.signed_in(&zoe()).await;
    let page = stage.get(&mut browser, "/orders").await;
    assert!(
        page.text
            .contains(&format!("data-channel=\"{}\"", channel(&zoe())))
    );
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("connect-src 'self' wss://ws-eu.pusher.com;"),
        "{policy}"
    );

    let own = stage
        .post(&mut browser, "/push", &form(&channel(&zoe())))
        .await;
    assert_eq!(own.text, "{\"auth\":\"key:1.2\"}");
    for foreign in [channel(&bjorn()), String::new(), "private-".to_owned()] {
        let refused = stage.post(&mut browser, "/push", &form(&foreign)).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{foreign}");
    }
    let nobody = stage
        .post(&mut Browser::default(), "/push", &form(&channel(&zoe())))
        .await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn without_it_pages_listen_to_pod_alone() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    let page = stage.get(&mut browser, "/orders").await;
    assert!(!page.text.contains("data-socket"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("connect-src 'self';"), "{policy}");
    let refused = stage
        .post(&mut browser, "/push", &form(&channel(&zoe())))
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}
