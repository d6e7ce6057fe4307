//! The Echo against a skill: envelopes, slots, and what is not said.

use pod_emulator::{Account, EchoError, PostError};
use serde_json::json;

use crate::support::{SKILL_ID, Skill, echo, in_session};

#[tokio::test]
async fn opening_a_skill_sends_the_whole_envelope() {
    let skill = Skill::start().await;
    let mut echo = echo(&skill);
    skill.will(&json!({
        "outputSpeech": {"type": "SSML", "ssml": "<speak>Welcome to <emphasis>Corner Shop</emphasis>.</speak>"},
        "reprompt": {"outputSpeech": {"type": "PlainText", "text": "What would you like?"}},
        "card": {"type": "Simple", "title": "Corner Shop", "content": "Welcome"},
        "shouldEndSession": false,
    }));

    let heard = echo.say("Alexa, open Corner Shop").await.unwrap();

    let request = skill.last();
    assert!(
        request["request"]["requestId"]
            .as_str()
            .unwrap()
            .starts_with("amzn1.echo-api.request.")
    );
    assert!(
        request["session"]["sessionId"]
            .as_str()
            .unwrap()
            .starts_with("amzn1.echo-api.session.")
    );
    let application = json!({"applicationId": SKILL_ID});
    let user = json!({"userId": "amzn1.ask.account.ADA", "accessToken": "header.claims.signature"});
    let expected = json!({
        "version": "1.0",
        "session": {
            "new": true, "sessionId": request["session"]["sessionId"], "application": application,
            "attributes": {}, "user": user,
        },
        "context": {"System": {
            "application": application, "user": user,
            "device": {"deviceId": "amzn1.ask.device.KITCHEN", "supportedInterfaces": {}},
            "apiEndpoint": "https://api.amazonalexa.com",
            "apiAccessToken": request["context"]["System"]["apiAccessToken"],
        }},
        "request": {
            "type": "LaunchRequest", "requestId": request["request"]["requestId"],
            "timestamp": "2026-11-22T11:43:17Z", "locale": "en-GB",
        },
    });
    assert_eq!(request, expected);
    assert_eq!(heard.request, expected);
    assert_eq!(heard.speech, "Welcome to Corner Shop.");
    assert_eq!(heard.reprompt.as_deref(), Some("What would you like?"));
    assert_eq!(heard.card.unwrap().text.as_deref(), Some("Welcome"));
    assert!(heard.session_open);
}

#[tokio::test]
async fn slots_are_resolved_as_amazon_resolves_them() {
    let skill = Skill::start().await;
    let mut echo = echo(&skill);
    skill.will_say("Thank you.", true);

    echo.say("alexa, ask corner shop to get me a big basket with figs, gold dust and apples")
        .await
        .unwrap();

    let request = skill.last();
    let authority = |kind: &str| format!("amzn1.er-authority.echo-sdk.{SKILL_ID}.{kind}");
    let matched = |kind: &str, name: &str, id: &str| {
        json!({"resolutionsPerAuthority": [{
            "authority": authority(kind), "status": {"code": "ER_SUCCESS_MATCH"},
            "values": [{"value": {"name": name, "id": id}}],
        }]})
    };
    let unmatched = json!({"resolutionsPerAuthority": [{
        "authority": authority("FRUIT"), "status": {"code": "ER_SUCCESS_NO_MATCH"},
    }]});
    let size = matched("SIZE", "large", "LARGE");
    assert_eq!(request["request"]["dialogState"], "STARTED");
    assert_eq!(
        request["request"]["intent"]["slots"]["Size"],
        json!({
            "name": "Size", "value": "big", "confirmationStatus": "NONE", "source": "USER", "resolutions": size,
            "slotValue": {"type": "Simple", "value": "big", "resolutions": size},
        })
    );
    assert_eq!(
        request["request"]["intent"]["slots"]["Fruits"],
        json!({
            "name": "Fruits", "confirmationStatus": "NONE", "source": "USER",
            "slotValue": {"type": "List", "values": [
                {"type": "Simple", "value": "figs", "resolutions": matched("FRUIT", "Fig", "FIG")},
                {"type": "Simple", "value": "gold dust", "resolutions": unmatched},
                {"type": "Simple", "value": "apples", "resolutions": matched("FRUIT", "Apple", "APPLE")},
            ]},
        })
    );
}

#[tokio::test]
async fn a_code_is_digits_or_a_question_mark() {
    let skill = Skill::start().await;
    let mut echo = in_session(&skill).await;

    for (said, value) in [
        ("four eight two nine one three", "482913"),
        ("the code is 48-29-13", "482913"),
        ("the code is banana", "?"),
    ] {
        skill.will_say("Thank you.", false);
        echo.say(said).await.unwrap();

        let request = skill.last();
        let code = &request["request"]["intent"]["slots"]["Code"];
        assert_eq!(code["value"], value, "{said}");
        assert_eq!(code["slotValue"], json!({"type": "Simple", "value": value}));
        assert_eq!(code.get("resolutions"), None);
    }
}

#[tokio::test]
async fn amazons_own_intents_are_understood() {
    let skill = Skill::start().await;
    let mut echo = in_session(&skill).await;

    for (said, intent) in [
        ("help", "AMAZON.HelpIntent"),
        ("Alexa, stop", "AMAZON.StopIntent"),
        ("cancel", "AMAZON.CancelIntent"),
        ("yes please", "AMAZON.YesIntent"),
        ("no", "AMAZON.NoIntent"),
        ("say that again", "AMAZON.RepeatIntent"),
        ("do you like the opera", "AMAZON.FallbackIntent"),
    ] {
        skill.will_say("Well.", false);
        echo.say(said).await.unwrap();
        assert_eq!(skill.last()["request"]["intent"]["name"], intent, "{said}");
    }
}

#[tokio::test]
async fn an_intent_is_sent_without_words() {
    let skill = Skill::start().await;
    let mut echo = echo(&skill);
    skill.will_say("Thank you.", true);

    echo.send_intent(
        "OrderIntent",
        &[("Size", "small"), ("Fruits", "figs and apples")],
    )
    .await
    .unwrap();
    let sent = skill.last();
    let missing = echo
        .send_intent("OrderIntent", &[("Colour", "red")])
        .await
        .unwrap_err();

    assert_eq!(sent["session"]["new"], true);
    assert_eq!(
        sent["request"]["intent"]["slots"]["Fruits"]["slotValue"]["values"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        missing.to_string(),
        "the interaction model has no OrderIntent.Colour"
    );
}

#[tokio::test]
async fn a_request_is_composed_without_changing_the_session() {
    let skill = Skill::start().await;
    let mut echo = in_session(&skill).await;

    let composed = echo.compose("help").unwrap();
    let wrapped = echo
        .wrap(json!({"type": "Display.ElementSelected", "timestamp": "1999-01-01T00:00:00Z"}))
        .unwrap();

    assert_eq!(
        composed["session"]["sessionId"],
        wrapped["session"]["sessionId"]
    );
    assert_eq!(wrapped["request"]["timestamp"], "1999-01-01T00:00:00Z");
    assert_eq!(wrapped["request"]["locale"], "en-GB");
    assert!(echo.in_session() && skill.received().is_empty());
}

#[tokio::test]
async fn no_token_and_no_words_are_shown_by_accident() {
    let skill = Skill::start().await;
    let mut echo = echo(&skill);
    skill.will_say("Welcome.", false);

    let heard = echo.say("open corner shop").await.unwrap();

    let shown = format!("{heard:?} {echo:?}");
    assert!(!shown.contains("header.claims.signature"), "{shown}");
}

#[tokio::test]
async fn a_customer_without_an_account_sends_no_token() {
    let skill = Skill::start().await;
    let mut echo = echo(&skill);
    echo.link(Account::NotLinked);
    skill.will(&json!({"card": {"type": "LinkAccount"}, "shouldEndSession": true}));

    let heard = echo.say("open corner shop").await.unwrap();

    let request = skill.last();
    assert_eq!(request["session"]["user"].get("accessToken"), None);
    assert_eq!(heard.card.unwrap().kind, "LinkAccount");
}

#[tokio::test]
async fn a_skill_off_this_machine_is_not_spoken_to() {
    let skill = Skill::start().await;
    let mut echo = echo(&skill);
    echo.set_skill_url("http://192.0.2.1/".parse().unwrap());

    let error = echo.say("open corner shop").await.unwrap_err();

    assert!(matches!(error, EchoError::Post(PostError::NotLoopback)));
}
