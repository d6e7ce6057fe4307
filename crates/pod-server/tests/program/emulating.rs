//! The world outside alone, as other programs meet it.

use serde_json::{Value, json};

use crate::stage::http;
use crate::stage::process::Program;
use crate::stage::settings::Settings;
use crate::stage::world::{Served, World};

const ORDER: &str = "alexa, ask pizza on demand to get me a large pizza with pepperoni";

/// A token of the Management API, for whoever has these credentials.
fn management_token(world: &World, id: &str, secret: &str) -> http::Answer {
    let issuer = http::get(&format!("{}/.well-known/openid-configuration", world.url())).json();
    let issuer = issuer["issuer"].as_str().expect("an issuer");
    let request = json!({
        "grant_type": "client_credentials", "client_id": id, "client_secret": secret,
        "audience": format!("{issuer}api/v2/"),
    });
    http::post_json(&format!("{}/oauth/token", world.url()), &request)
}

#[test]
fn a_tenant_is_reached_by_tls_with_what_emulate_prints() {
    let world = World::start_with("--tls");
    let settings = world.settings();
    let domain = settings.get("AUTH0_DOMAIN").to_owned();
    let port = world.url().rsplit(':').next().unwrap();

    let served = Served::start(world.folder(), &settings.at_free_ports());
    let line = format!(
        "simulate --url {} --skill-url {}",
        world.url(),
        served.skill()
    );
    let mut simulate = Program::start(world.folder(), &line, &Settings::none());
    simulate.type_line(ORDER);
    simulate.says("SMS");
    simulate.type_line("alexa, tell pizza on demand the code is {code}");
    simulate.says("Your order is confirmed");

    // A host, not a URL: others put `https://` in front of it themselves.
    assert_eq!(domain, format!("localhost:{port}"));
    assert_eq!(served.stop().code, Some(0));
}

#[test]
fn an_empty_tenant_has_nothing_but_its_administrator() {
    let world = World::start_with("--empty-tenant");
    let settings = world.settings();

    let id = settings.get("SETUP_CLIENT_ID");
    let granted = management_token(&world, id, settings.get("SETUP_CLIENT_SECRET")).json();
    let token = granted["access_token"].as_str().expect("a token");
    let list = |name| http::get_as(token, &format!("{}/api/v2/{name}", world.url())).json();
    let refused = management_token(&world, id, "another secret");

    assert_eq!(list("users"), json!([]));
    assert_eq!(list("connections"), json!([]));
    let clients = list("clients");
    let of_programs = |client: &&Value| client["global"] != true;
    let clients: Vec<_> = clients
        .as_array()
        .unwrap()
        .iter()
        .filter(of_programs)
        .collect();
    assert_eq!(clients.len(), 1);
    assert_eq!(clients[0]["client_id"], id);
    assert!(!settings.has("APP_CLIENT_ID"));
    assert_eq!(refused.status, 401);
}

#[test]
fn a_serve_takes_the_environment_of_an_empty_tenant() {
    let world = World::start_with("--tls --empty-tenant");

    let served = Served::start(world.folder(), &world.settings().at_free_ports());

    assert_eq!(served.stop().code, Some(0));
}

#[test]
fn what_a_world_prints_is_words_to_a_shell() {
    for options in [
        "",
        "--challenger auth0",
        "--challenger twilio-verify",
        "--empty-tenant",
    ] {
        let world = World::start_with(options);

        for (name, value) in world.settings().iter() {
            assert!(!value.contains(char::is_whitespace), "{name}={value}");
        }
    }
}
