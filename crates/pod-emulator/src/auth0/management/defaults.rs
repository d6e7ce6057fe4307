//! What a new record has that nobody asked for.

use pod_core::Fault;
use serde_json::json;

use crate::auth0::record::Record;
use crate::auth0::state::Kind;
use crate::random::Random;

/// Adds what is missing, as Auth0 does. An API is signed for with HS256 unless
/// it says otherwise: that surprises many.
pub(super) fn complete(kind: Kind, record: &mut Record, random: &Random) -> Result<(), Fault> {
    match kind {
        Kind::Clients => client(record, random),
        Kind::Connections => {
            record.set_default("options", json!({}));
            record.set_default("enabled_clients", json!([]));
            record.set_default("is_domain_connection", false);
            let name = record.text("name").to_owned();
            record.set_default("realms", json!([name]));
            Ok(())
        }
        Kind::ResourceServers => api(record, random),
        Kind::ClientGrants => {
            record.set_default("scope", json!([]));
            Ok(())
        }
        Kind::PhoneProviders => {
            record.set_default("disabled", false);
            record.set_default("channel", "phone");
            record.set_default("tenant", "pod-emulator");
            Ok(())
        }
    }
}

fn client(record: &mut Record, random: &Random) -> Result<(), Fault> {
    record.set_default("app_type", "regular_web");
    let (grants, method) = match record.text("app_type") {
        "non_interactive" => (json!(["client_credentials"]), "client_secret_post"),
        "spa" | "native" => (json!(["authorization_code", "refresh_token"]), "none"),
        _ => (
            json!([
                "authorization_code",
                "implicit",
                "refresh_token",
                "client_credentials"
            ]),
            "client_secret_post",
        ),
    };
    record.set_default("grant_types", grants);
    record.set_default("token_endpoint_auth_method", method);
    record.set_default("client_secret", random.letters(64)?);
    record.set_default("callbacks", json!([]));
    record.set_default("global", false);
    record.set_default("is_first_party", true);
    record.set_default("oidc_conformant", false);
    record.set_default("is_token_endpoint_ip_header_trusted", false);
    record.set_default(
        "jwt_configuration",
        json!({"alg": "RS256", "lifetime_in_seconds": 36_000, "secret_encoded": false}),
    );
    Ok(())
}

fn api(record: &mut Record, random: &Random) -> Result<(), Fault> {
    record.set_default("signing_alg", "HS256");
    if record.text("signing_alg") == "HS256" {
        record.set_default("signing_secret", random.letters(32)?);
    }
    let name = record.text("identifier").to_owned();
    record.set_default("name", name);
    record.set("is_system", false);
    record.set_default("scopes", json!([]));
    record.set_default("allow_offline_access", false);
    record.set_default("skip_consent_for_verifiable_first_party_clients", true);
    record.set_default("token_lifetime", 86_400);
    record.set_default("token_lifetime_for_web", 7200);
    record.set_default("token_dialect", "access_token");
    Ok(())
}
