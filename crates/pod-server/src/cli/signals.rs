//! Being asked to stop, by a person or by the system.

/// Waits for Ctrl-C, or for the system's polite request to end.
///
/// Whoever asks a second time is not kept waiting.
///
/// # Errors
///
/// What the system says if it cannot be listened to.
pub(crate) async fn asked_to_stop() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
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
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
