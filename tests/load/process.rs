//! What the system says of a process: the processor time it has used, and its
//! memory.

use std::time::Duration;

use pod_core::BoxError;

/// How many clock ticks a second has for `/proc`: a constant of Linux's
/// interface to programs, whatever the kernel's own clock.
const TICKS: u32 = 100;

/// One process of this machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process(u32);

/// Memory in use, in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// Resident now.
    pub(crate) now: u64,
    /// Resident at most, so far.
    pub(crate) most: u64,
}

impl Process {
    /// The process of that number.
    pub(crate) fn new(pid: u32) -> Self {
        Self(pid)
    }

    /// The processor time used so far, in user and system mode, of threads
    /// that have ended as well. It is counted in hundredths of a second.
    pub(crate) fn processor_time(self) -> Result<Duration, BoxError> {
        ticks(&self.read("stat")?)
            .map(|ticks| Duration::from_secs(ticks) / TICKS)
            .ok_or_else(|| "the system's figures on the process cannot be read".into())
    }

    /// The memory in use.
    pub(crate) fn memory(self) -> Result<Memory, BoxError> {
        let status = self.read("status")?;
        let bytes = |name| kilobytes(&status, name).map(|kilobytes| kilobytes * 1024);
        match (bytes("VmRSS:"), bytes("VmHWM:")) {
            (Some(now), Some(most)) => Ok(Memory { now, most }),
            _ => Err("the system's figures on the process cannot be read".into()),
        }
    }

    fn read(self, file: &str) -> Result<String, BoxError> {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.0))
            .map_err(|error| format!("there is no process {} to look at: {error}", self.0).into())
    }
}

/// The fourteenth and fifteenth fields. The second is a name in parentheses
/// that may have anything in it.
fn ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn kilobytes(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strange_name_does_not_hide_the_ticks() {
        let stat = "71 (a) b (c) S 1 71 71 0 -1 4194560 7 0 0 0 250 13 0 0 20 0 5 0 9 1 2";

        assert_eq!(ticks(stat), Some(263));
    }

    #[test]
    fn memory_is_found_by_its_name() {
        let status = "Name:\tpod\nVmHWM:\t   14336 kB\nVmRSS:\t    9216 kB\n";

        assert_eq!(kilobytes(status, "VmRSS:"), Some(9216));
        assert_eq!(kilobytes(status, "VmSwap:"), None);
    }

    #[test]
    fn this_process_has_figures() {
        let process = Process::new(std::process::id());

        let memory = process.memory().unwrap();

        assert!(memory.now > 100_000 && memory.now <= memory.most);
        assert!(process.processor_time().is_ok());
    }
}
