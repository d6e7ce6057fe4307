//! What a body has to say: a request, and for which skill.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pod_alexa::verify::{SkillIds, Verifier, VerifierConfig};

use crate::support::letter::{Letter, SIGNATURE, SKILL, body, now};
use crate::support::stage::{Stage, in_five_seconds};

#[tokio::test]
async fn a_body_that_is_no_request_is_refused_before_any_fetch() {
    // B6: all of them correctly signed.
    let stage = Stage::new();
    let good = body(&format!(r#""{}""#, now()));
    let mut not_text = good.clone().into_bytes();
    let place = good.find("large").unwrap();
    not_text[place] = 0xff;

    for body in [
        Vec::new(),
        b"{}".to_vec(),
        b"[]".to_vec(),
        b"not json".to_vec(),
        format!("[{good}]").into_bytes(),
        format!("{good}{good}").into_bytes(),
        good.replace(r#""requestId""#, r#""requestId":"first","requestId""#)
            .into_bytes(),
        good.as_bytes()[..good.len() - 1].to_vec(),
        vec![b'['; 1_000_000],
        not_text,
    ] {
        assert_eq!(stage.refusal(&Letter::saying(body)).await, "body");
    }

    assert_eq!(stage.shelf.fetches(), 0);
}

#[tokio::test]
async fn a_very_long_body_is_judged_like_any_other() {
    // B6: how long a body may be is the listener's to say.
    let stage = Stage::new();
    let long = body(&format!(r#""{}""#, now())).replace("large", &"x".repeat(1_000_000));

    let good = stage.verify(&Letter::saying(long.clone())).await;
    let unsigned = stage
        .refusal(&Letter::new().with(SIGNATURE, &STANDARD.encode([1; 256])))
        .await;
    let elsewhere = stage
        .refusal(&Letter {
            body: long.into_bytes(),
            ..Letter::new()
        })
        .await;

    assert!(good.is_ok());
    assert_eq!((unsigned, elsewhere), ("signature", "signature"));
}

#[tokio::test]
async fn a_request_for_another_skill_or_none_is_refused_before_any_fetch() {
    // S1
    let stage = Stage::new();
    let good = body(&format!(r#""{}""#, now()));
    let named = format!(r#""application":{{"applicationId":"{SKILL}"}},"#);
    let in_context = |with: &str| {
        good.replace(
            &format!(r#""System":{{{named}"#),
            &format!(r#""System":{{{with}"#),
        )
    };
    let in_session = |with: &str| good.replacen(&named, with, 1);

    for (body, reason) in [
        (good.replace(SKILL, "amzn1.ask.skill.other"), "skill-id"),
        (good.replace(SKILL, &SKILL.to_uppercase()), "skill-id"),
        (good.replace(SKILL, &format!("{SKILL} ")), "skill-id"),
        (good.replace(SKILL, ""), "missing-skill-id"),
        (in_context(""), "missing-skill-id"),
        (
            in_context(r#""application":{"applicationId":null},"#),
            "missing-skill-id",
        ),
        (
            in_context(r#""application":{"applicationId":"other"},"#),
            "contradictory-skill-ids",
        ),
        (
            in_session(r#""application":{"applicationId":"other"},"#),
            "contradictory-skill-ids",
        ),
        (in_session(""), "missing-skill-id"),
    ] {
        assert_ne!(body, good);
        assert_eq!(
            stage.refusal(&Letter::saying(body.clone())).await,
            reason,
            "{body}"
        );
    }
    assert_eq!(stage.shelf.fetches(), 0);
}

#[tokio::test]
async fn an_event_without_a_session_is_let_in() {
    // S1
    let stage = Stage::new();
    let good = body(&format!(r#""{}""#, now()));
    let (start, end) = (
        good.find(r#""session""#).unwrap(),
        good.find(r#""context""#).unwrap(),
    );
    let without = [&good[..start], &good[end..]].concat();

    assert!(stage.verify(&Letter::saying(without)).await.is_ok());
}

#[tokio::test]
async fn each_of_several_skills_is_told_apart() {
    // S1
    let stage = Stage::new();
    let skill_ids = SkillIds::parse(&format!("amzn1.ask.skill.other, {SKILL}")).unwrap();
    let config = VerifierConfig {
        trust_anchors: Some(stage.pki.root.pem().into_bytes()),
        ..VerifierConfig::new(skill_ids)
    };
    let verifier = Verifier::with_host(config, Arc::clone(&stage.shelf) as _).unwrap();
    let letter = Letter::new();

    let outcome = verifier
        .verify(&letter.headers, &letter.body, now(), in_five_seconds())
        .await;

    assert_eq!(outcome.unwrap().skill_id().as_str(), SKILL);
}
