//! Where a mail server is, as one line.

use std::fmt;
use std::net::IpAddr;

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use thiserror::Error;
use url::{Host, Url};

/// Where mail is handed over: `smtps://user:password@host:465` or
/// `smtp://user:password@host:587?tls=required`.
///
/// `smtps` speaks TLS from the start (RFC 8314, 3.3); `smtp` with
/// `tls=required` begins in the clear and goes no further without STARTTLS.
/// Plain `smtp` is for a server on this machine only.
#[derive(Clone)]
pub struct SmtpUrl {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    pub(super) login: Option<(String, SecretString)>,
}

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Security {
    /// TLS from the start.
    Implicit,
    /// STARTTLS, or nothing.
    Required,
    /// Nothing: it never leaves this machine.
    None,
}

/// Why a line says nothing of where a mail server is. What was given is left
/// out on purpose: it may have a password in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidSmtpUrl {
    /// It is not of that form.
    #[error(
        "write it as smtps://user:password@host:465 or smtp://user:password@host:587?tls=required"
    )]
    Form,
    /// It asks for something else than TLS.
    #[error("the only parameter is tls=required, and smtps needs none")]
    Parameters,
    /// It would send codes, and passwords, in the clear.
    #[error(
        "write smtps://, or add ?tls=required: only a server on this machine is spoken to in the \
         clear"
    )]
    Clear,
    /// One of user and password is missing.
    #[error("a user needs a password, and a password a user")]
    Login,
}

impl SmtpUrl {
    /// Reads a line.
    ///
    /// # Errors
    ///
    /// [`InvalidSmtpUrl`], one variant for each reason.
    pub fn parse(raw: &str) -> Result<Self, InvalidSmtpUrl> {
        let url: Url = raw.parse().map_err(|_| InvalidSmtpUrl::Form)?;
        let host = url.host_str().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() || !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(InvalidSmtpUrl::Form);
        }
        let (security, port) = match (url.scheme(), url.query()) {
            ("smtps", None) => (Security::Implicit, 465),
            ("smtp", Some("tls=required")) => (Security::Required, 587),
            ("smtp", None) if is_loopback(host) => (Security::None, 25),
            ("smtp", None) => return Err(InvalidSmtpUrl::Clear),
            ("smtps" | "smtp", Some(_)) => return Err(InvalidSmtpUrl::Parameters),
            _ => return Err(InvalidSmtpUrl::Form),
        };
        let decoded = |raw: &str| {
            let decoded = percent_decode_str(raw).decode_utf8();
            decoded.map(String::from).map_err(|_| InvalidSmtpUrl::Form)
        };
        let login = match (url.username(), url.password()) {
            ("", None) => None,
            (user, Some(password)) if !user.is_empty() && !password.is_empty() => {
                Some((decoded(user)?, decoded(password)?.into()))
            }
            _ => return Err(InvalidSmtpUrl::Login),
        };
        Ok(Self {
            host: host.to_owned(),
            port: url.port().unwrap_or(port),
            security,
            login,
        })
    }
}

fn is_loopback(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost",
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Err(_) => host
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback()),
    }
}

/// Without user and password.
impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmtpUrl({self})")
    }
}

/// The server, without user and password.
impl fmt::Display for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn a_server_is_read_with_its_port_and_how_it_is_protected() {
        let read = |raw| {
            let url = SmtpUrl::parse(raw).unwrap();
            (url.host, url.port, url.security)
        };
        let host = || "mail.example.com".to_owned();
        assert_eq!(
            read("smtps://mail.example.com"),
            (host(), 465, Security::Implicit)
        );
        assert_eq!(
            read("smtps://u:p@mail.example.com:4465/"),
            (host(), 4465, Security::Implicit)
        );
        assert_eq!(
            read("smtp://mail.example.com?tls=required"),
            (host(), 587, Security::Required)
        );
        for raw in ["smtp://127.0.0.1:25", "smtp://localhost", "smtp://[::1]:25"] {
            assert_eq!(read(raw).2, Security::None, "{raw}");
        }
    }

    #[test]
    fn user_and_password_may_have_any_characters() {
        let url = SmtpUrl::parse("smtps://ada%40example.com:p%3Aw%2F%25@mail.example.com").unwrap();
        let (user, password) = url.login.clone().unwrap();
        assert_eq!(user, "ada@example.com");
        assert_eq!(password.expose_secret(), "p:w/%");
        assert_eq!(format!("{url:?}"), "SmtpUrl(mail.example.com:465)");
    }

    #[test]
    fn codes_leave_the_machine_protected_or_not_at_all() {
        use InvalidSmtpUrl as Invalid;
        for (raw, why) in [
            ("", Invalid::Form),
            ("mail.example.com:25", Invalid::Form),
            ("http://mail.example.com", Invalid::Form),
            ("smtps://", Invalid::Form),
            ("smtps://mail.example.com/path", Invalid::Form),
            ("smtp://mail.example.com:25", Invalid::Clear),
            ("smtp://127.0.0.1.example.com", Invalid::Clear),
            ("smtp://mail.example.com?tls=none", Invalid::Parameters),
            (
                "smtp://mail.example.com?tls=opportunistic",
                Invalid::Parameters,
            ),
            ("smtps://mail.example.com?tls=required", Invalid::Parameters),
            ("smtps://ada@mail.example.com", Invalid::Login),
            ("smtps://:secret@mail.example.com", Invalid::Login),
        ] {
            assert_eq!(SmtpUrl::parse(raw).unwrap_err(), why, "{raw}");
        }
    }
}
