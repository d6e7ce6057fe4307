//! Asking: what becomes of a request, with servers on this machine.

use std::error::Error as _;
use std::time::{Duration, Instant};

use pod_http::{Answer, AskError, Http, InvalidRoute, Method, Route};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;
use wiremock::matchers::{basic_auth, bearer_token, body_json, body_string, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const MOST: usize = 1_024;

fn http() -> Http {
    Http::new(&Route::default()).unwrap()
}

fn at(server: &MockServer, place: &str) -> Url {
    server.uri().parse::<Url>().unwrap().join(place).unwrap()
}

fn in_ten_seconds() -> Instant {
    Instant::now() + Duration::from_secs(10)
}

async fn get(url: Url) -> Result<Answer, AskError> {
    http().get(url).ask(in_ten_seconds(), MOST).await
}

/// A server that says this to whoever asks, and then hangs up, or nothing more.
async fn says(words: &'static [u8], hangs_up: bool) -> Url {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 1_024]).await;
            let _ = stream.write_all(words).await;
            if !hangs_up {
                kept.push(stream);
            }
        }
    });
    format!("http://{address}/?secret=hush").parse().unwrap()
}

/// Where nobody listens.
async fn nowhere() -> Url {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    format!("http://{address}/?secret=hush").parse().unwrap()
}

/// An error with all that led to it.
fn told(error: &AskError) -> String {
    format!("{error} {error:?} {:?}", error.source())
}

#[tokio::test]
async fn what_was_asked_arrives_and_what_was_answered_comes_back() {
    let server = MockServer::start().await;
    let answers = |status| ResponseTemplate::new(status).set_body_string("done");
    Mock::given(method("GET"))
        .and(bearer_token("token"))
        .respond_with(answers(200).insert_header("retry-after", " 7 "))
        .mount(&server)
        .await;
    Mock::given(path("/form"))
        .and(basic_auth("ada", "hush"))
        .and(header("content-type", "application/x-www-form-urlencoded"))
        .and(body_string("to=%2B1&code=a+b"))
        .respond_with(answers(201))
        .mount(&server)
        .await;
    Mock::given(method("PATCH"))
        .and(header("x-request-language", "de"))
        .and(body_json([1, 2]))
        .respond_with(answers(404))
        .mount(&server)
        .await;
    Mock::given(path("/bytes"))
        .and(header("content-type", "text/plain"))
        .and(body_string("bytes"))
        .respond_with(answers(503))
        .mount(&server)
        .await;
    let http = http();
    let bytes = http
        .post(at(&server, "/bytes"))
        .body("text/plain", b"bytes".to_vec());
    let once_more = bytes.again().unwrap();

    for (request, status, retry_after) in [
        (http.get(at(&server, "/")).bearer("token"), 200, Some(7)),
        (
            http.post(at(&server, "/form"))
                .basic("ada", "hush")
                .form(&[("to", "+1"), ("code", "a b")]),
            201,
            None,
        ),
        (
            http.request(Method::PATCH, at(&server, "/json"))
                .header("x-request-language", "de")
                .json(&[1, 2]),
            404,
            None,
        ),
        (bytes, 503, None),
        (once_more, 503, None),
    ] {
        let answer = request.ask(in_ten_seconds(), MOST).await.unwrap();

        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(answer.body(), b"done");
        assert_eq!(answer.retry_after(), retry_after.map(Duration::from_secs));
        assert_eq!(answer.whole().unwrap(), b"done");
    }
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let server = MockServer::start().await;
    for status in [301, 302, 303, 307, 308] {
        let place = format!("/{status}");
        let away = ResponseTemplate::new(status).insert_header("location", "/elsewhere");
        let from_here = Mock::given(path(&place)).respond_with(away);
        from_here.expect(1).mount(&server).await;

        let answer = get(at(&server, &place)).await.unwrap();

        assert_eq!(answer.status.as_u16(), status);
    }
}

#[tokio::test]
async fn an_answer_is_read_to_its_bound_and_no_further() {
    let server = MockServer::start().await;
    for (place, length) in [("/full", MOST), ("/above", MOST + 1)] {
        let long = ResponseTemplate::new(200).set_body_bytes(vec![b'-'; length]);
        Mock::given(path(place))
            .respond_with(long)
            .mount(&server)
            .await;
    }

    let full = get(at(&server, "/full")).await.unwrap();
    let above = get(at(&server, "/above")).await.unwrap();

    assert_eq!(full.whole().unwrap().len(), MOST);
    assert_eq!(above.status.as_u16(), 200);
    assert_eq!(above.body(), b"");
    assert!(above.whole().is_none());
}

#[tokio::test]
async fn what_says_nothing_or_not_all_of_it_is_given_up_in_time() {
    for words in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
    ] {
        let url = says(words, false).await;
        let start = Instant::now();

        let soon = start + Duration::from_millis(250);
        let error = http().get(url).ask(soon, MOST).await.unwrap_err();

        assert!(matches!(error, AskError::TooSlow), "{error:?}");
        assert!(!error.never_left());
        assert!(start.elapsed() < Duration::from_secs(2));
    }
}

#[tokio::test]
async fn a_status_that_is_no_success_is_told_whether_or_not_its_page_comes() {
    let half = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 10\r\n\r\nhalf";
    for hangs_up in [true, false] {
        let answer = get(says(half, hangs_up).await).await.unwrap();

        assert_eq!(answer.status, 503);
        assert_eq!(answer.body(), b"");
    }
}

#[tokio::test]
async fn what_breaks_may_have_been_done_and_what_cannot_be_reached_was_not() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf";
    for words in [&b""[..], half, b"nonsense\r\n\r\n"] {
        let error = get(says(words, true).await).await.unwrap_err();

        assert!(matches!(error, AskError::Broken(_)), "{error:?}");
        assert!(!error.never_left());
        assert!(!told(&error).contains("hush"), "{}", told(&error));
    }

    let error = get(nowhere().await).await.unwrap_err();

    assert!(matches!(error, AskError::Unreachable(_)), "{error:?}");
    assert!(error.never_left());
    assert!(!told(&error).contains("hush"), "{}", told(&error));
}

#[tokio::test]
async fn nothing_is_sent_that_others_could_read() {
    let error = get("http://login.example.com/?secret=hush".parse().unwrap())
        .await
        .unwrap_err();

    assert!(error.never_left());
    let cause = error.source().unwrap().to_string();
    assert_eq!(cause, "plain http is for loopback addresses only");
}

#[tokio::test]
async fn others_are_reached_through_the_proxy_and_this_machine_without() {
    let proxy = says(b"HTTP/1.1 502 Bad Gateway\r\n\r\n", true).await;
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(204))
        .mount(&server)
        .await;
    let http = Http::new(&Route {
        proxy: Some(proxy.to_string()),
        authorities: None,
    })
    .unwrap();

    let here = http.get(at(&server, "/")).ask(in_ten_seconds(), MOST).await;
    let away = http
        .get("https://login.example.com/".parse().unwrap())
        .ask(in_ten_seconds(), MOST)
        .await
        .unwrap_err();

    assert_eq!(here.unwrap().status.as_u16(), 204);
    assert!(away.never_left());
    assert!(told(&away).contains("Tunnel"), "{}", told(&away));
}

#[test]
fn a_route_that_cannot_be_read_is_refused_without_showing_it() {
    let proxy = Route {
        proxy: Some("http://user:s3cret@:".to_owned()),
        authorities: None,
    };
    let error = Http::new(&proxy).unwrap_err();

    assert!(matches!(error, InvalidRoute::Proxy));
    assert!(!format!("{error} {error:?}").contains("s3cret"));
    for pem in [
        &b""[..],
        b"-----BEGIN CERTIFICATE-----\n!\n",
        b"-----BEGIN CERTIFICATE-----\naGk=\n-----END CERTIFICATE-----\n",
    ] {
        let route = Route {
            proxy: None,
            authorities: Some(pem.to_vec()),
        };
        assert!(matches!(Http::new(&route), Err(InvalidRoute::Authorities)));
    }
}
