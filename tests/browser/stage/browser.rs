//! A browser, and what somebody does with it.

use std::fs;
use std::path::Path;
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::elements::Element;
use fantoccini::wd::{WebDriverCompatibleCommand, WindowHandle};
use fantoccini::{Client, Locator};
use http::Method;
use serde_json::{Value, json};
use url::{ParseError, Url};

use super::{Demo, PATIENCE, PAUSE};

/// The cookie of a session.
const SESSION: &str = "__Host-pod-session";

/// Somebody's browser.
pub(crate) struct Browser {
    client: Client,
}

impl Browser {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// What drives it, for what only one test does.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Opens a page.
    pub(crate) async fn open(&self, url: &str) {
        self.client.goto(url).await.expect("a page");
    }

    /// Where it is.
    pub(crate) async fn url(&self) -> String {
        self.client.current_url().await.expect("a URL").into()
    }

    /// Waits until there is such an element.
    pub(crate) async fn find(&self, css: &str) -> Element {
        let found = self.client.wait().at_most(PATIENCE).every(PAUSE);
        let found = found.for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("no {css}: {error}\n{}", self.text().await),
        }
    }

    /// Clicks what is called so; what moves is asked for again.
    pub(crate) async fn click(&self, css: &str) {
        let begun = Instant::now();
        loop {
            match self.find(css).await.click().await {
                Ok(()) => return,
                Err(error) if begun.elapsed() > PATIENCE => panic!("{css}: {error}"),
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// Types into a field; what moves is asked for again.
    pub(crate) async fn type_into(&self, css: &str, text: &str) {
        let begun = Instant::now();
        loop {
            match self.find(css).await.send_keys(text).await {
                Ok(()) => return,
                Err(error) if begun.elapsed() > PATIENCE => panic!("{css}: {error}"),
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    /// What the page says to whoever reads it.
    pub(crate) async fn text(&self) -> String {
        let body = self.client.find(Locator::Css("body")).await;
        let Ok(body) = body else {
            return String::new();
        };
        body.text().await.unwrap_or_default()
    }

    /// Waits until the page says so, by itself or because it was opened.
    pub(crate) async fn reads(&self, words: &str) -> String {
        let begun = Instant::now();
        loop {
            let text = self.text().await;
            if text.contains(words) {
                return text;
            }
            let is_late = begun.elapsed() > PATIENCE;
            assert!(!is_late, "it does not say {words:?}:\n{text}");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Waits until the page is one whose address has this in it.
    pub(crate) async fn is_at(&self, part: &str) {
        let begun = Instant::now();
        loop {
            let url = self.url().await;
            if url.contains(part) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{url} is not {part}");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Waits for a window that is not this one.
    pub(crate) async fn other_window(&self, but: &WindowHandle) -> WindowHandle {
        let begun = Instant::now();
        loop {
            let windows = self.client.windows().await.expect("windows");
            if let Some(other) = windows.into_iter().find(|window| window != but) {
                return other;
            }
            assert!(begun.elapsed() < PATIENCE, "no window was opened");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Runs a script in the page.
    pub(crate) async fn run(&self, script: &str) -> Value {
        let ran = self.client.execute(script, Vec::new()).await;
        ran.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Signs in at the tenant, and comes back to the orders.
    pub(crate) async fn sign_in(&self, demo: &Demo, login: &str, password: &str) {
        self.open(&format!("{}/sign-in", demo.app)).await;
        self.fill_in(login, password).await;
    }

    /// Signs in where the tenant asks for it already.
    pub(crate) async fn fill_in(&self, login: &str, password: &str) {
        self.type_into("[name=username]", login).await;
        self.type_into("[name=password]", password).await;
        self.click("[name=action]").await;
        self.is_at("/pod/app/orders").await;
    }

    /// Signs in as Ada.
    pub(crate) async fn be_ada(&self, demo: &Demo) {
        let password = pod_emulator::ADA_PASSWORD;
        self.sign_in(demo, "ada@example.com", password).await;
    }

    /// Signs in as Grace.
    pub(crate) async fn be_grace(&self, demo: &Demo) {
        let password = pod_emulator::GRACE_PASSWORD;
        self.sign_in(demo, "grace@example.com", password).await;
    }

    /// The secret of its session.
    pub(crate) async fn session(&self) -> Option<String> {
        let cookies = self.client.get_all_cookies().await.expect("cookies");
        let session = cookies.iter().find(|cookie| cookie.name() == SESSION);
        session.map(|cookie| cookie.value().to_owned())
    }

    /// Puts the secret of a session in.
    pub(crate) async fn put_session(&self, demo: &Demo, secret: &str) {
        let cookie = json!({
            "name": SESSION, "value": secret, "url": demo.app, "path": "/",
            "secure": true, "httpOnly": true, "sameSite": "Lax",
        });
        let put = self.devtools("Network.setCookie", cookie).await;
        assert_eq!(put["success"], true, "{put}");
    }

    /// Cuts it off the network, or gives the network back.
    pub(crate) async fn cut_off(&self, offline: bool) {
        let conditions = json!({
            "offline": offline, "latency": 0,
            "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.devtools("Network.enable", json!({})).await;
        self.devtools("Network.emulateNetworkConditions", conditions)
            .await;
    }

    /// Looks at pages so many pixels wide, in a light or a dark room.
    pub(crate) async fn look_like(&self, width: u32, scheme: &str) {
        let metrics = json!({
            "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await;
        let features = json!({
            "features": [
                {"name": "prefers-color-scheme", "value": scheme},
                // A picture of something that moves shows what nobody sees.
                {"name": "prefers-reduced-motion", "value": "reduce"},
            ],
        });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// Keeps a picture of the whole page in `tests/artifacts`.
    pub(crate) async fn keep_picture(&self, name: &str) {
        let wanted = json!({"format": "png", "captureBeyondViewport": true});
        let taken = self.devtools("Page.captureScreenshot", wanted).await;
        let picture = STANDARD.decode(taken["data"].as_str().expect("a picture"));
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts");
        fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join(format!("{name}.png"));
        fs::write(file, picture.expect("a picture")).expect("it is kept");
    }

    /// Has Chromium do what only its own protocol knows.
    pub(crate) async fn devtools(&self, command: &'static str, parameters: Value) -> Value {
        let command = DevTools {
            command,
            parameters,
        };
        let answer = self.client.issue_cmd(command).await;
        answer.expect("Chromium knows it")
    }
}

/// A command of Chromium's own protocol, by way of its driver.
#[derive(Debug)]
struct DevTools {
    command: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/goog/cdp/execute"))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = json!({"cmd": self.command, "params": self.parameters});
        (Method::POST, Some(body.to_string()))
    }
}
