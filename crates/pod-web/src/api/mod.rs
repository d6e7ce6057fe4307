//! The JSON API: the caller's own orders, over HTTP.

mod caller;
mod choices;
mod document;
mod errors;
mod events;
mod once;
mod orders;
mod problem;
mod requests;
mod shown;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use pod_core::ports::{Authenticator, Clock};
use pod_core::{Menu, Pod};
use tokio_util::task::TaskTracker;

use crate::live::Live;

pub(crate) use events::sent;
pub(crate) use requests::Requests;
pub(crate) use shown::ShownOrder;

/// What the API is made of.
pub struct ApiPorts {
    /// The use cases.
    pub pod: Arc<Pod>,
    /// Who finds out who is calling.
    pub authenticator: Arc<dyn Authenticator>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What happens, as it happens.
    pub live: Live,
    /// Where what was begun goes on to its end, whether or not its caller
    /// waits for it.
    pub tasks: TaskTracker,
}

/// What the API is told.
#[derive(Debug, Clone)]
pub struct ApiConfig {
    /// Where it is: the path before `/api`, such as `/pod`, or nothing.
    pub base_path: String,
    /// What can be ordered.
    pub menu: Menu,
    /// The scope that an access token needs; `None`: any will do.
    pub scope: Option<String>,
    /// How long an answer may take.
    pub budget: Duration,
    /// How many requests one customer may make in a minute.
    pub requests_per_minute: u32,
    /// Pages of these origins may call it from a browser: `https://shop.example`.
    pub origins: Vec<String>,
}

/// The API.
#[derive(Clone)]
pub struct Api(Arc<Inner>);

struct Inner {
    ports: ApiPorts,
    config: ApiConfig,
    requests: requests::Requests,
}

impl Api {
    /// Makes the API of a pod.
    #[must_use]
    pub fn new(ports: ApiPorts, config: ApiConfig) -> Self {
        let requests = requests::Requests::new(config.requests_per_minute);
        Self(Arc::new(Inner {
            ports,
            config,
            requests,
        }))
    }

    /// Routes requests, from `/api/orders` to `/api/openapi.json`: to be nested
    /// at the base path.
    pub fn router(&self) -> Router {
        document::router(self)
    }

    fn pod(&self) -> &Pod {
        &self.0.ports.pod
    }

    fn path(&self, rest: &str) -> String {
        format!("{}/api{rest}", self.0.config.base_path)
    }
}
