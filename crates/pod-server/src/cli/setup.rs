//! `setup`: has the suppliers know pod, so that nobody has to click through
//! their dashboards.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use pod_auth0::ConnectionName;
use pod_auth0::setup::{
    Auth0Setup, Blueprint, Credentials, SETUP_SCOPES, SetupConfig, SetupError, TestUser,
};
use pod_core::ports::Clock as _;
use pod_core::{BoxError, EmailAddress, PhoneNumber};
use pod_http::{Http, Route};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;
use url::form_urlencoded::byte_serialize;

use super::env_file::{self, Line};
use super::{ConfigFile, Outcome, runtime};
use crate::config::{SetupSettings, Source, fresh_code_key};
use crate::logging;
use crate::system::{OsEntropy, SystemClock};

#[derive(Subcommand)]
pub(crate) enum SetupCommand {
    /// Makes everything in an Auth0 tenant that pod needs, or mends it
    ///
    /// It shows first what it will do, does it, and writes the environment for `serve` into a
    /// file. Done again, it finds nothing to do, or repairs what somebody changed; what is none
    /// of pod's stays as it is.
    #[command(after_help = settings())]
    Auth0(Box<SetupArgs>),
}

/// How a tenant is to be set up.
#[derive(Args)]
pub(crate) struct SetupArgs {
    /// Shows what there is to do, and does nothing
    #[arg(long)]
    dry_run: bool,
    /// What the names of the applications begin with
    #[arg(long, value_name = "NAME", default_value = "pod")]
    name: String,
    /// The vendor in the Alexa developer console, to know its redirect URLs by
    #[arg(long, value_name = "ID", conflicts_with = "alexa_redirect")]
    alexa_vendor_id: Option<String>,
    /// A redirect URL that the Alexa developer console shows; give all of them
    #[arg(long, value_name = "URL")]
    alexa_redirect: Vec<Url>,
    /// The public address of pod, for signing in to its web page
    #[arg(long, value_name = "URL")]
    public_url: Option<Url>,
    /// The connection that has customers' passwords
    #[arg(long, value_name = "NAME", default_value = "POD-DB", value_parser = connection)]
    database_connection: ConnectionName,
    /// The e-mail address of a customer to try it all with
    #[arg(long, value_name = "EMAIL", value_parser = email)]
    test_user: Option<String>,
    /// The telephone of that customer
    #[arg(long, value_name = "NUMBER", requires = "test_user", value_parser = phone)]
    test_phone: Option<String>,
    /// Where to write the environment for `serve`
    #[arg(long, value_name = "FILE", default_value = "pod.env")]
    env_file: PathBuf,
    #[command(flatten)]
    pub(super) config: ConfigFile,
}

/// The settings that `setup auth0` goes by, for `--help`.
fn settings() -> String {
    format!(
        "Settings, from the environment or, in lower case, from pod.toml. Those marked * may be \
         given as NAME_FILE, the path of a file that has them.\n\n\
         \x20 AUTH0_DOMAIN            the tenant's own domain (required)\n\
         \x20 API_ID                  the identifier of the API (required)\n\
         \x20 SETUP_CLIENT_ID         the administrator's client: machine to machine (required)\n\
         \x20 SETUP_CLIENT_SECRET*    its secret (required)\n\
         \x20 POD_ALEXA_SKILL_ID      the skill's id, for the environment of `serve`\n\
         \x20 POD_ALEXA_SCOPE         the scope of access tokens [order:pizza]\n\
         \x20 POD_CODE_DIGITS         how many digits a code has [6]\n\
         \x20 POD_CODE_TTL            how many seconds a code can be used [300]\n\
         \x20 SETUP_TEST_PASSWORD*    the password of --test-user\n\
         \x20 TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN*, TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID\n\
         \x20                         who carries text messages\n\
         \x20 POD_SMTP_URL*, POD_MAIL_FROM\n\
         \x20                         who carries e-mail: smtps://USER:PASSWORD@HOST\n\n\
         The administrator's client needs these scopes of the Auth0 Management API, and those of\n\
         phone_providers and email_provider if messages are carried by your own:\n\
         {}\n",
        SETUP_SCOPES
            .chunks(3)
            .map(|some| format!("  {}", some.join(" ")))
            .collect::<Vec<_>>()
            .join("\n")
    )
}

pub(super) fn auth0(args: &SetupArgs, source: &Source<'_>) -> Outcome {
    let settings = SetupSettings::read(source)?;
    logging::start(settings.log.clone());
    let wanted = wanted(args, &settings)?;
    if !env_file::has_folder(&args.env_file) {
        let file = args.env_file.display();
        return Err(format!("there is no folder for {file}: name another with --env-file").into());
    }
    let config = SetupConfig {
        domain: settings.domain.clone(),
        client: settings.client.clone(),
        secret: settings.secret.clone(),
    };
    let setup = Auth0Setup::new(config, Http::new(&Route::default())?, Arc::new(SystemClock));
    runtime()?.block_on(async {
        let plan = setup.plan(&wanted).await?;
        if plan.is_empty() {
            println!("There is nothing to do: the tenant is as pod needs it.");
        } else {
            println!("To do in the tenant {}:\n", settings.domain.issuer());
            for (number, step) in (1..).zip(plan.steps()) {
                println!("{number:>4}. {step}");
            }
        }
        if args.dry_run {
            if !plan.is_empty() {
                println!("\nNothing was done (--dry-run).");
            }
            return Ok(ExitCode::SUCCESS);
        }
        if !plan.is_empty() {
            println!();
        }
        let applied = setup.apply(&wanted, |step| {
            println!("done  {step}");
            // Whoever watches wants to see how far it is.
            let _ = io::stdout().flush();
        });
        let credentials = match applied.await {
            Ok(credentials) => credentials,
            Err(error) => {
                explain(&error);
                return Err(error.into());
            }
        };
        env_file::write(
            &args.env_file,
            &environment(&settings, &wanted, &credentials)?,
        )
        .map_err(|error| {
            format!(
                "everything was done in the tenant, but {} cannot be written ({error}): name \
                     another file with --env-file and run this again",
                args.env_file.display()
            )
        })?;
        print!("{}", farewell(args, &settings, &wanted, &credentials));
        Ok(ExitCode::SUCCESS)
    })
}

fn wanted(args: &SetupArgs, settings: &SetupSettings) -> Result<Blueprint, BoxError> {
    let Some(scope) = settings.scope.as_str() else {
        return Err("POD_ALEXA_SCOPE is none, but an API needs a scope: leave it out".into());
    };
    let test_user = match (&args.test_user, &settings.test_password) {
        (None, _) => None,
        (Some(email), Some(password)) => Some(TestUser {
            email: email.clone(),
            password: password.clone(),
            phone: args.test_phone.clone(),
        }),
        (Some(_), None) => {
            return Err("the test user needs a password: set SETUP_TEST_PASSWORD".into());
        }
    };
    let redirects = match &args.alexa_vendor_id {
        Some(vendor) => Blueprint::alexa_redirects_of(vendor),
        None => args.alexa_redirect.iter().map(Url::to_string).collect(),
    };
    Ok(Blueprint {
        name: args.name.clone(),
        audience: settings.audience.clone(),
        scope: scope.to_owned(),
        alexa_redirects: redirects,
        public_url: args
            .public_url
            .as_ref()
            .map(|url| url.as_str().trim_end_matches('/').to_owned()),
        digits: settings.digits.get(),
        lifetime: settings.lifetime(),
        database: args.database_connection.clone(),
        twilio: settings.twilio.clone(),
        smtp: settings.smtp.clone(),
        test_user,
    })
}

/// Says how far it came.
fn explain(error: &SetupError) {
    let SetupError::Step { done, left, .. } = error else {
        return;
    };
    println!();
    match done.len() {
        0 => println!("Nothing was changed."),
        1 => println!("One step was done and stays."),
        many => println!("{many} steps were done and stay."),
    }
    println!("Not done:");
    for step in left {
        println!("  - {step}");
    }
    println!("Once the reason is mended, run this again: it does what is left.\n");
}

fn environment(
    settings: &SetupSettings,
    wanted: &Blueprint,
    credentials: &Credentials,
) -> Result<Vec<Line>, BoxError> {
    let line = |name, value: &str| Line {
        name,
        value: value.into(),
        keep: false,
    };
    let domain = settings.domain.issuer().trim_end_matches('/');
    let scope = settings.scope.as_str().unwrap_or("none");
    let digits = match settings.digits.get() {
        4 => "4-as-in-2017".to_owned(),
        digits => digits.to_string(),
    };
    let mut lines = vec![
        line(
            "AUTH0_DOMAIN",
            domain.strip_prefix("https://").unwrap_or(domain),
        ),
        line("API_ID", settings.audience.as_str()),
        line("APP_CLIENT_ID", &credentials.back_end_client),
        line(
            "APP_CLIENT_SECRET",
            credentials.back_end_secret.expose_secret(),
        ),
        line("POD_ALEXA_CLIENT_ID", &credentials.alexa_client),
        line("POD_ALEXA_SCOPE", scope),
        line("POD_CHALLENGER", "auth0"),
        line("POD_CODE_DIGITS", &digits),
        line("POD_CODE_TTL", &settings.lifetime().as_secs().to_string()),
    ];
    if let Some(skill_id) = &settings.skill_id {
        lines.push(line("POD_ALEXA_SKILL_ID", skill_id));
    }
    // Without its address there is no web app.
    if let Some(public) = &wanted.public_url {
        lines.extend([
            line("POD_PUBLIC_URL", public),
            line("POD_WEB_CLIENT_ID", &credentials.web_client),
            line(
                "POD_WEB_CLIENT_SECRET",
                credentials.web_secret.expose_secret(),
            ),
        ]);
    }
    let now = SystemClock.now().to_string();
    let (day, _) = now.split_once('T').unwrap_or((&now, ""));
    lines.push(Line {
        name: "POD_CODE_KEYS",
        value: SecretString::from(fresh_code_key(day, &OsEntropy)?.expose_secret()),
        keep: true,
    });
    Ok(lines)
}

/// What is left to do by hand.
fn farewell(
    args: &SetupArgs,
    settings: &SetupSettings,
    wanted: &Blueprint,
    credentials: &Credentials,
) -> String {
    let issuer = settings.domain.issuer();
    let host = issuer
        .split_once("://")
        .map_or(issuer, |(_, rest)| rest)
        .trim_end_matches('/');
    let audience: String = byte_serialize(wanted.audience.as_str().as_bytes()).collect();
    let file = args.env_file.display();
    let mut text = format!(
        "\nThe environment for `serve` is in {file}, for your eyes only: there are secrets in it.\n\
         \n\
         In the Alexa developer console, under Build > Account Linking, fill in:\n\
         \n\
         \x20 Authorization grant type   Auth Code Grant\n\
         \x20 Web authorization URI      {issuer}authorize?audience={audience}\n\
         \x20 Access token URI           {issuer}oauth/token\n\
         \x20 Your client ID             {}\n\
         \x20 Your secret                the client secret of {:?}, in Auth0's dashboard under Applications\n\
         \x20 Authentication scheme      HTTP Basic\n\
         \x20 Scopes                     openid, offline_access, {}\n\
         \x20 Domain list                {host}\n\
         \x20 Proof Key for Code Exchange (PKCE)   on, S256\n",
        credentials.alexa_client,
        format!("{} Alexa", wanted.name),
        wanted.scope,
    );
    if wanted.alexa_redirects.is_empty() {
        text.push_str(
            "\nThe console shows Alexa's redirect URLs there. Run this again with one --alexa-redirect\n\
             for each of them: until then Auth0 takes nobody back to Alexa.\n",
        );
    }
    if settings.skill_id.is_none() {
        let line = "before you start `serve`";
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            text,
            "\nWrite the skill's id into {file}, as POD_ALEXA_SKILL_ID, {line}."
        );
    }
    if wanted.public_url.is_none() {
        text.push_str(
            "\nFor the web app, run this again with --public-url https://HOST, by which browsers\n\
             reach pod: this time nothing of it was written.\n",
        );
    }
    let from = if args.env_file.is_absolute() {
        ""
    } else {
        "./"
    };
    let _ = writeln!(
        text,
        "\nThen: set -a; . {from}{file}; set +a; pod-server check; pod-server serve"
    );
    text
}

fn connection(raw: &str) -> Result<ConnectionName, String> {
    ConnectionName::parse(raw).map_err(|error| error.to_string())
}

fn email(raw: &str) -> Result<String, String> {
    let address = EmailAddress::parse(raw).map_err(|error| error.to_string())?;
    Ok(address.expose().to_owned())
}

fn phone(raw: &str) -> Result<String, String> {
    let number = PhoneNumber::parse(raw).map_err(|error| error.to_string())?;
    Ok(number.expose().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SETUP_SETTINGS;

    #[test]
    fn the_help_names_every_setting_of_setting_up() {
        for name in SETUP_SETTINGS {
            assert!(settings().contains(name), "{name}");
        }
    }
}
