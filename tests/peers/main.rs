//! Pod's adapters against servers that others wrote. `tests/peers/run`
//! starts them and says where they are; without it these tests are left out.

mod browser;
mod codes;
mod listening;
mod mails;
mod renewing;
mod signing_in;
mod texts;
mod tokens;

use std::time::{Duration, Instant};

use pod_core::Deadline;
use pod_http::{Http, Route};

/// The API that access tokens are for.
const API: &str = "https://pod.example/api";

/// Where a peer answers, as the environment says.
fn peer(name: &str) -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "the script that starts the peers has no other way to tell where they are"
    )]
    let address = std::env::var(name);
    let address = address.unwrap_or_else(|_| panic!("{name} is not set: use tests/peers/run"));
    address.trim_end_matches('/').to_owned()
}

/// The way to it.
fn http() -> Http {
    Http::new(&Route::default()).expect("a way out")
}

/// A moment that is far enough for everything that works.
fn deadline() -> Deadline {
    Deadline::at(Instant::now() + Duration::from_secs(10))
}
