//! `serve`: answers Alexa until it is asked to stop.

use std::process::ExitCode;

use super::{Outcome, asked_to_stop, runtime};
use crate::config::{ChallengerKind, Config, Source};
use crate::logging;
use crate::running::Bound;
use crate::wiring::{self, Outside};

pub(super) fn serve(source: &Source<'_>) -> Outcome {
    let config = Config::read(source)?;
    logging::start(config.log.clone());
    runtime()?.block_on(answer(&config))
}

async fn answer(config: &Config) -> Outcome {
    let asked_to_stop = asked_to_stop()?;
    // First of all, so that whoever connects waits rather than being refused.
    let tls = config.tls.clone();
    let bound = Bound::bind(config.listen, config.admin_listen, &config.base_path, tls).await?;
    let assembled = wiring::assemble(config, Outside::real()).await?;
    let (skill, admin) = (bound.skill_url()?, bound.admin_url()?);
    let running = bound.serve(assembled);
    tracing::info!(%skill, %admin, database = %config.database, "answering");
    warn(config);

    asked_to_stop.await?;
    tracing::info!("stopping: what was begun is finished first");
    running.stop().await;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// What works, and should not stay so.
fn warn(config: &Config) {
    if config.codes.digits.is_weak() {
        tracing::warn!(
            digits = config.codes.digits.get(),
            "codes have fewer digits than NIST SP 800-63B-4 and OWASP ASVS ask for: raise \
             POD_CODE_DIGITS to 6"
        );
    }
    if config.codes.challenger == ChallengerKind::Passcodes && !config.delivery.has_courier() {
        tracing::warn!(
            "no courier is configured: customers who order will hear that no code can be sent"
        );
    }
    if config.delivery.sender.is_some() && config.delivery.reports.is_none() {
        tracing::warn!(
            "nobody hears of text messages that do not arrive: set TWILIO_AUTH_TOKEN beside the API \
             key, or TWILIO_WEBHOOK_KEY"
        );
    }
    if config.trusts_user_metadata() {
        tracing::warn!(
            "codes go to numbers in user_metadata, which customers and whoever gets into their \
             accounts can edit: write numbers to app_metadata, and take AUTH0_TRUST_USER_METADATA \
             out"
        );
    }
}
