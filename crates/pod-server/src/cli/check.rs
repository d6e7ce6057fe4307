//! `check`: tries everything that `serve` needs, and says what is wrong and
//! how to mend it.

mod delivery;
mod web;

use std::fmt;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pod_alexa::verify::{CertificateHost, CertificateUrl, FetchError, HttpsHost, Verifier};
use pod_auth0::{Auth0Authenticator, Auth0Customers, Granted, PasswordlessMode};
use pod_core::Deadline;
use pod_http::{Http, Route};

use super::{Outcome, runtime};
use crate::causes::Causes;
use crate::config::{ChallengerKind, Config, Outbound, Source};
use crate::logging;
use crate::system::SystemClock;
use crate::wiring::{self, Store};

/// How long each supplier may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A file of Amazon's; whether it is still there does not matter.
const CERTIFICATES: &str = "https://s3.amazonaws.com/echo.api/echo-api-cert.pem";

pub(super) fn check(source: &Source<'_>) -> Outcome {
    let config = Config::read(source)?;
    let outbound = Outbound::read(source)?;
    logging::start(config.log.clone());
    let mut report = Report::default();
    report.fine("configuration", "every setting can be used");
    runtime()?.block_on(async {
        weaknesses(&mut report, &config);
        let http = routes(&mut report, &config, &outbound);
        database(&mut report, &config).await;
        if let Some(http) = http {
            tenant(&mut report, &config, &http).await;
            back_end(&mut report, &config, &http).await;
            delivery::check(&mut report, &config, &http).await;
            web::check(&mut report, &config, &http).await;
            amazon(&mut report, http).await;
        }
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
    if config.codes.challenger == ChallengerKind::Passcodes && !config.delivery.has_courier() {
        report.note(
            "courier",
            "none is configured: customers who order will hear that no code can be sent",
        );
    }
    if config.trusts_user_metadata() {
        report.note(
            "contacts",
            "AUTH0_TRUST_USER_METADATA sends codes to numbers that customers can edit",
        );
    }
    if config.tls.is_none() {
        report.note(
            "TLS",
            "off: Alexa speaks HTTPS only, so put a proxy in front, or set POD_TLS_CERT and \
             POD_TLS_KEY",
        );
    }
}

/// By which way the outside is reached, and who is trusted there; without
/// anybody, no supplier can be tried.
fn routes(report: &mut Report, config: &Config, outbound: &Outbound) -> Option<Http> {
    match &outbound.proxy {
        Some((name, address)) => {
            report.fine("proxy", format_args!("{address}, named by {name}"));
        }
        None => report.fine("proxy", "none: the outside is reached directly"),
    }
    let store = match outbound.trust.as_slice() {
        [] => "the system's".to_owned(),
        names => format!("named by {}", names.join(" and ")),
    };
    let http = match Http::new(&Route::default()) {
        Ok(http) => {
            report.fine("trust store", store);
            Some(http)
        }
        Err(error) => {
            report.wrong("trust store", Causes(&error));
            None
        }
    };
    let anchors = match config.alexa.trust_anchors {
        Some(_) => "those of POD_ALEXA_TRUST_ANCHORS, for Amazon's signatures",
        None => "the public authorities, for Amazon's signatures",
    };
    if let Some(http) = http.clone() {
        match Verifier::new(wiring::amazon(config), http) {
            Ok(_) => report.fine("trust anchors", anchors),
            Err(error) => report.wrong("trust anchors", Causes(&error)),
        }
    }
    http
}

/// The database is looked at, and not changed.
async fn database(report: &mut Report, config: &Config) {
    let database = &config.database;
    let sqlite = database.store();
    match Store::pending_migrations(&sqlite) {
        Err(error) => report.wrong("database", Causes(&error)),
        Ok(_) if !database.path().exists() => match home(database.path()) {
            Ok(()) => report.note(
                "database",
                format_args!("{database} is not there yet: `serve` creates it"),
            ),
            Err(why) => report.wrong(
                "database",
                format_args!("{database} is not there, and cannot be created: {why}"),
            ),
        },
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

/// Whether a file can be created where it is to be.
fn home(file: &Path) -> Result<(), String> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let shown = folder.display();
    if !folder.is_dir() {
        return Err(format!("there is no folder {shown}: create it"));
    }
    #[cfg(unix)]
    {
        use rustix::fs::{Access, access};

        access(folder, Access::WRITE_OK | Access::EXEC_OK).map_err(|error| {
            format!("pod may not write into the folder {shown} ({error}): give it the permission")
        })?;
    }
    Ok(())
}

async fn tenant(report: &mut Report, config: &Config, http: &Http) {
    let subject = "Auth0's keys";
    let url = config.identity.domain.jwks_url();
    let tenant = wiring::tenant(config);
    let auth0 = Auth0Authenticator::new(tenant, http.clone(), Arc::new(SystemClock));
    match auth0.check(Deadline::at(Instant::now() + PATIENCE)).await {
        Ok(1) => report.fine(subject, format_args!("one key at {url}")),
        Ok(keys) => report.fine(subject, format_args!("{keys} keys at {url}")),
        Err(fault) => report.wrong(subject, Causes(&fault)),
    }
}

/// What the back end's client may do at the tenant, found out without changing
/// anything there.
async fn back_end(report: &mut Report, config: &Config, http: &Http) {
    let (Some(customers), Some(back_end)) = (wiring::customers(config), &config.identity.back_end)
    else {
        return report.note(
            "Auth0's customers",
            "not looked up there: pod keeps contacts itself, see `pod-server contact add`",
        );
    };
    let deadline = || Deadline::at(Instant::now() + PATIENCE);
    let customers = Auth0Customers::new(customers, http.clone(), Arc::new(SystemClock));
    let by_auth0 = config.codes.challenger == ChallengerKind::Auth0;
    let needed: &[&str] = match (&back_end.mode, by_auth0) {
        (PasswordlessMode::Classic { .. }, true) => &Granted::FOR_CODES,
        _ => &Granted::FOR_CUSTOMERS,
    };
    match customers
        .check_access(&config.identity.audience, deadline())
        .await
    {
        Ok(granted) => grants(report, &granted, needed),
        Err(fault) => report.wrong("Auth0's customers", Causes(&fault)),
    }
    if by_auth0 {
        let passwordless = wiring::passwordless(back_end, &customers);
        match passwordless.check_access(deadline()).await {
            Ok(()) => report.fine("Auth0's codes", "a code that nobody was sent is refused"),
            Err(fault) => report.wrong("Auth0's codes", Causes(&fault)),
        }
    }
}

fn grants(report: &mut Report, granted: &Granted, needed: &[&str]) {
    let lacking = granted.lacks(needed);
    if lacking.is_empty() {
        report.fine("Auth0's customers", "the back end's client can read them");
    } else {
        report.wrong(
            "Auth0's customers",
            format_args!(
                "the back end's client lacks the scopes {} of the Management API: \
                 `pod-server setup auth0` grants them",
                lacking.join(", ")
            ),
        );
    }
    let beyond = granted.beyond(&Granted::FOR_CODES);
    if beyond > 0 {
        report.note(
            "Auth0's scopes",
            format_args!(
                "the back end's client has {beyond} scopes that it does not need: \
                 `pod-server setup auth0` takes them away"
            ),
        );
    }
    if granted.knows_api {
        report.fine("Auth0's API", "the tenant knows API_ID");
    } else {
        report.wrong(
            "Auth0's API",
            "the tenant knows no API of the identifier API_ID: copy it from Auth0's dashboard, \
             Applications > APIs, or run `pod-server setup auth0`",
        );
    }
}

async fn amazon(report: &mut Report, http: Http) {
    let subject = "Amazon's host";
    // It is a constant.
    let Ok(url) = CertificateUrl::parse(CERTIFICATES) else {
        return;
    };
    match HttpsHost::new(http)
        .fetch(&url, Instant::now() + PATIENCE)
        .await
    {
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
