//! Certificates with something missing, or one bit the other way.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pod_alexa::verify::{Rejection, Verifier};

use crate::support::authority::{Authority, amazon_key, leaf};
use crate::support::letter::{Letter, URL, now};
use crate::support::shelf::Shelf;
use crate::support::stage::{in_five_seconds, trusting};

/// Amazon's certificate, to be damaged, and all else that is needed.
struct Workshop {
    der: Vec<u8>,
    letter: Letter,
    shelf: Arc<Shelf>,
    verifier: Verifier,
}

impl Workshop {
    fn new() -> Self {
        let root = Authority::rsa_root("Root");
        let pem = root.issue(&leaf(), amazon_key());
        let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let shelf = Arc::new(Shelf::new());
        Self {
            der: STANDARD.decode(base64).unwrap(),
            letter: Letter::new(),
            verifier: trusting(&root.pem(), &shelf),
            shelf,
        }
    }

    async fn judge(&self, der: &[u8]) -> Result<(), Rejection> {
        let base64 = STANDARD.encode(der);
        let file = format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n");
        self.shelf.put_file(URL, file);
        let Letter { headers, body } = &self.letter;
        self.verifier
            .verify(headers, body, now(), in_five_seconds())
            .await
            .map(drop)
    }
}

#[tokio::test]
async fn no_certificate_that_was_cut_short_is_accepted() {
    // C12
    let workshop = Workshop::new();

    for length in 0..workshop.der.len() {
        let outcome = workshop.judge(&workshop.der[..length]).await;

        assert!(
            matches!(outcome, Err(Rejection::CertificateChain(_))),
            "{length}: {outcome:?}"
        );
    }
    assert!(workshop.judge(&workshop.der).await.is_ok());
}

#[tokio::test]
async fn no_certificate_with_a_bit_turned_is_accepted() {
    // C12
    let workshop = Workshop::new();
    let mut der = workshop.der.clone();

    for bit in 0..der.len() * 8 {
        der[bit / 8] ^= 1 << (bit % 8);
        let outcome = workshop.judge(&der).await;
        der[bit / 8] ^= 1 << (bit % 8);

        assert!(
            matches!(
                outcome,
                Err(Rejection::CertificateChain(_) | Rejection::CertificateDates)
            ),
            "bit {bit}: {outcome:?}"
        );
    }
    assert!(workshop.judge(&der).await.is_ok());
}

#[tokio::test]
async fn no_certificate_with_something_after_it_is_accepted() {
    // C12
    let workshop = Workshop::new();

    let outcome = workshop.judge(&[&workshop.der[..], &[0]].concat()).await;

    assert!(
        matches!(outcome, Err(Rejection::CertificateChain(_))),
        "{outcome:?}"
    );
}
