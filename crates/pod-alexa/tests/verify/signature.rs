//! Headers, and the signature over the body as it came.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use jiff::SignedDuration;

use crate::support::authority::{amazon_key, stranger_key};
use crate::support::letter::{CERTIFICATE, Letter, SIGNATURE, SKILL, URL, body, now, sign};
use crate::support::stage::Stage;

#[tokio::test]
async fn a_request_of_amazons_is_let_in_with_what_it_says() {
    // B1
    let stage = Stage::new();

    let verified = stage.verify(&Letter::new()).await.unwrap();

    assert_eq!(verified.request_id(), "amzn1.echo-api.request.7c");
    assert_eq!(verified.request_type(), "IntentRequest");
    assert_eq!(verified.skill_id().as_str(), SKILL);
    assert_eq!(verified.timestamp(), now());
    assert_eq!(
        verified.remember_until(),
        now() + SignedDuration::from_secs(300)
    );
}

#[tokio::test]
async fn a_missing_header_is_refused_before_any_fetch() {
    // H1
    let stage = Stage::new();

    for (letter, reason) in [
        (
            Letter::new().without(CERTIFICATE),
            "missing-certificate-url",
        ),
        (
            Letter::new().with(CERTIFICATE, ""),
            "missing-certificate-url",
        ),
        (Letter::new().without(SIGNATURE), "missing-signature"),
        (Letter::new().with(SIGNATURE, ""), "missing-signature"),
    ] {
        assert_eq!(stage.refusal(&letter).await, reason);
    }

    assert_eq!(stage.shelf.fetches(), 0);
}

#[tokio::test]
async fn a_repeated_header_is_refused_even_if_both_agree() {
    // H1
    let stage = Stage::new();
    let signature = Letter::new().headers[SIGNATURE]
        .to_str()
        .unwrap()
        .to_owned();

    let two_urls = stage.refusal(&Letter::new().and(CERTIFICATE, URL)).await;
    let two_signatures = stage
        .refusal(&Letter::new().and(SIGNATURE, &signature))
        .await;
    let joined = stage
        .refusal(&Letter::new().with(SIGNATURE, &format!("{signature}, {signature}")))
        .await;

    assert_eq!(two_urls, "repeated-certificate-url");
    assert_eq!(two_signatures, "repeated-signature");
    assert_eq!(joined, "signature-encoding");
}

#[tokio::test]
async fn header_names_may_be_in_any_case() {
    // H2
    let stage = Stage::new();
    let good = Letter::new();
    let signature = good.headers[SIGNATURE].to_str().unwrap().to_owned();

    for (signature_name, url_name) in [
        ("Signature-256", "SignatureCertChainUrl"),
        ("SIGNATURE-256", "SIGNATURECERTCHAINURL"),
        ("signature-256", "signatureCertChainUrl"),
    ] {
        let letter = good.clone().without(SIGNATURE).without(CERTIFICATE);
        let letter = letter.with(signature_name, &signature).with(url_name, URL);

        assert!(stage.verify(&letter).await.is_ok(), "{signature_name}");
    }
}

#[tokio::test]
async fn the_old_signature_header_counts_for_nothing() {
    // H3: whatever is in it, be it even the right signature.
    let stage = Stage::new();
    let signature = Letter::new().headers[SIGNATURE]
        .to_str()
        .unwrap()
        .to_owned();

    let alone = Letter::new()
        .without(SIGNATURE)
        .with("signature", &signature);
    let beside_a_bad_one = Letter::new()
        .with(SIGNATURE, &STANDARD.encode([7; 256]))
        .with("signature", &signature);
    let bad_beside_a_good_one = Letter::new().with("signature", "....$#%@$se");

    assert_eq!(stage.refusal(&alone).await, "missing-signature");
    assert_eq!(stage.refusal(&beside_a_bad_one).await, "signature");
    assert!(stage.verify(&bad_beside_a_good_one).await.is_ok());
}

#[tokio::test]
async fn what_is_not_strict_base64_is_refused_before_any_fetch() {
    // H4
    let stage = Stage::new();
    // Both of the characters in which the two alphabets differ are in it.
    let bytes = [0xfb, 0xff, 0xbf].repeat(100);
    let good = STANDARD.encode(&bytes[..256]);
    assert!(good.contains('+') && good.contains('/') && good.ends_with("=="));

    for signature in [
        "....$#%@$se".to_owned(),
        good.replace('+', " "),
        URL_SAFE.encode(&bytes[..256]),
        good.trim_end_matches('=').to_owned(),
        format!("{good}="),
        format!("{good} "),
        good.replace("==", "=!"),
        // The unused bits of the last character are not zero.
        good.replace("w==", "x=="),
        "A".repeat(100_000),
    ] {
        assert_ne!(signature, good);
        assert_eq!(
            stage
                .refusal(&Letter::new().with(SIGNATURE, &signature))
                .await,
            "signature-encoding",
            "{signature}"
        );
    }

    assert_eq!(stage.shelf.fetches(), 0);
}

#[tokio::test]
async fn base64_of_something_else_is_refused() {
    // H4
    let stage = Stage::new();

    for signature in [
        "aGVsbG8NCg==".to_owned(),
        STANDARD.encode([0; 256]),
        STANDARD.encode([0xff; 256]),
    ] {
        assert_eq!(
            stage
                .refusal(&Letter::new().with(SIGNATURE, &signature))
                .await,
            "signature"
        );
    }
}

#[tokio::test]
async fn a_signature_has_to_be_exactly_as_long_as_the_key() {
    // H4: found here is a signature that begins with a zero, so that leaving
    // it out changes the length and not the number.
    let stage = Stage::new();
    let (body, signature) = (0..10_000)
        .map(|number| body(&format!(r#""{}","number":{number}"#, now())))
        .map(|body| (body.clone(), sign(amazon_key(), body.as_bytes())))
        .find(|(_, signature)| signature[0] == 0)
        .unwrap();
    let with = |signature: &[u8]| {
        Letter::saying(body.clone()).with(SIGNATURE, &STANDARD.encode(signature))
    };

    assert_eq!(signature.len(), 256);
    assert!(stage.verify(&with(&signature)).await.is_ok());
    assert_eq!(stage.refusal(&with(&signature[1..])).await, "signature");
    assert_eq!(
        stage.refusal(&with(&[&[0], &signature[..]].concat())).await,
        "signature"
    );
    assert_eq!(
        stage.refusal(&with(&[&signature[..], &[0]].concat())).await,
        "signature"
    );
}

#[tokio::test]
async fn a_body_that_was_changed_is_refused() {
    // B2
    let stage = Stage::new();
    let good = Letter::new();
    let text = String::from_utf8(good.body.clone()).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();

    for changed in [
        text.replace("large", "largf"),
        format!("{text} "),
        format!("{text}\n"),
        format!(" {text}"),
        value.to_string(),
        serde_json::to_string_pretty(&value).unwrap(),
    ] {
        assert_ne!(changed, text);
        let letter = Letter {
            body: changed.into_bytes(),
            ..good.clone()
        };

        assert_eq!(stage.refusal(&letter).await, "signature");
    }
}

#[tokio::test]
async fn a_request_signed_by_another_key_is_refused() {
    // B3
    let stage = Stage::new();
    let letter = Letter::signed_by(stranger_key(), body(&format!(r#""{}""#, now())));

    assert_eq!(stage.refusal(&letter).await, "signature");
}

#[tokio::test]
async fn letters_beyond_ascii_and_spaces_around_are_kept_as_they_are() {
    // B4, B5
    let stage = Stage::new();
    let text = body(&format!(r#""{}""#, now()));

    for text in [
        text.replace("large", "Pokémon 🍕"),
        format!(" {}\n\n", text.replace("\":", "\" :\n\t")),
    ] {
        assert!(stage.verify(&Letter::saying(text)).await.is_ok());
    }
}
