//! Slots as devices fill them.

use super::*;

pub(crate) fn intent(json: &str) -> Intent {
    serde_json::from_str::<IntentWire>(json).unwrap().into()
}

fn readings(slot: &str) -> Vec<Vec<String>> {
    let intent = intent(&format!(r#"{{"name":"I","slots":{{"S":{slot}}}}}"#));
    let heard = intent.slots().get("S").map(Slot::heard).unwrap_or_default();
    heard
        .iter()
        .map(|heard| heard.readings().map(str::to_owned).collect())
        .collect()
}

const MATCHED: &str = r#"{"resolutionsPerAuthority":[
    {"authority":"amzn1.er-authority.echo-sdk.amzn1.ask.skill.7c1.PIZZA_SIZE",
     "status":{"code":"ER_SUCCESS_MATCH"},
     "values":[{"value":{"name":"Jumbo","id":"jumbo"}},{"value":{"name":"Large","id":"large"}}]}]}"#;

#[test]
fn a_resolved_value_is_read_by_its_id_first() {
    assert_eq!(
        readings(&format!(
            r#"{{"name":"S","value":"huge","confirmationStatus":"NONE","resolutions":{MATCHED}}}"#
        )),
        [["jumbo", "Jumbo", "huge"]]
    );
}

/// A slot in which "cheese" was heard, resolved by the model's values and by
/// those given at run time.
fn cheese(static_code: &str, dynamic_code: &str) -> String {
    let authority = |dynamic: &str, code: &str, id: &str| {
        format!(
            r#"{{"authority":"amzn1.er-authority.echo-sdk.{dynamic}amzn1.ask.skill.7c1.PIZZA_TOPPING",
                "status":{{"code":"{code}"}},"values":[{{"value":{{"name":"{id}, please","id":"{id}"}}}}]}}"#
        )
    };
    format!(
        r#"{{"value":"cheese","resolutions":{{"resolutionsPerAuthority":[{},{}]}}}}"#,
        authority("", static_code, "extra-cheese"),
        authority("dynamic.", dynamic_code, "goat-cheese"),
    )
}

#[test]
fn a_value_given_at_run_time_goes_before_the_models() {
    let (yes, no) = ("ER_SUCCESS_MATCH", "ER_SUCCESS_NO_MATCH");

    assert_eq!(
        readings(&cheese(yes, yes)),
        [["goat-cheese", "goat-cheese, please", "cheese"]]
    );
    assert_eq!(
        readings(&cheese(yes, no)),
        [["extra-cheese", "extra-cheese, please", "cheese"]]
    );
    assert_eq!(readings(&cheese(no, no)), [["cheese"]]);
}

#[test]
fn a_value_that_was_not_resolved_is_what_was_spoken() {
    for code in [
        "ER_SUCCESS_NO_MATCH",
        "ER_ERROR_TIMEOUT",
        "ER_ERROR_EXCEPTION",
        "NEW",
    ] {
        let slot = format!(
            r#"{{"value":" anchovies ","resolutions":{{"resolutionsPerAuthority":[{{"authority":"a","status":{{"code":"{code}"}}}}]}}}}"#
        );

        assert_eq!(readings(&slot), [["anchovies"]], "{code}");
    }
}

#[test]
fn a_list_is_heard_in_order_though_the_older_value_is_missing() {
    let slot = format!(
        r#"{{"name":"S","slotValue":{{"type":"List","values":[
            {{"type":"Simple","value":"giant","resolutions":{MATCHED}}},null,
            {{"type":"Simple","value":"onions"}},{{"type":"Simple"}}]}}}}"#
    );

    assert_eq!(
        readings(&slot),
        [vec!["jumbo", "Jumbo", "giant"], vec!["onions"]]
    );
}

#[test]
fn a_simple_value_is_heard_once_and_resolved_by_whichever_side_has_it() {
    let simple = r#""slotValue":{"type":"Simple","value":"giant"}"#;

    assert_eq!(
        readings(&format!(r#"{{"value":"giant",{simple}}}"#)),
        [["giant"]]
    );
    assert_eq!(readings(&format!("{{{simple}}}")), [["giant"]]);
    assert_eq!(
        readings(&format!(
            r#"{{"value":"giant","resolutions":{MATCHED},{simple}}}"#
        )),
        [["jumbo", "Jumbo", "giant"]]
    );
}

#[test]
fn an_unfilled_slot_is_like_none() {
    let none: [Vec<String>; 0] = [];
    for slot in [
        "{}",
        "null",
        "[]",
        r#"{"name":"S","confirmationStatus":"NONE"}"#,
        r#"{"value":null}"#,
        r#"{"value":" "}"#,
        r#"{"value":{"deep":[1]},"slotValue":[],"resolutions":"x"}"#,
        r#"{"slotValue":{"type":"List","values":[]}}"#,
    ] {
        assert_eq!(readings(slot), none, "{slot}");
    }
}

#[test]
fn a_question_mark_was_heard_but_says_nothing() {
    let intent = intent(r#"{"name":"I","slots":{"S":{"value":"?"}}}"#);

    let heard = intent.slots().get("S").unwrap().heard();
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0].spoken(), None);
    assert_eq!(heard[0].readings().count(), 0);
}

#[test]
fn of_two_slots_of_one_name_the_first_counts() {
    let intent = intent(r#"{"slots":{"S":{"value":"small"},"S":{"value":"large"}}}"#);

    assert_eq!(
        intent.slots().get("S").unwrap().heard()[0].spoken(),
        Some("small")
    );
}

#[test]
fn what_was_heard_does_not_show() {
    let intent =
        intent(r#"{"name":"AuthorizePizzaOrderIntent","slots":{"Code":{"value":"482913"}}}"#);

    let shown = format!("{intent:?}");

    assert!(shown.contains("AuthorizePizzaOrderIntent"));
    assert!(!shown.contains("482913"), "{shown}");
}
