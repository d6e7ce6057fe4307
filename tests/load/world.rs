//! The outside world of a measurement: Amazon's certificate host and the
//! tenant, with the same keys in every run, so that a pod keeps what it knows
//! of them from one run to the next.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Args;
use pod_alexa::{LOCALES, interaction_model};
use pod_core::ports::{Clock as _, Entropy};
use pod_core::{BoxError, Entry, Fault, Menu};
use pod_emulator::{Amazon, Emulator, EmulatorConfig, InteractionModel, Keys, Skill};
use pod_server::system::SystemClock;

use crate::address::{self, LocalUrl};

/// The keys that the emulator's own tests use. They are no secret.
const KEYS: &str = include_str!("../../crates/pod-emulator/tests/keys.pem");

/// Where the outside world answers.
#[derive(Args, Debug, Clone)]
pub(crate) struct Places {
    /// Where the tenant answers
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7190", value_parser = address::parse)]
    pub(crate) tenant: SocketAddr,
    /// Where the proxy to Amazon's certificate host answers
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7191", value_parser = address::parse)]
    pub(crate) proxy: SocketAddr,
}

/// Starts the outside world around a skill; its root certificate is written
/// to `roots`.
pub(crate) async fn start(
    places: &Places,
    roots: PathBuf,
    url: &LocalUrl,
    menu: &Menu,
) -> Result<Emulator, BoxError> {
    let config = EmulatorConfig {
        listen: places.tenant,
        proxy_listen: places.proxy,
        keys: Some(keys()?),
        roots: Some(roots),
        ..described(url, menu)?
    };
    Ok(Emulator::start(config).await?)
}

/// The skill, and what it understands.
pub(crate) fn skill(url: &LocalUrl, menu: &Menu) -> Result<Skill, BoxError> {
    let config = described(url, menu)?;
    Ok(Skill {
        id: config.skill_id,
        url: config.skill_url,
        model: config.model,
    })
}

/// The settings of a pod that uses this world, but for the certificates.
pub(crate) fn settings(
    places: &Places,
    url: &LocalUrl,
    menu: &Menu,
) -> Result<Vec<(&'static str, String)>, BoxError> {
    let config = described(url, menu)?;
    Ok(vec![
        ("POD_ALEXA_SKILL_ID", config.skill_id),
        ("AUTH0_DOMAIN", format!("http://{}", places.tenant)),
        ("API_ID", config.api_id),
    ])
}

/// The root certificate of this world, in PEM.
pub(crate) fn root() -> Result<String, BoxError> {
    let amazon = Amazon::new(&keys()?, SystemClock.now())?;
    Ok(amazon.root().to_owned())
}

fn described(url: &LocalUrl, menu: &Menu) -> Result<EmulatorConfig, BoxError> {
    Ok(EmulatorConfig::new(
        model(menu)?,
        url.url().clone(),
        Arc::new(SystemClock),
        Arc::new(Counted::default()),
    ))
}

fn model(menu: &Menu) -> Result<Arc<InteractionModel>, BoxError> {
    fn pairs(entries: &[Entry]) -> Vec<(&str, &str)> {
        let pair = |entry| (Entry::id(entry), Entry::name(entry));
        entries.iter().map(pair).collect()
    }
    let (sizes, toppings) = (pairs(menu.sizes()), pairs(menu.toppings()));
    let model = interaction_model(LOCALES[0], &sizes, &toppings)
        .ok_or("the skill has no interaction model")?;
    Ok(Arc::new(InteractionModel::parse(&model.to_string())?))
}

fn keys() -> Result<Keys, BoxError> {
    Ok(Keys::from_pem(KEYS)?)
}

/// Counts instead of drawing: the tenant's key gets the same name in every
/// run.
#[derive(Default)]
struct Counted(AtomicU64);

impl Entropy for Counted {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        for chunk in bytes.chunks_mut(8) {
            let count = self.0.fetch_add(1, Ordering::Relaxed);
            let spread = count.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&spread.to_be_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}
