//! The outside world on loopback: Amazon's certificate host, an Echo, an Auth0
//! tenant, Twilio, a mail server, and an inbox.
//!
//! Nothing in a pod knows of it. The requests are signed, the certificates are
//! fetched over TLS, the tokens are signed, and what checks them is what checks
//! Amazon's and Auth0's; only the roots of trust are other ones. So a pod that
//! works here works, and a pod can be tested without an account anywhere.
//!
//! [`Emulator::start`] starts all of it. Its listener answers:
//!
//! | | |
//! |---|---|
//! | `GET /authorize`, `/u/login`, `GET /oidc/logout`, `GET /v2/logout` | the tenant: signing in and out |
//! | `POST /oauth/token`, `POST /oauth/revoke`, `/userinfo` | the tenant: tokens |
//! | `POST /passwordless/start`, `POST /otp/challenge` | the tenant: one-time codes, which go to the inbox |
//! | `GET /.well-known/openid-configuration`, `GET /.well-known/jwks.json` | the tenant, as OpenID Connect has it |
//! | `/api/v2/...` | the tenant's Management API |
//! | `POST /emulator/accounts/{sub}/token[?scope=&lifetime=]` | the emulator's own: an access token for the asking |
//! | `POST /emulator/keys/rotate` | the emulator's own: a new signing key; the old ones stay published |
//! | `POST /emulator/troubles` `{"path", "times", "trouble"}`, `DELETE` | the emulator's own: what is to go wrong with the tenant |
//! | `GET /emulator/requests` | the emulator's own: how often the tenant was asked, by path |
//! | `POST /2010-04-01/Accounts/{sid}/Messages.json` | Twilio: text messages, which go to the inbox, and are reported to `StatusCallback` |
//! | `POST /v2/Services/{sid}/Verifications`, `VerificationCheck` | Twilio: Verify |
//! | `POST /emulator/twilio/troubles` `{"times", "trouble"}`, `DELETE` | the emulator's own: what is to go wrong with Twilio |
//! | `POST /echo` `{"utterance", "device"?, "skill_url"?}` | says something to a device and answers what is heard |
//! | `POST /echo/compose` with the same | answers the signed request instead of sending it |
//! | `POST /echo/sign` `{"body"}` | signs any text, and answers the headers |
//! | `GET /inbox[?after=N&wait=SECONDS]` | the messages; waits for one if asked to |
//!
//! [`Emulator::simulator`] gives a web page to talk to the devices, for a pod to
//! serve beside its own. It answers:
//!
//! | | |
//! |---|---|
//! | `GET /` | the page; `simulator.css` and `simulator.js` belong to it |
//! | `POST /say` `{"device", "utterance"}` | as `/echo`, and tells the signature headers and what Amazon's rules say of the request |
//! | `POST /leave` `{"device"}` | nobody answers until the session closes |
//! | `GET /inbox[?after=N&wait=SECONDS]` | the messages, as above |
//! | `GET /state` | the shop, what the skill is called by, and the devices |
//!
//! Beside the listener a proxy takes `CONNECT s3.amazonaws.com:443`, and nothing else, to
//! the certificate host.
//!
//! A trouble is `"lost"`, `{"delay_milliseconds": N}`, `{"status": N}`,
//! `{"too_many_requests": {"reset_in": SECONDS}}`, or
//! `{"text": {"status": N, "body": "..."}}`. One of Twilio's is `{"refuse": CODE}`,
//! `{"lose": CODE}` or `{"delay_milliseconds": N}`. A mail server answers at an
//! address of its own.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

mod amazon;
mod auth0;
mod config;
mod echo;
mod emulator;
mod inbox;
mod keys;
mod mailbox;
mod random;
mod serve;
mod simulator;
mod twilio;

pub use amazon::{
    Amazon, AmazonError, CERTIFICATE_URL, CERTIFICATE_URL_HEADER, SIGNATURE_HEADER, SignedRequest,
};
pub use auth0::{
    ADA_PASSWORD, ALEXA_CLIENT, ALEXA_REDIRECTS, ALEXA_SECRET, BACKEND_CLIENT, BACKEND_SECRET,
    GRACE_PASSWORD, SETUP_CLIENT, SETUP_SECRET, Tenant, TenantContents, TenantError, TenantSetup,
    Trouble, WEB_CLIENT, WEB_SECRET,
};
pub use config::{DeviceAccount, DeviceSetup, EmulatorConfig};
pub use echo::{
    Account, Card, Device, Echo, EchoError, Heard, InteractionModel, InvalidModel, InvalidResponse,
    InvalidSsml, LinkedAccount, PostError, Reply, SessionEnd, Skill, post,
};
pub use emulator::{Emulator, EmulatorError};
pub use inbox::{Inbox, Message, code_in};
pub use keys::{Keys, KeysError};
pub use mailbox::{MAIL_PASSWORD, MAIL_USER, Mailbox};
pub use twilio::{
    TWILIO_ACCOUNT, TWILIO_FROM, TWILIO_KEY, TWILIO_KEY_SECRET, TWILIO_MESSAGING_SERVICE,
    TWILIO_TOKEN, TWILIO_VERIFY_SERVICE, Twilio, TwilioTrouble,
};
