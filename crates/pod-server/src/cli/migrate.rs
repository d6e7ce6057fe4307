//! `migrate`: brings the database up to date.

use std::process::ExitCode;

use super::Outcome;
use crate::config::{Source, StoreConfig};
use crate::logging;
use crate::wiring::Store;

pub(super) fn migrate(source: &Source<'_>) -> Outcome {
    let config = StoreConfig::read(source)?;
    logging::start(config.log);
    let database = config.database;
    match Store::migrate(&database.store())?.as_slice() {
        [] => println!("{database} is up to date"),
        steps => println!("{database} is up to date now: took {}", steps.join(", ")),
    }
    Ok(ExitCode::SUCCESS)
}
