//! Twilio's reports of what became of messages: `POST /pod/twilio/status`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use pod_core::{Deadline, Pod, ReportUndelivered, ReportUndeliveredError, Reported};
use pod_delivery::{Sending, StatusReport, TwilioCallbacks, TwilioSigned};

use crate::causes::Causes;
use crate::metrics::Metrics;

/// How long a report may take: less than the fifteen seconds that Twilio
/// waits.
const BUDGET: Duration = Duration::from_secs(6);

/// How long to wait for an order that does not yet know that its code was
/// sent.
const PAUSE: Duration = Duration::from_millis(200);

/// More than a report has.
const LARGEST: usize = 64 * 1024;

/// Who reads reports, and what hears of them.
#[derive(Clone)]
pub struct Reports {
    /// Verifies and reads them.
    pub callbacks: TwilioCallbacks,
    /// Sends codes elsewhere.
    pub pod: Arc<Pod>,
    /// Counts them.
    pub metrics: Metrics,
}

/// Routes the reports.
pub fn router(reports: Reports) -> Router {
    Router::new()
        .route("/twilio/status", post(status))
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(Arc::new(reports))
}

async fn status(
    State(reports): State<Arc<Reports>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let request = TwilioSigned {
        query: query.as_deref(),
        signature: header("x-twilio-signature"),
        settings: header("x-twilio-webhooks-signature-settings"),
        content_type: header(header::CONTENT_TYPE.as_str()),
        body: &body,
    };
    match reports.callbacks.read(&request) {
        Ok(StatusReport::Underway) => StatusCode::NO_CONTENT,
        Ok(StatusReport::Delivered) => {
            reports.metrics.reported("delivered");
            StatusCode::NO_CONTENT
        }
        Ok(StatusReport::Undelivered {
            sending,
            code,
            todo,
        }) => {
            reports.metrics.reported("undelivered");
            tracing::warn!(
                code,
                todo,
                "Twilio did not deliver a message: see twilio.com/docs/api/errors"
            );
            // It goes on to its end, whether or not Twilio waits for it.
            let moved = tokio::spawn(async move { reports.undelivered(sending).await });
            moved.await.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        }
        Err(rejected) => {
            reports.metrics.report_rejected(rejected.reason());
            tracing::warn!(reason = rejected.reason(), error = %rejected, "a report was refused");
            StatusCode::FORBIDDEN
        }
    }
}

impl Reports {
    /// Has the code of a message that did not arrive sent elsewhere.
    async fn undelivered(&self, sending: Sending) -> StatusCode {
        let until = Instant::now() + BUDGET;
        loop {
            let report = ReportUndelivered {
                order: sending.order,
                sent_at: sending.sent_at,
                language: sending.language.clone(),
                deadline: Deadline::at(until),
            };
            match self.pod.report_undelivered(report).await {
                Ok(Reported::SentElsewhere(sent)) => {
                    let to = sent.challenge.sent_to.channel().as_str();
                    tracing::info!(to, "the code was sent another way");
                    return StatusCode::NO_CONTENT;
                }
                Ok(Reported::Undelivered) => {
                    tracing::warn!("there was no other way to send the code");
                    return StatusCode::NO_CONTENT;
                }
                Ok(Reported::Stale) => return StatusCode::NO_CONTENT,
                Err(ReportUndeliveredError::TooEarly) if Instant::now() + PAUSE < until => {
                    tokio::time::sleep(PAUSE).await;
                }
                Err(ReportUndeliveredError::TooEarly) => {
                    tracing::warn!(
                        "a report came too early: its order is still being sent its code"
                    );
                    return StatusCode::SERVICE_UNAVAILABLE;
                }
                Err(ReportUndeliveredError::Fault(fault)) => {
                    tracing::error!(error = %Causes(&fault), "a report could not be dealt with");
                    return StatusCode::SERVICE_UNAVAILABLE;
                }
            }
        }
    }
}
