//! Whoever asks nothing, or takes nothing, does not stay.

use std::future::Future;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, interval, sleep, timeout};

use super::events::{PAUSE, every};
use super::http2::{DATA, GOAWAY, Http2};
use super::pipe::{House, read_until, send_for_ever};
use super::{GET, hello};
use crate::serving::*;

/// More than fits into any test's pipe.
const MUCH: usize = 64 * 1024;

/// The room that HTTP/2 gives a stream if nothing is said of it.
const USUAL: u32 = 65_535;

const KEPT: &str = "GET / HTTP/1.1\r\nhost: pod\r\n\r\n";

/// Idle for thirty seconds at most, and stuck for ten.
fn house(router: Router) -> House {
    House::new(router, Limits::default())
}

/// A long answer, whole from the beginning.
fn long(bytes: usize) -> Router {
    let answer = axum::body::Bytes::from("a".repeat(bytes));
    Router::new().route("/", axum::routing::get(async move || answer))
}

/// How many seconds something takes.
async fn seconds<T>(of: impl Future<Output = T>) -> u64 {
    let began = Instant::now();
    of.await;
    began.elapsed().as_secs()
}

/// Reads to the end, with a ping every second.
async fn ping_to_the_end(client: &mut Http2) {
    let mut turns = interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            frame = client.next() => if frame.is_none() { return },
            _ = turns.tick() => client.ping().await,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn pings_keep_no_connection() {
    let mut client = Http2::greet(house(hello()).call(MUCH), USUAL).await;
    client.get(1).await;

    assert_eq!(seconds(ping_to_the_end(&mut client)).await, 30);
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_told_before_it_is_closed() {
    let mut client = Http2::greet(house(hello()).call(MUCH), USUAL).await;
    client.get(1).await;

    assert!(client.next_of(GOAWAY).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_leave_when_shown_out_is_dropped() {
    let mut client = Http2::greet(house(hello()).call(MUCH), USUAL).await;
    client.stays_when_shown_out = true;
    client.get(1).await;

    assert_eq!(seconds(ping_to_the_end(&mut client)).await, 40);
}

#[tokio::test(start_paused = true)]
async fn a_request_now_and_then_keeps_a_connection() {
    let mut client = Http2::greet(house(hello()).call(MUCH), USUAL).await;

    for stream in (1..20).step_by(2) {
        client.get(stream).await;
        assert_eq!(client.next_of(DATA).await.unwrap().stream, stream);
        let pinging = ping_to_the_end(&mut client);
        assert!(timeout(Duration::from_secs(29), pinging).await.is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_of_http_1_is_closed() {
    let limits = Limits {
        header: Duration::from_mins(5),
        ..Limits::default()
    };
    let mut stream = House::new(hello(), limits).call(MUCH);
    stream.write_all(KEPT.as_bytes()).await.unwrap();
    read_until(&mut stream, "hello").await;

    assert_eq!(seconds(stream.read_u8()).await, 30);
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_and_never_reads_is_dropped() {
    let stream = house(hello()).call(1024);

    let asking = send_for_ever(stream, KEPT.into());

    assert_eq!(seconds(asking).await, 10);
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_over_http_2_and_never_reads_is_dropped() {
    let mut client = Http2::greet(house(long(MUCH)).call(1024), USUAL).await;

    let asking = async {
        for stream in (1..).step_by(2) {
            client.get(stream).await;
            if client.is_gone() {
                return;
            }
        }
    };

    assert_eq!(seconds(asking).await, 10);
}

#[tokio::test(start_paused = true)]
async fn whoever_reads_slowly_is_not_dropped() {
    let mut stream = house(long(2 * MUCH)).call(4096);
    stream.write_all(GET.as_bytes()).await.unwrap();

    let (mut read, mut piece) = (0, [0; 4096]);
    loop {
        sleep(Duration::from_secs(9)).await;
        match stream.read(&mut piece).await.unwrap() {
            0 => break,
            bytes => read += bytes,
        }
    }

    assert!(read > 2 * MUCH, "{read}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_makes_room_for_is_dropped() {
    let mut client = Http2::greet(house(hello()).call(MUCH), 0).await;
    client.get(1).await;

    assert_eq!(seconds(ping_to_the_end(&mut client)).await, 40);
}

#[tokio::test(start_paused = true)]
async fn room_for_a_byte_now_and_then_is_no_room() {
    let mut client = Http2::greet(house(long(MUCH)).call(MUCH), 0).await;
    client.get(1).await;

    let trickling = async {
        let mut turns = interval(Duration::from_secs(4));
        loop {
            tokio::select! {
                frame = client.next() => if frame.is_none() { return },
                _ = turns.tick() => client.give_room(1, 1).await,
            }
        }
    };

    assert_eq!(seconds(trickling).await, 40);
}

#[tokio::test(start_paused = true)]
async fn room_for_a_piece_now_and_then_is_enough() {
    let mut client = Http2::greet(house(long(4 * MUCH)).call(MUCH), 0).await;
    client.give_room(0, 1 << 20).await;
    client.get(1).await;

    let (mut read, mut turns) = (0, interval(Duration::from_secs(29)));
    while read < 4 * MUCH {
        tokio::select! {
            frame = client.next() => {
                let frame = frame.expect("more to come");
                read += if frame.kind == DATA { frame.payload.len() } else { 0 };
            }
            _ = turns.tick() => client.give_room(1, 1 << 13).await,
        }
    }

    assert_eq!(read, 4 * MUCH);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_goes_on_keeps_a_connection() {
    let mut stream = house(every(PAUSE, "event")).call(MUCH);
    stream.write_all(KEPT.as_bytes()).await.unwrap();

    for _ in 0..10 {
        read_until(&mut stream, "event").await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_goes_on_over_http_2_keeps_a_connection() {
    let mut client = Http2::greet(house(every(PAUSE, "event")).call(MUCH), USUAL).await;
    client.get(1).await;

    for _ in 0..10 {
        assert_eq!(client.next_of(DATA).await.unwrap().payload, b"event");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_goes_on_unread_is_dropped() {
    let often = Duration::from_secs(1);
    let mut stream = house(every(often, "a".repeat(512))).call(1024);
    stream.write_all(KEPT.as_bytes()).await.unwrap();

    // What fits into the pipe comes first.
    let end = async { while stream.read_u8().await.is_ok() {} };
    let unread = async {
        sleep(Duration::from_mins(1)).await;
        end.await;
    };

    assert_eq!(seconds(unread).await, 60);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_goes_on_unread_over_http_2_is_dropped() {
    let often = Duration::from_secs(1);
    let mut client = Http2::greet(house(every(often, "event")).call(MUCH), 50).await;
    client.get(1).await;

    // Ten events fit; the eleventh comes ten seconds after the first.
    assert_eq!(seconds(ping_to_the_end(&mut client)).await, 50);
}
