//! The file that `serve` takes its environment from: lines of `NAME=VALUE`,
//! for its owner's eyes only.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

/// A setting and its value.
pub(super) struct Line {
    pub(super) name: &'static str,
    pub(super) value: SecretString,
    /// Whether what the file says already goes before.
    pub(super) keep: bool,
}

/// Writes settings into a file, in place of those that it had of the same
/// names; its other lines stay. The file is replaced as a whole, or not at all.
///
/// # Errors
///
/// What the system says.
pub(super) fn write(path: &Path, settings: &[Line]) -> io::Result<()> {
    let before = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            "# The environment of `pod-server serve`. There are secrets in it.\n".to_owned()
        }
        Err(error) => return Err(error),
    };
    let text = with(&before, settings);
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    // One that was left behind may be open to others.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;

        options.mode(0o600);
    }
    let mut file = options.open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

fn with(before: &str, settings: &[Line]) -> String {
    let name_of = |line: &str| {
        let (name, _) = line.split_once('=')?;
        Some(name.trim().to_owned())
    };
    let has = |name: &str| {
        before
            .lines()
            .any(|line| name_of(line).as_deref() == Some(name))
    };
    let written: Vec<&Line> = settings
        .iter()
        .filter(|line| !(line.keep && has(line.name)))
        .collect();
    let mut text = String::new();
    for line in before.lines() {
        let name = name_of(line);
        if !written.iter().any(|new| Some(new.name) == name.as_deref()) {
            text.push_str(line);
            text.push('\n');
        }
    }
    for line in written {
        let value = quoted(line.value.expose_secret());
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "{}={value}", line.name);
    }
    text
}

/// Whether there is a folder to write a file into.
pub(super) fn has_folder(path: &Path) -> bool {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.is_dir(),
        _ => true,
    }
}

/// A value as a shell and systemd read it.
pub(super) fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/@+=,".contains(c);
    if value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &'static str, value: &str, keep: bool) -> Line {
        Line {
            name,
            value: value.into(),
            keep,
        }
    }

    #[test]
    fn lines_of_the_same_name_are_replaced_and_others_stay() {
        let before = "# mine\nPOD_LOG=debug\nAPI_ID=old\nPOD_CODE_KEYS=first\n";
        let settings = [
            line("API_ID", "https://pod.example/api", false),
            line("POD_CODE_KEYS", "second", true),
            line("APP_CLIENT_SECRET", "it's", false),
        ];

        assert_eq!(
            with(before, &settings),
            "# mine\nPOD_LOG=debug\nPOD_CODE_KEYS=first\nAPI_ID=https://pod.example/api\n\
             APP_CLIENT_SECRET='it'\\''s'\n"
        );
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pod.env");
        fs::write(&path, "POD_LOG=debug\n").unwrap();
        fs::write(folder.path().join("pod.env.new"), "left behind").unwrap();

        write(&path, &[line("API_ID", "x", false)]).unwrap();

        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            "POD_LOG=debug\nAPI_ID=x\n"
        );
        assert!(!folder.path().join("pod.env.new").exists());
    }
}
