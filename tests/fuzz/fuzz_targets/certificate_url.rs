//! The address of a certificate: whatever is accepted leads to Amazon's folder
//! and nowhere else, by another reader's judgement.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pod_alexa::verify::CertificateUrl;
use url::Url;

fuzz_target!(|raw: &str| {
    let Ok(accepted) = CertificateUrl::parse(raw) else {
        return;
    };
    let fetched = accepted.as_str();
    let url = Url::parse(fetched).expect("what is fetched is a URL");

    assert_eq!(url.as_str(), fetched, "it is fetched as it was judged");
    assert_eq!(url.scheme(), "https");
    assert_eq!(url.host_str(), Some("s3.amazonaws.com"));
    assert_eq!(url.port_or_known_default(), Some(443));
    assert!(url.username().is_empty() && url.password().is_none());
    assert!(url.query().is_none() && url.fragment().is_none());
    let path = url.path();
    assert!(path.starts_with("/echo.api/"), "{path}");
    assert!(!path.contains(['%', '\\']), "{path}");
    assert!(path.split('/').all(|part| part != ".." && part != "."));
    assert_eq!(CertificateUrl::parse(fetched).map(|again| again.as_str() == fetched), Ok(true));
});
