//! Where settings come from: the environment first, then a file.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::problem::Problem;
use super::setting::{self, Name};

/// Looks a variable up.
type Var<'a> = Box<dyn Fn(&str) -> Option<String> + 'a>;

/// What the environment and the settings file say, before anybody has judged
/// it.
pub struct Source<'a> {
    var: Var<'a>,
    names: Vec<String>,
    file: BTreeMap<String, SecretString>,
    path: PathBuf,
    /// What was wrong with the file itself.
    pub(super) problems: Vec<Problem>,
}

/// One value, and where it was found.
pub(super) struct Given {
    pub(super) value: SecretString,
    pub(super) origin: Origin,
}

/// Where a value was found, for whoever has to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A variable of the environment.
    Variable(String),
    /// A key of the settings file.
    Key(String, PathBuf),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => f.write_str(name),
            Self::Key(key, path) => write!(f, "{key} in {}", path.display()),
        }
    }
}

impl<'a> Source<'a> {
    /// Takes settings from variables; `names` are those of all variables there
    /// are.
    pub fn new(
        var: impl Fn(&str) -> Option<String> + 'a,
        names: impl IntoIterator<Item = String>,
    ) -> Self {
        Self {
            var: Box::new(var),
            names: names.into_iter().collect(),
            file: BTreeMap::new(),
            path: PathBuf::new(),
            problems: Vec::new(),
        }
    }

    /// Adds what a settings file says: the one that is named, or else
    /// `pod.toml` if there is one.
    #[must_use]
    pub fn with_file(self, named: Option<&Path>) -> Self {
        let path = named.unwrap_or(Path::new("pod.toml")).to_owned();
        match std::fs::read_to_string(&path) {
            Ok(text) => self.with_text(path, &text),
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => self,
            Err(error) => {
                let mut unread = self;
                unread.problems.push(Problem::new(
                    path.display(),
                    format!("cannot be read ({error}): name a file with --config"),
                ));
                unread
            }
        }
    }

    /// Adds what the text of a settings file says.
    #[must_use]
    pub fn with_text(mut self, path: PathBuf, text: &str) -> Self {
        match text.parse::<toml::Table>() {
            Ok(table) => {
                for (key, value) in table {
                    match plain_text(&value) {
                        Some(text) => {
                            self.file.insert(key, text.into());
                        }
                        None => self.problems.push(Problem::new(
                            Origin::Key(key, path.clone()),
                            "is neither text, nor a whole number, nor a list of texts",
                        )),
                    }
                }
            }
            Err(error) => {
                // What the parser shows of the file may be a secret.
                let line = error
                    .span()
                    .and_then(|span| text.get(..span.start))
                    .map_or(1, |before| before.matches('\n').count() + 1);
                let what = format!("is not TOML: {}", error.message());
                self.problems.push(Problem::new(
                    format_args!("{}, line {line}", path.display()),
                    what,
                ));
            }
        }
        self.path = path;
        self
    }

    /// The value of a setting; what is empty is not set.
    pub(super) fn get(&self, name: &str) -> Option<Given> {
        let set = |given: &Given| !secrecy::ExposeSecret::expose_secret(&given.value).is_empty();
        self.variable(name).filter(set).or_else(|| {
            let key = name.to_lowercase();
            let value = self.file.get(&key)?.clone();
            let origin = Origin::Key(key, self.path.clone());
            Some(Given { value, origin }).filter(set)
        })
    }

    /// The value of a variable of the environment, which the file cannot give;
    /// one that is empty is set as well.
    pub(super) fn variable(&self, name: &str) -> Option<Given> {
        let value = (self.var)(name)?.into();
        let origin = Origin::Variable(name.to_owned());
        Some(Given { value, origin })
    }

    /// Names that are mistakes, and variables that are not text.
    pub(super) fn strangers(&self) -> Vec<Problem> {
        let kubernetes = self
            .names
            .iter()
            .any(|name| name == "KUBERNETES_SERVICE_HOST");
        let ours = |name: &&String| !(kubernetes && is_kubernetes(name));
        let variables = self.names.iter().filter(ours).filter_map(|name| {
            let unreadable = || (self.var)(name).is_none();
            let empty = || (self.var)(name).is_some_and(|value| value.is_empty());
            match setting::of_variable(name) {
                Name::Setting if unreadable() => {
                    Some(Problem::new(name, "is not UTF-8 text: set it again"))
                }
                Name::Planned if empty() => None,
                judged => stranger(name, judged, str::to_owned),
            }
        });
        let keys = self.file.keys().filter_map(|key| {
            let name = key.to_uppercase();
            let judged = match setting::of_key(&name) {
                Name::Setting if *key != key.to_lowercase() => Name::Mistaken(Some(name)),
                judged => judged,
            };
            let origin = Origin::Key(key.clone(), self.path.clone());
            stranger(origin, judged, str::to_lowercase)
        });
        variables.chain(keys).collect()
    }
}

/// A cluster gives these names to every container: the first by its makers'
/// examples, the others to whoever runs a service called `pod`.
fn is_kubernetes(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("POD_") else {
        return false;
    };
    let usual = ["NAME", "NAMESPACE", "IP", "IPS", "UID", "SERVICE_ACCOUNT"];
    usual.contains(&rest) || rest.starts_with("SERVICE_") || rest.starts_with("PORT")
}

/// What is wrong with a name, if anything is; settings are written by `write`
/// where it was found.
fn stranger(
    name: impl fmt::Display,
    judged: Name,
    write: impl Fn(&str) -> String,
) -> Option<Problem> {
    let what = match judged {
        Name::Setting | Name::Strange => return None,
        Name::Planned => "cannot be used yet: leave it out".to_owned(),
        Name::Mistaken(Some(meant)) => format!("is no setting: did you mean {}?", write(&meant)),
        Name::Mistaken(None) => {
            "is no setting: `pod-server serve --help` lists the settings".to_owned()
        }
        Name::MistakenForPlanned(meant) => format!(
            "is no setting, and {}, which it resembles, cannot be used yet: leave it out",
            write(meant)
        ),
    };
    Some(Problem::new(name, what))
}

fn plain_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Array(list) => {
            let texts: Option<Vec<_>> = list.iter().map(toml::Value::as_str).collect();
            Some(texts?.join(","))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn of<'a>(variables: &'a [&'a str]) -> Source<'a> {
        let pairs = || variables.iter().filter_map(|pair| pair.split_once('='));
        let var = move |name: &str| {
            let found = pairs().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.to_owned())
        };
        Source::new(var, pairs().map(|(name, _)| name.to_owned()))
    }

    fn strangers(source: &Source<'_>) -> Vec<String> {
        source.strangers().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let source = of(&["POD_LISTEN=127.0.0.1:1", "API_ID="]).with_text(
            "pod.toml".into(),
            "pod_listen = '127.0.0.1:2'\napi_id = 'x'\npod_code_ttl = 60",
        );

        let value = |name| {
            let given = source.get(name);
            given.map(|given| given.value.expose_secret().to_owned())
        };
        assert_eq!(value("POD_LISTEN").as_deref(), Some("127.0.0.1:1"));
        assert_eq!(value("API_ID").as_deref(), Some("x"));
        assert_eq!(value("POD_CODE_TTL").as_deref(), Some("60"));
        assert_eq!(value("POD_MENU"), None);
    }

    #[test]
    fn names_that_are_no_settings_are_told_with_what_was_meant() {
        let source = of(&["POD_LISTNE=x", "AUTH0_SECRET_THING=x", "PATH=x"])
            .with_text("/etc/pod.toml".into(), "POD_MENU = 'm'\napi_if = 'x'");

        assert_eq!(
            strangers(&source),
            [
                "POD_LISTNE is no setting: did you mean POD_LISTEN?",
                "AUTH0_SECRET_THING is no setting: `pod-server serve --help` lists the settings",
                "POD_MENU in /etc/pod.toml is no setting: did you mean pod_menu?",
                "api_if in /etc/pod.toml is no setting: did you mean api_id?",
            ]
        );
    }

    #[test]
    fn settings_that_cannot_be_used_yet_are_not_accepted_silently() {
        let source = of(&["POD_WEBHOOK_URL=x", "POD_WEBHOOK_SECRTE=x", "APP_ENV=x"])
            .with_text("/etc/pod.toml".into(), "pod_webhook_secret = 'x'");

        assert_eq!(
            strangers(&source),
            [
                "POD_WEBHOOK_URL cannot be used yet: leave it out",
                "POD_WEBHOOK_SECRTE is no setting, and POD_WEBHOOK_SECRET, which it resembles, \
                 cannot be used yet: leave it out",
                "pod_webhook_secret in /etc/pod.toml cannot be used yet: leave it out",
            ]
        );
    }

    #[test]
    fn what_a_cluster_sets_by_itself_is_left_alone_there_and_only_there() {
        let names = ["POD_IP=10.0.0.1", "POD_PORT_80_TCP=x", "POD_LISTNE=x"];
        let mut inside = names.to_vec();
        inside.push("KUBERNETES_SERVICE_HOST=10.0.0.2");

        assert_eq!(strangers(&of(&names)).len(), 3);
        assert_eq!(strangers(&of(&inside)).len(), 1);
    }

    #[test]
    fn a_variable_that_is_not_text_is_a_problem() {
        let source = Source::new(|_| None, ["POD_LOG".to_owned()]);

        assert_eq!(
            strangers(&source),
            ["POD_LOG is not UTF-8 text: set it again"]
        );
    }

    #[test]
    fn a_broken_file_is_told_by_line_and_not_shown() {
        let text = "api_id = 'x'\napi_signing_key = 'hush";

        let source = of(&[]).with_text("pod.toml".into(), text);

        let told: Vec<String> = source.problems.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 1);
        assert!(
            told[0].starts_with("pod.toml, line 2 is not TOML: "),
            "{told:?}"
        );
        assert!(!told[0].contains("hush"), "{told:?}");
    }

    #[test]
    fn a_value_of_another_kind_is_a_problem() {
        let source = of(&[]).with_text("pod.toml".into(), "pod_code_ttl = 1.5");

        assert_eq!(
            source.problems[0].to_string(),
            "pod_code_ttl in pod.toml is neither text, nor a whole number, nor a list of texts"
        );
    }

    #[test]
    fn a_named_file_has_to_be_there() {
        let missing = Path::new("/nowhere/pod.toml");

        let source = of(&[]).with_file(Some(missing));

        let told = source.problems[0].to_string();
        assert!(
            told.starts_with("/nowhere/pod.toml cannot be read"),
            "{told}"
        );
    }
}
