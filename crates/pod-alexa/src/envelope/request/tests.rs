//! Requests of every type, as devices send them and as they should not be.

use proptest::prelude::*;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::super::code::spoken_code;
use super::super::memory::Question;
use super::super::slots::{Heard, Slot};
use super::*;

macro_rules! requests {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../tests/requests/", $name, ".json")))),*]
    };
}

const REQUESTS: [(&str, &str); 22] = requests![
    "can-fulfill",
    "code",
    "code-digit-by-digit",
    "code-unheard",
    "connections-response",
    "exception-encountered",
    "help-2017",
    "launch",
    "message-received",
    "of-the-future",
    "order",
    "player-stopped",
    "session-ended",
    "session-ended-by-error",
    "session-resumed",
    "skill-account-linked",
    "skill-disabled",
    "skill-enabled",
    "skill-permission-accepted",
    "skill-permission-changed",
    "skill-subscription-changed",
    "touched",
];

fn envelope(name: &str) -> Envelope {
    let (_, body) = REQUESTS.iter().find(|(known, _)| *known == name).unwrap();
    Envelope::parse(body.as_bytes()).unwrap()
}

fn token(envelope: &Envelope) -> Option<&str> {
    envelope.access_token().map(ExposeSecret::expose_secret)
}

fn intent(envelope: &Envelope) -> &Intent {
    match envelope.request() {
        Request::Intent(intent) | Request::CanFulfillIntent(intent) => intent,
        other => panic!("{other:?} has no intent"),
    }
}

fn readings<'a>(intent: &'a Intent, slot: &str) -> Vec<&'a str> {
    let heard = intent
        .slots()
        .get(slot)
        .map(Slot::heard)
        .unwrap_or_default();
    heard
        .iter()
        .filter_map(|heard| Heard::readings(heard).next())
        .collect()
}

fn refused(body: &str) -> MalformedEnvelope {
    Envelope::parse(body.as_bytes()).unwrap_err()
}

#[test]
fn a_launch_is_told_with_who_and_where() {
    let envelope = envelope("launch");

    assert!(matches!(envelope.request(), Request::Launch));
    assert_eq!(envelope.locale(), Some("en-US"));
    assert_eq!(
        envelope.user(),
        Some("amzn1.ask.account.AMA5ZZQ3PODTESTUSER7KQ")
    );
    assert_eq!(token(&envelope), Some("token-of-the-user"));
    assert_eq!(envelope.memory(), &Memory::default());
}

#[test]
fn an_order_has_a_size_and_several_toppings() {
    let envelope = envelope("order");
    let intent = intent(&envelope);

    assert_eq!(intent.name(), "GetMeSomePizzaIntent");
    assert_eq!(readings(intent, "Size"), ["jumbo"]);
    assert_eq!(
        readings(intent, "Toppings"),
        ["pepperoni", "goat-cheese", "anchovies"]
    );
    assert_eq!(readings(intent, "ToppingTwo"), [""; 0]);
    assert_eq!(intent.slots().iter().count(), 6);
}

#[test]
fn the_token_of_the_person_goes_before_the_users_and_that_before_the_sessions() {
    let session = json!({"user": {"accessToken": "session", "userId": "s"}});
    let system = |person: &str, user: &str| json!({"System": {"person": {"accessToken": person}, "user": {"accessToken": user, "userId": "u"}}});
    for (context, expected) in [
        (system("person", "user"), "person"),
        (system("", "user"), "user"),
        (system("", ""), "session"),
        (
            json!({"System": {"person": null, "user": {"accessToken": null}}}),
            "session",
        ),
        (json!({}), "session"),
        (Value::Null, "session"),
    ] {
        let body =
            json!({"session": session, "context": context, "request": {"type": "LaunchRequest"}});

        let envelope = Envelope::parse(body.to_string().as_bytes()).unwrap();

        assert_eq!(token(&envelope), Some(expected), "{context}");
    }
    assert_eq!(token(&envelope("order")), Some("token-of-the-person"));
    assert_eq!(token(&envelope("can-fulfill")), None);
}

#[test]
fn a_code_is_gathered_and_the_session_remembered() {
    let envelope = envelope("code");

    let code = spoken_code(intent(&envelope).slots()).unwrap();
    assert_eq!(code.expose_secret(), "482913");
    assert_eq!(envelope.memory().misheard(), 2);
    assert_eq!(envelope.memory().question(), Some(Question::ResendCode));
    assert!(envelope.memory().said().is_some());
}

#[test]
fn a_code_said_digit_by_digit_is_gathered_by_ids() {
    let envelope = envelope("code-digit-by-digit");

    assert_eq!(
        spoken_code(intent(&envelope).slots())
            .unwrap()
            .expose_secret(),
        "4 8 2 9 1 3"
    );
}

#[test]
fn a_code_that_was_not_understood_is_none() {
    assert!(spoken_code(intent(&envelope("code-unheard")).slots()).is_none());
}

#[test]
fn the_style_of_2017_is_understood() {
    let envelope = envelope("help-2017");

    assert_eq!(intent(&envelope).name(), "AMAZON.HelpIntent");
    assert_eq!(intent(&envelope).slots().iter().count(), 0);
    assert_eq!(envelope.user(), Some("amzn1.echo.account.AGOLDSTYLE"));
    assert_eq!(token(&envelope), None);
}

#[test]
fn the_end_of_a_session_says_why() {
    let Request::SessionEnded { reason, error } = envelope("session-ended").request else {
        panic!("it ended");
    };
    assert_eq!(
        (reason.as_deref(), error),
        (Some("EXCEEDED_MAX_REPROMPTS"), None)
    );

    let Request::SessionEnded {
        reason,
        error: Some(error),
    } = envelope("session-ended-by-error").request
    else {
        panic!("it ended by an error");
    };
    assert_eq!(reason.as_deref(), Some("ERROR"));
    assert_eq!(error.kind.as_deref(), Some("INVALID_RESPONSE"));
    assert_eq!(
        error.message.as_deref(),
        Some("The value for outputSpeech is too long")
    );
}

#[test]
fn an_answer_that_was_not_accepted_is_named() {
    let Request::ExceptionEncountered { error, caused_by } =
        envelope("exception-encountered").request
    else {
        panic!("it is an exception");
    };

    assert_eq!(error.kind.as_deref(), Some("INVALID_RESPONSE"));
    assert_eq!(
        caused_by.as_deref(),
        Some("amzn1.echo-api.request.00000000-0000-4000-8000-000000000003")
    );
}

#[test]
fn events_come_without_a_session() {
    for (name, expected) in [
        ("skill-enabled", SkillEvent::Enabled),
        ("skill-disabled", SkillEvent::Disabled),
        ("skill-account-linked", SkillEvent::AccountLinked),
        ("skill-permission-accepted", SkillEvent::PermissionAccepted),
        ("skill-permission-changed", SkillEvent::PermissionChanged),
        ("skill-subscription-changed", SkillEvent::Other),
    ] {
        let envelope = envelope(name);

        assert!(
            matches!(envelope.request(), Request::SkillEvent(event) if *event == expected),
            "{name}"
        );
        assert_eq!(
            envelope.user(),
            Some("amzn1.ask.account.AMA5ZZQ3PODTESTUSER7KQ"),
            "{name}"
        );
        assert_eq!(envelope.locale(), None, "{name}");
    }
}

#[test]
fn only_a_linked_account_brings_its_own_token() {
    assert_eq!(
        token(&envelope("skill-account-linked")),
        Some("token-just-linked")
    );
    let body = r#"{"request":{"type":"LaunchRequest","body":{"accessToken":"smuggled"}}}"#;
    assert_eq!(token(&Envelope::parse(body.as_bytes()).unwrap()), None);
}

#[test]
fn every_other_type_is_just_named() {
    assert!(matches!(
        envelope("connections-response").request(),
        Request::ConnectionsResponse
    ));
    assert!(matches!(
        envelope("session-resumed").request(),
        Request::SessionResumed
    ));
    assert!(matches!(
        envelope("can-fulfill").request(),
        Request::CanFulfillIntent(_)
    ));
    for (name, kind) in [
        ("message-received", "Messaging.MessageReceived"),
        ("of-the-future", "Thought.Occurred"),
        ("player-stopped", "AudioPlayer.PlaybackStopped"),
        ("touched", "Alexa.Presentation.APL.UserEvent"),
    ] {
        assert!(
            matches!(envelope(name).request(), Request::Other(other) if other == kind),
            "{name}"
        );
    }
}

/// Every place of a value, as JSON pointers.
fn places(value: &Value, here: &str, into: &mut Vec<String>) {
    into.push(here.to_owned());
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                places(value, &format!("{here}/{}", name.replace('/', "~1")), into);
            }
        }
        Value::Array(array) => {
            for (at, value) in array.iter().enumerate() {
                places(value, &format!("{here}/{at}"), into);
            }
        }
        _ => {}
    }
}

#[test]
fn a_part_of_the_wrong_shape_is_no_reason_to_refuse() {
    let strange = [
        json!(null),
        json!(true),
        json!(-1.5),
        json!("text"),
        json!([[1], {}]),
        json!({"a": [{"b": null}]}),
    ];
    for (name, body) in REQUESTS {
        let body: Value = serde_json::from_str(body).unwrap();
        let mut all = Vec::new();
        places(&body, "", &mut all);
        for place in all
            .iter()
            .filter(|place| !["", "/request", "/request/type"].contains(&place.as_str()))
        {
            for strange in &strange {
                let mut changed = body.clone();
                *changed.pointer_mut(place).unwrap() = strange.clone();

                let parsed = Envelope::parse(changed.to_string().as_bytes());

                assert!(parsed.is_ok(), "{name}: {place} = {strange}: {parsed:?}");
            }
        }
    }
}

#[test]
fn an_intent_request_without_a_sound_intent_has_one_that_pod_does_not_know() {
    for intent_part in [
        "",
        r#","intent":null"#,
        r#","intent":"Help""#,
        r#","intent":[]"#,
        r#","intent":{"slots":[{"name":"Code"}]}"#,
    ] {
        let body = format!(r#"{{"request":{{"type":"IntentRequest"{intent_part}}}}}"#);

        let envelope = Envelope::parse(body.as_bytes()).unwrap();

        assert_eq!(intent(&envelope).name(), "", "{body}");
        assert_eq!(intent(&envelope).slots().iter().count(), 0, "{body}");
    }
}

#[test]
fn what_asks_for_nothing_is_refused() {
    for body in [
        "{}",
        "null",
        "7",
        r#""LaunchRequest""#,
        r#"{"request":null}"#,
        r#"{"request":{}}"#,
        "[]",
        r#"["1.0",{},{},{"type":"LaunchRequest"}]"#,
        r#"[{"request":{"type":"LaunchRequest"}}]"#,
        r#"{"request":{"type":""}}"#,
        r#"{"request":{"type":["LaunchRequest"]}}"#,
    ] {
        assert!(
            matches!(refused(body), MalformedEnvelope::NoRequest),
            "{body}"
        );
    }
}

#[test]
fn what_is_not_json_is_refused() {
    for body in [
        "",
        " ",
        "{",
        "type=LaunchRequest",
        "{'request':{}}",
        r#"{"request":{"type":"LaunchRequest"}"#,
        r#"{"request":{"type":"LaunchRequest"}} {}"#,
        "\u{feff}{}",
        r#"{"request":{"type":"\ud800"}}"#,
    ] {
        assert!(
            matches!(refused(body), MalformedEnvelope::NotJson(_)),
            "{body}"
        );
    }
}

#[test]
fn a_part_named_twice_is_refused() {
    for body in [
        r#"{"request":{"type":"LaunchRequest"},"request":{"type":"IntentRequest"}}"#,
        r#"{"request":{"type":"LaunchRequest","type":"IntentRequest"}}"#,
        r#"{"context":{"System":{"user":{"accessToken":"a","accessToken":"b"}}},"request":{"type":"LaunchRequest"}}"#,
    ] {
        let error = refused(body);

        assert!(matches!(error, MalformedEnvelope::NotJson(_)), "{body}");
    }
    assert!(Envelope::parse(br#"{"x":1,"x":2,"request":{"type":"LaunchRequest"}}"#).is_ok());
}

#[test]
fn what_is_not_utf8_is_refused_even_where_nobody_looks() {
    let body = b"{\"x\":\"\xff\",\"request\":{\"type\":\"LaunchRequest\"}}";

    assert!(matches!(
        Envelope::parse(body),
        Err(MalformedEnvelope::NotText(_))
    ));
}

#[test]
fn deep_nesting_costs_no_stack() {
    let deep = 60_000;
    let arrays = format!("{}{}", "[".repeat(deep), "]".repeat(deep));
    let objects = format!("{}1{}", r#"{"slots":"#.repeat(deep), "}".repeat(deep));
    for nested in [&arrays, &objects] {
        for body in [
            format!(r#"{{"x":{nested},"request":{{"type":"IntentRequest"}}}}"#),
            format!(r#"{{"request":{{"type":"IntentRequest","intent":{nested}}}}}"#),
            format!(
                r#"{{"request":{{"type":"IntentRequest","intent":{{"slots":{{"S":{{"value":{nested}}}}}}}}}}}"#
            ),
            format!(
                r#"{{"session":{{"attributes":{{"pod":{nested}}}}},"request":{{"type":"IntentRequest"}}}}"#
            ),
        ] {
            assert!(Envelope::parse(body.as_bytes()).is_ok(), "{}", &body[..80]);
        }
    }
    assert!(Envelope::parse("[".repeat(deep).as_bytes()).is_err());
}

#[test]
fn neither_codes_nor_tokens_show() {
    for (name, _) in REQUESTS {
        let shown = format!("{:?}", envelope(name));

        for secret in ["482913", "token-of", "token-just"] {
            assert!(!shown.contains(secret), "{name}: {shown}");
        }
    }
}

#[test]
fn an_error_does_not_repeat_the_body() {
    let error = refused(
        r#"{"session":{"user":{"accessToken":"tell-nobody"}},"request":{"type":"LaunchRequest"},}"#,
    );

    let cause = std::error::Error::source(&error).unwrap();
    assert!(!format!("{error} {cause} {error:?}").contains("tell-nobody"));
}

proptest! {
    #[test]
    fn no_bytes_whatever_cause_a_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        std::hint::black_box(super::super::parse_envelope(&body));
    }

    #[test]
    fn no_damage_whatever_causes_a_panic(
        which in 0..REQUESTS.len(),
        damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<Option<u8>>()), 1..6),
    ) {
        let mut body = REQUESTS[which].1.as_bytes().to_vec();
        for (at, byte) in damage {
            let at = at.index(body.len());
            match byte {
                Some(byte) => body[at] = byte,
                None => drop(body.remove(at)),
            }
        }

        std::hint::black_box(super::super::parse_envelope(&body));
    }
}
