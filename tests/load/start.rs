//! `pod-load start`: times a program from its start to its first answers.

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use clap::Args;
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper::header::HOST;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use pod_core::BoxError;
use tokio::net::TcpStream;

use crate::address::LocalUrl;
use crate::figures::{Latencies, megabytes};
use crate::process::Process;

/// How long a program may take to start.
const PATIENCE: Duration = Duration::from_secs(10);

/// Between two looks whether it answers.
const PAUSE: Duration = Duration::from_micros(200);

/// Times a program from its start to its first answers
///
/// It is started again and again, with the environment that there is: once it
/// answers an unsigned order, once it says that it lives.
#[derive(Args, Debug)]
pub(crate) struct Start {
    /// Where the skill answers
    #[arg(long, default_value = "http://127.0.0.1:7100/pod/alexa", value_parser = LocalUrl::parse)]
    url: LocalUrl,
    /// Where it says that it lives
    #[arg(long, default_value = "http://127.0.0.1:7101/livez", value_parser = LocalUrl::parse)]
    live: LocalUrl,
    /// How often it is started
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    times: u32,
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    program: Vec<String>,
}

impl Start {
    /// Starts it as often as asked for.
    pub(crate) fn start(self) -> Result<(), BoxError> {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(self.run())
    }

    async fn run(self) -> Result<(), BoxError> {
        let mut memory = 0;
        for (what, url, method, status) in [
            ("unsigned order", &self.url, Method::POST, 400),
            ("life", &self.live, Method::GET, 200),
        ] {
            let mut latencies = Latencies::default();
            for _ in 0..self.times {
                if TcpStream::connect(url.socket()).await.is_ok() {
                    let taken = url.socket();
                    return Err(format!("something answers at {taken} already: stop it").into());
                }
                let began = Instant::now();
                let started = Started(self.command().spawn()?);
                let answered = first_answer(url, &method, began).await?;
                latencies.note(began.elapsed());
                if answered != status {
                    return Err(format!("{answered} instead of {status}").into());
                }
                memory = memory.max(Process::new(started.0.id()).memory()?.now);
            }
            if let Some(spread) = latencies.spread() {
                println!("{what:<15}{spread}");
            }
        }
        println!("memory         {:.1} MB", megabytes(memory));
        Ok(())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program[0]);
        command
            .args(&self.program[1..])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }
}

/// A program that is stopped when it has been seen.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        // One that has ended by itself cannot be stopped, and need not be.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn first_answer(url: &LocalUrl, method: &Method, began: Instant) -> Result<u16, BoxError> {
    let stream = connect(url.socket(), began).await?;
    let (mut requests, connection) = handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let request = Request::builder()
        .method(method)
        .uri(url.path())
        .header(HOST, url.authority())
        .body(Empty::<Bytes>::new())?;
    let answer = requests.send_request(request).await?;
    connection.abort();
    Ok(answer.status().as_u16())
}

async fn connect(address: SocketAddr, began: Instant) -> Result<TcpStream, BoxError> {
    loop {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(_) if began.elapsed() < PATIENCE => tokio::time::sleep(PAUSE).await,
            Err(error) => return Err(format!("the program does not answer: {error}").into()),
        }
    }
}
