//! Whether customers can sign in to the web app, and whether orders can be
//! announced outside.

use std::sync::Arc;
use std::time::Instant;

use pod_auth0::Auth0SignIn;
use pod_core::{Deadline, Fault};
use pod_http::Http;
use pod_pusher::PusherAnnouncer;

use super::{PATIENCE, Report};
use crate::causes::Causes;
use crate::config::Config;
use crate::system::{OsEntropy, SystemClock};
use crate::wiring;

/// Tries both, where they are configured. Nobody is signed in, and nothing is
/// announced.
pub(super) async fn check(report: &mut Report, config: &Config, http: &Http) {
    if let Some(app) = &config.app {
        let subject = "web app";
        match sign_in(config, http).await {
            Ok(()) => report.fine(
                subject,
                format_args!("customers can sign in, and come back to {}", app.public),
            ),
            Err(why) => report.wrong(subject, why),
        }
    }
    if let Some(pusher) = &config.pusher {
        let subject = "Pusher";
        let pepper = config.codes.keys.pepper();
        let clock = Arc::new(SystemClock);
        let (_, posts) = PusherAnnouncer::new(pusher, pepper, http.clone(), clock, |_| {});
        match posts.check(deadline()).await {
            Ok(()) => report.fine(subject, "the server knows the app"),
            Err(fault) => report.wrong(subject, Causes(&fault)),
        }
    }
}

async fn sign_in(config: &Config, http: &Http) -> Result<(), String> {
    let told = |fault: Fault| Causes(&fault).to_string();
    let page = wiring::sign_in(config).map_err(|error| error.to_string())?;
    let Some(page) = page else { return Ok(()) };
    let sign_in = Auth0SignIn::new(
        page,
        http.clone(),
        Arc::new(SystemClock),
        Arc::new(OsEntropy),
    );
    sign_in.check(deadline()).await.map_err(told)
}

fn deadline() -> Deadline {
    Deadline::at(Instant::now() + PATIENCE)
}
