//! Sessions: how they go on, what they ask for, and how they end.

use hyper::StatusCode;
use pod_emulator::{EchoError, InvalidResponse, SessionEnd};
use serde_json::{Value, json};

use crate::support::{Skill, echo, in_session};

#[tokio::test]
async fn a_session_goes_on_with_its_id_and_attributes_until_the_skill_ends_it() {
    let skill = Skill::start().await;
    let mut echo = echo(&skill);
    skill.will_say("Welcome.", false);
    skill.will_say("It is on its way. Goodbye.", true);
    skill.will_say("Welcome back.", false);

    echo.say("open corner shop").await.unwrap();
    let first = skill.last();
    let heard = echo.say("where is my basket").await.unwrap();
    let second = skill.last();
    let outside = echo.say("where is my basket").await.unwrap_err();
    echo.say("open corner shop").await.unwrap();
    let third = skill.last();

    assert_eq!(second["session"]["new"], false);
    assert_eq!(
        second["session"]["sessionId"],
        first["session"]["sessionId"]
    );
    assert_eq!(second["session"]["attributes"], json!({"turn": "stored"}));
    assert_eq!(
        second["request"]["intent"],
        json!({"name": "StatusIntent", "confirmationStatus": "NONE"})
    );
    assert!(!heard.session_open);
    assert!(matches!(outside, EchoError::NotInSession(name) if name == "corner shop"));
    assert_eq!(
        (&third["session"]["new"], &third["session"]["attributes"]),
        (&json!(true), &json!({}))
    );
    assert_ne!(third["session"]["sessionId"], first["session"]["sessionId"]);
}

#[tokio::test]
async fn the_next_words_fill_the_slot_that_was_asked_for() {
    let skill = Skill::start().await;
    let mut echo = in_session(&skill).await;
    let which_size = json!({
        "outputSpeech": {"type": "PlainText", "text": "Which size?"},
        "directives": [{"type": "Dialog.ElicitSlot", "slotToElicit": "Size"}],
        "shouldEndSession": false,
    });
    skill.will(&which_size);
    skill.will(&which_size);
    skill.will_say("Thank you.", true);

    echo.say("a basket of figs").await.unwrap();
    skill.received();
    echo.say("gigantic").await.unwrap();
    let strange = skill.last();
    echo.say("large").await.unwrap();
    let known = skill.last();

    let order = |request: &Value| {
        assert_eq!(request["request"]["dialogState"], "IN_PROGRESS");
        let slots = &request["request"]["intent"]["slots"];
        (
            slots["Size"]["value"].clone(),
            slots["Fruits"]["value"].clone(),
        )
    };
    assert_eq!(order(&strange), (json!("gigantic"), json!("figs")));
    assert_eq!(order(&known), (json!("large"), json!("figs")));
}

#[tokio::test]
async fn a_customer_may_say_something_else_than_the_slot() {
    let skill = Skill::start().await;
    let mut echo = in_session(&skill).await;
    skill.will(&json!({
        "directives": [{"type": "Dialog.ElicitSlot", "slotToElicit": "Code", "updatedIntent": {"name": "ConfirmIntent"}}],
    }));
    skill.will_say("Say your code.", false);

    let heard = echo.say("where is my basket").await.unwrap();
    skill.received();
    echo.say("help").await.unwrap();

    assert!(heard.session_open, "a dialog keeps the session open");
    assert_eq!(
        skill.last()["request"]["intent"]["name"],
        "AMAZON.HelpIntent"
    );
}

#[tokio::test]
async fn leaving_ends_the_session_and_tells_why() {
    let skill = Skill::start().await;
    let mut echo = in_session(&skill).await;

    skill.will(&json!({}));
    let heard = echo.say("exit").await.unwrap();
    let exit = skill.last();
    skill.will_say("Welcome.", false);
    echo.say("open corner shop").await.unwrap();
    skill.will(&json!({}));
    echo.walk_away().await.unwrap().unwrap();
    let away = skill.last();
    let nobody = echo.walk_away().await.unwrap();

    assert_eq!(
        (&exit["request"]["type"], &exit["request"]["reason"]),
        (&json!("SessionEndedRequest"), &json!("USER_INITIATED"))
    );
    assert_eq!(away["request"]["reason"], "EXCEEDED_MAX_REPROMPTS");
    assert!(!heard.session_open && heard.speech.is_empty());
    assert!(nobody.is_none());
}

#[tokio::test]
async fn a_response_that_could_not_be_used_is_told_as_an_error() {
    let skill = Skill::start().await;
    let mut echo = in_session(&skill).await;
    skill.will(&json!({}));

    echo.end_session(SessionEnd::InvalidResponse).await.unwrap();

    let request = skill.last();
    assert_eq!(
        (
            &request["request"]["reason"],
            &request["request"]["error"]["type"]
        ),
        (&json!("ERROR"), &json!("INVALID_RESPONSE"))
    );
}

#[tokio::test]
async fn a_skill_that_fails_loses_the_session() {
    let skill = Skill::start().await;
    let mut echo = in_session(&skill).await;
    skill.will_answer(StatusCode::BAD_REQUEST, json!("no"));

    let heard = echo.say("help").await.unwrap();

    assert_eq!((heard.status, heard.session_open), (400, false));
    assert_eq!(
        heard.speech,
        "There was a problem with the requested skill's response."
    );
    assert!(!echo.in_session());
}

#[tokio::test]
async fn a_dialog_about_a_slot_that_is_not_there_is_refused() {
    let skill = Skill::start().await;
    let mut echo = in_session(&skill).await;
    let elicit = |intent: &str, slot: &str| json!({"directives": [{"type": "Dialog.ElicitSlot", "slotToElicit": slot, "updatedIntent": {"name": intent}}]});

    for (intent, slot) in [
        ("OrderIntent", "Colour"),
        ("PinIntent", "Pin"),
        ("NoIntent", "Size"),
    ] {
        skill.will_say("Welcome.", false);
        echo.say("open corner shop").await.unwrap();
        skill.will(&elicit(intent, slot));
        let error = echo.say("help").await.unwrap_err();
        assert!(
            matches!(
                error,
                EchoError::InvalidResponse(InvalidResponse::NotInDialog { .. })
            ),
            "{intent}.{slot}"
        );
    }
}
