//! The demo: the built program, with an emulated world around it.

use std::env;

use hyper::Method;
use pod_emulator::code_in;
use serde_json::{Value, json};

use super::exchange;
use super::process::Process;

/// A running demo, with a database of its own.
pub(crate) struct Demo {
    _process: Process,
    /// The web app: `http://127.0.0.1:PORT/pod/app`.
    pub(crate) app: String,
    /// The simulator: `http://127.0.0.1:PORT/pod/simulator/`.
    pub(crate) simulator: String,
    world: String,
}

impl Demo {
    /// Starts one on free ports.
    ///
    /// # Panics
    ///
    /// If `pod-server` is not built.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts one with settings of its own.
    ///
    /// # Panics
    ///
    /// If `pod-server` is not built.
    pub(crate) fn start_with(settings: &[(&str, &str)]) -> Self {
        // Beside this test's own program, a folder above.
        let test = env::current_exe().expect("a program");
        let built = test.ancestors().nth(2).expect("a folder");
        let program = built.join("pod-server");
        assert!(program.exists(), "cargo build --package pod-server");
        let anywhere = "127.0.0.1:0";
        let process = Process::start(
            program,
            &[
                "demo",
                "--listen",
                anywhere,
                "--admin-listen",
                anywhere,
                "--world-listen",
                anywhere,
            ],
            settings,
        );
        let skill = process.says("the skill   ");
        let world = process.says("the world   ");
        let base = skill.strip_suffix("/alexa").expect("the skill's address");
        Self {
            app: format!("{base}/app"),
            simulator: format!("{base}/simulator/"),
            world,
            _process: process,
        }
    }

    /// Says something to a device: `kitchen` is Ada's, `office` Grace's.
    pub(crate) async fn say(&self, device: &str, utterance: &str) -> String {
        let said = json!({"device": device, "utterance": utterance}).to_string();
        let url = format!("{}/echo", self.world);
        let headers = [("content-type", "application/json")];
        let answer = exchange(Method::POST, &url, &headers, said).await;
        let heard: Value = serde_json::from_str(&answer.body).expect("JSON");
        let speech = heard["speech"].as_str();
        speech
            .unwrap_or_else(|| panic!("{}", answer.body))
            .to_owned()
    }

    /// Orders a pizza at a device, and gives the code that was sent for it.
    pub(crate) async fn order(&self, device: &str, pizza: &str) -> String {
        let before = self.newest().await;
        self.say(
            device,
            &format!("alexa, ask pizza on demand to order {pizza}"),
        )
        .await;
        self.code_after(before).await
    }

    /// The number of the newest message.
    pub(crate) async fn newest(&self) -> u64 {
        let messages = self.inbox(0, 0).await;
        let newest = messages.as_array().and_then(|all| all.last());
        newest.map_or(0, |message| message["number"].as_u64().expect("a number"))
    }

    /// The code in the first message after another one.
    pub(crate) async fn code_after(&self, number: u64) -> String {
        let messages = self.inbox(number, 10).await;
        let text = messages[0]["text"].as_str().expect("a message arrives");
        code_in(text).expect("a code").expose().to_owned()
    }

    async fn inbox(&self, after: u64, wait: u64) -> Value {
        let url = format!("{}/inbox?after={after}&wait={wait}", self.world);
        let answer = exchange(Method::GET, &url, &[], String::new()).await;
        serde_json::from_str(&answer.body).expect("JSON")
    }
}
