//! Requests that are not Amazon's, not for this skill, or not the ones that
//! they pretend to be.

use serde_json::Value;

use crate::stage::world::{Served, Signed, World};

const ORDER: &str = "alexa, ask pizza on demand to get me a large pizza with pepperoni";

/// A request with its body changed, and signed anew.
fn resigned(world: &World, request: &Signed, change: impl Fn(&mut Value)) -> Signed {
    let mut body: Value = serde_json::from_str(&request.body).unwrap();
    change(&mut body);
    world.signed(body.to_string())
}

/// What was counted in `after` and not in `before`, and the other way round.
fn difference(before: &[String], after: &[String]) -> [Vec<String>; 2] {
    let only = |of: &[String], beside: &[String]| {
        let lines = of.iter().filter(|line| !beside.contains(line));
        lines.cloned().collect()
    };
    [only(after, before), only(before, after)]
}

#[test]
fn a_refused_request_leaves_a_counter_and_a_line_in_the_log() {
    let world = World::start();
    let served = Served::start(world.folder(), &world.settings().at_free_ports());
    let order = world.composed(ORDER);
    let first = served.post(&order);
    assert_eq!(first.status, 200);

    let fresh = world.composed(ORDER);
    let unsigned = Signed {
        headers: Vec::new(),
        body: fresh.body.clone(),
    };
    let forged = Signed {
        headers: fresh.headers.clone(),
        body: fresh.body.replace("large", "small"),
    };
    let stale = resigned(&world, &fresh, |body| {
        body["request"]["timestamp"] = "2026-01-01T00:00:00Z".into();
    });
    let strangers = resigned(&world, &fresh, |body| {
        for part in ["session", "context"] {
            let part = match part {
                "session" => &mut body["session"],
                _ => &mut body["context"]["System"],
            };
            part["application"]["applicationId"] = "amzn1.ask.skill.another".into();
        }
    });
    let other = resigned(&world, &order, |body| {
        body["request"]["locale"] = "en-GB".into();
    });
    let refused = [
        (unsigned, "missing-certificate-url"),
        (forged, "signature"),
        (stale, "timestamp"),
        (strangers, "skill-id"),
        (other, "other-request"),
    ];
    for (request, reason) in &refused {
        let (database, metrics) = (world.database(), served.metrics());

        let answer = served.post(request);

        assert_eq!((answer.status, answer.body.as_str()), (400, ""), "{reason}");
        assert!(
            world.database() == database,
            "{reason} changed the database"
        );
        let [mut more, mut less] = difference(&metrics, &served.metrics());
        // Whose request it says it is, is looked up before whether it is new.
        for lines in [&mut more, &mut less] {
            lines.retain(|line| !line.starts_with("pod_supplier_seconds"));
        }
        let counter = format!("pod_verification_failures_total{{reason=\"{reason}\"}} 1");
        assert_eq!(more.last(), Some(&counter), "{reason}");
        let headings = more[..more.len() - 1]
            .iter()
            .all(|line| line.starts_with('#'));
        assert!(headings && less.is_empty(), "{more:?} {less:?}");
    }

    let again = served.post(&order);
    let ended = served.stop();

    assert_eq!(
        again.body, first.body,
        "the request itself is still answered"
    );
    let lines = ended.err.lines().filter(|line| line.contains("refused"));
    let reasons = lines.zip(&refused);
    for (line, (_, reason)) in reasons {
        assert!(line.contains("WARN"), "{line}");
        let named = line.contains(reason) || *reason == "other-request";
        assert!(named, "{reason}: {line}");
    }
    let after = ended
        .err
        .lines()
        .skip_while(|line| !line.contains("refused"));
    let until = after.take_while(|line| !line.contains("stopping"));
    assert_eq!(until.count(), refused.len(), "{}", ended.err);
}

#[test]
fn a_request_that_is_repeated_is_answered_as_before_and_has_one_effect() {
    let world = World::start();
    let served = Served::start(world.folder(), &world.settings().at_free_ports());
    let order = world.composed(ORDER);

    let first = served.post(&order);
    let database = world.database_at_rest();
    let second = served.post(&order);

    assert_eq!((first.status, second.status), (200, 200));
    assert_eq!(first.body, second.body);
    assert!(world.database_at_rest() == database);
}
