//! Pages that listen to what becomes of their customer's orders.

use std::time::Duration;

use http::StatusCode;
use http_body_util::BodyExt as _;
use pod_testkit::fixtures::{bjorn, zoe};
use tokio::time::timeout;

use crate::stage::Stage;

#[tokio::test]
async fn a_page_hears_nothing_more_once_its_customer_has_signed_out() {
    let stage = Stage::new();
    let mut browser = stage.signed_in(&zoe()).await;
    let mut stream = stage.listen(&browser).await.into_body();

    stage.post(&mut browser, "/sign-out", "").await;

    let end = async { while let Some(Ok(_)) = stream.frame().await {} };
    let ended = timeout(Duration::from_secs(5), end).await;
    assert!(ended.is_ok());
}

#[tokio::test]
async fn a_customer_has_so_many_pages_that_listen_and_no_more() {
    let stage = Stage::new();
    let browser = stage.signed_in(&zoe()).await;
    let mut streams = Vec::new();
    for _ in 0..16 {
        streams.push(stage.listen(&browser).await);
    }

    let one_more = stage.listen(&browser).await.status();
    let somebody_elses = stage.listen(&stage.signed_in(&bjorn()).await).await;

    assert!(
        streams
            .iter()
            .all(|stream| stream.status() == StatusCode::OK)
    );
    assert_eq!(one_more, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(somebody_elses.status(), StatusCode::OK);
    streams.pop();
    assert_eq!(stage.listen(&browser).await.status(), StatusCode::OK);
}
