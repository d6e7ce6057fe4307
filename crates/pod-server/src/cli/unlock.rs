//! `unlock`: unlocks a customer who failed too often.

use std::process::ExitCode;

use pod_core::CustomerId;
use pod_core::ports::Attempts as _;

use super::{Outcome, runtime};
use crate::config::{Source, StoreConfig};
use crate::logging;
use crate::wiring::Store;

pub(super) fn unlock(source: &Source<'_>, customer: &CustomerId) -> Outcome {
    let config = StoreConfig::read(source)?;
    logging::start(config.log);
    runtime()?.block_on(async {
        let store = Store::open(&config.database.store())?;
        store.unlock(customer).await?;
        store.close().await;
        println!("{} is not locked", customer.as_str());
        Ok(ExitCode::SUCCESS)
    })
}
