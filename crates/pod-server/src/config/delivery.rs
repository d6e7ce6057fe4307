//! How codes reach customers: who carries them, in which words, and what is
//! done against abuse.

use std::fmt;

use pod_core::{ConversionLimits, ConversionWindow};
use pod_delivery::{
    InvalidWords, MailFrom, SmtpConfig, SmtpUrl, TwilioAccount, TwilioCredentials, TwilioSender,
    TwilioSid, WebhookKey, WebhookSecret, Words,
};
use pod_http::is_protected;
use secrecy::SecretString;
use url::Url;

use super::reader::Reader;
use super::values::{BasePath, ChallengerKind};

/// Connections to the mail server, if nothing is said.
const CONNECTIONS: u32 = 8;

/// How codes reach customers.
#[derive(Clone)]
pub struct DeliveryConfig {
    /// The shop, as customers know it.
    pub shop: String,
    /// The account at Twilio.
    pub twilio: Option<TwilioAccount>,
    /// Whom text messages are from; `None`: none are sent by Twilio.
    pub sender: Option<TwilioSender>,
    /// Where Twilio reports what became of messages, and how that is
    /// verified.
    pub reports: Option<ReportsConfig>,
    /// The service of Twilio Verify.
    pub verify: Option<TwilioSid>,
    /// The mail server.
    pub mail: Option<SmtpConfig>,
    /// Who else carries codes.
    pub webhook: Option<(Url, WebhookSecret)>,
    /// The words of messages; `None` if pod sends none.
    pub words: Option<Words>,
    /// Whether codes may go by e-mail.
    pub email_fallback: bool,
    /// How many codes texted to a country may remain unused.
    pub conversions: ConversionLimits,
}

/// How Twilio reports what became of messages.
#[derive(Clone)]
pub struct ReportsConfig {
    /// The address that Twilio is told.
    pub address: Url,
    /// What it signs with.
    pub auth_token: Option<SecretString>,
    /// Keys that it signs with instead.
    pub keys: Vec<WebhookKey>,
}

impl DeliveryConfig {
    /// No supplier at all.
    #[must_use]
    pub fn none() -> Self {
        Self {
            shop: SHOP.to_owned(),
            twilio: None,
            sender: None,
            reports: None,
            verify: None,
            mail: None,
            webhook: None,
            words: None,
            email_fallback: true,
            conversions: ConversionLimits::default(),
        }
    }

    /// Whether anybody carries codes of pod's own.
    #[must_use]
    pub fn has_courier(&self) -> bool {
        self.carries_texts() || self.mail.is_some()
    }

    /// Whether anybody carries codes of pod's own to telephones.
    #[must_use]
    pub fn carries_texts(&self) -> bool {
        self.sender.is_some() || self.webhook.is_some()
    }
}

/// The shop, if nothing is said.
const SHOP: &str = "Pizza on Demand";

/// What is of use only where pod sends messages itself.
const OF_COURIERS: [&str; 10] = [
    "POD_DELIVERY_SECRET",
    "POD_DELIVERY_URL",
    "POD_MAIL_CONNECTIONS",
    "POD_MAIL_FROM",
    "POD_PUBLIC_URL",
    "POD_SMTP_URL",
    "TWILIO_FROM",
    "TWILIO_MESSAGING_SERVICE_SID",
    "TWILIO_WEBHOOK_KEY",
    "TWILIO_VERIFY_SERVICE_SID",
];

/// What is of use only with an account at Twilio.
const OF_TWILIO: [&str; 5] = [
    "TWILIO_ACCOUNT_SID",
    "TWILIO_API_KEY",
    "TWILIO_API_SECRET",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_BASE_URL",
];

/// Reads it all, for codes of this challenger's.
pub(super) fn read(
    reader: &mut Reader<'_>,
    challenger: ChallengerKind,
    base_path: &BasePath,
) -> DeliveryConfig {
    let mut config = DeliveryConfig {
        email_fallback: reader.or_default("POD_EMAIL_FALLBACK", true, on_or_off),
        conversions: conversions(reader),
        ..DeliveryConfig::none()
    };
    config.shop = reader.or_default("POD_SHOP_NAME", config.shop, |raw| {
        Words::new(raw, "pod.example.com").map(|_| raw.to_owned())
    });
    match challenger {
        ChallengerKind::Passcodes => couriers(reader, &mut config, base_path),
        ChallengerKind::TwilioVerify => verify(reader, &mut config),
        ChallengerKind::Auth0 => {
            let why = "is set, but Auth0 sends the codes: set POD_CHALLENGER to passcodes, or \
                       leave it out";
            useless(reader, OF_COURIERS.into_iter().chain(OF_TWILIO), why);
        }
    }
    config
}

fn useless<'n>(reader: &mut Reader<'_>, names: impl Iterator<Item = &'n str>, why: &str) {
    for name in names {
        // The web app needs it whoever carries messages.
        let elsewhere = name == "POD_PUBLIC_URL" && is_made(reader, "POD_WEB_CLIENT_ID");
        if is_made(reader, name) && !elsewhere {
            reader.say(name, why);
        }
    }
}

/// Whether a setting is made, be it by a file.
pub(super) fn is_made(reader: &Reader<'_>, name: &str) -> bool {
    reader.has(name) || reader.has(&format!("{name}_FILE"))
}

fn couriers(reader: &mut Reader<'_>, config: &mut DeliveryConfig, base_path: &BasePath) {
    useless(
        reader,
        ["TWILIO_VERIFY_SERVICE_SID"].into_iter(),
        "is set, but pod makes the codes: set POD_CHALLENGER to twilio-verify, or leave it out",
    );
    let by_text = ["TWILIO_FROM", "TWILIO_MESSAGING_SERVICE_SID"]
        .iter()
        .chain(&OF_TWILIO)
        .any(|name| is_made(reader, name));
    let token = secret(reader, "TWILIO_AUTH_TOKEN");
    let keys = reader.optional_secret("TWILIO_WEBHOOK_KEY", webhook_key);
    if by_text {
        config.twilio = account(reader, token.clone());
        config.sender = sender(reader);
    }
    config.mail = mail(reader);
    config.webhook = webhook(reader);

    let by_mail = is_made(reader, "POD_SMTP_URL");
    if by_mail && !config.email_fallback {
        reader.say(
            "POD_SMTP_URL",
            "is set, but POD_EMAIL_FALLBACK is off, and no mail is sent: leave one of the two out",
        );
    }
    let by_webhook = is_made(reader, "POD_DELIVERY_URL");
    if by_webhook && by_text && (by_mail || !config.email_fallback) {
        reader.say(
            "POD_DELIVERY_URL",
            "is set, but Twilio and the mail server carry everything: leave one of the three out",
        );
    }
    if !by_text {
        useless(
            reader,
            ["TWILIO_WEBHOOK_KEY"].into_iter(),
            "is set, but Twilio sends no messages: set TWILIO_ACCOUNT_SID, or leave it out",
        );
    }
    let sends = by_text || by_mail || by_webhook;
    if !sends {
        let why = "is set, but nobody carries messages: set up a supplier, or leave it out";
        return useless(reader, ["POD_PUBLIC_URL"].into_iter(), why);
    }
    let Some(public) = public(reader) else {
        return;
    };
    let host = public.host_str().unwrap_or_default();
    match Words::new(&config.shop, host) {
        Ok(words) => config.words = Some(words),
        Err(error @ InvalidWords::Host) => {
            reader.say("POD_PUBLIC_URL", format_args!("is wrong: {error}"));
        }
        Err(error) => reader.say("POD_SHOP_NAME", format_args!("is wrong: {error}")),
    }
    // Without a key nobody could tell a report from a forgery.
    if by_text && (token.is_some() || keys.is_some()) {
        let path = format!("{}/twilio/status", base_path.as_str());
        config.reports = public.join(&path).ok().map(|address| ReportsConfig {
            address,
            auth_token: token,
            keys: keys.into_iter().collect(),
        });
    }
}

fn verify(reader: &mut Reader<'_>, config: &mut DeliveryConfig) {
    let why = "is set, but Twilio Verify sends the codes: set POD_CHALLENGER to passcodes, or \
               leave it out";
    let names = OF_COURIERS.into_iter();
    useless(
        reader,
        names.filter(|name| *name != "TWILIO_VERIFY_SERVICE_SID"),
        why,
    );
    let token = secret(reader, "TWILIO_AUTH_TOKEN");
    config.twilio = account(reader, token);
    config.verify = reader.required(
        "TWILIO_VERIFY_SERVICE_SID",
        "copy it from Twilio's console, Verify > Services",
        TwilioSid::verify_service,
    );
}

pub(super) fn secret(reader: &mut Reader<'_>, name: &str) -> Option<SecretString> {
    reader.optional_secret(name, |raw| Ok::<_, String>(SecretString::from(raw)))
}

fn account(reader: &mut Reader<'_>, token: Option<SecretString>) -> Option<TwilioAccount> {
    let sid = reader.required(
        "TWILIO_ACCOUNT_SID",
        "copy it from Twilio's console",
        TwilioSid::account,
    );
    let base_url = reader.optional("TWILIO_BASE_URL", public_or_local);
    let by_key = ["TWILIO_API_KEY", "TWILIO_API_SECRET"];
    let credentials = if by_key.iter().any(|name| is_made(reader, name)) {
        let advice = "an API key has a SID and a secret: set both, or neither";
        let sid = reader.required("TWILIO_API_KEY", advice, TwilioSid::api_key);
        let secret = reader.required_secret("TWILIO_API_SECRET", advice, |raw| {
            Ok::<_, String>(SecretString::from(raw))
        });
        sid.zip(secret)
            .map(|(sid, secret)| TwilioCredentials::ApiKey { sid, secret })
    } else if let Some(token) = token {
        Some(TwilioCredentials::AuthToken(token))
    } else {
        if !is_made(reader, "TWILIO_AUTH_TOKEN") {
            reader.say(
                "TWILIO_AUTH_TOKEN",
                "is not set, and TWILIO_API_KEY neither: copy one of them from Twilio's console",
            );
        }
        None
    };
    Some(TwilioAccount {
        sid: sid?,
        credentials: credentials?,
        base_url,
    })
}

fn sender(reader: &mut Reader<'_>) -> Option<TwilioSender> {
    let from = reader.optional("TWILIO_FROM", TwilioSender::from);
    let service = reader.optional("TWILIO_MESSAGING_SERVICE_SID", |raw| {
        TwilioSid::messaging_service(raw).map(TwilioSender::MessagingService)
    });
    let [has_from, has_service] =
        ["TWILIO_FROM", "TWILIO_MESSAGING_SERVICE_SID"].map(|name| reader.has(name));
    match (has_from, has_service) {
        (true, true) => reader.say(
            "TWILIO_FROM",
            "is set beside TWILIO_MESSAGING_SERVICE_SID: keep one of the two",
        ),
        (false, false) => reader.say(
            "TWILIO_FROM",
            "is not set, and TWILIO_MESSAGING_SERVICE_SID neither: text messages need a sender",
        ),
        _ => {}
    }
    from.or(service)
}

fn mail(reader: &mut Reader<'_>) -> Option<SmtpConfig> {
    let from = reader.optional("POD_MAIL_FROM", MailFrom::parse);
    let connections = reader.or_default("POD_MAIL_CONNECTIONS", CONNECTIONS, connections);
    let server = reader.optional_secret("POD_SMTP_URL", SmtpUrl::parse);
    match (is_made(reader, "POD_SMTP_URL"), reader.has("POD_MAIL_FROM")) {
        (true, false) => reader.say(
            "POD_MAIL_FROM",
            "is not set, but POD_SMTP_URL is: write the address that mail comes from",
        ),
        (false, _) => useless(
            reader,
            ["POD_MAIL_FROM", "POD_MAIL_CONNECTIONS"].into_iter(),
            "is set, but POD_SMTP_URL is not: without it no mail is sent",
        ),
        _ => {}
    }
    Some(SmtpConfig {
        server: server?,
        from: from?,
        connections,
    })
}

fn webhook(reader: &mut Reader<'_>) -> Option<(Url, WebhookSecret)> {
    if !is_made(reader, "POD_DELIVERY_URL") && !is_made(reader, "POD_DELIVERY_SECRET") {
        return None;
    }
    let url = reader.required(
        "POD_DELIVERY_URL",
        "write the address that messages are posted to, or leave POD_DELIVERY_SECRET out",
        public_or_local,
    );
    let secret = reader.required_secret(
        "POD_DELIVERY_SECRET",
        "write whsec_ and 32 random bytes in base64, which the other side knows as well",
        WebhookSecret::parse,
    );
    url.zip(secret)
}

fn conversions(reader: &mut Reader<'_>) -> ConversionLimits {
    let ConversionLimits { windows, minimum } = ConversionLimits::default();
    let names = ["POD_UNUSED_CODES_HOUR", "POD_UNUSED_CODES_DAY"];
    let windows = windows.into_iter().zip(names).map(|(window, name)| {
        let unused = reader.or_default(name, window.unused, percent);
        ConversionWindow { unused, ..window }
    });
    ConversionLimits {
        windows: windows.collect(),
        minimum: reader.or_default("POD_UNUSED_CODES_MINIMUM", minimum, minimum_sample),
    }
}

/// The address that pod is reached by from outside: it has to be set.
pub(super) fn public(reader: &mut Reader<'_>) -> Option<Url> {
    reader.required(
        "POD_PUBLIC_URL",
        "write the address that pod is reached by from outside, such as https://pod.example.com",
        public_url,
    )
}

/// `https://host` of the world's, or `http://` of this machine's; no path.
fn public_url(raw: &str) -> Result<Url, String> {
    let url = public_or_local(raw)?;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err("write scheme and host only, such as https://pod.example.com".to_owned());
    }
    Ok(url)
}

fn public_or_local(raw: &str) -> Result<Url, String> {
    const HOW: &str = "write an address such as https://pod.example.com; http:// is for this \
                       machine only";
    let url: Url = raw.parse().map_err(|_| HOW.to_owned())?;
    if is_protected(&url) && url.username().is_empty() && url.password().is_none() {
        Ok(url)
    } else {
        Err(HOW.to_owned())
    }
}

fn webhook_key(raw: &str) -> Result<WebhookKey, &'static str> {
    match raw.split_once(':') {
        Some((id, secret)) if !id.is_empty() && !secret.is_empty() => Ok(WebhookKey {
            id: id.into(),
            secret: secret.into(),
        }),
        _ => Err("write the key's id and the key, with a colon between them"),
    }
}

fn on_or_off(raw: &str) -> Result<bool, &'static str> {
    match raw {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("write on or off"),
    }
}

fn percent(raw: &str) -> Result<u32, &'static str> {
    match raw.parse() {
        Ok(percent @ 1..=100) => Ok(percent),
        _ => Err("write a share from 1 to 100 in percent; 100 never stops anything"),
    }
}

fn minimum_sample(raw: &str) -> Result<u32, &'static str> {
    match raw.parse() {
        Ok(minimum @ 10..=1_000_000) => Ok(minimum),
        _ => Err("write a number of codes from 10 to 1000000"),
    }
}

fn connections(raw: &str) -> Result<u32, &'static str> {
    match raw.parse() {
        Ok(connections @ 1..=100) => Ok(connections),
        _ => Err("write a number from 1 to 100"),
    }
}

impl fmt::Debug for DeliveryConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeliveryConfig { .. }")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pods_own_address_is_a_scheme_and_a_host() {
        for raw in [
            "https://pod.example.com",
            "https://pod.example.com:8443/",
            "http://127.0.0.1:7100",
            "http://localhost",
        ] {
            assert!(public_url(raw).is_ok(), "{raw}");
        }
        for raw in [
            "",
            "pod.example.com",
            "http://pod.example.com",
            "ftp://pod.example.com",
            "https://user:secret@pod.example.com",
            "https://pod.example.com/pod",
            "https://pod.example.com/?a=b",
        ] {
            let error = public_url(raw).unwrap_err();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_key_of_twilios_has_an_id() {
        assert_eq!(&*webhook_key("WK1:a:b").unwrap().id, "WK1");
        for raw in ["", "WK1", "WK1:", ":secret"] {
            assert!(webhook_key(raw).is_err(), "{raw}");
        }
    }

    #[test]
    fn shares_and_samples_are_numbers_that_mean_something() {
        assert_eq!((percent("1"), percent("100")), (Ok(1), Ok(100)));
        assert_eq!(minimum_sample("10"), Ok(10));
        for raw in ["0", "101", "30%", ""] {
            assert!(percent(raw).is_err(), "{raw}");
        }
        for raw in ["9", "", "many"] {
            assert!(minimum_sample(raw).is_err(), "{raw}");
        }
        assert!(on_or_off("OFF").is_err());
        assert!(connections("0").is_err());
    }
}
