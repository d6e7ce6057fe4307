//! The web app, and where its pages hear of what happens.

use pod_auth0::{ClientId, ClientSecret};
use pod_pusher::{PusherAppId, PusherConfig, PusherKey, PusherServer};
use url::Url;

use super::delivery::{is_made, public, secret};
use super::reader::Reader;

/// The web app: customers sign in to it by a client of the tenant's.
#[derive(Debug, Clone)]
pub struct AppSettings {
    /// The client.
    pub client: ClientId,
    /// Its secret.
    pub secret: ClientSecret,
    /// The address that browsers reach pod by.
    pub public: Url,
}

/// Reads it; `None` if there is no web app.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<AppSettings> {
    let names = ["POD_WEB_CLIENT_ID", "POD_WEB_CLIENT_SECRET"];
    if !names.iter().any(|name| is_made(reader, name)) {
        return None;
    }
    let advice = "the web app has a client of its own in Auth0: copy its id and its secret";
    let client = reader.required("POD_WEB_CLIENT_ID", advice, ClientId::parse);
    let secret = reader.required_secret("POD_WEB_CLIENT_SECRET", advice, |raw| {
        ClientSecret::parse(raw.into())
    });
    let public = public(reader);
    Some(AppSettings {
        client: client?,
        secret: secret?,
        public: public?,
    })
}

/// Reads where orders are announced; `None` if that is nowhere outside.
pub(super) fn pusher(reader: &mut Reader<'_>) -> Option<PusherConfig> {
    let names = [
        "PUSHER_APPID",
        "PUSHER_KEY",
        "PUSHER_SECRET",
        "PUSHER_CLUSTER",
        "PUSHER_HOST",
    ];
    if !names.iter().any(|name| is_made(reader, name)) {
        return None;
    }
    let advice = "copy it from the app's page at Pusher, App Keys";
    let app_id = reader.required("PUSHER_APPID", advice, PusherAppId::parse);
    let key = reader.required("PUSHER_KEY", advice, PusherKey::parse);
    let secret = secret(reader, "PUSHER_SECRET");
    if secret.is_none() {
        reader.say("PUSHER_SECRET", format_args!("is not set: {advice}"));
    }
    let cluster = reader.optional("PUSHER_CLUSTER", PusherServer::cluster);
    let host = reader.optional("PUSHER_HOST", PusherServer::host);
    match (reader.has("PUSHER_CLUSTER"), reader.has("PUSHER_HOST")) {
        (true, true) => reader.say("PUSHER_HOST", "is set beside PUSHER_CLUSTER: keep one"),
        (false, false) => reader.say(
            "PUSHER_CLUSTER",
            "is not set: write the app's cluster, such as eu, or PUSHER_HOST",
        ),
        _ => {}
    }
    Some(PusherConfig {
        app_id: app_id?,
        key: key?,
        secret: secret?,
        server: cluster.or(host)?,
    })
}
