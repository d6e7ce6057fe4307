//! Events: as they happen, after a break, and nobody else's.

use std::time::Duration;

use axum::body::Body;
use http::{Method, StatusCode};
use http_body_util::BodyExt as _;
use pod_testkit::fixtures::zoe;
use tokio::time::timeout;

use crate::stage::{BJORN, Stage, ZOE, request};

/// A stream, and what of it has come.
struct Stream {
    body: Body,
    text: String,
}

impl Stream {
    async fn open(stage: &Stage, token: &str, last: Option<&str>) -> Self {
        let mut listen = request(Method::GET, token, "/events", "");
        if let Some(last) = last {
            let last = last.parse().unwrap();
            listen.headers_mut().insert("last-event-id", last);
        }
        let body = stage.open(listen).await;
        let text = String::new();
        Self { body, text }
    }

    /// Reads on until an event of this name has come, and gives its block.
    async fn until(&mut self, name: &str) -> String {
        let line = format!("event: {name}\n");
        loop {
            let mut blocks = self.text.split_inclusive("\n\n");
            let found = blocks.find(|block| block.ends_with("\n\n") && block.contains(&line));
            if let Some(found) = found {
                return found.to_owned();
            }
            let more = timeout(Duration::from_secs(5), self.body.frame()).await;
            let more = more.unwrap_or_else(|_| panic!("no {name}: {}", self.text));
            let data = more.expect("more").expect("whole").into_data().unwrap();
            self.text += std::str::from_utf8(&data).unwrap();
        }
    }

    /// What comes within a moment.
    async fn rest(mut self) -> String {
        while let Ok(Some(Ok(more))) = timeout(Duration::from_millis(50), self.body.frame()).await {
            self.text += std::str::from_utf8(&more.into_data().unwrap()).unwrap();
        }
        self.text
    }
}

fn id_of(block: &str) -> String {
    let id = block.lines().find_map(|line| line.strip_prefix("id: "));
    id.expect("an id").to_owned()
}

#[tokio::test]
async fn what_becomes_of_an_order_is_heard_as_it_happens() {
    let stage = Stage::new();
    let mut stream = Stream::open(&stage, ZOE, None).await;

    let id = stage.place(ZOE).await;
    let awaiting = stream.until("order.awaiting_code").await;
    stage.post(ZOE, "/authorize", &stage.code()).await;
    let confirmed = stream.until("order.confirmed").await;

    for (block, state) in [(&awaiting, "awaiting_code"), (&confirmed, "confirmed")] {
        assert!(block.contains(&format!("\"order\":\"{id}\"")), "{block}");
        assert!(block.contains(&format!("\"state\":\"{state}\"")), "{block}");
    }
    assert_ne!(id_of(&awaiting), id_of(&confirmed));
}

#[tokio::test]
async fn nobody_hears_what_is_somebody_elses() {
    let stage = Stage::new();
    let stream = Stream::open(&stage, BJORN, None).await;

    stage.place(ZOE).await;
    stage.post(ZOE, "/authorize", &stage.code()).await;

    assert!(!stream.rest().await.contains("event:"));
}

#[tokio::test]
async fn after_a_break_what_was_missed_comes_first_and_nothing_twice() {
    let stage = Stage::new();
    let mut stream = Stream::open(&stage, ZOE, None).await;
    stage.place(ZOE).await;
    let heard = id_of(&stream.until("order.awaiting_code").await);
    drop(stream);
    stage.post(ZOE, "/authorize", &stage.code()).await;
    stage.place(ZOE).await;

    let mut stream = Stream::open(&stage, ZOE, Some(&heard)).await;
    stage.post(ZOE, "/authorize", &stage.code()).await;

    stream.until("order.confirmed").await;
    let all = stream.rest().await;
    assert_eq!(all.matches("event: order.confirmed\n").count(), 2, "{all}");
    assert_eq!(
        all.matches("event: order.awaiting_code\n").count(),
        1,
        "{all}"
    );
    assert!(!all.contains("event: reset"), "{all}");
}

#[tokio::test]
async fn a_stream_that_heard_nothing_goes_on_where_it_began() {
    let stage = Stage::new();
    let quiet = Stream::open(&stage, ZOE, None).await.rest().await;
    let position = id_of(&quiet);
    stage.place(ZOE).await;

    let mut stream = Stream::open(&stage, ZOE, Some(&position)).await;

    stream.until("order.awaiting_code").await;
}

#[tokio::test]
async fn whoever_listens_can_be_told_to_come_again() {
    let stage = Stage::new();
    let hers = Stream::open(&stage, ZOE, None).await;
    let mut his = Stream::open(&stage, BJORN, None).await;

    stage.live.end(&zoe());

    let ended = timeout(Duration::from_secs(5), hers.body.collect()).await;
    ended.expect("it ends").expect("whole");
    stage.place(BJORN).await;
    his.until("order.awaiting_code").await;
    stage.place(ZOE).await;
    let mut again = Stream::open(&stage, ZOE, None).await;
    stage.post(ZOE, "/authorize", &stage.code()).await;
    again.until("order.confirmed").await;
}

#[tokio::test]
async fn a_place_that_is_not_known_any_more_is_told() {
    let stage = Stage::new();
    stage.place(ZOE).await;
    let other_run = format!("{:016x}-1", 6);
    for last in ["nonsense", &other_run, "0000000000000007-99"] {
        let mut stream = Stream::open(&stage, ZOE, Some(last)).await;
        stream.until("reset").await;
    }
}

#[tokio::test]
async fn who_missed_more_than_is_kept_is_told_so() {
    let stage = Stage::new();
    let first = {
        let mut stream = Stream::open(&stage, ZOE, None).await;
        stage.place(ZOE).await;
        id_of(&stream.until("order.awaiting_code").await)
    };
    let event = pod_core::ports::Event {
        customer: zoe(),
        order: pod_testkit::fixtures::order(1, &zoe()).id,
        stage: pod_core::Stage::Confirmed,
        at: pod_testkit::fixtures::at(0),
    };
    for _ in 0..65 {
        pod_core::ports::Announcer::announce(&stage.live, &event).await;
    }

    let mut stream = Stream::open(&stage, ZOE, Some(&first)).await;

    stream.until("reset").await;
    assert!(!stream.rest().await.contains("order.confirmed"));
}

#[tokio::test(start_paused = true)]
async fn a_stream_shows_that_it_lives_and_ends_after_a_while() {
    let stage = Stage::new();
    let began = tokio::time::Instant::now();
    let stream = Stream::open(&stage, ZOE, None).await;

    let all = stream.body.collect().await.unwrap().to_bytes();

    let all = std::str::from_utf8(&all).unwrap();
    assert!(
        all.starts_with(": listening\nretry: 2000\n") || all.contains("retry: 2000"),
        "{all}"
    );
    assert!(all.matches("\n:").count() >= 59, "{all}");
    assert_eq!(began.elapsed().as_secs(), 15 * 60);
}

#[tokio::test]
async fn one_customer_has_so_many_streams_and_no_more() {
    let stage = Stage::new();
    let mut streams = Vec::new();
    for _ in 0..16 {
        streams.push(Stream::open(&stage, ZOE, None).await);
    }

    let refused = stage.get(ZOE, "/events").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.problem(), "too-many-requests");
    Stream::open(&stage, BJORN, None).await;

    streams.pop();
    Stream::open(&stage, ZOE, None).await;
}

#[tokio::test]
async fn a_program_that_stops_ends_every_stream() {
    let stage = Stage::new();
    let open = Stream::open(&stage, ZOE, None).await;

    stage.live.stop();

    let ended = timeout(Duration::from_secs(5), open.body.collect()).await;
    ended.expect("it ends").expect("whole");
    let late = Stream::open(&stage, ZOE, None).await;
    let ended = timeout(Duration::from_secs(5), late.body.collect()).await;
    ended.expect("it ends").expect("whole");
}
