//! Telling everything that runs to stop.

use tokio::sync::watch;

/// Tells whoever holds a [`Stop`] to stop; being dropped tells as well.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// Hears when it is time to stop.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stopper {
    /// Makes the two ends.
    #[must_use]
    pub fn new() -> (Self, Stop) {
        let (tell, told) = watch::channel(false);
        (Self(tell), Stop(told))
    }

    /// Tells everybody to stop.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Waits to be told.
    pub async fn told(&self) {
        let mut told = self.0.clone();
        // An error means that the other end is gone, which is to stop as well.
        let _gone = told.wait_for(|stop| *stop).await;
    }

    /// Whether it is time.
    #[must_use]
    pub fn is_told(&self) -> bool {
        *self.0.borrow()
    }
}
