//! A burst: two thousand open streams of events, and two hundred confirmations
//! a second. Every stream has to hear its own events, in order, once.
//!
//! The API runs in a process of its own, whose memory is read before and after
//! the streams were opened. It keeps its orders in memory: what is measured is
//! what lies between a confirmation and those who listen.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use pod_core::ports::{
    AccessToken, Announcer, AuthenticateError, Authenticator, Caller, Ports, Scopes,
};
use pod_core::{Contact, CustomerId, Deadline, Menu, PhoneNumber, Policy};
use pod_server::serving::{Limits, Server, Stopper, hardened};
use pod_testkit::{Fakes, fixtures};
use pod_web::{Api, ApiConfig, ApiPorts, Live};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_util::task::TaskTracker;

/// How many streams there are, each of a customer of its own.
const STREAMS: u32 = 2_000;

/// How often each customer orders and confirms.
const ORDERS: u32 = 2;

/// So long it is from one confirmation to the next.
const PACE: Duration = Duration::from_millis(5);

fn main() {
    if std::env::args().any(|argument| argument == "--serve") {
        return serve();
    }
    let this = std::env::current_exe().expect("this program");
    let mut child = Command::new(this)
        .arg("--serve")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut told = child.stdin.take().expect("a pipe");
    let mut says = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut line = || says.next().expect("a line").expect("text");
    let address = line();

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let empty = resident(child.id());
    let streams = runtime.block_on(open(&address));
    let open = resident(child.id());
    let each = f64::from(open.saturating_sub(empty)) / f64::from(STREAMS);
    println!(
        "{STREAMS} streams: {:.1} MB beside {:.1} MB, {each:.1} kB each",
        f64::from(open.saturating_sub(empty)) / 1024.0,
        f64::from(empty) / 1024.0
    );

    let began = Instant::now();
    writeln!(told, "go").expect("a pipe");
    let heard = runtime.block_on(listen(streams));
    let took = began.elapsed();
    let confirmed = line();
    println!("{confirmed}");
    println!(
        "{heard} events heard in {:.1} s, each once and in order",
        took.as_secs_f64()
    );
    drop(told);
    let _ended = child.wait();
}

/// What a process has in memory, in kB.
fn resident(process: u32) -> u32 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("its status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    kilobytes.and_then(|kb| kb.parse().ok()).expect("a number")
}

fn customer(n: u32) -> CustomerId {
    fixtures::customer(&format!("auth0|{n}"))
}

/// Everybody's token is their name.
struct Named;

#[async_trait]
impl Authenticator for Named {
    async fn authenticate(
        &self,
        token: &AccessToken,
        _deadline: Deadline,
    ) -> Result<Caller, AuthenticateError> {
        let customer =
            CustomerId::parse(token.expose()).map_err(|_| AuthenticateError::Rejected)?;
        let scopes = Scopes::default();
        Ok(Caller { customer, scopes })
    }
}

/// Serves the API, and has everybody order and confirm once it is told to.
fn serve() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let policy = Policy {
            sends_per_customer: vec![],
            sends_per_destination: vec![],
            ..Policy::default()
        };
        let fakes = Fakes {
            policy,
            ..Fakes::new()
        };
        for n in 0..STREAMS {
            let number = PhoneNumber::parse(&format!("+1415555{n:04}")).expect("a number");
            fakes
                .customers
                .know(&customer(n), vec![Contact::Phone(number)]);
        }
        let live = Live::new(1);
        let announcer: Arc<dyn Announcer> = Arc::new(live.clone());
        let ports = Ports {
            announcer,
            ..fakes.ports()
        };
        let pod = Arc::new(fakes.pod_on(ports));
        let config = ApiConfig {
            base_path: String::new(),
            menu: Menu::default(),
            scope: None,
            budget: Duration::from_secs(6),
            requests_per_minute: 1000,
            origins: Vec::new(),
        };
        let ports = ApiPorts {
            pod: pod.clone(),
            authenticator: Arc::new(Named),
            clock: fakes.clock.clone(),
            live,
            tasks: TaskTracker::new(),
        };
        let limits = Limits::default();
        let server = Server::bind(([127, 0, 0, 1], 0).into(), None, limits).await;
        let server = server.expect("an address");
        println!("{}", server.address().expect("an address"));
        let (stopper, stop) = Stopper::new();
        let router = hardened(Api::new(ports, config).router());
        let served = tokio::spawn(server.run(router, stop));

        tokio::task::spawn_blocking(|| std::io::stdin().lines().next())
            .await
            .expect("no panic");
        let began = Instant::now();
        let mut pace = tokio::time::interval(PACE);
        for n in 0..STREAMS * ORDERS {
            pace.tick().await;
            let customer = customer(n % STREAMS);
            fakes.clock.advance(Duration::from_millis(1));
            let placed = pod.place_order(fixtures::place_order(&customer)).await;
            placed.expect("sent");
            let code = fakes.courier.last_code().expect("a code");
            let said = fixtures::confirm_order(&customer, &code);
            pod.confirm_order(said).await.expect("confirmed");
        }
        let took = began.elapsed().as_secs_f64();
        let confirmations = STREAMS * ORDERS;
        println!(
            "{confirmations} confirmations, {:.0} a second",
            f64::from(confirmations) / took
        );
        tokio::task::spawn_blocking(|| std::io::stdin().lines().next())
            .await
            .expect("no panic");
        drop(stopper);
        served.abort();
    });
}

type Lines = tokio::io::Lines<tokio::io::BufReader<TcpStream>>;

/// Opens the streams, and waits until each is listening.
async fn open(address: &str) -> Vec<Lines> {
    let mut streams = Vec::new();
    for n in 0..STREAMS {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        let token = customer(n);
        let token = token.as_str();
        let request = format!(
            "GET /api/events HTTP/1.1\r\nhost: pod\r\nauthorization: Bearer {token}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut lines = tokio::io::BufReader::with_capacity(1024, stream).lines();
        loop {
            let line = lines.next_line().await.expect("a line").expect("more");
            if line == ": listening" {
                break;
            }
            assert!(!line.starts_with("HTTP/1.1 4"), "{line}");
        }
        streams.push(lines);
    }
    streams
}

/// Hears every stream to the end of what happens.
async fn listen(streams: Vec<Lines>) -> u32 {
    let mut listening = JoinSet::new();
    for mut lines in streams {
        listening.spawn(async move {
            let mut heard = Vec::new();
            let mut ids = Vec::new();
            while heard.len() < 2 * ORDERS as usize {
                let line = lines.next_line().await.expect("a line").expect("more");
                if let Some(name) = line.strip_prefix("event: ") {
                    heard.push(name.to_owned());
                } else if let Some(id) = line.strip_prefix("id: ") {
                    let (_, number) = id.split_once('-').expect("a number");
                    ids.push(number.parse::<u64>().expect("a number"));
                }
            }
            let both = ["order.awaiting_code", "order.confirmed"];
            assert_eq!(heard, both.repeat(ORDERS as usize));
            assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
            // Nothing comes twice.
            let more = tokio::time::timeout(Duration::from_millis(200), async {
                loop {
                    let line = lines.next_line().await.expect("a line").expect("more");
                    assert!(!line.starts_with("event: "), "{line}");
                }
            });
            let _silence: Result<(), _> = more.await;
            heard.len()
        });
    }
    let mut heard = 0;
    while let Some(stream) = listening.join_next().await {
        heard += u32::try_from(stream.expect("each once and in order")).expect("few");
    }
    heard
}
