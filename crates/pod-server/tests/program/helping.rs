//! The help of every command, and keys for codes.

use pod_server::config::{SETTINGS, parse_code_keys};

use crate::stage::process::run;
use crate::stage::settings::Settings;

fn told(line: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let ended = run(folder.path(), line, &Settings::none());
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{line}");
    ended.out
}

/// The commands that a help names.
fn commands(help: &str) -> Vec<String> {
    let listed = help.split("Commands:\n").nth(1).unwrap_or_default();
    let lines = listed.lines().take_while(|line| !line.is_empty());
    let name = |line: &str| line.split_whitespace().next().map(str::to_owned);
    lines.filter_map(name).collect()
}

#[test]
fn every_command_has_a_help() {
    let top = told("--help");
    let commands = commands(&top);

    assert!(top.contains("pod-server demo --once"), "{top}");
    assert_eq!(told(""), top, "nothing asked for is a question for help");
    let expected = [
        "demo", "serve", "check", "migrate", "emulate", "simulate", "contact", "unlock", "code-key",
    ];
    for command in expected {
        assert!(commands.iter().any(|there| there == command), "{command}");
    }
    for command in &commands {
        let help = told(&format!("{command} --help"));
        let usage = format!("Usage: pod-server {command}");
        assert!(help.contains(&usage), "{help}");
        for below in self::commands(&help) {
            let help = told(&format!("{command} {below} --help"));
            assert!(help.contains(&format!("{usage} {below}")), "{help}");
        }
    }
}

#[test]
fn serve_and_check_explain_every_setting() {
    for command in ["serve", "check"] {
        let help = told(&format!("{command} --help"));

        for setting in &SETTINGS {
            assert!(help.contains(setting.name), "{}", setting.name);
        }
    }
}

#[test]
fn a_mistake_on_the_command_line_is_told_with_what_was_meant() {
    let folder = tempfile::tempdir().unwrap();

    let ended = run(folder.path(), "serv", &Settings::none());

    assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""));
    assert!(ended.err.contains("'serve'"), "{ended:?}");
}

#[test]
fn a_code_key_is_fresh_each_time_and_can_be_used() {
    let (one, other) = (told("code-key"), told("code-key"));

    assert_ne!(one, other);
    assert!(parse_code_keys(one.trim_end()).is_ok());
    let both = format!(
        "{},next:{}",
        one.trim_end(),
        other.trim_end().split_once(':').unwrap().1
    );
    assert!(parse_code_keys(&both).is_ok());
}
