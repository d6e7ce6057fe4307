//! Being asked to stop, by a service manager or by a person.

use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use crate::stage::http;
use crate::stage::process::{Program, wait};
use crate::stage::proxy::Proxy;
use crate::stage::pusher::Pusher;
use crate::stage::settings::Settings;
use crate::stage::world::{Served, World};

#[test]
fn what_was_begun_is_answered_before_the_end() {
    let world = World::start();
    let settings = world.settings().at_free_ports();
    let proxy = Proxy::start(settings.get("HTTPS_PROXY"), true);
    // At finer levels, connections that end with the process come last.
    let settings = settings
        .with("HTTPS_PROXY", proxy.url("ada:x"))
        .with("POD_LOG", "info");
    let mut served = Served::start(world.folder(), &settings);
    let request = world.composed("alexa, open pizza on demand");
    let skill = served.skill().to_owned();

    // Its certificate is not there yet when the signal comes.
    let answer = thread::spawn({
        let skill = skill.clone();
        move || http::post(&skill, &request.headers, &request.body)
    });
    proxy.is_asked();
    served.program().terminate();
    served.program().logs("stopping");
    let ready = served.admin_answer("/readyz");
    let authority = skill.trim_start_matches("http://");
    let authority = authority.split('/').next().unwrap();
    let refused = TcpStream::connect(authority);
    proxy.open();
    let answer = answer.join().unwrap();
    let ended = served.finish();

    assert_eq!((ready.status, ready.body.as_str()), (503, "stopping\n"));
    assert!(refused.is_err(), "nothing new is accepted");
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("outputSpeech"), "{answer:?}");
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let last = ended.err.lines().last().unwrap_or_default();
    assert!(last.ends_with("stopped"), "{ended:?}");
}

#[test]
fn what_waits_to_be_announced_is_announced_before_the_end() {
    let (world, pusher) = (World::start(), Pusher::start());
    let settings = pusher.beside(world.settings().at_free_ports());
    let mut served = Served::start(world.folder(), &settings);
    for pizza in ["a small pizza", "a large pizza"] {
        let order = format!("alexa, ask pizza on demand to order {pizza}");
        let answer = served.post(&world.composed(&order));
        assert!(answer.body.contains("I sent a code"), "{answer:?}");
    }

    // The first event is being posted, and the others wait.
    let first = pusher.hears();
    served.program().terminate();
    served.program().logs("stopping");
    // Long enough for an end that does not wait.
    thread::sleep(Duration::from_millis(300));
    pusher.open();
    let others = [pusher.hears(), pusher.hears()];
    let ended = served.finish();

    assert_eq!(first, "order.awaiting_code");
    assert_eq!(others, ["order.superseded", "order.awaiting_code"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!ended.err.contains("not announced"), "{ended:?}");
}

#[test]
fn whoever_asks_twice_is_not_kept_waiting() {
    let world = World::start();
    let settings = world.settings().at_free_ports();
    let proxy = Proxy::start(settings.get("HTTPS_PROXY"), true);
    let settings = settings.with("HTTPS_PROXY", proxy.url("ada:x"));
    let mut served = Served::start(world.folder(), &settings);
    let request = world.composed("alexa, open pizza on demand");
    let skill = served.skill().to_owned();

    let _waiting = thread::spawn(move || http::post(&skill, &request.headers, &request.body));
    proxy.is_asked();
    served.program().terminate();
    served.program().logs("stopping");
    let ended = served.stop();

    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.err.contains("without waiting"), "{ended:?}");
}

#[test]
fn a_demo_and_an_emulated_world_stop_when_they_are_asked_to() {
    let folder = tempfile::tempdir().unwrap();
    let anywhere = "127.0.0.1:0";
    let lines = [
        (
            format!("demo --listen {anywhere} --admin-listen {anywhere} --world-listen {anywhere}"),
            "A pod is running",
        ),
        (
            format!("emulate --listen {anywhere} --proxy-listen {anywhere}"),
            "POD_DATABASE_URL=",
        ),
    ];
    for (line, words) in lines {
        let mut program = Program::start(folder.path(), &line, &Settings::none());
        program.says(words);
        program.terminate();

        let ended = program.finish();

        assert_eq!(ended.code, Some(0), "{line}: {ended:?}");
    }
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 0, "they leave files behind");
}

#[test]
#[cfg(target_os = "linux")]
fn a_demo_can_be_stopped_before_it_says_that_it_runs() {
    use std::io::{Read as _, Write as _};
    use std::process::{Command, Stdio};

    // As much as a pipe takes: whoever writes to it waits until it is read.
    const FULL: usize = 64 * 1024;

    let folder = tempfile::tempdir().unwrap();
    let (mut reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(&vec![b' '; FULL]).unwrap();
    let anywhere = ["--listen", "--admin-listen", "--world-listen"];
    let mut demo = Command::new(env!("CARGO_BIN_EXE_pod-server"))
        .arg("demo")
        .args(anywhere.iter().flat_map(|name| [name, "127.0.0.1:0"]))
        .env_clear()
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(writer)
        .spawn()
        .unwrap();
    let file = format!("/proc/{}/status", demo.id());
    let listens = wait(|| {
        let status = std::fs::read_to_string(&file).ok()?;
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = u64::from_str_radix(caught?.trim(), 16).unwrap();
        (caught & (1 << 14) != 0).then_some(())
    });
    let pid = rustix::process::Pid::from_child(&demo);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let mut said = String::new();
    reader.read_to_string(&mut said).unwrap();
    let ended = demo.wait().unwrap();

    assert!(listens.is_some(), "it would be killed");
    assert_eq!(ended.code(), Some(0), "{said}");
    assert!(said.contains("A pod is running"), "{said}");
}
