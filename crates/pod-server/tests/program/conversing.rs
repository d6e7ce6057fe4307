//! Conversations with the program in the terminal.

use crate::stage::process::{Program, run};
use crate::stage::settings::Settings;
use crate::stage::world::{Served, World};

const ORDER: &str = "alexa, ask pizza on demand to get me a large pizza with pepperoni";

#[test]
fn the_demo_plays_one_conversation_and_ends() {
    let folder = tempfile::tempdir().unwrap();

    let ended = run(folder.path(), "demo --once", &Settings::none());

    assert_eq!(ended.code, Some(0), "{ended:?}");
    let turns = [
        "Ada      alexa, ask pizza on demand to get me a large pizza with pepperoni and onions",
        "Alexa    I have your order: a large pizza with pepperoni and onions",
        "SMS      to",
        "That is not the right code",
        "Your order is confirmed",
        "is confirmed.",
    ];
    let mut rest = ended.out.as_str();
    for turn in turns {
        let after = rest.split_once(turn).map(|(_, after)| after);
        rest = after.unwrap_or_else(|| panic!("{turn:?} is missing:\n{}", ended.out));
    }
    assert_eq!(ended.err, "");
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 0, "it leaves files behind");
}

#[test]
fn the_demos_codes_are_good_for_as_long_as_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let told = |seconds| {
        let settings = Settings::none().with("POD_CODE_TTL", seconds);
        run(folder.path(), "demo --once", &settings)
    };

    let (short, wrong) = (told("60"), told("59"));

    assert_eq!(short.code, Some(0), "{short:?}");
    assert!(short.out.contains("It is good for 60 seconds"), "{short:?}");
    assert_eq!((wrong.code, wrong.out.as_str()), (Some(2), ""), "{wrong:?}");
    assert!(wrong.err.contains("POD_CODE_TTL is wrong"), "{wrong:?}");
}

#[test]
fn in_a_world_of_its_own_a_typed_code_confirms_the_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut simulate = Program::start(folder.path(), "simulate", &Settings::none());

    simulate.type_line(ORDER);
    simulate.says("SMS");
    simulate.type_line("alexa, tell pizza on demand the code is 000000");
    simulate.says("That is not the right code");
    simulate.type_line("alexa, tell pizza on demand the code is {code}");
    simulate.says("Your order is confirmed");
    let ended = simulate.finish();

    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[test]
fn what_emulate_prints_is_all_that_serve_needs() {
    let world = World::start();
    let served = Served::start(world.folder(), &world.settings().at_free_ports());
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
    simulate.type_line("/device hallway");
    simulate.type_line("alexa, open pizza on demand");
    simulate.says("link");
    let talk = simulate.finish();
    let served = served.stop();

    assert_eq!(talk.code, Some(0), "{talk:?}");
    assert!(!served.err.contains("WARN"), "{served:?}");
    assert_eq!(served.code, Some(0), "{served:?}");
}

#[test]
fn a_customer_hears_that_nobody_carries_codes() {
    let world = World::start();
    let settings = world.settings().without_suppliers();
    let served = Served::start(world.folder(), &settings.at_free_ports());
    let line = format!(
        "simulate --url {} --skill-url {}",
        world.url(),
        served.skill()
    );
    let mut simulate = Program::start(world.folder(), &line, &Settings::none());

    simulate.type_line(ORDER);
    simulate.says("I cannot send codes right now");
    let talk = simulate.finish();
    let served = served.stop();

    assert!(!talk.out.contains("SMS"), "{talk:?}");
    assert!(
        served.err.contains("no courier is configured"),
        "{served:?}"
    );
}

#[test]
fn the_demo_confirms_by_a_code_of_auth0s() {
    let folder = tempfile::tempdir().unwrap();

    let ended = run(
        folder.path(),
        "demo --once --challenger auth0",
        &Settings::none(),
    );

    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.out.contains("Your verification code is: "),
        "{ended:?}"
    );
    assert!(ended.out.contains("is confirmed."), "{ended:?}");
}

#[test]
fn without_a_world_there_is_nobody_to_talk_to() {
    let folder = tempfile::tempdir().unwrap();

    let ended = run(
        folder.path(),
        "simulate --url http://127.0.0.1:1",
        &Settings::none(),
    );

    assert_eq!(ended.code, Some(1));
    assert!(
        ended.err.contains("nobody answers at http://127.0.0.1:1 (")
            && ended.err.contains("start `pod-server demo`"),
        "{ended:?}"
    );
}
