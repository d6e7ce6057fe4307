//! A window of time that is measured: every connection sends its requests, one
//! after the other, and checks each answer.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use pod_core::BoxError;
use pod_emulator::SignedRequest;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;

use crate::address::LocalUrl;
use crate::figures::Latencies;
use crate::line::Line;
use crate::process::Process;

/// How long a code is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Alexa's requests are good for 150 seconds; none is sent that is older than
/// this.
pub(crate) const FRESH: Duration = Duration::from_mins(2);

/// How many different complaints are kept.
const COMPLAINTS: usize = 3;

/// What is expected of the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// A code is on its way; it is waited for.
    CodeSent,
    /// The order is confirmed.
    Confirmed,
    /// There is an order, or there is none.
    Status,
}

impl Expected {
    /// Whether these words are in it.
    fn is_met_by(self, answer: &str) -> bool {
        let sentences: &[&str] = match self {
            Self::CodeSent => &["I sent a code to "],
            Self::Confirmed => &["Your order is confirmed: "],
            Self::Status => &["Your order", "You have not ordered yet."],
        };
        sentences.iter().any(|sentence| answer.contains(sentence))
    }
}

/// One connection, with the codes that are for it.
pub(crate) struct Lane {
    /// The connection.
    pub(crate) line: Line,
    /// The codes of its orders.
    pub(crate) codes: Option<UnboundedReceiver<String>>,
}

/// A request to be sent, and the number of the pair it belongs to.
pub(crate) struct Task {
    /// Which pair.
    pub(crate) pair: usize,
    /// The request.
    pub(crate) request: SignedRequest,
}

/// What came of a window.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// How long it was.
    pub(crate) took: Duration,
    /// What it cost the server.
    pub(crate) cpu: Option<Duration>,
    /// How long each good answer took.
    pub(crate) latencies: Latencies,
    /// The codes that came, by pair.
    pub(crate) codes: Vec<(usize, String)>,
    /// How many requests had no good answer.
    pub(crate) failures: usize,
    /// What was wrong with the first of them.
    pub(crate) complaints: Vec<String>,
}

impl Outcome {
    /// Takes another one in, as if both had been one window.
    pub(crate) fn append(&mut self, other: Self) {
        self.took += other.took;
        self.cpu = self
            .cpu
            .zip(other.cpu)
            .map(|(ours, theirs)| ours + theirs)
            .or(other.cpu.filter(|_| self.latencies.count() == 0));
        self.take_in(other);
    }

    fn take_in(&mut self, mut other: Self) {
        self.latencies.append(other.latencies);
        self.codes.append(&mut other.codes);
        self.failures += other.failures;
        self.complaints.append(&mut other.complaints);
        self.complaints.truncate(COMPLAINTS);
    }

    fn complain(&mut self, complaint: &dyn ToString) {
        self.failures += 1;
        if self.complaints.len() < COMPLAINTS {
            self.complaints.push(complaint.to_string());
        }
    }
}

/// Opens one window, and sends the tasks of every lane.
pub(crate) async fn measure(
    lanes: &mut Vec<Lane>,
    url: &LocalUrl,
    tasks: Vec<VecDeque<Task>>,
    expected: Expected,
    process: Option<Process>,
    until: Instant,
) -> Result<Outcome, BoxError> {
    for lane in lanes.iter_mut() {
        lane.line.reopen().await?;
    }
    let used = process.map(Process::processor_time).transpose()?;
    let began = Instant::now();
    let mut running = JoinSet::new();
    for (place, (lane, tasks)) in lanes.drain(..).zip(tasks).enumerate() {
        let url = url.clone();
        running.spawn(async move { (place, send(lane, &url, tasks, expected, until).await) });
    }
    let mut outcome = Outcome::default();
    let mut back = Vec::new();
    while let Some(ended) = running.join_next().await {
        let (place, (lane, some)) = ended?;
        back.push((place, lane));
        outcome.take_in(some);
    }
    outcome.took = began.elapsed();
    if let (Some(process), Some(used)) = (process, used) {
        outcome.cpu = Some(process.processor_time()?.saturating_sub(used));
    }
    back.sort_by_key(|(place, _)| *place);
    lanes.extend(back.into_iter().map(|(_, lane)| lane));
    Ok(outcome)
}

async fn send(
    mut lane: Lane,
    url: &LocalUrl,
    tasks: VecDeque<Task>,
    expected: Expected,
    until: Instant,
) -> (Lane, Outcome) {
    let mut outcome = Outcome::default();
    for task in tasks {
        if Instant::now() >= until {
            outcome.complain(&"the time was over before everything was sent");
            continue;
        }
        match lane.exchange(&task.request, expected).await {
            Ok((took, code)) => {
                outcome.latencies.note(took);
                outcome.codes.extend(code.map(|code| (task.pair, code)));
            }
            Err(error) => {
                outcome.complain(&error);
                if let Ok(line) = Line::open(url).await {
                    lane.line = line;
                }
            }
        }
    }
    (lane, outcome)
}

impl Lane {
    async fn exchange(
        &mut self,
        request: &SignedRequest,
        expected: Expected,
    ) -> Result<(Duration, Option<String>), BoxError> {
        let mut codes = self
            .codes
            .as_mut()
            .filter(|_| expected == Expected::CodeSent);
        // A code of an order that failed would be taken for this one's.
        if let Some(codes) = &mut codes {
            while codes.try_recv().is_ok() {}
        }
        let answer = self.line.post(request).await?;
        let text = String::from_utf8_lossy(&answer.body);
        if !answer.status.is_success() || !expected.is_met_by(&text) {
            return Err(format!("{} {text}", answer.status).into());
        }
        let code = match codes {
            None => None,
            Some(codes) => match tokio::time::timeout(PATIENCE, codes.recv()).await {
                Ok(Some(code)) => Some(code),
                _ => return Err("the order was taken, but its code did not come".into()),
            },
        };
        Ok((answer.took, code))
    }
}
