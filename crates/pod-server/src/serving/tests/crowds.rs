//! However many come at once, there is an end to what they cost.

use axum::body::Bytes;
use axum::routing::post;

use super::http2::{HEADERS, Http2, REFUSED_STREAM, RST_STREAM, SETTINGS, WINDOW_UPDATE};
use super::pipe::House;
use super::*;

const KEPT: &str = "GET / HTTP/1.1\r\nhost: pod\r\n\r\n";

/// Reads the whole of a request before it answers.
fn patient() -> Router {
    Router::new().route("/", post(async |body: Bytes| body.len().to_string()))
}

#[tokio::test(start_paused = true)]
async fn one_connection_has_so_many_requests_in_progress() {
    let house = House::new(patient(), Limits::default());
    let mut client = Http2::greet(house.call(65_536), 65_535).await;
    assert!(client.next_of(SETTINGS).await.is_some());

    for stream in (1..=65).step_by(2) {
        client.begin_post(stream).await;
    }

    // Each of the thirty-two before it waits for its body.
    let refused = client.next_of(RST_STREAM).await.unwrap();
    assert_eq!(
        (refused.stream, &refused.payload[..]),
        (65, &REFUSED_STREAM[..])
    );
}

#[tokio::test(start_paused = true)]
async fn what_arrives_unread_is_little() {
    let house = House::new(patient(), Limits::default());
    let mut client = Http2::greet(house.call(65_536), 65_535).await;

    client.get(1).await;
    let mut frames = vec![client.next().await.unwrap()];
    while frames.last().is_none_or(|frame| frame.kind != HEADERS) {
        frames.push(client.next().await.unwrap());
    }

    // Neither a stream nor the connection has more room than all have.
    assert_eq!(frames[0].kind, SETTINGS);
    let window = frames[0].payload.chunks(6).find(|it| it[..2] == [0, 4]);
    assert!(window.is_none_or(|window| window[2..] == 65_535_u32.to_be_bytes()));
    assert!(frames.iter().all(|frame| frame.kind != WINDOW_UPDATE));
}

#[tokio::test]
async fn one_request_too_many_is_refused_at_once_and_unread() {
    let (router, came, go) = slow();
    let limits = Limits {
        requests: 1,
        ..Limits::default()
    };
    let running = start(
        router.route("/echo", post(async |body: String| body)),
        None,
        limits,
    )
    .await;
    let first = tokio::spawn(exchange(connect(&running).await, GET));
    came.await.unwrap();

    // Its body never comes.
    let refused = exchange(
        connect(&running).await,
        "POST /echo HTTP/1.1\r\nhost: pod\r\ncontent-length: 100000\r\n\r\n",
    )
    .await;
    go.notify_one();
    let first = first.await.unwrap();
    let next =
        "POST /echo HTTP/1.1\r\nhost: pod\r\nconnection: close\r\ncontent-length: 4\r\n\r\nnext";
    let next = exchange(connect(&running).await, next).await;

    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    assert!(refused.contains("retry-after: 1\r\n"), "{refused}");
    assert!(first.ends_with("late"), "{first}");
    assert!(next.ends_with("next"), "{next}");
}

#[tokio::test]
async fn a_request_that_is_given_up_makes_room() {
    let (router, came, _never) = slow();
    let limits = Limits {
        requests: 1,
        ..Limits::default()
    };
    let running = start(router.route("/hello", get(async || "hello")), None, limits).await;
    let mut first = connect(&running).await;
    first.write_all(GET.as_bytes()).await.unwrap();
    came.await.unwrap();

    drop(first);

    let hello = GET.replace("GET /", "GET /hello");
    while !exchange(connect(&running).await, &hello)
        .await
        .ends_with("hello")
    {}
}

#[tokio::test]
async fn whoever_waits_is_let_in_when_an_idle_one_is_shown_out() {
    let limits = Limits {
        connections: 1,
        idle: Duration::from_millis(50),
        ..Limits::default()
    };
    let running = start(hello(), None, limits).await;
    let mut idle = connect(&running).await;
    idle.write_all(KEPT.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    idle.read_exact(&mut answer).await.unwrap();

    let next = exchange(connect(&running).await, GET).await;

    assert!(next.ends_with("hello"), "{next}");
}

#[tokio::test]
async fn there_are_fewer_connections_than_files() {
    let limits = Limits {
        connections: usize::MAX,
        ..Limits::default()
    };
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));

    let server = Server::bind(anywhere, None, limits).await.unwrap();

    assert_eq!(server.limits.connections, files::connections());
}
