//! Tokens that the tenant did not sign, or not in the one way it may.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use pod_auth0::{Hs256Key, InvalidHs256Key};
use pod_core::ports::AccessToken;
use rcgen::{KeyPair, PublicKeyData as _};
use serde_json::{Value, json};

use crate::tenant::{
    Tenant, authenticate, encode, first, header, is_rejected, second, set_of, sign, sign_as,
    sign_hs256, sign_rsa, token,
};

const SECRET: &str = "0123456789abcdef0123456789abcdeF";

#[tokio::test]
async fn an_unsigned_token_is_rejected() {
    let tenant = Tenant::start().await;
    let authenticator = tenant.authenticator_with(SECRET);
    let good = tenant.token(first());
    let (_, signature) = good.expose().rsplit_once('.').unwrap();

    for alg in [
        "none", "None", "NONE", "nOnE", "", "rs256", "RS256 ", "\0RS256",
    ] {
        for kid in [json!("first"), json!(null)] {
            let header = json!({ "alg": alg, "kid": kid });
            for signature in ["", signature] {
                let forged = format!(
                    "{}.{}.{signature}",
                    encode(&header),
                    encode(&tenant.claims())
                );

                assert!(
                    is_rejected(&authenticator, &token(&forged)).await,
                    "{alg:?} {kid}"
                );
            }
        }
    }
    let stripped = good.expose().strip_suffix(signature).unwrap();
    assert!(is_rejected(&authenticator, &token(stripped)).await);
    assert!(authenticate(&authenticator, &good).await.is_ok());
}

#[tokio::test]
async fn the_public_key_is_no_secret_for_hs256() {
    let tenant = Tenant::start().await;
    let pair = KeyPair::from_pem(first().pem).unwrap();
    let pem = pair.public_key_pem();
    let jwk = first().jwk();
    let modulus = jwk["n"].as_str().unwrap();
    let public_forms = [
        pem.clone().into_bytes(),
        pem.replace("\r\n", "\n").into_bytes(),
        pem.trim_end().replace('\r', "").into_bytes(),
        pair.subject_public_key_info(),
        pair.public_key_raw().to_vec(),
        STANDARD.encode(pair.subject_public_key_info()).into_bytes(),
        modulus.as_bytes().to_vec(),
        URL_SAFE_NO_PAD.decode(modulus).unwrap(),
        jwk.to_string().into_bytes(),
        b"first".to_vec(),
        Vec::new(),
    ];

    for authenticator in [tenant.authenticator(), tenant.authenticator_with(SECRET)] {
        for secret in &public_forms {
            for header in [
                json!({ "alg": "HS256", "typ": "JWT", "kid": "first" }),
                json!({ "alg": "HS256", "typ": "JWT" }),
                json!({ "alg": "RS256", "typ": "JWT", "kid": "first" }),
            ] {
                let forged = sign_hs256(&header, &tenant.claims(), secret);

                assert!(is_rejected(&authenticator, &forged).await, "{header}");
            }
        }
    }
}

#[tokio::test]
async fn hs256_is_accepted_by_the_configured_secret_only() {
    let tenant = Tenant::start().await;
    let header = json!({ "alg": "HS256", "typ": "JWT" });
    let good = sign_hs256(&header, &tenant.claims(), SECRET.as_bytes());
    let other = sign_hs256(&header, &tenant.claims(), SECRET.to_lowercase().as_bytes());

    assert!(
        authenticate(&tenant.authenticator_with(SECRET), &good)
            .await
            .is_ok()
    );
    assert!(is_rejected(&tenant.authenticator_with(SECRET), &other).await);
    assert!(is_rejected(&tenant.authenticator(), &good).await);
    assert_eq!(tenant.fetches(), 0);
}

#[tokio::test]
async fn hs256_claims_are_checked_like_all_others() {
    let tenant = Tenant::start().await;
    let mut claims = tenant.claims();
    claims["aud"] = "https://other.example".into();

    let token = sign_hs256(&json!({ "alg": "HS256" }), &claims, SECRET.as_bytes());

    assert!(is_rejected(&tenant.authenticator_with(SECRET), &token).await);
}

#[test]
fn a_short_secret_for_hs256_is_refused_and_none_is_shown() {
    assert_eq!(
        Hs256Key::parse("x".repeat(31).into()).unwrap_err(),
        InvalidHs256Key
    );

    let key = Hs256Key::parse(SECRET.into()).unwrap();

    assert!(!format!("{key:?}").contains(SECRET));
}

#[tokio::test]
async fn a_published_secret_is_not_a_key() {
    let tenant = Tenant::start().await;
    let secret = json!({
        "kty": "oct", "kid": "shared", "use": "sig", "alg": "HS256",
        "k": URL_SAFE_NO_PAD.encode(SECRET),
    });
    tenant.answer(set_of(&[secret, first().jwk()]));
    let authenticator = tenant.authenticator();

    for alg in ["HS256", "RS256"] {
        let header = json!({ "alg": alg, "kid": "shared" });
        let forged = sign_hs256(&header, &tenant.claims(), SECRET.as_bytes());

        assert!(is_rejected(&authenticator, &forged).await, "{alg}");
    }
}

#[tokio::test]
async fn every_key_has_one_algorithm() {
    let tenant = Tenant::start().await;
    let mut bare = first().jwk();
    bare.as_object_mut().unwrap().remove("alg");
    tenant.answer(set_of(&[bare]));
    let authenticator = tenant.authenticator_with(SECRET);

    for algorithm in [
        Algorithm::RS384,
        Algorithm::RS512,
        Algorithm::PS256,
        Algorithm::PS512,
    ] {
        let signed = sign_rsa(algorithm, &tenant.claims(), first());

        assert!(is_rejected(&authenticator, &signed).await, "{algorithm:?}");
    }
    for (alg, algorithm) in [("HS384", Algorithm::HS384), ("HS512", Algorithm::HS512)] {
        let secret = jsonwebtoken::EncodingKey::from_secret(SECRET.as_bytes());
        let signed = sign_as(algorithm, &json!({ "alg": alg }), &tenant.claims(), &secret);

        assert!(is_rejected(&authenticator, &signed).await, "{alg}");
    }
    for alg in ["RS384", "HS256", "HS384"] {
        let misnamed = json!({ "alg": alg, "kid": "first" });
        let by_key = sign(&misnamed, &tenant.claims(), first());
        assert!(is_rejected(&authenticator, &by_key).await, "{alg}");
    }
    for alg in ["RS256", "HS384", "HS512"] {
        let misnamed = json!({ "alg": alg, "kid": "first" });
        let by_secret = sign_hs256(&misnamed, &tenant.claims(), SECRET.as_bytes());
        assert!(is_rejected(&authenticator, &by_secret).await, "{alg}");
    }
    assert!(
        authenticate(&authenticator, &tenant.token(first()))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_key_the_token_brings_along_is_not_looked_at() {
    let tenant = Tenant::start().await;
    let authenticator = tenant.authenticator();
    let brought = json!({
        "alg": "RS256",
        "typ": "JWT",
        "kid": "first",
        "jku": format!("{}evil/jwks.json", tenant.issuer()),
        "x5u": format!("{}evil/cert.pem", tenant.issuer()),
        "jwk": second().jwk(),
        "x5c": ["MIIB"],
    });

    let forged = sign(&brought, &tenant.claims(), second());
    let honest = sign(&brought, &tenant.claims(), first());

    assert!(is_rejected(&authenticator, &forged).await);
    assert!(authenticate(&authenticator, &honest).await.is_ok());
    assert_eq!(tenant.fetches(), 1);
}

#[tokio::test]
async fn a_header_with_something_critical_is_rejected() {
    let tenant = Tenant::start().await;
    let authenticator = tenant.authenticator();

    for crit in [
        json!(["exp"]),
        json!(["b64"]),
        json!([]),
        json!(null),
        json!("kid"),
    ] {
        let mut header = header("first");
        header["crit"] = crit;
        header["b64"] = true.into();

        assert!(
            is_rejected(&authenticator, &sign(&header, &tenant.claims(), first())).await,
            "{header}"
        );
    }
}

#[tokio::test]
async fn the_type_is_that_of_an_access_token() {
    let tenant = Tenant::start().await;
    let authenticator = tenant.authenticator();
    let typed = |typ: Value| {
        let header = json!({ "alg": "RS256", "kid": "first", "typ": typ });
        sign(&header, &tenant.claims(), first())
    };

    for typ in [
        json!("JWT"),
        json!("jwt"),
        json!("at+jwt"),
        json!("application/at+jwt"),
        json!(null),
    ] {
        assert!(
            authenticate(&authenticator, &typed(typ.clone()))
                .await
                .is_ok(),
            "{typ}"
        );
    }
    for typ in [
        json!("logout+jwt"),
        json!("dpop+jwt"),
        json!("JWE"),
        json!(""),
        json!(7),
    ] {
        assert!(
            is_rejected(&authenticator, &typed(typ.clone())).await,
            "{typ}"
        );
    }
}

#[tokio::test]
async fn the_key_id_is_required_and_is_only_looked_up() {
    let tenant = Tenant::start().await;
    let authenticator = tenant.authenticator();
    authenticator
        .warm(pod_testkit::fixtures::deadline())
        .await
        .unwrap();

    for kid in [
        json!(null),
        json!(""),
        json!(7),
        json!(["first"]),
        json!("First"),
        json!("first\u{0}"),
        json!("../../x"),
        json!("http://evil.example/jwks.json"),
        json!("' OR 1=1 --"),
        json!("x".repeat(10_000)),
    ] {
        let header = json!({ "alg": "RS256", "kid": kid });

        assert!(
            is_rejected(&authenticator, &sign(&header, &tenant.claims(), first())).await,
            "{kid}"
        );
    }
    assert!(
        is_rejected(
            &authenticator,
            &sign(&json!({ "alg": "RS256" }), &tenant.claims(), first())
        )
        .await
    );
    assert_eq!(tenant.fetches(), 2);
}

#[tokio::test]
async fn a_member_written_twice_is_rejected() {
    let tenant = Tenant::start().await;
    let authenticator = tenant.authenticator();
    let twice = r#"{"alg":"RS256","kid":"second","kid":"first"}"#;
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(twice),
        encode(&tenant.claims())
    );

    let signed = first().sign_message(&message);

    assert!(is_rejected(&authenticator, &token(&format!("{message}.{signed}"))).await);
}

#[tokio::test]
async fn a_changed_token_is_rejected_whatever_was_changed() {
    let tenant = Tenant::start().await;
    let authenticator = tenant.authenticator();
    let good = tenant.token(first());
    let parts = good.expose().split('.').collect::<Vec<_>>();
    let mut claims = tenant.claims();
    claims["sub"] = "auth0|somebody else".into();
    let [header, payload, signature] = parts[..] else {
        panic!("three parts")
    };

    for changed in [
        format!("{header}.{}.{signature}", encode(&claims)),
        format!("{header}.{payload}.{}", &signature[1..]),
        format!("{header}.{payload}.{}", &signature[..signature.len() - 4]),
        format!("{header}.{payload}.{signature}="),
        format!("{header}.{payload}=.{signature}"),
        format!("{header}.{payload}.{signature}AAAA"),
        format!("{header}.{payload}.{signature}."),
        format!(".{header}.{payload}.{signature}"),
        format!("{header}.{payload}.{signature}.{signature}.{signature}"),
        format!("{header}..{payload}.{signature}"),
        format!("{header}.{signature}"),
        format!("{header}.{payload}."),
        format!("{payload}.{header}.{signature}"),
        format!("Bearer{}", good.expose()),
    ] {
        assert!(
            is_rejected(&authenticator, &token(&changed)).await,
            "{changed}"
        );
    }
}

#[tokio::test]
async fn what_is_no_token_at_all_is_rejected_without_asking_for_keys() {
    let tenant = Tenant::start().await;
    let authenticator = tenant.authenticator();
    let nested = URL_SAFE_NO_PAD.encode("[".repeat(12_000));
    let deep = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"RS256","x":{}"#, "[".repeat(11_000)));

    for raw in [
        ".".to_owned(),
        "..".to_owned(),
        "a".repeat(16_384),
        ".".repeat(16_384),
        format!("{nested}.e30.AAAA"),
        format!("{deep}.e30.AAAA"),
        "e30.e30.AAAA".to_owned(),
        "____.e30.AAAA".to_owned(),
        format!(
            "{}.e30.AAAA",
            URL_SAFE_NO_PAD.encode("{\"alg\":\"RS256\0\",\"kid\":\"first\"}")
        ),
    ] {
        assert!(is_rejected(&authenticator, &token(&raw)).await, "{raw:.40}");
    }
    assert_eq!(tenant.fetches(), 0);
}

#[tokio::test]
async fn blanks_nul_and_a_huge_token_do_not_get_as_far_as_the_authenticator() {
    let tenant = Tenant::start().await;
    let good = tenant.token(first());
    let good = good.expose();

    for raw in [
        format!(" {good}"),
        format!("{good}\n"),
        good.replacen('.', ". ", 1),
        format!("{good}\0"),
        format!("{good}{}", "A".repeat(16_384)),
    ] {
        assert!(AccessToken::parse(&raw).is_err(), "{raw:.40}");
    }
}
