//! When a request was sent.

use jiff::{SignedDuration, Timestamp};
use pod_alexa::verify::{Tolerance, Verifier, VerifierConfig};

use crate::support::letter::{Letter, body, body_of, now};
use crate::support::stage::{Stage, for_our_skill, in_five_seconds};

#[tokio::test]
async fn the_time_may_be_a_little_off_in_either_direction() {
    // T1, T2, T3; 1.4 d: others let in what was sent in the year 2099.
    let stage = Stage::new();

    for (millis, expected) in [
        (0, None),
        (-149_000, None),
        (75_000, None),
        (-150_000, None),
        (150_000, None),
        (-150_001, Some("timestamp")),
        (150_001, Some("timestamp")),
        (-151_000, Some("timestamp")),
        (151_000, Some("timestamp")),
        (-200_000, Some("timestamp")),
        (i64::from(u32::MAX) * 500, Some("timestamp")),
    ] {
        let letter = Letter::at(now() + SignedDuration::from_millis(millis));

        let outcome = stage
            .verify(&letter)
            .await
            .err()
            .map(|rejection| rejection.reason());

        assert_eq!(outcome, expected, "{millis} ms");
    }
}

#[tokio::test]
async fn the_time_may_be_written_in_any_form_of_the_standard() {
    // T1
    let stage = Stage::new();

    for time in [
        "2026-11-22T10:20:30Z",
        "2026-11-22T11:20:30+01:00",
        "2026-11-22T10:20:30.52Z",
        "2026-11-22T10:20:30.123456789Z",
    ] {
        assert!(
            stage
                .verify(&Letter::saying(body(&format!(r#""{time}""#))))
                .await
                .is_ok(),
            "{time}"
        );
    }
}

#[tokio::test]
async fn a_request_that_does_not_say_when_it_was_sent_is_refused() {
    // T4
    let stage = Stage::new();
    let absent = body("null").replace(r#""timestamp":null,"#, "");
    let no_request = r#"{"version":"1.0","context":{}}"#;

    assert_eq!(
        stage.refusal(&Letter::saying(absent)).await,
        "missing-timestamp"
    );
    assert_eq!(
        stage.refusal(&Letter::saying(body("null"))).await,
        "missing-timestamp"
    );
    assert_eq!(stage.refusal(&Letter::saying(no_request)).await, "body");
}

#[tokio::test]
async fn a_time_that_cannot_be_read_is_refused() {
    // T5; 1.4 d: others compare with NaN and let it in.
    let stage = Stage::new();

    for (time, reason) in [
        (r#""garbage""#, "unreadable-timestamp"),
        (r#""""#, "unreadable-timestamp"),
        (r#""2026-11-22""#, "unreadable-timestamp"),
        (r#""2026-11-22T10:20:30""#, "unreadable-timestamp"),
        (r#""2026-13-22T10:20:30Z""#, "unreadable-timestamp"),
        (r#""1795342830""#, "unreadable-timestamp"),
        (r#""NaN""#, "unreadable-timestamp"),
        ("1795342830", "body"),
        ("true", "body"),
        ("{}", "body"),
    ] {
        assert_eq!(
            stage.refusal(&Letter::saying(body(time))).await,
            reason,
            "{time}"
        );
    }
    assert_eq!(stage.shelf.fetches(), 0);
}

#[tokio::test]
async fn an_event_may_be_an_hour_old() {
    // T6
    let stage = Stage::new();
    let event = |seconds| {
        let time = now() - SignedDuration::from_secs(seconds);
        Letter::saying(body_of(
            "AlexaSkillEvent.SkillEnabled",
            &format!(r#""{time}""#),
        ))
    };

    let in_time = stage.verify(&event(3_600)).await.unwrap();

    assert_eq!(
        in_time.remember_until(),
        now() + SignedDuration::from_secs(3_600)
    );
    assert_eq!(stage.refusal(&event(3_601)).await, "timestamp");
}

#[tokio::test]
async fn a_tolerance_of_ones_own_is_kept() {
    // T7
    let stage = Stage::new();
    let tight = |millis| {
        let tolerance = Tolerance::from_millis(millis).unwrap();
        let trust_anchors = Some(stage.pki.root.pem().into_bytes());
        let config = VerifierConfig {
            tolerance,
            trust_anchors,
            ..for_our_skill()
        };
        Verifier::with_host(config, stage.shelf.clone()).unwrap()
    };

    for (millis, off, is_let_in) in [
        (0, 0, true),
        (0, 1, false),
        (75_000, 75_000, true),
        (75_000, 75_001, false),
        (9_000_000, 150_001, false),
    ] {
        let letter = Letter::at(now() - SignedDuration::from_millis(off));
        let outcome = tight(millis)
            .verify(&letter.headers, &letter.body, now(), in_five_seconds())
            .await;

        assert_eq!(outcome.is_ok(), is_let_in, "{off} of {millis}");
    }
}

#[tokio::test]
async fn a_time_before_the_epoch_is_only_a_refusal() {
    // C5
    let stage = Stage::new();
    let long_ago: Timestamp = "1969-12-31T23:59:59Z".parse().unwrap();

    assert_eq!(
        stage.refusal_at(&Letter::at(long_ago), long_ago).await,
        "certificate-dates"
    );
}
