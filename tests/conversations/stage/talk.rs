//! A conversation in progress: who says what, what comes back, and what
//! happens besides.

use std::sync::Arc;
use std::time::Duration;

use pod_core::{Contact, CustomerId, Menu, Policy};
use pod_emulator::{EchoError, Heard, SignedRequest};
use pod_testkit::{FakeClock, FakeEntropy, InMemoryAnnouncer, fixtures};
use serde_json::{Value, json};

use super::house::House;
use super::post::{Post, Trouble};
use super::shop::{Given, Shop, Watch};
use super::storage::{Kept, Storage};
use super::switch::{Call, Moment, Switch};
use super::transcript::Transcript;
use super::wire::{Answer, Letter};
use super::{ADA, GRACE};

/// How long it takes to say something.
const BREATH: Duration = Duration::from_secs(3);

/// What can be different about a pod.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) menu: Menu,
    pub(crate) policy: Policy,
    /// How long an answer may take.
    pub(crate) budget: Duration,
    /// The API that tokens have to be for, if not the emulator's.
    pub(crate) audience: Option<&'static str>,
    /// The authorities of Amazon's certificates, if not the emulator's.
    pub(crate) trust_anchors: Option<String>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            menu: Menu::default(),
            policy: Policy::default(),
            budget: Duration::from_secs(6),
            audience: None,
            trust_anchors: None,
        }
    }
}

/// A conversation, with everybody and everything in it.
pub(crate) struct Talk {
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) house: House,
    pub(crate) post: Arc<Post>,
    switch: Arc<Switch>,
    setup: Setup,
    given: Given,
    shop: Option<Shop>,
    kept: Kept,
    announced: (Arc<InMemoryAnnouncer>, usize),
    transcript: Transcript,
}

impl Talk {
    /// Opens a pod that knows Ada by her telephone and Grace by her e-mail
    /// address.
    pub(crate) async fn on(storage: Storage) -> Self {
        Self::with(Setup::default(), storage).await
    }

    pub(crate) async fn with(setup: Setup, storage: Storage) -> Self {
        let clock = Arc::new(FakeClock::default());
        let entropy = Arc::new(FakeEntropy::default());
        let mut house = House::build(&setup.menu, clock.clone(), entropy.clone()).await;
        let post = Arc::new(Post::new(house.amazon.emulator().inbox().clone()));
        let announcer = Arc::<InMemoryAnnouncer>::default();
        let switch = Arc::<Switch>::default();
        let kept = storage.open();
        kept.know(&fixtures::customer(ADA), vec![ada_phone()]).await;
        let grace = fixtures::email("grace@example.com");
        kept.know(&fixtures::customer(GRACE), vec![grace]).await;

        let given = Given {
            clock: clock.clone(),
            entropy,
            courier: post.clone(),
            announcer: announcer.clone(),
            switch: switch.clone(),
            watch: Arc::new(Watch::default()),
        };
        let shop = Shop::open(&setup, &house, kept.stores(), &given).await;
        house.send_to(&shop.url);
        Self {
            clock,
            house,
            post,
            switch,
            setup,
            given,
            shop: Some(shop),
            kept,
            announced: (announcer, 0),
            transcript: Transcript::default(),
        }
    }

    /// Ada says something in her kitchen.
    pub(crate) async fn ada(&mut self, line: &str) -> Heard {
        self.say("Ada", "kitchen", line).await
    }

    /// Grace says something in her office.
    pub(crate) async fn grace(&mut self, line: &str) -> Heard {
        self.say("Grace", "office", line).await
    }

    /// Somebody says something in Ada's kitchen.
    pub(crate) async fn guest_in_the_kitchen(&mut self, line: &str) -> Heard {
        self.say("A guest", "kitchen", line).await
    }

    /// Somebody says something in the hallway, where no account is linked.
    pub(crate) async fn guest_in_the_hallway(&mut self, line: &str) -> Heard {
        self.say("A guest", "hallway", line).await
    }

    /// Somebody says something in a room.
    pub(crate) async fn say(&mut self, who: &str, room: &'static str, line: &str) -> Heard {
        self.clock.advance(BREATH);
        let seen = self.post.inbox.newest();
        let spoken = self.transcript.spoken(line);
        self.transcript.line(&format!("{who}: {line}"));
        let heard = self.house.echo(room).say(&spoken).await;
        let heard = heard.unwrap_or_else(|error| panic!("{who}: {line}: {error}"));
        self.note(&heard, seen).await;
        heard
    }

    /// Ada's device hears an intent, and what is in its slots.
    pub(crate) async fn ada_intends(&mut self, intent: &str, slots: &[(&str, &str)]) -> Heard {
        self.clock.advance(BREATH);
        let seen = self.post.inbox.newest();
        self.transcript.line(&format!("Ada: ({intent})"));
        let heard = self.house.echo("kitchen").send_intent(intent, slots).await;
        let heard = heard.expect("an answer");
        self.note(&heard, seen).await;
        heard
    }

    /// Says something in Ada's kitchen that gets no answer.
    pub(crate) async fn ada_in_vain(&mut self, line: &str) -> EchoError {
        self.clock.advance(BREATH);
        let spoken = self.transcript.spoken(line);
        self.transcript.line(&format!("Ada: {line}"));
        let heard = self.house.echo("kitchen").say(&spoken).await;
        heard.expect_err("no answer")
    }

    async fn note(&mut self, heard: &Heard, seen: u64) {
        let who = if heard.status == 200 { "Pod" } else { "Alexa" };
        if !heard.speech.is_empty() {
            self.transcript.line(&format!("{who}: {}", heard.speech));
        }
        if let Some(card) = &heard.card {
            self.transcript.card(card);
        }
        self.note_besides(seen).await;
        self.transcript.keeps_codes_out_of(&heard.response);
    }

    /// Takes down what came in besides: messages, and what became of orders.
    async fn note_besides(&mut self, seen: u64) {
        for message in self.post.inbox.after(seen) {
            self.transcript.message(&message);
        }
        let (announcer, known) = &mut self.announced;
        let events = announcer.events();
        let new = events[*known..].to_vec();
        *known = events.len();
        for event in new {
            let order = self.pod().order(&event.customer, event.order).await;
            let order = order.expect("the order is looked up").expect("it is kept");
            let stage = event.stage.as_str().replace('_', " ");
            let summary = order.placed.item.summary();
            self.transcript.line(&format!("[{stage}: {summary}]"));
        }
    }

    /// Lets time pass.
    pub(crate) fn later(&mut self, by: Duration, words: &str) {
        self.clock.advance(by);
        self.transcript.line(&format!("({words} later)"));
    }

    /// Takes down what the stage direction says.
    pub(crate) fn direct(&mut self, what_happens: &str) {
        self.transcript.line(&format!("({what_happens})"));
    }

    /// Has the post make trouble, or none any more.
    pub(crate) fn post_is(&mut self, trouble: impl Into<Option<Trouble>>) {
        let trouble = trouble.into();
        self.post.set(trouble);
        let words = match trouble {
            None => "works again",
            Some(Trouble::Down) => "is closed",
            Some(Trouble::Unknown) => "knows nobody of that name",
            Some(Trouble::Mute) => "takes messages, and does not say so",
            Some(Trouble::Stuck) => "is stuck",
        };
        self.direct(&format!("the post {words}"));
    }

    /// Leaves out what was said and sent so far.
    pub(crate) fn cut(&mut self) {
        self.transcript.text.clear();
    }

    /// Has a call of the store fail from now on.
    pub(crate) fn breaks(&mut self, call: Call, moment: Moment) {
        self.switch.off(call, moment);
        let effect = match moment {
            Moment::Before => "without effect",
            Moment::After => "with effect",
        };
        self.direct(&format!("{call:?} fails, {effect}"));
    }

    /// Lets the store work again.
    pub(crate) fn is_mended(&mut self) {
        self.switch.on();
        self.direct("the store works again");
    }

    /// Everything that was said and sent so far.
    pub(crate) fn transcript(&self) -> &str {
        &self.transcript.text
    }

    /// The digits of a code that was sent.
    pub(crate) fn code(&self, number: usize) -> &str {
        self.transcript.code(number)
    }

    /// The request that an utterance in a room makes, signed by Amazon.
    pub(crate) fn compose(&mut self, room: &str, line: &str) -> SignedRequest {
        let spoken = self.transcript.spoken(line);
        let request = self.house.echo(room).compose(&spoken);
        self.sign(&request.expect("a request"))
    }

    /// A request of any kind in the envelope of a room's device, unsigned.
    pub(crate) fn wrap(&mut self, room: &str, request: Value) -> Value {
        let wrapped = self.house.echo(room).wrap(request);
        wrapped.expect("an envelope")
    }

    pub(crate) fn sign(&self, request: &Value) -> SignedRequest {
        let signed = self.house.signer.sign(request.to_string());
        signed.expect("a signature")
    }

    /// Sends a request as it is, and takes down what happens besides.
    pub(crate) async fn post(&mut self, letter: impl Into<Letter>) -> Answer {
        let answers = self.post_all([letter.into()]).await;
        answers.into_iter().next().expect("an answer")
    }

    /// Sends requests at the same time; the answers are in the same order.
    pub(crate) async fn post_all(
        &mut self,
        letters: impl IntoIterator<Item = Letter>,
    ) -> Vec<Answer> {
        let seen = self.post.inbox.newest();
        let sent: Vec<_> = letters
            .into_iter()
            .map(|letter| {
                let url = self.shop().url.clone();
                tokio::spawn(async move { letter.post(&url).await })
            })
            .collect();
        let mut answers = Vec::new();
        for answer in sent {
            answers.push(answer.await.expect("an answer"));
        }
        self.note_besides(seen).await;
        for answer in &answers {
            self.transcript.keeps_codes_out_of(&answer.json());
        }
        answers
    }

    /// Amazon tells of something that happened to an account.
    pub(crate) async fn tell(&mut self, room: &str, event: Value) {
        let kind = event["type"].as_str().unwrap_or_default().to_owned();
        let event = self.wrap(room, event);
        self.direct(&format!("{kind}, for the account of the {room}"));
        let answer = self.post(&self.sign(&event)).await;
        let silence = json!({"version": "1.0", "response": {}});
        assert_eq!((answer.status, answer.json()), (200, silence));
    }

    /// Why requests were refused since this was last asked.
    pub(crate) fn refusals(&self) -> Vec<&'static str> {
        self.given.watch.refusals()
    }

    /// What is kept of a customer's orders, newest first, as `what: stage`.
    pub(crate) async fn orders_of(&self, customer: &str) -> Vec<String> {
        let customer = fixtures::customer(customer);
        let page = self.pod().orders(&customer, None, None, 100).await;
        let orders = page.expect("orders").orders.into_iter();
        orders
            .map(|order| {
                let (summary, stage) = (order.placed.item.summary(), order.state.stage());
                format!("{summary}: {}", stage.as_str().replace('_', " "))
            })
            .collect()
    }

    /// Everything that is kept, in a form that can be compared, once what was
    /// begun is done: an answer is kept after it was given.
    pub(crate) async fn everything_kept(&self) -> Vec<u8> {
        self.shop().skill.finish().await;
        self.kept.everything()
    }

    /// How many messages there were.
    pub(crate) fn messages(&self) -> u64 {
        self.post.inbox.newest()
    }

    pub(crate) async fn know(&self, customer: &str, contacts: Vec<Contact>) {
        self.kept
            .know(&fixtures::customer(customer), contacts)
            .await;
    }

    pub(crate) fn pod(&self) -> &pod_core::Pod {
        &self.shop().pod
    }

    pub(crate) fn shop(&self) -> &Shop {
        self.shop.as_ref().expect("a pod")
    }

    /// Ends the pod in the middle of whatever it does, and starts another on
    /// what is on the disk.
    pub(crate) async fn crash_and_restart(&mut self) {
        self.direct("the pod crashes, and another one starts");
        self.shop.take().expect("a pod").die().await;
        self.kept.reopen();
        let shop = Shop::open(&self.setup, &self.house, self.kept.stores(), &self.given).await;
        self.house.send_to(&shop.url);
        self.shop = Some(shop);
    }

    /// Closes the database for good.
    pub(crate) async fn lose_the_database(&mut self) {
        self.direct("the database is gone");
        self.kept.close().await;
    }
}

/// Ada's telephone.
pub(crate) fn ada_phone() -> Contact {
    fixtures::phone("+14155550142")
}

/// The customer of that name.
pub(crate) fn customer(name: &str) -> CustomerId {
    fixtures::customer(name)
}
