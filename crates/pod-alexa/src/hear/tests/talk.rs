//! A conversation with the skill on fakes, written down as it goes.

use std::fmt::Write as _;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use pod_core::ports::{AccessToken, Begun, Caller, Claim, Ports, Repeat, Replies, Scopes};
use pod_core::{Fault, Menu, Order, State};
use pod_testkit::{Fakes, fixtures};
use serde_json::{Value, json};

use crate::envelope::Envelope;
use crate::hear::NotHeard;
use crate::observer::Observer;
use crate::skill::{Skill, SkillPorts, is_idle};
use crate::verify::{
    CertificateHost, CertificateUrl, FetchError, SkillId, Verifier, VerifierConfig,
};

/// How many requests there were, in all conversations.
static REQUESTS: AtomicUsize = AtomicUsize::new(0);

pub(super) const TOKEN: &str = "eyJhbGciOi.token-of-zoe";
pub(super) const ACCOUNT: &str = "amzn1.ask.account.AMA5ZOE";

/// Zoë talks with pod: her session, and everything that was said.
pub(super) struct Talk {
    pub(super) fakes: Fakes,
    pub(super) token: Option<String>,
    pub(super) locale: &'static str,
    pub(super) transcript: String,
    /// The last answer, as it went over the wire.
    pub(super) answer: Value,
    /// The last answer's word in metrics.
    pub(super) outcome: &'static str,
    skill: Skill,
    attributes: Value,
    /// Whether fakes keep what begins a request: a mock keeps nothing.
    keeps_requests: bool,
}

impl Talk {
    /// Zoë has a telephone, and has linked her account.
    pub(super) fn with_zoe() -> Self {
        Self::on(Fakes::with_zoe())
    }

    pub(super) fn on(fakes: Fakes) -> Self {
        let ports = fakes.ports();
        Self::on_ports(fakes, ports)
    }

    /// Some of the fakes are replaced.
    pub(super) fn on_ports(fakes: Fakes, ports: Ports) -> Self {
        Self::at_a_shop(fakes, ports, Menu::default())
    }

    pub(super) fn at_a_shop(fakes: Fakes, ports: Ports, menu: Menu) -> Self {
        let zoe = Caller {
            customer: fixtures::zoe(),
            scopes: Scopes::default(),
        };
        fakes
            .authenticator
            .know(&AccessToken::parse(TOKEN).unwrap(), zoe);
        let kept = Arc::as_ptr(&fakes.orders);
        let keeps_requests = ptr::addr_eq(Arc::as_ptr(&ports.orders), kept)
            && ptr::addr_eq(Arc::as_ptr(&ports.attempts), kept);
        let config = VerifierConfig::new(SkillId::parse("amzn1.ask.skill.unused").unwrap());
        let verifier = Verifier::with_host(config, Arc::new(Nobody)).unwrap();
        let ports = SkillPorts {
            pod: Arc::new(fakes.pod_on(ports)),
            authenticator: fakes.authenticator.clone(),
            clock: fakes.clock.clone(),
            observer: Arc::new(Nobody),
        };
        Self {
            skill: Skill::with_verifier(verifier, menu, Duration::from_secs(6), ports),
            fakes,
            token: Some(TOKEN.to_owned()),
            locale: "en-US",
            transcript: String::new(),
            answer: Value::Null,
            outcome: "",
            attributes: json!({}),
            keeps_requests,
        }
    }

    /// The shop requires a scope, and Zoë's token has these.
    pub(super) fn requiring(mut self, scope: &str, scopes: &str) -> Self {
        let zoe = Caller {
            customer: fixtures::zoe(),
            scopes: Scopes::parse(scopes),
        };
        let token = AccessToken::parse(TOKEN).unwrap();
        self.fakes.authenticator.know(&token, zoe);
        self.skill = self.skill.requiring(scope);
        self
    }

    pub(super) async fn open(&mut self) {
        self.hear("open pizza on demand", json!({"type": "LaunchRequest"}))
            .await;
    }

    pub(super) async fn order(&mut self, size: &str, toppings: &str) {
        let words = format!("a {size} pizza with {toppings}");
        let slots = json!({"Size": {"value": size}, "Toppings": {"value": toppings}});
        self.intend(&words, "GetMeSomePizzaIntent", slots).await;
    }

    /// Orders something, whatever it is.
    pub(super) async fn order_any(&mut self) {
        self.order("large", "onions").await;
    }

    /// Says something as the code, as it is heard.
    pub(super) async fn code(&mut self, heard: &str) {
        let words = format!("the code is {heard}");
        let slots = json!({"Code": {"value": heard}});
        self.intend(&words, "AuthorizePizzaOrderIntent", slots)
            .await;
    }

    /// Says the code that was sent last.
    pub(super) async fn right_code(&mut self) {
        let code = self.fakes.courier.last_code().expect("a code was sent");
        let slots = json!({"Code": {"value": code.expose()}});
        self.intend("(the right code)", "AuthorizePizzaOrderIntent", slots)
            .await;
    }

    /// Says a code, but not the one that was sent last.
    pub(super) async fn wrong_code(&mut self) {
        let code = self.fakes.courier.last_code().expect("a code was sent");
        let wrong = if code.expose() == "123456" {
            "654321"
        } else {
            "123456"
        };
        let slots = json!({"Code": {"value": wrong}});
        self.intend("(a wrong code)", "AuthorizePizzaOrderIntent", slots)
            .await;
    }

    pub(super) async fn send_again(&mut self) {
        self.say("send the code again", "ResendCodeIntent").await;
    }

    pub(super) async fn ask_for_status(&mut self) {
        self.say("what became of my order", "OrderStatusIntent")
            .await;
    }

    pub(super) async fn cancel(&mut self) {
        self.say("cancel my order", "CancelOrderIntent").await;
    }

    pub(super) async fn yes(&mut self) {
        self.say("yes", "AMAZON.YesIntent").await;
    }

    pub(super) async fn no(&mut self) {
        self.say("no", "AMAZON.NoIntent").await;
    }

    pub(super) async fn repeat(&mut self) {
        self.say("say that again", "AMAZON.RepeatIntent").await;
    }

    /// Says something that is an intent without slots.
    pub(super) async fn say(&mut self, words: &str, intent: &str) {
        self.intend(words, intent, json!({})).await;
    }

    pub(super) async fn intend(&mut self, words: &str, intent: &str, slots: Value) {
        let intent = json!({"name": intent, "slots": slots});
        self.hear(words, json!({"type": "IntentRequest", "intent": intent}))
            .await;
    }

    /// Alexa tells something, whatever the customer says.
    pub(super) async fn hear(&mut self, words: &str, mut request: Value) {
        request["locale"] = self.locale.into();
        let user = json!({"userId": ACCOUNT, "accessToken": self.token});
        let body = json!({
            "session": {"attributes": self.attributes, "user": user},
            "context": {"System": {"user": user}},
            "request": request,
        });
        let envelope = Envelope::parse(body.to_string().as_bytes()).unwrap();

        let number = REQUESTS.fetch_add(1, Ordering::Relaxed);
        let claim = fixtures::claim(&format!("request-{number}"), 1);
        let claimed = (!is_idle(envelope.request())).then_some(&claim);
        let heard = self.skill.hear(&envelope, claimed, fixtures::deadline());
        let answer = match heard.await {
            Ok(answer) => {
                if claimed.is_some() && self.keeps_requests {
                    self.require_begun(&claim).await;
                }
                answer
            }
            Err(NotHeard::Unsure(answer)) => *answer,
            Err(NotHeard::Repeated(repeat)) => panic!("no request is repeated: {repeat}"),
        };

        let json = answer.response.to_json();
        self.require_discretion(&json);
        self.answer = serde_json::from_str(&json).unwrap();
        self.outcome = answer.outcome;
        self.remember();
        self.write_down(words);
    }

    /// Whatever the answer, a repeat of the request has no effect.
    async fn require_begun(&self, claim: &Claim) {
        let again = self.fakes.replies.begin(claim).await;
        let unfinished = Begun::Repeated(Repeat::Unfinished);
        assert_eq!(again.expect("known"), unfinished, "{}", self.transcript);
    }

    /// A device keeps the attributes of an open session, and those alone.
    fn remember(&mut self) {
        self.attributes = if self.response()["shouldEndSession"] == false {
            self.answer["sessionAttributes"].clone()
        } else {
            json!({})
        };
    }

    fn write_down(&mut self, words: &str) {
        let said = spoken(&self.response()["outputSpeech"]);
        let _ = writeln!(self.transcript, "Zoë: {words}\nPod: {said}");
        let card = &self.response()["card"];
        let card = match card["type"].as_str() {
            Some("Simple") => card["content"]
                .as_str()
                .map(|text| text.replace('\n', " / ")),
            other => other.map(str::to_owned),
        };
        if let Some(card) = card {
            let _ = writeln!(self.transcript, "     [card: {card}]");
        }
        if self.response()["shouldEndSession"] == true {
            self.transcript.push_str("     [the session ends]\n");
        }
    }

    /// Nothing of an answer, be it speech, card or memory, is a secret.
    fn require_discretion(&self, json: &str) {
        let digits = |text: &str| {
            text.chars()
                .filter(char::is_ascii_digit)
                .collect::<String>()
        };
        let mut secrets: Vec<String> = Vec::from([TOKEN.to_owned()]);
        for sent in self.fakes.courier.deliveries() {
            let spelled: Vec<String> = sent.code.expose().chars().map(String::from).collect();
            secrets.push(sent.code.expose().to_owned());
            secrets.push(spelled.join(" "));
            secrets.push(sent.contact.expose().to_owned());
            secrets.push(digits(sent.contact.expose()));
        }
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            assert!(!json.contains(secret), "a secret is in {json}");
        }
    }

    /// What was said last.
    pub(super) fn said(&self) -> String {
        spoken(&self.response()["outputSpeech"])
    }

    /// The slot that the last answer listens for.
    pub(super) fn listens_for(&self) -> Option<&str> {
        self.response()["directives"][0]["slotToElicit"].as_str()
    }

    pub(super) fn response(&self) -> &Value {
        &self.answer["response"]
    }

    /// Zoë's orders as they are kept, oldest first.
    pub(super) fn orders(&self) -> Vec<Order> {
        self.fakes.orders.all(&fixtures::zoe())
    }

    /// The words for what became of Zoë's orders, oldest first.
    pub(super) fn stages(&self) -> Vec<&'static str> {
        let orders = self.orders();
        let stages = orders.iter().map(|order| order.state.stage().as_str());
        stages.collect()
    }

    /// How many attempts were counted for the order that awaits its code.
    pub(super) fn attempts(&self) -> u32 {
        let orders = self.orders();
        let attempts = orders.iter().find_map(|order| match order.state {
            State::AwaitingCode { attempts, .. } => Some(attempts),
            _ => None,
        });
        attempts.expect("an order awaits its code")
    }
}

/// Speech as it sounds.
fn spoken(speech: &Value) -> String {
    let ssml = speech["ssml"].as_str().map(|ssml| {
        let mut words = String::new();
        for part in ssml.split('<').skip(1) {
            words.push_str(part.split_once('>').map_or("", |(_, text)| text));
        }
        words.replace("&apos;", "'").replace("&amp;", "&")
    });
    ssml.or_else(|| speech["text"].as_str().map(str::to_owned))
        .unwrap_or_else(|| "(silence)".to_owned())
}

/// A fault as any adapter may have it.
pub(super) fn fault() -> Fault {
    Fault::unavailable("mock", "broken on purpose")
}

/// Nobody is asked for a certificate here, and nobody watches.
struct Nobody;

#[async_trait]
impl CertificateHost for Nobody {
    async fn fetch(
        &self,
        _: &CertificateUrl,
        _: std::time::Instant,
    ) -> Result<Vec<u8>, FetchError> {
        Err(FetchError::Status(404))
    }
}

impl Observer for Nobody {
    fn answered(&self, _: &'static str, _: &'static str, _: Duration) {}

    fn rejected(&self, _: &'static str) {}
}
