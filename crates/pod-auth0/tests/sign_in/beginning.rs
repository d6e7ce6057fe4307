//! What the browser is sent to the tenant with.

use std::sync::Arc;

use pod_auth0::Auth0SignIn;
use pod_core::Fault;
use pod_core::ports::SignIn as _;
use pod_testkit::{FakeClock, FakeEntropy, MockEntropy};
use url::Url;

use crate::provider::{CALLBACK, CLIENT, Pairs, config, http, pairs};

/// The verifier of RFC 7636, appendix B, before it is encoded.
const OCTETS: [u8; 32] = [
    116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77,
    105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
];

fn sign_in(entropy: MockEntropy) -> Auth0SignIn {
    let (clock, entropy) = (Arc::<FakeClock>::default(), Arc::new(entropy));
    Auth0SignIn::new(config("tenant.eu.auth0.com"), http(), clock, entropy)
}

#[tokio::test]
async fn the_browser_asks_for_a_code_with_pkce_a_state_and_a_nonce() {
    let mut entropy = MockEntropy::new();
    entropy.expect_fill().returning(|bytes| {
        let (others, verifier) = bytes.split_at_mut(64);
        others[..32].fill(1);
        others[32..].fill(2);
        verifier.copy_from_slice(&OCTETS);
        Ok(())
    });

    let begun = sign_in(entropy).begin().unwrap();

    let pending = begun.pending;
    assert_eq!(
        pending.verifier(),
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    );
    let url = Url::parse(begun.url.expose()).unwrap();
    assert_eq!(
        url.as_str().split('?').next().unwrap(),
        "https://tenant.eu.auth0.com/authorize"
    );
    let expected = [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile email"),
        ("state", pending.state()),
        ("nonce", pending.nonce()),
        ("max_age", "300"),
        (
            "code_challenge",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ),
        ("code_challenge_method", "S256"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(pairs(url.query().unwrap()), Pairs::from(expected));
}

#[tokio::test]
async fn every_secret_is_256_bits_of_randomness() {
    let clock = Arc::<FakeClock>::default();
    let entropy = Arc::new(FakeEntropy::default());
    let config = config("tenant.eu.auth0.com");

    let pending = Auth0SignIn::new(config, http(), clock, entropy)
        .begin()
        .unwrap()
        .pending;

    for secret in [pending.state(), pending.nonce(), pending.verifier()] {
        assert_eq!(secret.len(), 256_usize.div_ceil(6));
    }
}

#[tokio::test]
async fn without_randomness_no_sign_in_begins() {
    let mut entropy = MockEntropy::new();
    entropy
        .expect_fill()
        .returning(|_| Err(Fault::broken("entropy", "there is none")));

    assert_eq!(sign_in(entropy).begin().unwrap_err().adapter(), "entropy");
}

#[tokio::test]
async fn randomness_that_repeats_itself_begins_no_sign_in() {
    let mut entropy = MockEntropy::new();
    entropy.expect_fill().returning(|bytes| {
        bytes.fill(7);
        Ok(())
    });

    assert!(!sign_in(entropy).begin().unwrap_err().is_temporary());
}
