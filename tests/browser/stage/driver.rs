//! Chromium's driver, and the browsers that it starts.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use fantoccini::ClientBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};

use super::process::Process;
use super::{Browser, PAUSE};

/// How a browser is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// As it comes.
    Usual,
    /// No page may run a script.
    WithoutScript,
}

/// A running driver. It ends its browsers when it ends, with the test.
pub(crate) struct Driver {
    process: Process,
    port: String,
}

impl Driver {
    /// Starts one on a free port. It takes one that is free for IPv4 and may
    /// not be for IPv6: then it ends, and another one is started.
    pub(crate) fn start() -> Self {
        let started = (0..5).find_map(|_| {
            let process = Process::start("chromedriver", &["--port=0"], &[]);
            let port = process.may_say("started successfully on port ")?;
            Some(Self { process, port })
        });
        started.expect("chromedriver starts")
    }

    /// Starts a browser with nothing in it: no cookie, nothing cached.
    pub(crate) async fn browser(&self) -> Browser {
        self.browser_of(Kind::Usual).await
    }

    /// Starts a browser that is set so.
    pub(crate) async fn browser_of(&self, kind: Kind) -> Browser {
        let mut options = json!({
            "binary": "/usr/bin/chromium",
            "args": [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--hide-scrollbars", "--no-proxy-server", "--lang=en-US",
                "--window-size=1280,900",
            ],
        });
        if kind == Kind::WithoutScript {
            options["prefs"] = json!({
                "profile.managed_default_content_settings.javascript": 2,
            });
        }
        let mut wanted: Map<String, Value> = Map::new();
        wanted.insert("goog:chromeOptions".to_owned(), options);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(wanted)
            .connect(&format!("http://127.0.0.1:{}", self.port))
            .await;
        Browser::new(client.expect("Chromium starts"))
    }
}

impl Drop for Driver {
    /// Asks it to end its browsers and itself: one that is killed leaves them.
    fn drop(&mut self) {
        let address = format!("127.0.0.1:{}", self.port);
        if let Ok(mut stream) = TcpStream::connect(&address) {
            let asked = format!("GET /shutdown HTTP/1.1\r\nHost: {address}\r\n\r\n");
            let _gone = stream.write_all(asked.as_bytes());
            let _gone = stream.set_read_timeout(Some(Duration::from_secs(5)));
            let _gone = stream.read(&mut [0; 256]);
        }
        let begun = Instant::now();
        while !self.process.has_ended() && begun.elapsed() < Duration::from_secs(5) {
            thread::sleep(PAUSE);
        }
    }
}
