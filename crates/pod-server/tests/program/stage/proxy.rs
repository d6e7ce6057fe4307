//! A proxy in front of the emulator's: it counts, and can keep its clients
//! waiting.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread;

use super::process::wait;

/// A proxy in front of another one.
pub(crate) struct Proxy {
    address: String,
    heads: Arc<Mutex<Vec<String>>>,
    asked: Arc<AtomicUsize>,
    open: Sender<()>,
}

impl Proxy {
    /// Passes everything on to the proxy at `next`; with `closed`, no sooner
    /// than it is opened.
    pub(crate) fn start(next: &str, closed: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let (open, opened) = mpsc::channel();
        let proxy = Self {
            address: listener.local_addr().expect("an address").to_string(),
            heads: Arc::default(),
            asked: Arc::default(),
            open,
        };
        if !closed {
            proxy.open();
        }
        let next = next.trim_start_matches("http://").to_owned();
        let (heads, asked) = (proxy.heads.clone(), proxy.asked.clone());
        thread::spawn(move || {
            let mut opened = Some(opened);
            for client in listener.incoming().map_while(Result::ok) {
                let head = head(&client);
                heads.lock().expect("no panic").push(head.clone());
                asked.fetch_add(1, Ordering::SeqCst);
                if let Some(opened) = opened.take() {
                    // An error means that the test is over.
                    let _over = opened.recv();
                }
                let server = TcpStream::connect(&next).expect("the next proxy");
                (&server).write_all(head.as_bytes()).expect("it reads");
                join(client, server);
            }
        });
        proxy
    }

    /// Its URL, for whoever has this name and password.
    pub(crate) fn url(&self, credentials: &str) -> String {
        format!("http://{credentials}@{}", self.address)
    }

    /// Lets its clients through.
    pub(crate) fn open(&self) {
        // An error means that nobody waits any more.
        let _gone = self.open.send(());
    }

    /// Waits until somebody has asked for a connection.
    pub(crate) fn is_asked(&self) {
        let asked = wait(|| (self.asked.load(Ordering::SeqCst) > 0).then_some(()));
        asked.expect("somebody asks the proxy");
    }

    /// What it was asked for: the heads of the requests.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("no panic").clone()
    }
}

fn head(mut client: &TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && client.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    String::from_utf8(head).expect("a head is text")
}

fn join(client: TcpStream, server: TcpStream) {
    let pipe = |mut from: TcpStream, mut to: TcpStream| {
        thread::spawn(move || {
            // Whoever goes away ends it.
            let _gone = std::io::copy(&mut from, &mut to);
            let _shut = to.shutdown(std::net::Shutdown::Write);
        });
    };
    let clone = |stream: &TcpStream| stream.try_clone().expect("another handle");
    pipe(clone(&client), clone(&server));
    pipe(server, client);
}
