//! Tests of what is set about the web app and Pusher.

use super::{problems, with};

const PUBLIC: (&str, &str) = ("POD_PUBLIC_URL", "https://pod.example.com");
const CLIENT: (&str, &str) = ("POD_WEB_CLIENT_ID", "web");
const SECRET: (&str, &str) = ("POD_WEB_CLIENT_SECRET", "hush-web");
const APP: (&str, &str) = ("PUSHER_APPID", "1234");
const KEY: (&str, &str) = ("PUSHER_KEY", "278d425bdf160c739803");
const PUSHER_SECRET: (&str, &str) = ("PUSHER_SECRET", "hush-pusher");
const CLUSTER: (&str, &str) = ("PUSHER_CLUSTER", "eu");

fn subjects(settings: &[(&str, &str)]) -> Vec<String> {
    let told = problems(with(settings));
    for line in &told {
        assert!(!line.contains("hush"), "{line}");
    }
    let names = told.iter().filter_map(|line| line.split(' ').next());
    names.map(str::to_owned).collect()
}

#[test]
fn the_web_app_needs_a_client_its_secret_and_an_address() {
    assert!(with(&[]).unwrap().app.is_none());
    let app = with(&[CLIENT, SECRET, PUBLIC]).unwrap().app.unwrap();
    assert_eq!(app.public.as_str(), "https://pod.example.com/");

    assert_eq!(
        subjects(&[CLIENT]),
        ["POD_WEB_CLIENT_SECRET", "POD_PUBLIC_URL"]
    );
    assert_eq!(
        subjects(&[SECRET, PUBLIC]),
        ["POD_PUBLIC_URL", "POD_WEB_CLIENT_ID"]
    );
}

#[test]
fn the_address_is_for_the_app_whoever_carries_messages() {
    let auth0 = [
        ("POD_CHALLENGER", "auth0"),
        ("APP_CLIENT_ID", "client"),
        ("APP_CLIENT_SECRET", "hush"),
    ];
    let settings = [&auth0[..], &[CLIENT, SECRET, PUBLIC]].concat();
    assert!(with(&settings).unwrap().app.is_some());
}

#[test]
fn pusher_has_an_app_with_its_secret_and_one_place() {
    assert!(with(&[]).unwrap().pusher.is_none());
    let all = [APP, KEY, PUSHER_SECRET, CLUSTER];
    let pusher = with(&all).unwrap().pusher.unwrap();
    assert_eq!(pusher.server.cluster_name(), Some("eu"));

    assert_eq!(
        subjects(&[CLUSTER]),
        ["PUSHER_APPID", "PUSHER_KEY", "PUSHER_SECRET"]
    );
    assert_eq!(subjects(&[APP, KEY, PUSHER_SECRET]), ["PUSHER_CLUSTER"]);
    let host = ("PUSHER_HOST", "http://127.0.0.1:6001");
    assert!(with(&[APP, KEY, PUSHER_SECRET, host]).is_ok());
    assert_eq!(
        subjects(&[APP, KEY, PUSHER_SECRET, CLUSTER, host]),
        ["PUSHER_HOST"]
    );
    let clear = ("PUSHER_HOST", "http://soketi.example.com");
    assert_eq!(subjects(&[APP, KEY, PUSHER_SECRET, clear]), ["PUSHER_HOST"]);
}
