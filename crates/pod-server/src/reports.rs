//! Twilio's reports of what became of messages: `POST /pod/twilio/status`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use pod_core::{Deadline, Pod, ReportUndelivered, ReportUndeliveredError, Reported};
use pod_delivery::{RejectedCallback, Sending, StatusReport, TwilioCallbacks, TwilioSigned};
use tokio::time::timeout;

use crate::causes::Causes;
use crate::metrics::Metrics;

/// How long a report may take: less than the fifteen seconds that Twilio
/// waits.
const BUDGET: Duration = Duration::from_secs(6);

/// How long to wait for an order that does not yet know that its code was
/// sent.
const PAUSE: Duration = Duration::from_millis(200);

/// How long its body may take to arrive: it is of one packet.
const READING: Duration = Duration::from_secs(2);

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
        .with_state(Arc::new(reports))
}

async fn status(
    State(reports): State<Arc<Reports>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> StatusCode {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    // Whoever does not even try to sign is not listened to.
    if header("x-twilio-signature").is_none() {
        return reports.rejected(RejectedCallback::NotSigned);
    }
    let body = match timeout(READING, to_bytes(body, LARGEST)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE,
        Err(_) => return StatusCode::REQUEST_TIMEOUT,
    };
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
        Err(rejected) => reports.rejected(rejected),
    }
}

impl Reports {
    fn rejected(&self, rejected: RejectedCallback) -> StatusCode {
        self.metrics.report_rejected(rejected.reason());
        tracing::warn!(reason = rejected.reason(), error = %rejected, "a report was refused");
        StatusCode::FORBIDDEN
    }

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

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use pod_testkit::Fakes;
    use pod_testkit::fixtures::{language, place_order, zoe, zoe_email, zoe_phone};
    use tower::ServiceExt as _;

    use super::*;

    fn reports_on(fakes: &Fakes) -> Reports {
        let address = "https://pod.example.com/twilio/status".parse();
        let token = Some("12345".into());
        Reports {
            callbacks: TwilioCallbacks::new(address.unwrap(), token, vec![]),
            pod: Arc::new(fakes.pod()),
            metrics: Metrics::new(),
        }
    }

    fn reports() -> (Router, Metrics) {
        let reports = reports_on(&Fakes::new());
        let metrics = reports.metrics.clone();
        (router(reports), metrics)
    }

    async fn post(router: Router, signature: Option<&str>, body: Body) -> StatusCode {
        let mut request = Request::post("/twilio/status");
        if let Some(signature) = signature {
            request = request.header("x-twilio-signature", signature);
        }
        let answer = router.oneshot(request.body(body).unwrap()).await;
        answer.unwrap().status()
    }

    /// A body of which nothing ever comes.
    fn endless() -> Body {
        let nothing = futures_util::stream::pending::<Result<&[u8], std::io::Error>>();
        Body::from_stream(nothing)
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_signed_is_not_read() {
        let (router, metrics) = reports();
        let began = tokio::time::Instant::now();

        let status = post(router, None, endless()).await;

        assert_eq!(status, StatusCode::FORBIDDEN);
        assert_eq!(began.elapsed(), Duration::ZERO);
        let line = r#"pod_message_reports_refused_total{reason="not_signed"} 1"#;
        assert!(metrics.text().contains(line));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let (router, _) = reports();
        let began = tokio::time::Instant::now();

        let status = post(router, Some("AAAA"), endless()).await;

        assert_eq!(status, StatusCode::REQUEST_TIMEOUT);
        assert!(began.elapsed() <= READING + Duration::from_millis(1));
    }

    #[tokio::test]
    async fn a_body_that_is_larger_than_a_report_is_not_read() {
        let (router, _) = reports();
        let large = Body::from(vec![b'a'; LARGEST + 1]);

        let status = post(router, Some("AAAA"), large).await;

        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[tokio::test]
    async fn a_report_that_comes_too_early_waits_for_its_order() {
        let fakes = Fakes::new();
        fakes.customers.know(&zoe(), vec![zoe_phone(), zoe_email()]);
        fakes.courier.fall_silent();
        let pod = fakes.pod();
        let placing = tokio::spawn(async move { pod.place_order(place_order(&zoe())).await });
        while fakes.orders.all(&zoe()).is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let placed = fakes.orders.all(&zoe()).remove(0).placed;
        let sending = Sending {
            order: placed.id,
            sent_at: placed.placed_at,
            language: language(),
        };

        let reports = reports_on(&fakes);
        let (status, ()) = tokio::join!(reports.undelivered(sending), async {
            tokio::time::sleep(PAUSE / 2).await;
            fakes.courier.speak_again();
        });

        assert!(placing.await.unwrap().is_ok());
        assert_eq!(status, StatusCode::NO_CONTENT);
        assert_eq!(fakes.courier.codes_to(&zoe_email()).len(), 1);
    }
}
