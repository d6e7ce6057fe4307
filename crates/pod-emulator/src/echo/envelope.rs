//! Request envelopes: what Amazon writes around an intent.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::model::{Intent, InteractionModel};
use super::slots;

/// One device with the customer who set it up.
#[derive(Debug, Clone)]
pub struct Device {
    /// The name the owner gave it: `kitchen`.
    pub name: String,
    /// Amazon's id of the device.
    pub id: String,
    /// Amazon's id of the customer, for one skill and one enablement.
    pub user_id: String,
    /// The language it is set to: `en-US`.
    pub locale: String,
}

/// A conversation in progress.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) new: bool,
    pub(super) attributes: Map<String, Value>,
    pub(super) asked: Option<Asked>,
}

/// The slot that the skill has just asked for, and the intent as it stood.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) intent: String,
    pub(super) slot: String,
    pub(super) slots: Map<String, Value>,
}

/// Whoever and whatever an envelope names.
pub(super) struct Sender<'a> {
    pub(super) skill_id: &'a str,
    pub(super) device: &'a Device,
    pub(super) access_token: Option<&'a str>,
    pub(super) api_token: String,
}

impl Sender<'_> {
    /// Puts a request into its envelope.
    pub(super) fn envelope(&self, session: &Session, request: &Value) -> Value {
        let application = json!({"applicationId": self.skill_id});
        let mut user = json!({"userId": self.device.user_id});
        if let Some(token) = self.access_token {
            user["accessToken"] = token.into();
        }
        json!({
            "version": "1.0",
            "session": {
                "new": session.new,
                "sessionId": session.id,
                "application": application,
                "attributes": session.attributes,
                "user": user,
            },
            "context": {
                "System": {
                    "application": application,
                    "user": user,
                    "device": {"deviceId": self.device.id, "supportedInterfaces": {}},
                    "apiEndpoint": "https://api.amazonalexa.com",
                    "apiAccessToken": self.api_token,
                },
            },
            "request": request,
        })
    }
}

/// Writes a moment as Amazon does: whole seconds, in UTC.
pub(super) fn timestamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Writes an intent with all its slots, filled or not.
pub(super) fn intent(intent: &Intent, slots: &Map<String, Value>) -> Value {
    let mut written = json!({"name": intent.name, "confirmationStatus": "NONE"});
    if !intent.slots.is_empty() {
        let all = intent.slots.iter().map(|slot| {
            let filled = slots.get(&slot.name).cloned();
            (
                slot.name.clone(),
                filled.unwrap_or_else(|| json!({"name": slot.name, "confirmationStatus": "NONE"})),
            )
        });
        written["slots"] = Value::Object(all.collect());
    }
    written
}

/// Writes what fills a slot. A list has no plain `value`, as in the countries
/// where lists are spoken.
pub(super) fn slot(skill_id: &str, name: &str, values: &[slots::Value]) -> Value {
    let mut written = json!({"name": name, "confirmationStatus": "NONE", "source": "USER"});
    if let [value] = values {
        written["value"] = value.said.clone().into();
        written["slotValue"] = simple(skill_id, value);
        if let Some(resolutions) = resolutions(skill_id, value) {
            written["resolutions"] = resolutions;
        }
    } else {
        let values: Vec<Value> = values.iter().map(|value| simple(skill_id, value)).collect();
        written["slotValue"] = json!({"type": "List", "values": values});
    }
    written
}

fn simple(skill_id: &str, value: &slots::Value) -> Value {
    let mut written = json!({"type": "Simple", "value": value.said});
    if let Some(resolutions) = resolutions(skill_id, value) {
        written["resolutions"] = resolutions;
    }
    written
}

fn resolutions(skill_id: &str, value: &slots::Value) -> Option<Value> {
    let resolved = value.resolved.as_ref()?;
    let mut authority = json!({
        "authority": format!("amzn1.er-authority.echo-sdk.{skill_id}.{}", resolved.kind),
        "status": {"code": if resolved.found.is_some() { "ER_SUCCESS_MATCH" } else { "ER_SUCCESS_NO_MATCH" }},
    });
    if let Some((id, name)) = &resolved.found {
        authority["values"] = json!([{"value": {"name": name, "id": id}}]);
    }
    Some(json!({"resolutionsPerAuthority": [authority]}))
}

/// Tells how far a dialog is: only intents of the dialog model have a state.
pub(super) fn dialog_state(
    model: &InteractionModel,
    name: &str,
    goes_on: bool,
) -> Option<&'static str> {
    let in_dialog = model.intent(name).is_some_and(|intent| intent.in_dialog);
    in_dialog.then_some(if goes_on { "IN_PROGRESS" } else { "STARTED" })
}
