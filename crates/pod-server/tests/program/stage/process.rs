//! The built program as a process: what it is given, says, and comes to.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::leaks;
use super::settings::{SECRETS, Settings};

/// How long a process may take for anything; far longer than it needs.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often a process is looked at.
const PAUSE: Duration = Duration::from_millis(10);

/// A running process. It ends with the test.
pub(crate) struct Program {
    child: Child,
    input: Option<ChildStdin>,
    out: Stream,
    err: Stream,
}

/// What a process came to.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit code; `None` for a process that was killed.
    pub(crate) code: Option<i32>,
    /// Everything on standard output.
    pub(crate) out: String,
    /// Everything on standard error.
    pub(crate) err: String,
}

/// What a process has written so far.
struct Stream {
    text: Arc<Mutex<String>>,
    reading: Option<JoinHandle<()>>,
}

/// Runs the program to its end, with nothing to read.
pub(crate) fn run(folder: &Path, line: &str, settings: &Settings) -> Ended {
    Program::start(folder, line, settings).finish()
}

impl Program {
    /// Starts the program in a folder, with a command line, and with no other
    /// environment than these settings.
    pub(crate) fn start(folder: &Path, line: &str, settings: &Settings) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_pod-server"))
            .args(line.split_whitespace())
            .env_clear()
            .envs(everything_is_logged(line))
            .envs(settings.iter())
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        Self {
            input: child.stdin.take(),
            out: Stream::of(child.stdout.take().expect("a pipe")),
            err: Stream::of(child.stderr.take().expect("a pipe")),
            child,
        }
    }

    /// Types a line.
    pub(crate) fn type_line(&mut self, line: &str) {
        let input = self.input.as_mut().expect("it still reads");
        writeln!(input, "{line}").expect("it still reads");
    }

    /// Waits for a line on standard output that has these words in it.
    pub(crate) fn says(&mut self, words: &str) -> String {
        let found = wait(|| self.out.line(words));
        found.unwrap_or_else(|| panic!("it does not say {words:?}:\n{}", self.told()))
    }

    /// Waits for a line on standard error that has these words in it.
    pub(crate) fn logs(&mut self, words: &str) -> String {
        let found = wait(|| self.err.line(words));
        found.unwrap_or_else(|| panic!("it does not log {words:?}:\n{}", self.told()))
    }

    /// Everything on standard output so far.
    pub(crate) fn output(&self) -> String {
        self.out.so_far()
    }

    /// Asks the process to end, as a service manager does.
    pub(crate) fn terminate(&self) {
        let pid = i32::try_from(self.child.id()).expect("a process number");
        let pid = rustix::process::Pid::from_raw(pid).expect("a process number");
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("it is there");
    }

    /// Leaves nothing more to read, and waits for the end.
    pub(crate) fn finish(mut self) -> Ended {
        drop(self.input.take());
        let status = wait(|| self.child.try_wait().expect("it is a child"));
        let status = status.unwrap_or_else(|| panic!("it does not end:\n{}", self.told()));
        let ended = Ended {
            code: status.code(),
            out: self.out.all(),
            err: self.err.all(),
        };
        for secret in SECRETS {
            let told = format!("{}{}", ended.out, ended.err);
            assert!(!told.contains(secret), "a secret was told:\n{told}");
        }
        leaks::hold(&ended.out, &ended.err);
        ended
    }

    fn told(&self) -> String {
        format!("{}\n{}", self.out.so_far(), self.err.so_far())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // An error means that it has ended already.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
        if !thread::panicking() {
            leaks::hold(&self.out.all(), &self.err.all());
        }
    }
}

impl Stream {
    fn of(pipe: impl Read + Send + 'static) -> Self {
        let text = Arc::<Mutex<String>>::default();
        let written = text.clone();
        let reading = thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                let mut written = written.lock().unwrap_or_else(PoisonError::into_inner);
                written.push_str(&line);
                written.push('\n');
            }
        });
        Self {
            text,
            reading: Some(reading),
        }
    }

    fn so_far(&self) -> String {
        let text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        text.clone()
    }

    fn line(&self, words: &str) -> Option<String> {
        let text = self.so_far();
        let line = text.lines().find(|line| line.contains(words))?;
        Some(line.to_owned())
    }

    /// Everything, once the process has ended.
    fn all(&mut self) -> String {
        if let Some(reading) = self.reading.take() {
            reading.join().expect("what it says is text");
        }
        self.so_far()
    }
}

/// What is served is logged at every level, unless a test says otherwise: a
/// log may not tell anything at any of them.
fn everything_is_logged(line: &str) -> Option<(&'static str, &'static str)> {
    line.starts_with("serve").then_some(("POD_LOG", "trace"))
}

/// Looks until there is something, or for long enough.
pub(crate) fn wait<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let begun = Instant::now();
    loop {
        let found = look();
        if found.is_some() || begun.elapsed() > PATIENCE {
            return found;
        }
        thread::sleep(PAUSE);
    }
}
