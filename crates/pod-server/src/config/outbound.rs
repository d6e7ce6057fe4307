//! The variables of the environment that say how the outside is reached. They
//! are not pod's own, and what goes wrong with them elsewhere would be told by
//! nobody, or in nobody's words.

use std::fmt;
use std::path::{Path, PathBuf};

use axum::http::Uri;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use super::problem::ConfigError;
use super::reader::{Reader, read_file};
use super::source::Source;

/// How the outside is reached: through which proxy, and trusting whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outbound {
    /// The proxy, and the variable that names it; `None` for none.
    pub proxy: Option<(&'static str, ProxyAddress)>,
    /// The variables that say whom to trust; none for the system's own store.
    pub trust: Vec<&'static str>,
}

/// Where a proxy is, without the name and the password that it may ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyAddress(String);

impl fmt::Display for ProxyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The variables that name a proxy for HTTPS. Of each row the first that is
/// set counts, even if it is empty; of the rows, the first that names one.
const PROXIES: [[&str; 2]; 2] = [["HTTPS_PROXY", "https_proxy"], ["ALL_PROXY", "all_proxy"]];

const FILE: &str = "SSL_CERT_FILE";
const FOLDERS: &str = "SSL_CERT_DIR";

impl Outbound {
    /// Reads how the outside is reached.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with everything that leads nowhere.
    pub fn read(source: &Source<'_>) -> Result<Self, ConfigError> {
        let mut reader = Reader::of_few(source);
        let outbound = Self::judge(&mut reader);
        reader.into_problems()?;
        Ok(outbound)
    }

    /// Reads how the outside is reached; what leads nowhere is a problem.
    pub(super) fn judge(reader: &mut Reader<'_>) -> Self {
        let mut proxy = None;
        for row in PROXIES {
            if let Some(name) = row.into_iter().find(|name| reader.has_variable(name)) {
                let named = reader.variable(name, address).flatten();
                proxy = proxy.or(named.map(|address| (name, address)));
            }
        }
        let trust = [FILE, FOLDERS].into_iter();
        let trust = trust.filter(|name| reader.has_variable(name)).collect();
        let file = reader.variable(FILE, |path| certificates(Path::new(path)));
        // Beside a file, folders may be empty.
        let alone = file.is_none() && !reader.has_variable(FILE);
        reader.variable(FOLDERS, |paths| folders(paths, alone));
        Self { proxy, trust }
    }
}

/// Reads a proxy's address as the HTTP client does, which passes over what it
/// cannot read. It is not shown: it may have a password in it.
fn address(raw: &str) -> Result<Option<ProxyAddress>, &'static str> {
    const HOW: &str = "write the proxy as http://host:port, or leave it out";

    if raw.is_empty() {
        return Ok(None);
    }
    let uri: Uri = raw.parse().map_err(|_| HOW)?;
    let scheme = uri.scheme_str().unwrap_or("http");
    let authority = uri.authority().ok_or(HOW)?.as_str();
    let host = authority.rsplit('@').next().unwrap_or_default();
    if !matches!(scheme, "http" | "https") || host.is_empty() {
        return Err(HOW);
    }
    Ok(Some(ProxyAddress(format!("{scheme}://{host}"))))
}

/// Looks for certificates in a file.
fn certificates(path: &Path) -> Result<(), String> {
    let path = path.display().to_string();
    let pem = read_file(&path)?;
    // One that is good is enough: whoever reads it passes over the others.
    if CertificateDer::pem_slice_iter(&pem).any(|found| found.is_ok()) {
        Ok(())
    } else {
        Err(format!("{path} has no PEM certificate in it"))
    }
}

/// Looks for certificates in folders.
fn folders(paths: &str, needed: bool) -> Result<(), String> {
    let mut found = false;
    let folders = std::env::split_paths(paths);
    for folder in folders.filter(|path| !path.as_os_str().is_empty()) {
        found |= files(&folder)?
            .iter()
            .any(|file| certificates(file).is_ok());
    }
    if needed && !found && !paths.is_empty() {
        return Err("there is no PEM certificate in it".to_owned());
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder)
        .map_err(|error| format!("{} cannot be read ({error})", folder.display()))?;
    Ok(entries.flatten().map(|entry| entry.path()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Outbound, Vec<String>> {
        let var = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let read = Outbound::read(&Source::new(var, []));
        read.map_err(|error| error.problems().iter().map(ToString::to_string).collect())
    }

    fn proxy(variables: &[(&str, &str)]) -> Option<(&'static str, String)> {
        let outbound = read(variables).unwrap();
        outbound
            .proxy
            .map(|(name, address)| (name, address.to_string()))
    }

    #[test]
    fn a_proxy_is_told_without_its_password() {
        let told = |raw| proxy(&[("HTTPS_PROXY", raw)]).map(|(_, address)| address);

        for (raw, address) in [
            ("http://proxy:3128", "http://proxy:3128"),
            ("proxy:3128", "http://proxy:3128"),
            ("https://ada:hush@proxy/", "https://proxy"),
            ("http://ada:hu%40sh@[::1]:1", "http://[::1]:1"),
        ] {
            assert_eq!(told(raw).as_deref(), Some(address), "{raw}");
        }
        for raw in [
            "ftp://hush@proxy",
            "socks5://hush@proxy",
            "http://",
            "/hush",
            "http://a b:hush@proxy",
        ] {
            let told = read(&[("HTTPS_PROXY", raw)]).unwrap_err();
            assert_eq!(told.len(), 1, "{raw}");
            assert!(!told[0].contains("hush"), "{told:?}");
        }
    }

    #[test]
    fn the_first_variable_that_names_a_proxy_counts() {
        let http = ("https_proxy", "http://one");
        let all = ("ALL_PROXY", "http://two");

        assert_eq!(proxy(&[]), None);
        assert_eq!(
            proxy(&[http, all]),
            Some(("https_proxy", "http://one".to_owned()))
        );
        assert_eq!(
            proxy(&[("HTTPS_PROXY", ""), http, all]),
            Some(("ALL_PROXY", "http://two".to_owned()))
        );
    }

    #[test]
    fn whom_to_trust_has_to_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(["root".to_owned()]).unwrap();
        let file = folder.path().join("root.pem");
        std::fs::write(&file, made.cert.pem()).unwrap();
        let empty = tempfile::tempdir().unwrap();
        let (file, folder) = (file.to_str().unwrap(), folder.path().to_str().unwrap());
        let empty = empty.path().to_str().unwrap();

        let both = read(&[(FILE, file), (FOLDERS, empty)]).unwrap();
        let folders = format!("{empty}:{folder}");

        assert_eq!(both.trust, [FILE, FOLDERS]);
        assert_eq!(read(&[(FOLDERS, &folders)]).unwrap().trust, [FOLDERS]);
        assert_eq!(
            read(&[(FOLDERS, empty)]).unwrap_err(),
            ["SSL_CERT_DIR is wrong: there is no PEM certificate in it"]
        );
        assert_eq!(
            read(&[(FILE, ""), (FOLDERS, "/nowhere")])
                .unwrap_err()
                .len(),
            2
        );
    }
}
