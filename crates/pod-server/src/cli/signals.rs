//! Being asked to stop, by a person or by the system.

use std::io;

/// Listens from now on; what it gives waits for Ctrl-C, or for the system's
/// polite request to end.
///
/// Whoever asks a second time is not kept waiting.
///
/// # Errors
///
/// What the system says if it cannot be listened to.
#[cfg(unix)]
pub(crate) fn asked_to_stop() -> io::Result<impl Future<Output = io::Result<()>>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            eprintln!("pod-server: stopped without waiting for what was in progress");
            std::process::exit(1);
        });
        Ok(())
    })
}

/// Gives what waits for Ctrl-C.
///
/// # Errors
///
/// None yet: the system speaks up when it is waited for.
#[cfg(not(unix))]
pub(crate) fn asked_to_stop() -> io::Result<impl Future<Output = io::Result<()>>> {
    Ok(tokio::signal::ctrl_c())
}
