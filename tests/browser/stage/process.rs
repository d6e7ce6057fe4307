//! A process that says where it answers.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::PATIENCE;

/// A running process. It ends with the test.
pub(super) struct Process {
    child: Child,
    /// Held open: the program would take its end for somebody's leaving.
    _input: Option<ChildStdin>,
    lines: Mutex<Receiver<String>>,
}

impl Process {
    pub(super) fn start(
        program: impl AsRef<OsStr>,
        arguments: &[&str],
        settings: &[(&str, &str)],
    ) -> Self {
        let program = program.as_ref();
        let child = Command::new(program)
            .args(arguments)
            .envs(settings.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let (say, lines) = channel();
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        // It reads to the end, so that the process never waits for a reader.
        thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _nobody_listens = say.send(line);
            }
        });
        Self {
            _input: child.stdin.take(),
            child,
            lines: Mutex::new(lines),
        }
    }

    /// Waits for a line that has these words in it, and gives what follows
    /// them, up to anything that no address has.
    pub(super) fn says(&self, words: &str) -> String {
        let said = self.may_say(words);
        said.unwrap_or_else(|| panic!("it does not say {words:?}"))
    }

    /// The same; `None` if it ends, or says nothing for long, before that.
    pub(super) fn may_say(&self, words: &str) -> Option<String> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let line = lines.recv_timeout(PATIENCE).ok()?;
            if let Some((_, rest)) = line.split_once(words) {
                let end = rest.find([' ', ',']).unwrap_or(rest.len());
                return Some(rest[..end].trim_end_matches('.').to_owned());
            }
        }
    }

    /// Whether it has ended.
    pub(super) fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // An error means that it has ended already.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
