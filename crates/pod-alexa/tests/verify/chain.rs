//! Certificates that are Amazon's, and those that only look it.

use std::net::Ipv4Addr;
use std::sync::Arc;

use jiff::SignedDuration;
use pod_alexa::verify::{InvalidChain, Rejection, Verifier, VerifierConfig};
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair, SanType};

use crate::support::authority::{
    AMAZON, Authority, Pki, amazon_key, authority, dns, for_names, leaf, stranger_key, valid,
};
use crate::support::letter::{Letter, URL, body, now};
use crate::support::shelf::Shelf;
use crate::support::stage::{Stage, for_our_skill, in_five_seconds, trusting};

/// Verifies a good request whose certificate file is this one.
async fn with_file(anchors: &str, file: impl Into<Vec<u8>>) -> Result<(), Rejection> {
    let shelf = Arc::new(Shelf::new());
    shelf.put_file(URL, file);
    let letter = Letter::new();
    let verifier = trusting(anchors, &shelf);
    let outcome = verifier
        .verify(&letter.headers, &letter.body, now(), in_five_seconds())
        .await;
    outcome.map(drop)
}

/// The flaw for which a file is refused.
async fn flaw(anchors: &str, file: impl Into<Vec<u8>>) -> Option<InvalidChain> {
    match with_file(anchors, file).await {
        Err(Rejection::CertificateChain(flaw)) => Some(flaw),
        other => panic!("not refused for its chain: {other:?}"),
    }
}

/// The flaw of a certificate that differs from Amazon's in what it says.
async fn flaw_of_leaf(params: &CertificateParams) -> Option<InvalidChain> {
    let pki = Pki::new();
    flaw(&pki.root.pem(), pki.chain(params)).await
}

/// The same, but an authority, or none.
fn who_is(mut params: CertificateParams, is_ca: IsCa) -> CertificateParams {
    params.is_ca = is_ca;
    params
}

#[tokio::test]
async fn a_file_without_a_certificate_in_it_is_refused() {
    // C4
    let pki = Pki::new();
    let good = pki.chain(&leaf());
    let key = amazon_key().serialize_pem();
    let middle = good.len() / 4;

    for file in [
        String::new(),
        "<html>Service Unavailable</html>".to_owned(),
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n".to_owned(),
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned(),
        good.replace("CERTIFICATE", "X509 CRL"),
        good[..middle].to_owned(),
        good.replacen("MII", "M!I", 1),
        key,
    ] {
        let flaw = flaw(&pki.root.pem(), file).await;

        assert!(
            matches!(flaw, Some(InvalidChain::Unreadable(_))),
            "{flaw:?}"
        );
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_are_refused() {
    // C4
    let pki = Pki::new();

    let flaw = flaw(&pki.root.pem(), vec![0xff; 60_000]).await;

    assert!(
        matches!(flaw, Some(InvalidChain::Unreadable(_))),
        "{flaw:?}"
    );
}

#[tokio::test]
async fn a_file_with_a_crowd_in_it_is_refused() {
    // C4
    let pki = Pki::new();
    let file = pki.chain(&leaf()) + &pki.middle.pem().repeat(7);

    let flaw = flaw(&pki.root.pem(), file).await;

    assert!(matches!(flaw, Some(InvalidChain::TooMany)), "{flaw:?}");
}

#[tokio::test]
async fn a_certificate_outside_its_dates_is_refused() {
    // C5
    let second = SignedDuration::from_secs(1);
    let day = SignedDuration::from_hours(24);
    let pki = Pki::new();

    for (from, until, is_valid) in [
        (now() - day, now() + day, true),
        (now() - day, now() - second, false),
        (now() + second, now() + day, false),
        (now() + day, now() - day, false),
    ] {
        let outcome = with_file(&pki.root.pem(), pki.chain(&valid(leaf(), from, until))).await;

        assert_eq!(outcome.is_ok(), is_valid, "{outcome:?}");
    }
}

#[tokio::test]
async fn an_authority_outside_its_dates_is_refused() {
    // C5
    let day = SignedDuration::from_hours(24);
    let root = Authority::root("Root");
    let middle = root.sign(valid(authority("Middle"), now() - day - day, now() - day));
    let file = middle.issue(&leaf(), amazon_key()) + &middle.pem();

    let outcome = with_file(&root.pem(), file).await;

    assert!(
        matches!(outcome, Err(Rejection::CertificateDates)),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn the_name_has_to_be_a_dns_name_exactly_amazons() {
    // C6
    let text = |name: &str| name.try_into().unwrap();
    for names in [
        vec![],
        vec![dns("example.com")],
        vec![dns("*.amazon.com")],
        vec![dns("*.echo-api.amazon.com")],
        vec![dns("sub.echo-api.amazon.com")],
        vec![dns("echo-api.amazon.com.evil.example")],
        vec![dns("ECHO-API.amazon.com")],
        vec![dns("echo-api.amazon.com.")],
        vec![SanType::URI(text("https://echo-api.amazon.com"))],
        vec![SanType::URI(text(AMAZON))],
        vec![SanType::Rfc822Name(text("x@echo-api.amazon.com"))],
        vec![SanType::IpAddress(Ipv4Addr::LOCALHOST.into())],
    ] {
        // The common name is Amazon's in each of them: it counts for nothing.
        let flaw = flaw_of_leaf(&for_names(names.clone())).await;

        assert!(
            matches!(flaw, Some(InvalidChain::Name)),
            "{names:?}: {flaw:?}"
        );
    }
}

#[tokio::test]
async fn other_names_beside_amazons_do_no_harm() {
    // C6
    let pki = Pki::new();
    let names = vec![dns("*.amazon.com"), dns(AMAZON), dns("example.com")];

    assert!(
        with_file(&pki.root.pem(), pki.chain(&for_names(names)))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn the_certificate_has_to_be_for_servers() {
    // Reference 1.1, step 4
    for usages in [
        vec![],
        vec![ExtendedKeyUsagePurpose::ClientAuth],
        vec![
            ExtendedKeyUsagePurpose::CodeSigning,
            ExtendedKeyUsagePurpose::EmailProtection,
        ],
        vec![ExtendedKeyUsagePurpose::Any],
    ] {
        let mut params = leaf();
        params.extended_key_usages.clone_from(&usages);

        let flaw = flaw_of_leaf(&params).await;

        assert!(
            matches!(flaw, Some(InvalidChain::Usage)),
            "{usages:?}: {flaw:?}"
        );
    }
}

#[tokio::test]
async fn a_certificate_for_servers_and_clients_is_accepted() {
    // Amazon's were of this kind until 2023.
    let pki = Pki::new();
    let mut params = leaf();
    params
        .extended_key_usages
        .push(ExtendedKeyUsagePurpose::ClientAuth);

    assert!(with_file(&pki.root.pem(), pki.chain(&params)).await.is_ok());
}

#[tokio::test]
async fn a_certificate_that_vouches_for_itself_is_refused() {
    // C7; 1.4 b: others accept it, and with it any forgery.
    let pki = Pki::new();
    let alone = leaf().self_signed(amazon_key()).unwrap().pem();
    let as_authority = who_is(leaf(), IsCa::Ca(BasicConstraints::Unconstrained));
    let as_authority = as_authority.self_signed(amazon_key()).unwrap().pem();

    for file in [
        alone.clone(),
        alone.repeat(2),
        alone.clone() + &pki.middle.pem() + &pki.root.pem(),
        as_authority,
    ] {
        let flaw = flaw(&pki.root.pem(), file).await;

        assert!(matches!(flaw, Some(InvalidChain::Untrusted(_))), "{flaw:?}");
    }
}

#[tokio::test]
async fn a_chain_that_is_not_trusted_by_browsers_is_refused_by_default() {
    // C7, C8
    let pki = Pki::new();
    let shelf = Arc::new(Shelf::new());
    shelf.put_file(URL, pki.chain(&leaf()) + &pki.root.pem());
    let verifier = Verifier::with_host(for_our_skill(), shelf).unwrap();
    let letter = Letter::new();

    let outcome = verifier
        .verify(&letter.headers, &letter.body, now(), in_five_seconds())
        .await;

    assert!(
        matches!(
            outcome,
            Err(Rejection::CertificateChain(InvalidChain::Untrusted(_)))
        ),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn chains_that_do_not_hold_together_are_refused() {
    // C8
    let real = Pki::new();
    let leaf = leaf();
    let good = real.middle.issue(&leaf, amazon_key());
    // The same names, other keys.
    let rogue = Pki::new();
    let renamed = real.root.below("Another Middle");
    let no_authority = who_is(authority("Middle"), IsCa::ExplicitNoCa);
    let no_authority = real.root.sign(no_authority);
    let silent = who_is(authority("Middle"), IsCa::NoCa);
    let silent = real.root.sign(silent);

    for (what, file) in [
        ("a rogue root", rogue.chain(&leaf) + &rogue.root.pem()),
        (
            "an impostor's leaf and the real authorities",
            rogue.middle.issue(&leaf, amazon_key()) + &real.middle.pem(),
        ),
        (
            "the real leaf and an impostor's authorities",
            good.clone() + &rogue.middle.pem() + &rogue.root.pem(),
        ),
        (
            "an authority that was renamed",
            good.clone() + &renamed.pem(),
        ),
        (
            "a link that is no authority",
            no_authority.issue(&leaf, amazon_key()) + &no_authority.pem(),
        ),
        (
            "a link that does not say it is one",
            silent.issue(&leaf, amazon_key()) + &silent.pem(),
        ),
        ("a missing link", good.clone()),
        ("the leaf and the last", good.clone() + &real.root.pem()),
        ("the wrong way round", real.middle.pem() + &good),
    ] {
        let flaw = flaw(&real.root.pem(), file).await;

        assert!(
            matches!(flaw, Some(InvalidChain::Untrusted(_))),
            "{what}: {flaw:?}"
        );
    }
    assert!(
        with_file(&real.root.pem(), good + &real.middle.pem())
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn an_authority_beyond_the_length_it_was_allowed_is_refused() {
    // C8
    let root = Authority::root("Root");
    let params = who_is(
        authority("Middle"),
        IsCa::Ca(BasicConstraints::Constrained(0)),
    );
    let middle = root.sign(params);
    let below = middle.below("Below");
    let file = below.issue(&leaf(), amazon_key()) + &below.pem() + &middle.pem();

    let flaw = flaw(&root.pem(), file).await;

    assert!(matches!(flaw, Some(InvalidChain::Untrusted(_))), "{flaw:?}");
}

#[tokio::test]
async fn the_path_ends_at_the_first_authority_that_is_trusted() {
    // C9; 1.4 a: others want the last certificate of the file to be trusted.
    let (old, older) = (Authority::root("Old"), Authority::root("Older"));
    let root = Authority::root("Root");
    let middle = root.below("Middle");
    let three =
        middle.issue(&leaf(), amazon_key()) + &middle.pem() + &root.cross_signed_by("Root", &old);
    let four = three.clone() + &old.cross_signed_by("Old", &older);
    let with_the_root = middle.issue(&leaf(), amazon_key()) + &middle.pem() + &root.pem();
    let out_of_order =
        middle.issue(&leaf(), amazon_key()) + &root.pem() + &old.pem() + &middle.pem();

    for file in [three, four.clone(), with_the_root, out_of_order] {
        assert!(with_file(&root.pem(), file).await.is_ok());
    }
    assert!(
        with_file(&(old.pem() + &root.pem()), four.clone())
            .await
            .is_ok()
    );
    assert!(with_file(&older.pem(), four).await.is_ok());
}

#[tokio::test]
async fn authorities_may_have_rsa_keys_or_elliptic_ones() {
    // C10: the middle is on P-256, as are all the others in these tests.
    for root in [Authority::rsa_root("Root"), Authority::p384_root("Root")] {
        let middle = root.below("Middle");
        let file = middle.issue(&leaf(), amazon_key()) + &middle.pem();
        let directly = root.issue(&leaf(), amazon_key());

        assert!(with_file(&root.pem(), file).await.is_ok());
        assert!(with_file(&root.pem(), directly).await.is_ok());
    }
}

#[tokio::test]
async fn a_certificate_with_an_elliptic_key_is_refused() {
    // Amazon signs with RSA, and only that is verified.
    let pki = Pki::new();
    let key = KeyPair::generate().unwrap();

    let flaw = flaw(&pki.root.pem(), pki.chain_for(&leaf(), &key)).await;

    assert!(matches!(flaw, Some(InvalidChain::Key)), "{flaw:?}");
}

#[tokio::test]
async fn a_good_certificate_of_another_key_does_not_sign_for_this_one() {
    // B3, C8
    let stage = Stage::new();
    stage
        .shelf
        .put_file(URL, stage.pki.chain_for(&leaf(), stranger_key()));
    let by_stranger = Letter::signed_by(stranger_key(), body(&format!(r#""{}""#, now())));

    assert_eq!(stage.refusal(&Letter::new()).await, "signature");
    assert!(stage.verify(&by_stranger).await.is_ok());
}

#[test]
fn trust_anchors_that_cannot_be_read_are_refused_at_the_start() {
    let good = Authority::root("Root").pem();

    for anchors in [
        "",
        "garbage",
        &amazon_key().serialize_pem(),
        &good[..good.len() / 2],
        &good.replacen("MII", "AAA", 1),
    ] {
        let trust_anchors = Some(anchors.as_bytes().to_vec());
        let config = VerifierConfig {
            trust_anchors,
            ..for_our_skill()
        };

        assert!(
            Verifier::with_host(config, Arc::new(Shelf::new())).is_err(),
            "{anchors}"
        );
    }
}
