//! Where a request says its certificate is.

use crate::support::letter::{Letter, URL};
use crate::support::stage::Stage;

#[tokio::test]
async fn a_url_that_is_not_amazons_is_never_fetched() {
    // U5 to U13, through the front door; 1.4 b, 1.4 d
    let stage = Stage::new();

    for url in [
        "http://s3.amazonaws.com/echo.api/echo-api-cert-13.pem",
        "https://s3.amazonaws.com.evil.example/echo.api/echo-api-cert-13.pem",
        "https://s3.amazonaws.com/ECHO.API/echo-api-cert-13.pem",
        "https://s3.amazonaws.com/echo.api/../attacker-bucket/cert.pem",
        "https://s3.amazonaws.com/echo.api/%2e%2e/evil/c.pem",
        r"https://s3.amazonaws.com/echo.api/..\..\evil\c.pem",
        "https://s3.amazonaws.com:563/echo.api/echo-api-cert-13.pem",
        "https://user:pass@s3.amazonaws.com/echo.api/echo-api-cert-13.pem",
        "not a url",
    ] {
        assert_eq!(
            stage.refusal(&Letter::new().found_at(url)).await,
            "certificate-url",
            "{url}"
        );
    }

    assert_eq!(stage.shelf.fetches(), 0);
}

#[tokio::test]
async fn what_is_fetched_is_the_normalised_url() {
    // U2, U3, U4
    let stage = Stage::new();

    for url in [
        "HTTPS://S3.AmazonAWS.com:443/echo.api/./echo-api-cert-13.pem",
        "https://s3.amazonaws.com/echo.api/../echo.api/echo-api-cert-13.pem",
    ] {
        assert!(
            stage.verify(&Letter::new().found_at(url)).await.is_ok(),
            "{url}"
        );
    }

    assert_eq!(*stage.shelf.asked(), [URL]);
}
