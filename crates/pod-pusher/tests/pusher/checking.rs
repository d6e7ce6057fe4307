//! Trying an app without posting anything.

use std::error::Error as _;
use std::net::TcpListener;

use pod_core::Fault;
use pod_core::ports::Clock as _;
use wiremock::ResponseTemplate;

use pod_pusher::{PusherAppId, PusherConfig};

use crate::far_end::{Announcing, FarEnd, KEY, SECRET, config, signed};

fn cause(fault: &Fault) -> String {
    fault.source().expect("a cause").to_string()
}

#[tokio::test]
async fn an_app_that_is_known_is_asked_for_a_channel_and_nothing_is_posted() {
    let far_end = FarEnd::start().await;
    let known = ResponseTemplate::new(200).set_body_string(r#"{"occupied":false}"#);
    far_end.answer(known, 1).await;
    let announcing = Announcing::at(&far_end.server.uri());

    announcing.check().await.expect("it is known");

    let [request] = far_end.requests().await.try_into().unwrap();
    let seconds = announcing.clock.now().as_second();
    let query = format!("auth_key={KEY}&auth_timestamp={seconds}&auth_version=1.0");
    let path = "/apps/3/channels/private-nobody-for-pod-to-check";
    let signature = signed(&format!("GET\n{path}\n{query}"));
    assert_eq!((request.method.as_str(), request.url.path()), ("GET", path));
    let whole = format!("{query}&auth_signature={signature}");
    assert_eq!(request.url.query(), Some(whole.as_str()));
}

#[tokio::test]
async fn what_is_wrong_is_told_with_the_setting_to_look_at() {
    for (status, is_temporary, named) in [
        (401, false, "PUSHER_SECRET"),
        (403, false, "enabled"),
        (404, false, "PUSHER_CLUSTER"),
        (429, true, "try again"),
        (500, true, "try again"),
    ] {
        let far_end = FarEnd::start().await;
        far_end.answer(ResponseTemplate::new(status), 1).await;

        let checked = Announcing::at(&far_end.server.uri()).check().await;

        let fault = checked.expect_err("it is not known");
        let cause = cause(&fault);
        assert_eq!(fault.is_temporary(), is_temporary, "{cause}");
        assert!(cause.contains(named), "{cause}");
        assert!(!cause.contains(SECRET) && !cause.contains("auth_signature"));
    }
}

#[tokio::test]
async fn an_app_is_asked_for_by_its_whole_name() {
    for name in ["events-prod", "events"] {
        let far_end = FarEnd::start().await;
        let known = ResponseTemplate::new(200).set_body_string("{}");
        far_end.answer(known, 1).await;
        let config = PusherConfig {
            app_id: PusherAppId::parse(name).expect("an app"),
            ..config(&far_end.server.uri())
        };

        let checked = Announcing::of(&config).check().await;

        checked.expect("it is known");
        let [request] = far_end.requests().await.try_into().unwrap();
        let path = request.url.path();
        let start = format!("/apps/{name}/channels/");
        assert!(path.starts_with(&start), "{path}");
    }
}

#[tokio::test]
async fn a_refusal_in_the_body_is_one() {
    let far_end = FarEnd::start().await;
    let body = r#"{"error":"The secret authentication failed","code":401}"#;
    let answer = ResponseTemplate::new(200).set_body_string(body);
    far_end.answer(answer, 1).await;

    let checked = Announcing::at(&far_end.server.uri()).check().await;

    let fault = checked.expect_err("it is not known");
    assert!(cause(&fault).contains("PUSHER_SECRET"));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);

    let fault = Announcing::at(&url).check().await.expect_err("nobody");

    assert!(fault.is_temporary());
    assert!(cause(&fault).contains("could not be reached"));
}
