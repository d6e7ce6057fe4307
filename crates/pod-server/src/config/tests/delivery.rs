//! Tests of what is set about those who carry codes.

use pod_delivery::TwilioCredentials;

use super::{problems, with};

const ACCOUNT: (&str, &str) = ("TWILIO_ACCOUNT_SID", "AC0123456789abcdef0123456789abcdef");
const TOKEN: (&str, &str) = ("TWILIO_AUTH_TOKEN", "hush-token");
const FROM: (&str, &str) = ("TWILIO_FROM", "+15005550006");
const PUBLIC: (&str, &str) = ("POD_PUBLIC_URL", "https://pod.example.com");
const SMTP: (&str, &str) = ("POD_SMTP_URL", "smtps://pod:hush@mail.example.com");
const MAIL_FROM: (&str, &str) = ("POD_MAIL_FROM", "Pizza <codes@example.com>");

/// The names of the settings that something is wrong with.
fn subjects(settings: &[(&str, &str)]) -> Vec<String> {
    let told = problems(with(settings));
    for line in &told {
        assert!(!line.contains("hush"), "{line}");
    }
    told.iter()
        .filter_map(|line| line.split(' ').next().map(str::to_owned))
        .collect()
}

#[test]
fn without_a_supplier_nothing_is_sent() {
    let delivery = with(&[]).unwrap().delivery;

    assert!(!delivery.has_courier());
    assert!(delivery.words.is_none());
    assert!(delivery.email_fallback);
}

#[test]
fn texts_by_twilio_are_reported_to_pods_own_address() {
    let delivery = with(&[ACCOUNT, TOKEN, FROM, PUBLIC, ("POD_BASE_PATH", "/shop")])
        .unwrap()
        .delivery;

    let reports = delivery.reports.unwrap();
    assert_eq!(
        reports.address.as_str(),
        "https://pod.example.com/shop/twilio/status"
    );
    assert!(reports.auth_token.is_some());
    assert!(delivery.sender.is_some() && delivery.words.is_some());
    assert!(delivery.mail.is_none());
}

#[test]
fn codes_go_by_text_where_somebody_carries_them_to_telephones() {
    let sends_texts = |settings: &[(&str, &str)]| with(settings).unwrap().sends_texts();
    let webhook = [
        ("POD_DELIVERY_URL", "https://codes.example.com"),
        (
            "POD_DELIVERY_SECRET",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ),
    ];

    assert!(!sends_texts(&[]));
    assert!(!sends_texts(&[SMTP, MAIL_FROM, PUBLIC]));
    assert!(sends_texts(&[ACCOUNT, TOKEN, FROM, PUBLIC]));
    assert!(sends_texts(&[PUBLIC, webhook[0], webhook[1]]));
    let service = (
        "TWILIO_VERIFY_SERVICE_SID",
        "VA0123456789abcdef0123456789abcdef",
    );
    let verify = ("POD_CHALLENGER", "twilio-verify");
    assert!(sends_texts(&[verify, ACCOUNT, TOKEN, service]));
    let client = [("APP_CLIENT_ID", "backend"), ("APP_CLIENT_SECRET", "hush")];
    let auth0 = ("POD_CHALLENGER", "auth0");
    assert!(sends_texts(&[auth0, client[0], client[1]]));
}

#[test]
fn an_api_key_sends_and_the_token_verifies() {
    let key = [
        ("TWILIO_API_KEY", "SK0123456789abcdef0123456789abcdef"),
        ("TWILIO_API_SECRET", "hush-secret"),
    ];
    let alone = with(&[ACCOUNT, FROM, PUBLIC, key[0], key[1]]).unwrap();
    let both = with(&[ACCOUNT, TOKEN, FROM, PUBLIC, key[0], key[1]]).unwrap();
    let webhook_key = ("TWILIO_WEBHOOK_KEY", "WK1:hush-key");
    let newer = with(&[ACCOUNT, FROM, PUBLIC, key[0], key[1], webhook_key]).unwrap();

    assert!(alone.delivery.reports.is_none());
    for config in [&alone, &both, &newer] {
        let account = config.delivery.twilio.as_ref().unwrap();
        let by_key = matches!(account.credentials, TwilioCredentials::ApiKey { .. });
        assert!(by_key);
    }
    assert!(both.delivery.reports.unwrap().auth_token.is_some());
    let reports = newer.delivery.reports.unwrap();
    assert!(reports.auth_token.is_none());
    assert_eq!(&*reports.keys[0].id, "WK1");
}

#[test]
fn what_would_never_be_used_is_named() {
    let url = ("POD_DELIVERY_URL", "https://sms.example.com/send");
    let secret = (
        "POD_DELIVERY_SECRET",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    );
    let twilio = [ACCOUNT, TOKEN, FROM, PUBLIC, url, secret];
    let all = [&twilio[..], &[SMTP, MAIL_FROM]].concat();
    assert_eq!(subjects(&all), ["POD_DELIVERY_URL"]);
    let no_mail = [&twilio[..], &[("POD_EMAIL_FALLBACK", "off")]].concat();
    assert_eq!(subjects(&no_mail), ["POD_DELIVERY_URL"]);
    assert!(with(&twilio).is_ok());

    let key = ("TWILIO_WEBHOOK_KEY", "WK1:hush-key");
    let by_mail = [SMTP, MAIL_FROM, PUBLIC, key];
    assert_eq!(subjects(&by_mail), ["TWILIO_WEBHOOK_KEY"]);
}

#[test]
fn what_a_supplier_lacks_is_named_at_once() {
    assert_eq!(
        subjects(&[TOKEN]),
        ["TWILIO_ACCOUNT_SID", "TWILIO_FROM", "POD_PUBLIC_URL"]
    );
    assert_eq!(subjects(&[ACCOUNT, FROM, PUBLIC]), ["TWILIO_AUTH_TOKEN"]);
    assert_eq!(
        subjects(&[
            ACCOUNT,
            FROM,
            PUBLIC,
            ("TWILIO_API_KEY", "SK0123456789abcdef0123456789abcdef")
        ]),
        ["TWILIO_API_SECRET"]
    );
    let service = (
        "TWILIO_MESSAGING_SERVICE_SID",
        "MG0123456789abcdef0123456789abcdef",
    );
    assert_eq!(
        subjects(&[ACCOUNT, TOKEN, FROM, PUBLIC, service]),
        ["TWILIO_FROM"]
    );
    assert_eq!(subjects(&[SMTP]), ["POD_MAIL_FROM", "POD_PUBLIC_URL"]);
    assert_eq!(
        subjects(&[("POD_DELIVERY_URL", "https://codes.example.com"), PUBLIC]),
        ["POD_DELIVERY_SECRET"]
    );
}

#[test]
fn what_would_be_ignored_is_a_problem() {
    assert_eq!(subjects(&[PUBLIC]), ["POD_PUBLIC_URL"]);
    assert_eq!(subjects(&[MAIL_FROM]), ["POD_MAIL_FROM"]);
    let off = ("POD_EMAIL_FALLBACK", "off");
    assert_eq!(subjects(&[SMTP, MAIL_FROM, PUBLIC, off]), ["POD_SMTP_URL"]);
    assert_eq!(
        subjects(&[(
            "TWILIO_VERIFY_SERVICE_SID",
            "VA0123456789abcdef0123456789abcdef"
        )]),
        ["TWILIO_VERIFY_SERVICE_SID"]
    );
    let auth0 = [
        ("POD_CHALLENGER", "auth0"),
        ("APP_CLIENT_ID", "client"),
        ("APP_CLIENT_SECRET", "hush"),
    ];
    assert_eq!(
        subjects(&[auth0[0], auth0[1], auth0[2], SMTP, ACCOUNT]),
        ["POD_SMTP_URL", "TWILIO_ACCOUNT_SID"]
    );
    assert_eq!(
        subjects(&[
            ("POD_CHALLENGER", "twilio-verify"),
            ACCOUNT,
            TOKEN,
            (
                "TWILIO_VERIFY_SERVICE_SID",
                "VA0123456789abcdef0123456789abcdef"
            ),
            FROM,
            MAIL_FROM,
        ]),
        ["POD_MAIL_FROM", "TWILIO_FROM"]
    );
}

#[test]
fn whatever_is_wrong_is_named_and_no_secret_is_shown() {
    assert_eq!(
        subjects(&[
            ("TWILIO_ACCOUNT_SID", "AC12"),
            ("TWILIO_AUTH_TOKEN", "hush"),
            ("TWILIO_FROM", "Pizza on Demand"),
            ("TWILIO_BASE_URL", "http://twilio.example.com"),
            ("TWILIO_WEBHOOK_KEY", "hush"),
            ("POD_SMTP_URL", "smtp://pod:hush@mail.example.com"),
            ("POD_MAIL_FROM", "codes"),
            ("POD_MAIL_CONNECTIONS", "0"),
            ("POD_DELIVERY_URL", "http://codes.example.com"),
            ("POD_DELIVERY_SECRET", "hush"),
            ("POD_PUBLIC_URL", "https://pod.example.com/pod"),
            (
                "POD_SHOP_NAME",
                "A name that is much too long for one message"
            ),
            ("POD_EMAIL_FALLBACK", "no"),
            ("POD_UNUSED_CODES_HOUR", "0"),
            ("POD_UNUSED_CODES_DAY", "101"),
            ("POD_UNUSED_CODES_MINIMUM", "1"),
        ]),
        [
            "POD_EMAIL_FALLBACK",
            "POD_UNUSED_CODES_HOUR",
            "POD_UNUSED_CODES_DAY",
            "POD_UNUSED_CODES_MINIMUM",
            "POD_SHOP_NAME",
            "TWILIO_WEBHOOK_KEY",
            "TWILIO_ACCOUNT_SID",
            "TWILIO_BASE_URL",
            "TWILIO_FROM",
            "POD_MAIL_FROM",
            "POD_MAIL_CONNECTIONS",
            "POD_SMTP_URL",
            "POD_DELIVERY_URL",
            "POD_DELIVERY_SECRET",
            "POD_DELIVERY_URL",
            "POD_PUBLIC_URL",
        ]
    );
}

#[test]
fn the_rules_against_abuse_are_set_one_by_one() {
    let config = with(&[
        ("POD_EMAIL_FALLBACK", "off"),
        ("POD_UNUSED_CODES_HOUR", "25"),
        ("POD_UNUSED_CODES_DAY", "40"),
        ("POD_UNUSED_CODES_MINIMUM", "200"),
    ])
    .unwrap();

    let policy = config.policy();
    assert!(!policy.email_fallback);
    let windows = policy.conversions.windows;
    let shares: Vec<_> = windows.iter().map(|window| window.unused).collect();
    assert_eq!(shares, [25, 40]);
    assert_eq!(policy.conversions.minimum, 200);
}

#[test]
fn mail_is_as_good_as_its_server() {
    let delivery = with(&[SMTP, MAIL_FROM, PUBLIC]).unwrap().delivery;
    let mail = delivery.mail.unwrap();
    assert_eq!(mail.server.to_string(), "mail.example.com:465");
    assert_eq!(mail.connections, 8);
    assert!(delivery.reports.is_none());
}
