//! `check`: tries everything that `serve` needs, and says what is wrong and
//! how to mend it.

use std::fmt;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pod_alexa::verify::{
    CertificateHost as _, CertificateUrl, FetchError, HttpsHost, Route, Verifier,
};
use pod_auth0::{Auth0Authenticator, Proxy};
use pod_core::Deadline;

use super::{Outcome, runtime};
use crate::causes::Causes;
use crate::config::{Config, Source};
use crate::logging;
use crate::system::SystemClock;
use crate::wiring::{self, Store};

/// How long each supplier may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A file of Amazon's; whether it is still there does not matter.
const CERTIFICATES: &str = "https://s3.amazonaws.com/echo.api/echo-api-cert.pem";

pub(super) fn check(source: &Source<'_>) -> Outcome {
    let config = Config::read(source)?;
    logging::start(config.log.clone());
    let mut report = Report::default();
    report.fine("configuration", "every setting can be used");
    runtime()?.block_on(async {
        weaknesses(&mut report, &config);
        database(&mut report, &config).await;
        tenant(&mut report, &config).await;
        amazon(&mut report, &config).await;
    });
    println!("{report}");
    Ok(if report.failures == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What was found, a line each.
#[derive(Default)]
struct Report {
    lines: Vec<String>,
    failures: usize,
}

impl Report {
    fn fine(&mut self, subject: &str, what: impl fmt::Display) {
        self.line("ok", subject, what);
    }

    fn note(&mut self, subject: &str, what: impl fmt::Display) {
        self.line("note", subject, what);
    }

    fn wrong(&mut self, subject: &str, what: impl fmt::Display) {
        self.failures += 1;
        self.line("WRONG", subject, what);
    }

    fn line(&mut self, verdict: &str, subject: &str, what: impl fmt::Display) {
        self.lines
            .push(format!("{verdict:<6} {subject:<17} {what}"));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        match self.failures {
            0 => f.write_str("everything that was tried works"),
            1 => f.write_str("one thing is wrong"),
            many => write!(f, "{many} things are wrong"),
        }
    }
}

fn weaknesses(report: &mut Report, config: &Config) {
    if config.codes.digits.is_weak() {
        report.note(
            "codes",
            "POD_CODE_DIGITS is below the six that NIST SP 800-63B-4 and OWASP ASVS ask for",
        );
    }
    report.note(
        "courier",
        "none is configured: customers who order will hear that no code can be sent",
    );
    if config.tls.is_none() {
        report.note(
            "TLS",
            "off: Alexa speaks HTTPS only, so put a proxy in front, or set POD_TLS_CERT and \
             POD_TLS_KEY",
        );
    }
}

/// The database is looked at, and not changed.
async fn database(report: &mut Report, config: &Config) {
    let database = &config.database;
    let sqlite = database.store();
    match Store::pending_migrations(&sqlite) {
        Err(error) => report.wrong("database", Causes(&error)),
        Ok(_) if !database.path().exists() => {
            report.note(
                "database",
                format_args!("{database} is not there yet: `serve` creates it"),
            );
        }
        Ok(steps) if !steps.is_empty() => report.note(
            "database",
            format_args!("{database} is behind: `serve` or `migrate` brings it up to date"),
        ),
        Ok(_) => match Store::open(&sqlite.without_migrating()) {
            Err(error) => report.wrong("database", Causes(&error)),
            Ok(store) => {
                match store.check().await {
                    Ok(()) => report.fine("database", format_args!("{database} works")),
                    Err(fault) => report.wrong("database", Causes(&fault)),
                }
                store.close().await;
            }
        },
    }
}

async fn tenant(report: &mut Report, config: &Config) {
    let subject = "Auth0's keys";
    let url = config.identity.domain.jwks_url();
    let tenant = wiring::tenant(config, Proxy::System);
    let checked = match Auth0Authenticator::new(tenant, Arc::new(SystemClock)) {
        Ok(auth0) => auth0.check(Deadline::at(Instant::now() + PATIENCE)).await,
        Err(fault) => Err(fault),
    };
    match checked {
        Ok(1) => report.fine(subject, format_args!("one key at {url}")),
        Ok(keys) => report.fine(subject, format_args!("{keys} keys at {url}")),
        Err(fault) => report.wrong(subject, Causes(&fault)),
    }
}

async fn amazon(report: &mut Report, config: &Config) {
    let subject = "Amazon's host";
    let route = Route::default();
    if let Err(error) = Verifier::new(wiring::amazon(config), &route) {
        report.wrong("trust anchors", Causes(&error));
        return;
    }
    let host = match HttpsHost::new(&route) {
        Ok(host) => host,
        Err(error) => return report.wrong(subject, Causes(&error)),
    };
    let Ok(url) = CertificateUrl::parse(CERTIFICATES) else {
        return;
    };
    match host.fetch(&url, Instant::now() + PATIENCE).await {
        // Any answer came over TLS, from the host that all certificates are on.
        Ok(_) | Err(FetchError::Status(_)) => {
            report.fine(subject, "the host of Amazon's certificates answers");
        }
        Err(error) => report.wrong(
            subject,
            format_args!(
                "{}; let this machine reach https://s3.amazonaws.com, or set HTTPS_PROXY, and \
                 SSL_CERT_FILE if the proxy looks inside",
                Causes(&error)
            ),
        ),
    }
}
