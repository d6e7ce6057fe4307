//! How many files the system lets the program have open: every connection is
//! one.

/// How many connections one address may have without the files running out.
/// The limit is raised first as far as the system allows.
pub(super) fn connections() -> usize {
    limit().map_or(usize::MAX, share)
}

/// How many files there have to be for so many connections.
pub(super) fn needed(connections: usize) -> usize {
    connections.saturating_mul(8).div_ceil(3)
}

/// Two addresses are listened on, and a quarter of the files stays for the
/// database and for asking others.
fn share(files: u64) -> usize {
    usize::try_from(files.saturating_mul(3) / 8).unwrap_or(usize::MAX)
}

/// How many files may be open; `None` if there is no limit.
#[cfg(unix)]
fn limit() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return current;
    }
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => maximum,
        Err(error) => {
            tracing::debug!(%error, "the limit of open files could not be raised");
            current
        }
    }
}

/// How many files may be open; `None` if there is no limit.
#[cfg(not(unix))]
fn limit() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_addresses_leave_a_quarter_of_the_files() {
        for files in [0, 8, 256, 1024, 1025, 1_048_576] {
            let both = 2 * share(files) as u64;
            assert!(both * 4 <= files * 3, "{files}");
        }
        assert_eq!(share(1024), 384);
    }

    #[test]
    fn no_limit_is_too_high() {
        assert!(share(u64::MAX) > 1 << 32);
        assert_eq!(needed(usize::MAX), usize::MAX.div_ceil(3));
    }

    #[test]
    fn what_is_needed_is_enough() {
        for connections in [0, 1, 2, 3, 4096, 4097] {
            assert!(share(needed(connections) as u64) >= connections);
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_limit_is_raised_as_far_as_it_goes() {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        let low = Rlimit {
            current: Some(maximum.map_or(1 << 20, |maximum| maximum - 1)),
            maximum,
        };
        setrlimit(Resource::Nofile, low).unwrap();

        assert_eq!(limit(), maximum);
        assert_eq!(getrlimit(Resource::Nofile).current, maximum);
    }
}
