//! A browser that keeps cookies, follows the redirects of one server, and fills
//! in its forms. It calls at token endpoints as well.

use std::collections::BTreeMap;

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use url::Url;
use url::form_urlencoded::Serializer;

/// More redirects than any sign-in has.
const MOST: usize = 12;

/// Somebody's browser.
#[derive(Default)]
pub(crate) struct Browser {
    cookies: BTreeMap<String, String>,
}

/// Where a browser got to.
#[derive(Debug)]
pub(crate) enum Page {
    /// A page of the server's, from this URL.
    Shown { url: Url, body: String },
    /// The server sent the browser elsewhere: back to the application.
    Left(Url),
}

/// An answer, as it came.
struct Answer {
    status: StatusCode,
    location: Option<Url>,
    body: Bytes,
}

impl Browser {
    /// Goes to a URL.
    pub(crate) async fn open(&mut self, url: &str) -> Page {
        self.go(Method::GET, Url::parse(url).expect("a URL"), &[])
            .await
    }

    /// Sends the form of a page back, with these fields more.
    pub(crate) async fn submit(&mut self, page: Page, fields: &[(&str, &str)]) -> Page {
        let Page::Shown { url, body } = page else {
            panic!("no form on {page:?}")
        };
        let action = url.join(&attribute(&body, "action")).expect("a URL");
        let hidden = body
            .split("<input ")
            .skip(1)
            .filter(|input| input.starts_with("type=\"hidden\""))
            .map(|input| (attribute(input, "name"), attribute(input, "value")));
        let hidden: Vec<_> = hidden.collect();
        let mut all: Vec<_> = hidden.iter().map(|(n, v)| (&**n, &**v)).collect();
        all.extend(fields);
        self.go(Method::POST, action, &all).await
    }

    async fn go(&mut self, method: Method, url: Url, form: &[(&str, &str)]) -> Page {
        let home = url.origin();
        let (mut method, mut url, mut form) = (method, url, form);
        for _ in 0..MOST {
            let answer = self.ask(&method, &url, form).await;
            match answer.location {
                Some(next) if next.origin() != home => return Page::Left(next),
                Some(next) => (method, url, form) = (Method::GET, next, &[]),
                None => {
                    let body = String::from_utf8_lossy(&answer.body).into_owned();
                    return Page::Shown { url, body };
                }
            }
        }
        panic!("{url} redirects without end")
    }

    async fn ask(&mut self, method: &Method, url: &Url, form: &[(&str, &str)]) -> Answer {
        let cookies = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let (answer, set) = send(method, url, &cookies, form).await;
        self.cookies.extend(set);
        answer
    }
}

/// Posts a form to a token endpoint, and reads the JSON that comes back.
pub(crate) async fn post_form(url: &str, form: &[(&str, &str)]) -> (StatusCode, Value) {
    let url = Url::parse(url).expect("a URL");
    let (answer, _) = send(&Method::POST, &url, "", form).await;
    let body = serde_json::from_slice(&answer.body).unwrap_or_default();
    (answer.status, body)
}

async fn send(
    method: &Method,
    url: &Url,
    cookies: &str,
    form: &[(&str, &str)],
) -> (Answer, Vec<(String, String)>) {
    let (host, port) = (url.host_str().expect("a host"), url.port().expect("a port"));
    let stream = TcpStream::connect((host, port)).await.expect("a peer");
    let (mut requests, connection) = handshake(TokioIo::new(stream)).await.expect("HTTP");
    // It ends with the request.
    tokio::spawn(connection);
    let body: Bytes = Serializer::new(String::new())
        .extend_pairs(form)
        .finish()
        .into();
    let request = Request::builder()
        .method(method)
        .uri(&url[url::Position::BeforePath..url::Position::AfterQuery])
        .header(HOST, format!("{host}:{port}"))
        .header(COOKIE, cookies)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::new(body))
        .expect("a request");
    let answer = requests.send_request(request).await.expect("an answer");

    let (head, body) = answer.into_parts();
    let text = |value: &hyper::header::HeaderValue| value.to_str().expect("text").to_owned();
    let location = head.headers.get(LOCATION).map(text);
    let cookies = head.headers.get_all(SET_COOKIE).iter().map(|cookie| {
        let cookie = text(cookie);
        let pair = cookie.split(';').next().and_then(|it| it.split_once('='));
        let (name, value) = pair.expect("NAME=VALUE");
        (name.to_owned(), value.to_owned())
    });
    let answer = Answer {
        status: head.status,
        location: location.map(|to| url.join(&to).expect("a URL")),
        body: body.collect().await.expect("a body").to_bytes(),
    };
    (answer, cookies.collect())
}

/// The first value of an attribute in some HTML.
fn attribute(html: &str, name: &str) -> String {
    let (_, rest) = html
        .split_once(&format!("{name}=\""))
        .unwrap_or_else(|| panic!("no {name} in {html}"));
    let value = rest.split('"').next().unwrap_or_default();
    value.replace("&amp;", "&")
}
