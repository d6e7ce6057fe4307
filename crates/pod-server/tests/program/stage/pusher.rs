//! A server of Pusher's protocol that says what it was posted, and can keep
//! whoever posts waiting.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::settings::Settings;

/// Longer than any post takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server of Pusher's protocol.
pub(crate) struct Pusher {
    address: String,
    heard: Receiver<String>,
    open: Sender<()>,
}

impl Pusher {
    /// Starts one that answers nobody before it is opened.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let (tell, heard) = mpsc::channel();
        let (open, opened) = mpsc::channel();
        thread::spawn(move || {
            let mut opened = Some(opened);
            for mut client in listener.incoming().map_while(Result::ok) {
                // An error means that the test is over.
                let _over = tell.send(posted(&mut client));
                if let Some(opened) = opened.take() {
                    let _over = opened.recv();
                }
                let answer = "HTTP/1.1 200 OK\r\nconnection: close\r\n\
                              content-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
                // Whoever went away is not answered.
                let _gone = client.write_all(answer.as_bytes());
            }
        });
        Self {
            address,
            heard,
            open,
        }
    }

    /// These settings, with orders announced here.
    pub(crate) fn beside(&self, settings: Settings) -> Settings {
        settings
            .with("PUSHER_APPID", "3")
            .with("PUSHER_KEY", "278d425bdf160c739803")
            .with("PUSHER_SECRET", "7ad3773142a6692b25b8")
            .with("PUSHER_HOST", format!("http://{}", self.address))
    }

    /// Answers from now on.
    pub(crate) fn open(&self) {
        // An error means that nobody waits any more.
        let _gone = self.open.send(());
    }

    /// The name of the next event.
    pub(crate) fn hears(&self) -> String {
        self.heard.recv_timeout(PATIENCE).expect("an event")
    }
}

/// The name of the event in a post.
fn posted(client: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && client.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).expect("a head is text");
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let mut lengths = lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let (_, length) = lengths.next().expect("a length");
    let mut body = vec![0; length.parse().expect("a number")];
    client.read_exact(&mut body).expect("a whole body");
    let post: Value = serde_json::from_slice(&body).expect("JSON");
    post["name"].as_str().expect("a name").to_owned()
}
