//! `pod-load run`: orders and confirms, in rounds, and tells what it took.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use pod_core::{BoxError, Menu};
use pod_emulator::{Emulator, SignedRequest};

use crate::address::{self, LocalUrl};
use crate::codes::{Codes, CodesFrom};
use crate::figures::{megabytes, rate, share};
use crate::line::Line;
use crate::orders::{self, Wanted};
use crate::process::Process;
use crate::signing::{Signing, Speaker};
use crate::window::{Expected, FRESH, Lane, Outcome, Task, measure};
use crate::world::{self, Places};

/// What a customer asks who wants to know about an order.
const STATUS: &str = "ask pizza on demand what is the status of my order";

/// Asks a pod, checks every answer, and says what it took
///
/// Each pair is an order and its confirmation, of a customer of its own. All
/// orders of a round are signed first; then they are sent over kept
/// connections, which is measured; then the confirmations are signed, and sent
/// likewise. So signing, which costs more than all that the pod does, is in no
/// figure.
#[derive(Args, Debug)]
pub(crate) struct Run {
    /// Where the skill answers, on this machine
    #[arg(long, default_value = "http://127.0.0.1:7100/pod/alexa", value_parser = LocalUrl::parse)]
    url: LocalUrl,
    /// What is said: orders with their confirmations, or, where codes go
    /// nowhere, questions what became of an order
    #[arg(long, value_enum, default_value_t = Talk::Pairs)]
    talk: Talk,
    /// How many connections there are
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=200))]
    connections: u16,
    /// How many pairs, or questions, are measured
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pairs: u32,
    /// How many of them are signed at a time
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=50_000))]
    round: u32,
    /// How many come first and are not measured
    #[arg(long, default_value_t = 500)]
    warm_up: u32,
    /// The number of the first customer; each can order five times in ten
    /// minutes
    #[arg(long, default_value_t = 0)]
    first: u32,
    /// Where `pod-load serve` sends the codes
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7192", value_parser = address::parse)]
    codes: std::net::SocketAddr,
    /// The inbox to read codes from instead, as the emulator has one
    #[arg(long, value_name = "URL", value_parser = LocalUrl::parse)]
    inbox: Option<LocalUrl>,
    /// The process to watch
    #[arg(long)]
    pid: Option<u32>,
    /// When to give up, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=3600))]
    at_most: u64,
    /// Where the root certificate is written
    #[arg(long, value_name = "DIRECTORY", default_value = "target/pod-load")]
    roots: PathBuf,
    #[command(flatten)]
    world: Places,
}

/// What is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Talk {
    /// Orders, and their confirmations.
    Pairs,
    /// Questions what became of an order.
    Status,
}

/// Everything that a round needs.
struct Measurement {
    url: LocalUrl,
    process: Option<Process>,
    until: Instant,
    signing: Signing,
    wanted: Arc<[Wanted]>,
    lanes: Vec<Lane>,
}

/// The figures of several rounds.
#[derive(Default)]
struct Figures {
    /// Orders, or questions.
    first: Outcome,
    /// Confirmations.
    second: Outcome,
}

impl Run {
    /// Runs the measurement to its end.
    pub(crate) fn start(self) -> Result<(), BoxError> {
        // One thread for the connections: the others are the pod's.
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?
            .block_on(self.run())
    }

    async fn run(self) -> Result<(), BoxError> {
        let menu = Menu::default();
        let until = Instant::now() + Duration::from_secs(self.at_most);
        let emulator = world::start(&self.world, self.roots.clone(), &self.url, &menu).await?;
        print_environment(&emulator);
        let lanes = self.lanes(until).await?;
        let wanted: Arc<[Wanted]> = orders::choose(&menu, lanes.len())?.into();
        let process = self.pid.map(Process::new);
        let mut measurement = Measurement {
            signing: Signing::new(world::skill(&self.url, &menu)?, &emulator),
            url: self.url.clone(),
            process,
            until,
            lanes,
            wanted: wanted.clone(),
        };
        // Kept until the end: dropped, it would sort no more.
        let _codes = self.sort_codes(&mut measurement.lanes, wanted).await?;

        let mut first = self.first;
        measurement
            .round(self.talk, first, self.warm_up)
            .await?
            .good()?;
        first += self.warm_up;

        let memory = process.map(Process::memory).transpose()?;
        let mut figures = Figures::default();
        let mut left = self.pairs;
        while left > 0 {
            let count = left.min(self.round);
            let round = measurement.round(self.talk, first, count).await?;
            figures.first.append(round.first);
            figures.second.append(round.second);
            (first, left) = (first + count, left - count);
        }

        figures.print(self.talk, self.connections);
        if let (Some(process), Some(before)) = (process, memory) {
            let after = process.memory()?;
            println!(
                "memory         {:.1} MB before, {:.1} MB after, {:.1} MB at most",
                megabytes(before.now),
                megabytes(after.now),
                megabytes(after.most)
            );
        }
        emulator.shutdown().await;
        figures.good()?;
        Ok(())
    }

    /// Connects, as soon as the pod answers.
    async fn lanes(&self, until: Instant) -> Result<Vec<Lane>, BoxError> {
        let mut waited = false;
        let mut lanes = Vec::new();
        while lanes.len() < usize::from(self.connections) {
            match Line::open(&self.url).await {
                Ok(line) => lanes.push(Lane { line, codes: None }),
                Err(error) if Instant::now() >= until => return Err(error),
                Err(_) => {
                    if !waited {
                        eprintln!("waiting for a pod at {}", self.url.url());
                    }
                    waited = true;
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
        Ok(lanes)
    }

    async fn sort_codes(
        &self,
        lanes: &mut [Lane],
        wanted: Arc<[Wanted]>,
    ) -> Result<Option<Codes>, BoxError> {
        if self.talk == Talk::Status {
            return Ok(None);
        }
        let from = match &self.inbox {
            Some(url) => CodesFrom::Inbox(url.clone()),
            None => CodesFrom::Datagrams(self.codes),
        };
        let mut codes = Codes::sort(&from, wanted).await?;
        for (lane, codes) in lanes.iter_mut().zip(codes.boxes.drain(..)) {
            lane.codes = Some(codes);
        }
        Ok(Some(codes))
    }
}

impl Measurement {
    /// One round: signs, measures, and does so again for the confirmations.
    async fn round(&mut self, talk: Talk, first: u32, count: u32) -> Result<Figures, BoxError> {
        let count = usize::try_from(count)?;
        let speakers = self.signing.link(first, count)?;
        let said = speakers.iter().enumerate().map(|(pair, speaker)| {
            let utterance = match talk {
                Talk::Pairs => self.wanted[pair % self.wanted.len()].utterance.clone(),
                Talk::Status => STATUS.to_owned(),
            };
            (pair, speaker.clone(), utterance)
        });
        let expected = match talk {
            Talk::Pairs => Expected::CodeSent,
            Talk::Status => Expected::Status,
        };
        let mut first = self.window(said.collect(), expected).await?;

        let codes = std::mem::take(&mut first.codes);
        let said = codes.into_iter().map(|(pair, code)| {
            let digits: Vec<String> = code.chars().map(String::from).collect();
            let utterance = format!("tell pizza on demand the code is {}", digits.join(" "));
            (pair, speakers[pair].clone(), utterance)
        });
        let second = self.window(said.collect(), Expected::Confirmed).await?;
        Ok(Figures { first, second })
    }

    /// Signs what is said, and sends it: each pair over its own connection.
    async fn window(
        &mut self,
        said: Vec<(usize, Speaker, String)>,
        expected: Expected,
    ) -> Result<Outcome, BoxError> {
        let began = Instant::now();
        let (pairs, said): (Vec<usize>, Vec<(Speaker, String)>) = said
            .into_iter()
            .map(|(pair, speaker, utterance)| (pair, (speaker, utterance)))
            .unzip();
        let signed: Vec<SignedRequest> = self.signing.sign(&said)?;
        let mut tasks: Vec<VecDeque<Task>> = self.lanes.iter().map(|_| VecDeque::new()).collect();
        for (pair, request) in pairs.into_iter().zip(signed) {
            let lane = pair % self.lanes.len();
            tasks[lane].push_back(Task { pair, request });
        }
        let until = self.until.min(began + FRESH);
        measure(
            &mut self.lanes,
            &self.url,
            tasks,
            expected,
            self.process,
            until,
        )
        .await
    }
}

impl Figures {
    fn print(&mut self, talk: Talk, connections: u16) {
        let Self { first, second } = self;
        println!("connections    {connections}");
        match talk {
            Talk::Status => line("questions", first),
            Talk::Pairs => {
                line("orders", first);
                line("confirmations", second);
                let count = second.latencies.count();
                let took = first.took + second.took;
                print!("pairs          {count}, {:.0}/s", rate(count, took));
                if let Some(cpu) = first.cpu.zip(second.cpu).map(|(one, other)| one + other) {
                    print!(", {:.0} µs of the pod's CPU each", share(cpu, count));
                }
                println!();
            }
        }
        println!("failures       {}", first.failures + second.failures);
        for complaint in first.complaints.iter().chain(&second.complaints) {
            println!("               {complaint}");
        }
    }

    /// Fails unless every answer was as it should be.
    fn good(&self) -> Result<(), BoxError> {
        let complaints = self.first.complaints.iter().chain(&self.second.complaints);
        match complaints.into_iter().next() {
            None => Ok(()),
            Some(complaint) => Err(format!(
                "{} answers were not as they should be; the first: {complaint}",
                self.first.failures + self.second.failures
            )
            .into()),
        }
    }
}

fn line(what: &str, outcome: &mut Outcome) {
    let count = outcome.latencies.count();
    let Some(spread) = outcome.latencies.spread() else {
        println!("{what:<15}none");
        return;
    };
    print!(
        "{what:<15}{count}, {:.0}/s, {spread}",
        rate(count, outcome.took)
    );
    if let Some(cpu) = outcome.cpu {
        print!(", {:.0} µs of the pod's CPU each", share(cpu, count));
    }
    println!();
}

fn print_environment(emulator: &Emulator) {
    println!("# A pod that is to be measured needs this environment:");
    for (name, value) in emulator.environment() {
        println!("{name}={value}");
    }
}
