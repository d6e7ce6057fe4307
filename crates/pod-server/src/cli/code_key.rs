//! `code-key`: makes a key for `POD_CODE_KEYS`.

use std::process::ExitCode;

use pod_core::ports::Clock as _;
use secrecy::ExposeSecret as _;

use super::Outcome;
use crate::config::fresh_code_key;
use crate::system::{OsEntropy, SystemClock};

pub(super) fn code_key() -> Outcome {
    // A key is named by its day, so that it is plain which one is the oldest.
    let now = SystemClock.now().to_string();
    let (day, _) = now.split_once('T').unwrap_or((&now, ""));
    println!("{}", fresh_code_key(day, &OsEntropy)?.expose_secret());
    Ok(ExitCode::SUCCESS)
}
