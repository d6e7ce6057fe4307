//! `emulate` and `serve`, started as two people would start them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::http::{self, Answer};
use super::process::{Ended, Program};
use super::settings::Settings;

/// The world outside, in a process of its own.
pub(crate) struct World {
    folder: TempDir,
    url: String,
    settings: Settings,
    _emulate: Program,
}

/// A `serve`, and where it answers.
pub(crate) struct Served {
    program: Program,
    skill: String,
    admin: String,
}

/// A request as Amazon would send it.
#[derive(Clone)]
pub(crate) struct Signed {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl World {
    /// Starts `emulate`, and waits for its address.
    pub(crate) fn start() -> Self {
        Self::start_with("")
    }

    /// Starts `emulate` with these options more.
    pub(crate) fn start_with(options: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let line = format!(
            "emulate --listen 127.0.0.1:0 --proxy-listen 127.0.0.1:0 --dir world {options}"
        );
        let mut emulate = Program::start(folder.path(), &line, &Settings::none());
        // The last line of its environment: the others are there by then.
        emulate.says("POD_DATABASE_URL=");
        let guide = emulate.logs("The world answers at http://");
        let url = guide
            .split_whitespace()
            .find(|word| word.starts_with("http://"))
            .expect("its address");
        Self {
            url: url.trim_end_matches('.').to_owned(),
            settings: Settings::of_lines(&emulate.output()),
            _emulate: emulate,
            folder,
        }
    }

    /// A folder that goes with the world.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where the world answers.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Exactly what `emulate` printed.
    pub(crate) fn settings(&self) -> Settings {
        self.settings.clone()
    }

    /// The files of the database that say what is in it.
    pub(crate) fn database(&self) -> [Vec<u8>; 2] {
        let url = self.settings.get("POD_DATABASE_URL");
        let file = PathBuf::from(url.trim_start_matches("sqlite://"));
        let ahead = file.with_extension("db-wal");
        [file, ahead].map(|file| std::fs::read(file).unwrap_or_default())
    }

    /// The same once nothing is written any more: an answer is kept after it
    /// was given.
    pub(crate) fn database_at_rest(&self) -> [Vec<u8>; 2] {
        let mut before = self.database();
        loop {
            std::thread::sleep(Duration::from_millis(300));
            let now = self.database();
            if now == before {
                return now;
            }
            before = now;
        }
    }

    /// The request that these words come to at Ada's Echo.
    pub(crate) fn composed(&self, utterance: &str) -> Signed {
        let url = format!("{}/echo/compose", self.url);
        let composed = http::post_json(&url, &json!({"utterance": utterance})).json();
        let body = composed["body"].as_str().expect("a body");
        Signed {
            headers: pairs(&composed["headers"]),
            body: body.to_owned(),
        }
    }

    /// Any text with Amazon's signature.
    pub(crate) fn signed(&self, body: impl Into<String>) -> Signed {
        let body = body.into();
        let url = format!("{}/echo/sign", self.url);
        let headers = http::post_json(&url, &json!({"body": body})).json();
        Signed {
            headers: pairs(&headers),
            body,
        }
    }
}

impl Served {
    /// Starts `serve`, and waits until it answers.
    pub(crate) fn start(folder: &Path, settings: &Settings) -> Self {
        let mut program = Program::start(folder, "serve", settings);
        let answering = program.logs("answering");
        let field = |name: &str| {
            let mut words = answering.split_whitespace();
            let value = words.find_map(|word| word.strip_prefix(name));
            value.expect("where it answers").to_owned()
        };
        Self {
            skill: field("skill="),
            admin: field("admin="),
            program,
        }
    }

    /// Where the skill answers.
    pub(crate) fn skill(&self) -> &str {
        &self.skill
    }

    /// The process.
    pub(crate) fn program(&mut self) -> &mut Program {
        &mut self.program
    }

    /// Sends a request to the skill.
    pub(crate) fn post(&self, request: &Signed) -> Answer {
        http::post(&self.skill, &request.headers, &request.body)
    }

    /// What operators' machines are answered.
    pub(crate) fn admin_answer(&self, path: &str) -> Answer {
        http::get(&format!("{}{path}", self.admin))
    }

    /// What has been counted, a line each.
    pub(crate) fn metrics(&self) -> Vec<String> {
        let metrics = self.admin_answer("/metrics");
        metrics.body.lines().map(str::to_owned).collect()
    }

    /// Waits for its end.
    pub(crate) fn finish(self) -> Ended {
        self.program.finish()
    }

    /// Asks it to end, and waits for that.
    pub(crate) fn stop(self) -> Ended {
        self.program.terminate();
        self.program.finish()
    }
}

fn pairs(headers: &Value) -> Vec<(String, String)> {
    let headers = headers.as_object().expect("headers");
    let pair = |(name, value): (&String, &Value)| {
        let value = value.as_str().expect("a header");
        (name.clone(), value.to_owned())
    };
    headers.iter().map(pair).collect()
}
