//! The address of a certificate: whatever is accepted leads into Amazon's
//! folder and nowhere else, as it is written and by two readers' judgement.
#![no_main]

use http::Uri;
use libfuzzer_sys::fuzz_target;
use pod_alexa::verify::CertificateUrl;
use url::Url;

fuzz_target!(|raw: &str| {
    judge(raw);
    // Most of what is made up fails before its path is looked at.
    judge(&format!("https://s3.amazonaws.com/echo.api/{raw}"));
    judge(&format!("https://s3.amazonaws.com/{raw}/echo.api/cert.pem"));
});

fn judge(raw: &str) {
    let Ok(accepted) = CertificateUrl::parse(raw) else {
        return;
    };
    let fetched = accepted.as_str();

    assert!(!raw.contains(['%', '\\', '?', '#', '@']), "{raw}");
    as_written(fetched);
    as_a_client_reads(fetched);
    as_a_server_reads(fetched);
    assert_eq!(CertificateUrl::parse(fetched), Ok(accepted.clone()));
}

/// No parser's leniency comes into it.
fn as_written(fetched: &str) {
    let file = fetched.strip_prefix("https://s3.amazonaws.com/echo.api/");
    let file = file.expect("what is fetched is in Amazon's folder");

    assert!(fetched.bytes().all(|b| b.is_ascii_graphic()), "{fetched}");
    assert!(!file.contains(['%', '\\', '?', '#', '@']), "{file}");
    assert!(!file.split('/').any(|part| ["", ".", ".."].contains(&part)));
}

fn as_a_client_reads(fetched: &str) {
    let url = Url::parse(fetched).expect("a URL");

    assert_eq!(url.as_str(), fetched, "it is fetched as it was judged");
    assert_eq!(url.scheme(), "https");
    assert_eq!(url.host_str(), Some("s3.amazonaws.com"));
    assert_eq!(url.port_or_known_default(), Some(443));
    assert!(url.username().is_empty() && url.password().is_none());
    assert!(url.query().is_none() && url.fragment().is_none());
    assert!(url.path().starts_with("/echo.api/"), "{fetched}");
}

fn as_a_server_reads(fetched: &str) {
    let uri: Uri = fetched.parse().expect("a URI");

    assert_eq!(uri.scheme_str(), Some("https"));
    assert_eq!(
        uri.authority().map(AsRef::as_ref),
        Some("s3.amazonaws.com"),
        "no user, and the port of HTTPS"
    );
    assert!(uri.path().starts_with("/echo.api/"), "{fetched}");
    assert_eq!(uri.query(), None);
}
