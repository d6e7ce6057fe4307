//! The environment that a process is given, and the secrets in it.

use std::collections::BTreeMap;

/// The secret part of the key that codes are derived with, of the signing key
/// of the API, and of a proxy's password. No process may ever tell one.
pub(crate) const SECRETS: [&str; 3] = [
    "aHVzaC1odXNoLWh1c2gtaHVzaC1odXNoLWh1c2gtaHVzaA",
    "hush-the-signing-key-of-the-api-is-long-enough",
    "hush-the-password-of-the-proxy",
];

/// The environment that a process is given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings(BTreeMap<String, String>);

impl Settings {
    /// No setting at all.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// What `serve` needs, at free ports, with a tenant that does not answer.
    pub(crate) fn least() -> Self {
        Self::none()
            .with("POD_ALEXA_SKILL_ID", "amzn1.ask.skill.1")
            .with("AUTH0_DOMAIN", "http://127.0.0.1:1")
            .with("API_ID", "https://pod.example/api")
            .with("POD_CODE_KEYS", format!("test:{}", SECRETS[0]))
            .at_free_ports()
    }

    /// Reads lines as `emulate` prints them.
    pub(crate) fn of_lines(lines: &str) -> Self {
        let pairs = lines.lines().map(|line| {
            let pair = line.split_once('=').expect("NAME=VALUE");
            (pair.0.to_owned(), pair.1.to_owned())
        });
        Self(pairs.collect())
    }

    /// The same with this setting.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// The same without this setting.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }

    /// The same with nobody who carries messages.
    pub(crate) fn without_suppliers(mut self) -> Self {
        let of_suppliers = [
            "TWILIO_",
            "POD_SMTP_URL",
            "POD_MAIL_FROM",
            "POD_PUBLIC_URL",
            "POD_WEB_",
        ];
        self.0
            .retain(|name, _| !of_suppliers.iter().any(|start| name.starts_with(start)));
        self
    }

    /// The same, answering at an address that suppliers can be told.
    pub(crate) fn at_a_known_port(self) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = free.local_addr().expect("an address").to_string();
        self.at_free_ports()
            .with("POD_PUBLIC_URL", format!("http://{address}"))
            .with("POD_LISTEN", address)
    }

    /// The same, answering wherever there is a free port.
    pub(crate) fn at_free_ports(self) -> Self {
        self.with("POD_LISTEN", "127.0.0.1:0")
            .with("POD_ADMIN_LISTEN", "127.0.0.1:0")
    }

    /// Whether there is this setting.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The value of a setting.
    pub(crate) fn get(&self, name: &str) -> &str {
        &self.0[name]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter()
    }
}
