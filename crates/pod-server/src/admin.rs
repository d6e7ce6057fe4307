//! What operators' machines ask: is it alive, is it ready, what has happened.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use pod_core::Fault;

use crate::causes::Causes;
use crate::metrics::Metrics;
use crate::serving::Stop;

/// How long the database may take to answer before it counts as away.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whatever has to work for an order to be kept.
#[async_trait]
pub trait Ready: Send + Sync {
    /// Tries whether it works.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it does not.
    async fn check(&self) -> Result<(), Fault>;
}

/// What the answers are made of.
#[derive(Clone)]
pub struct Admin {
    /// What has been counted.
    pub metrics: Metrics,
    /// What has to work.
    pub database: Arc<dyn Ready>,
    /// Whether it is time to stop.
    pub stop: Stop,
}

/// Routes `/livez`, `/readyz` and `/metrics`.
pub fn router(admin: Admin) -> Router {
    Router::new()
        .route("/livez", get(async || "alive\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(admin)
}

/// Ready means that an order could be kept; not ready any more means that
/// whoever balances the load should send nothing new.
async fn readyz(State(admin): State<Admin>) -> Response {
    let not_ready = |why: &'static str| (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
    if admin.stop.is_told() {
        return not_ready("stopping\n");
    }
    match tokio::time::timeout(PATIENCE, admin.database.check()).await {
        Ok(Ok(())) => "ready\n".into_response(),
        Ok(Err(fault)) => {
            tracing::warn!(error = %Causes(&fault), "not ready: the database does not work");
            not_ready("the database does not work\n")
        }
        Err(_elapsed) => {
            tracing::warn!("not ready: the database does not answer in time");
            not_ready("the database does not answer in time\n")
        }
    }
}

async fn metrics(State(admin): State<Admin>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], admin.metrics.text()).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt as _;

    use super::*;
    use crate::serving::Stopper;

    #[derive(Clone, Copy)]
    enum Database {
        Works,
        Fails,
        Hangs,
    }

    #[async_trait]
    impl Ready for Database {
        async fn check(&self) -> Result<(), Fault> {
            match self {
                Self::Works => Ok(()),
                Self::Fails => Err(Fault::unavailable("sqlite", "the disk is full")),
                Self::Hangs => std::future::pending().await,
            }
        }
    }

    async fn get(path: &str, database: Database, stopped: bool) -> Response {
        let (stopper, stop) = Stopper::new();
        if stopped {
            stopper.stop();
        }
        let admin = Admin {
            metrics: Metrics::new(),
            database: Arc::new(database),
            stop,
        };
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = router(admin).oneshot(request).await.unwrap();
        drop(stopper);
        answer
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_ready_while_the_database_works() {
        let status = async |database| get("/readyz", database, false).await.status();

        assert_eq!(status(Database::Works).await, 200);
        assert_eq!(status(Database::Fails).await, 503);
        assert_eq!(status(Database::Hangs).await, 503);
    }

    #[tokio::test]
    async fn it_is_alive_but_not_ready_while_it_stops() {
        assert_eq!(get("/readyz", Database::Works, true).await.status(), 503);
        assert_eq!(get("/livez", Database::Works, true).await.status(), 200);
    }

    #[tokio::test]
    async fn the_metrics_are_openmetrics_text() {
        let answer = get("/metrics", Database::Works, false).await;

        let kind = answer.headers()[header::CONTENT_TYPE].to_str().unwrap();
        assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    }
}
