//! The announcer by soketi, a server of Pusher's protocol, and by pusher-js,
//! Pusher's own library for pages: a customer hears of its own orders, and of
//! nobody else's whatever it shows.

use std::future::pending;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Form, Router};
use pod_core::ports::{Announcer as _, Event};
use pod_core::{Pepper, Stage};
use pod_pusher::{
    Lost, PusherAnnouncer, PusherAppId, PusherChannels, PusherConfig, PusherKey, PusherServer,
};
use pod_server::system::SystemClock;
use pod_testkit::fixtures::{at, bjorn, order, zoe};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::{http, peer};

/// How long the page may take for anything.
const PATIENCE: Duration = Duration::from_secs(20);

fn config() -> PusherConfig {
    PusherConfig {
        app_id: PusherAppId::parse("pod").unwrap(),
        key: PusherKey::parse("key-that-everybody-may-know").unwrap(),
        secret: "secret-that-everybody-may-know".into(),
        server: PusherServer::host(&peer("PEER_SOKETI")).unwrap(),
    }
}

fn pepper() -> Pepper {
    Pepper::derived(b"a pepper of the peers")
}

/// What a page asks before it may listen to a channel.
#[derive(Deserialize)]
struct Asked {
    socket_id: String,
    channel_name: String,
}

/// The endpoint that authorizes the page of the one customer who is signed in.
async fn authorize(
    State(channels): State<PusherChannels>,
    Form(asked): Form<Asked>,
) -> Result<String, StatusCode> {
    let answer = channels.authorize(&zoe(), &asked.socket_id, &asked.channel_name);
    answer.map_err(|_| StatusCode::FORBIDDEN)
}

async fn serve(serving: &mut JoinSet<()>, channels: PusherChannels) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new()
        .route("/authorize", post(authorize))
        .with_state(channels);
    serving.spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

/// A page that listens, and what it says.
struct Page {
    lines: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

impl Page {
    fn open(channels: &PusherChannels, endpoint: SocketAddr) -> Self {
        let mut process = Command::new("node")
            .arg(peer("PEER_PUSHER_JS"))
            .env("PEER_SOKETI", peer("PEER_SOKETI"))
            .env("PEER_AUTHORIZE", format!("http://{endpoint}/authorize"))
            .env("PEER_CHANNEL", channels.channel(&zoe()))
            .env("PEER_FOREIGN_CHANNEL", channels.channel(&bjorn()))
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("Node.js");
        let stdout = process.stdout.take().expect("its output");
        Self {
            lines: BufReader::new(stdout).lines(),
            _process: process,
        }
    }

    async fn says(&mut self) -> Value {
        let line = timeout(PATIENCE, self.lines.next_line()).await;
        let line = line.expect("it says something").expect("it is read");
        serde_json::from_str(&line.expect("it goes on")).expect("JSON")
    }
}

#[tokio::test]
#[ignore = "needs soketi and pusher-js: tests/peers/run"]
async fn a_page_hears_of_its_customers_orders_and_of_nobody_elses() {
    let channels = PusherChannels::new(&config(), pepper());
    let [own, foreign] = [zoe(), bjorn()].map(|customer| channels.channel(&customer));
    let mut running = JoinSet::new();
    let endpoint = serve(&mut running, channels.clone()).await;
    let mut page = Page::open(&channels, endpoint);

    assert_eq!(page.says().await, json!({"subscribed": own}));
    for (channel, status) in [
        // Pod does not authorize it.
        (&foreign, 403),
        // Soketi does not take a signature of nobody's, nor one for another
        // channel or another socket.
        (&foreign, 401),
        (&foreign, 401),
        (&own, 401),
    ] {
        let refused = json!({"refused": channel, "type": "AuthError", "status": status});
        assert_eq!(page.says().await, refused);
    }
    assert_eq!(page.says().await, "listening");

    let lost: Arc<Mutex<Vec<Lost>>> = Arc::default();
    let losses = Arc::clone(&lost);
    let on_lost = move |why| losses.lock().unwrap().push(why);
    let (announcer, posts) =
        PusherAnnouncer::new(&config(), pepper(), http(), Arc::new(SystemClock), on_lost);
    running.spawn(posts.run(pending()));
    for stage in Stage::ALL {
        for customer in [bjorn(), zoe()] {
            let event = Event {
                order: order(1, &customer).id,
                customer,
                stage,
                at: at(30),
            };
            announcer.announce(&event).await;
        }
    }

    for stage in Stage::ALL {
        let heard = json!({
            "channel": own,
            "event": format!("order.{}", stage.as_str()),
            "data": {
                "order": order(1, &zoe()).id.to_string(),
                "stage": stage.as_str(),
                "at": at(30).to_string(),
            },
        });
        assert_eq!(page.says().await, heard);
    }
    assert!(lost.lock().unwrap().is_empty());
}

#[tokio::test]
#[ignore = "needs soketi: tests/peers/run"]
async fn an_event_of_another_secret_or_another_app_is_not_taken() {
    for config in [
        PusherConfig {
            secret: "another".into(),
            ..config()
        },
        PusherConfig {
            app_id: PusherAppId::parse("another").unwrap(),
            ..config()
        },
    ] {
        let lost: Arc<Mutex<Vec<Lost>>> = Arc::default();
        let losses = Arc::clone(&lost);
        let on_lost = move |why| losses.lock().unwrap().push(why);
        let (announcer, posts) =
            PusherAnnouncer::new(&config, pepper(), http(), Arc::new(SystemClock), on_lost);
        let event = Event {
            customer: zoe(),
            order: order(1, &zoe()).id,
            stage: Stage::Confirmed,
            at: at(30),
        };

        announcer.announce(&event).await;
        drop(announcer);
        posts.run(pending()).await;

        let lost = lost.lock().unwrap();
        let [Lost::Fault(fault)] = &lost[..] else {
            panic!("{lost:?}")
        };
        assert!(!fault.is_temporary(), "{fault:?}");
    }
}
