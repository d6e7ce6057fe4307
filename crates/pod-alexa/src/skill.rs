//! The skill: has a verified request carried out once, in time, and answered.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::HeaderMap;
use pod_core::ports::{Authenticator, Claim, Clock, Repeat, Reply, ReplyKey};
use pod_core::{CustomerId, Deadline, Menu, Pod};
use pod_http::Http;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::envelope::{Envelope, Request};
use crate::failure;
use crate::hear::NotHeard;
use crate::observer::Observer;
use crate::speech::{self, Answer};
use crate::verify::{InvalidTrustAnchors, Verified, Verifier, VerifierConfig};

/// How often a request that is being carried out already is looked at again.
const ASK_AGAIN: Duration = Duration::from_millis(50);

/// How much longer than its budget a request may take, so that what adapters
/// say of a missed deadline can still be told.
const GRACE: Duration = Duration::from_millis(500);

/// What a skill is to go by.
pub struct SkillConfig {
    /// What requests are held against.
    pub verifier: VerifierConfig,
    /// How Amazon's certificates are fetched.
    pub http: Http,
    /// What is sold.
    pub menu: Menu,
    /// How long an answer may take, of the eight seconds that Alexa waits.
    pub budget: Duration,
}

/// What a skill needs of others.
pub struct SkillPorts {
    /// Places and confirms orders.
    pub pod: Arc<Pod>,
    /// Finds out who is speaking.
    pub authenticator: Arc<dyn Authenticator>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Watches.
    pub observer: Arc<dyn Observer>,
}

/// An Alexa skill in front of a pod.
pub struct Skill {
    verifier: Verifier,
    pub(crate) menu: Menu,
    budget: Duration,
    pub(crate) scope: Option<Box<str>>,
    pub(crate) ports: SkillPorts,
    tasks: TaskTracker,
}

/// A request that is not Amazon's, or not for this skill. Its sender learns
/// nothing more.
#[derive(Debug)]
pub(crate) struct Refused;

/// One request, to be carried out once.
struct Turn {
    claim: Claim,
    envelope: Envelope,
    deadline: Deadline,
    /// What the customer was told instead, once nobody waits any more.
    given: Arc<OnceLock<Reply>>,
}

/// What goes back, with the word for it in metrics.
struct Spoken {
    outcome: &'static str,
    reply: Reply,
}

impl From<Answer> for Spoken {
    fn from(answer: Answer) -> Self {
        Self {
            outcome: answer.outcome,
            reply: Reply::new(answer.response.to_json().into_bytes()),
        }
    }
}

/// Another request had the same id.
struct OtherRequest;

impl Skill {
    /// Makes a skill.
    ///
    /// # Errors
    ///
    /// [`InvalidTrustAnchors`] if requests cannot be verified as configured.
    pub fn new(config: SkillConfig, ports: SkillPorts) -> Result<Self, InvalidTrustAnchors> {
        let SkillConfig {
            verifier,
            http,
            menu,
            budget,
        } = config;
        let verifier = Verifier::new(verifier, http)?;
        Ok(Self::with_verifier(verifier, menu, budget, ports))
    }

    /// Makes a skill with a verifier that asks a certificate host of one's
    /// own.
    #[must_use]
    pub fn with_verifier(
        verifier: Verifier,
        menu: Menu,
        budget: Duration,
        ports: SkillPorts,
    ) -> Self {
        Self {
            verifier,
            menu,
            budget,
            scope: None,
            ports,
            tasks: TaskTracker::new(),
        }
    }

    /// Has customers link their accounts anew whose tokens lack this scope. A
    /// new skill requires none.
    #[must_use]
    pub fn requiring(self, scope: impl Into<Box<str>>) -> Self {
        Self {
            scope: Some(scope.into()),
            ..self
        }
    }

    /// Answers a request, byte for byte as it came: with a sentence or with
    /// silence, whatever happens behind it. Its time runs from when it began
    /// to arrive.
    ///
    /// # Errors
    ///
    /// [`Refused`] if it is not Amazon's, or not for this skill.
    pub(crate) async fn answer(
        self: &Arc<Self>,
        headers: &HeaderMap,
        body: &[u8],
        began: Instant,
    ) -> Result<Reply, Refused> {
        let deadline = began + self.budget;
        let now = self.ports.clock.now();
        let verified = self
            .verifier
            .verify(headers, body, now, deadline.into_std())
            .await;
        let verified = verified.map_err(|rejection| {
            failure::rejected(&rejection);
            self.refuse(rejection.reason())
        })?;
        let turn = self.turn(&verified, body, deadline).ok_or_else(|| {
            tracing::warn!("a verified request is not an envelope: it was refused");
            self.refuse("body")
        })?;
        let word = self.word(turn.envelope.request());
        let given = turn.given.clone();

        // On a task of its own: dropped halfway because Alexa hung up, it might
        // leave an order without its code.
        let task = Arc::clone(self).carry_out(verified, turn);
        let task = self.tasks.spawn(task);
        let spoken = match tokio::time::timeout_at(deadline + GRACE, task).await {
            Ok(Ok(Ok(spoken))) => spoken,
            Ok(Ok(Err(OtherRequest))) => {
                tracing::warn!("a request has the id of another one: it was refused");
                return Err(self.refuse("other-request"));
            }
            Ok(Err(_)) => {
                // What a panic says may be the customer's: it is not logged.
                tracing::error!(
                    request = word,
                    "a request panicked: the customer was told so"
                );
                speech::broken().into()
            }
            Err(_elapsed) => {
                tracing::warn!(
                    request = word,
                    "a request took too long: the customer was told so"
                );
                let spoken = Spoken::from(speech::too_slow());
                // The request gets it again, if it was the first of its name.
                let _ = given.set(spoken.reply.clone());
                spoken
            }
        };
        self.ports
            .observer
            .answered(word, spoken.outcome, began.elapsed());
        Ok(spoken.reply)
    }

    /// Takes note that a request was refused.
    pub(crate) fn refuse(&self, reason: &'static str) -> Refused {
        self.ports.observer.rejected(reason);
        Refused
    }

    /// Waits until everything is done that was begun, whether or not anybody
    /// still waits for its answer. New requests are answered meanwhile: stop
    /// serving first.
    pub async fn finish(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn turn(&self, verified: &Verified, body: &[u8], deadline: Instant) -> Option<Turn> {
        let claim = Claim {
            key: ReplyKey::parse(&format!("alexa.{}", verified.request_id())).ok()?,
            digest: self.ports.pod.request_digest(body),
            keep_until: verified.remember_until(),
        };
        Some(Turn {
            claim,
            envelope: Envelope::parse(body).ok()?,
            deadline: Deadline::at(deadline.into_std()),
            given: Arc::default(),
        })
    }

    /// Carries a request out, unless it was before: then its first answer is
    /// given again. It takes the proof that the request is Amazon's, and so
    /// cannot be reached without.
    async fn carry_out(
        self: Arc<Self>,
        _verified: Verified,
        turn: Turn,
    ) -> Result<Spoken, OtherRequest> {
        let Turn {
            claim,
            envelope,
            deadline,
            given,
        } = turn;
        let claimed = (!is_idle(envelope.request())).then_some(&claim);
        loop {
            let repeat = match self.hear(&envelope, claimed, deadline).await {
                Ok(answer) => {
                    let spoken = Spoken::from(answer);
                    if claimed.is_some() {
                        let reply = given.get().unwrap_or(&spoken.reply).clone();
                        self.keep(claim.key, envelope.speaker().cloned(), reply);
                    }
                    return Ok(spoken);
                }
                Err(NotHeard::Repeated(repeat)) => repeat,
                Err(NotHeard::Unsure(answer)) => return Ok((*answer).into()),
            };
            match repeat {
                Repeat::Answered(reply) => {
                    let outcome = "repeated";
                    return Ok(Spoken { outcome, reply });
                }
                Repeat::OtherRequest => return Err(OtherRequest),
                Repeat::Unfinished if remaining(deadline) > ASK_AGAIN => {
                    tokio::time::sleep(ASK_AGAIN).await;
                }
                Repeat::Unfinished => return Ok(speech::too_slow().into()),
            }
        }
    }

    /// Keeps an answer for repeats of its request. The customer does not wait
    /// for that.
    fn keep(self: &Arc<Self>, name: ReplyKey, customer: Option<CustomerId>, reply: Reply) {
        let skill = Arc::clone(self);
        self.tasks.spawn(async move {
            let (pod, customer) = (&skill.ports.pod, customer.as_ref());
            if let Err(fault) = pod.finish_request(&name, customer, &reply).await {
                failure::broke(
                    "an answer was not kept: repeated, its request will be told to wait",
                    &fault,
                );
            }
        });
    }
}

/// Whether nothing comes of a request, so that it may as well be heard twice.
pub(crate) fn is_idle(request: &Request) -> bool {
    matches!(
        request,
        Request::CanFulfillIntent(_)
            | Request::SessionEnded { .. }
            | Request::ExceptionEncountered { .. }
            | Request::Other(_)
    )
}

fn remaining(deadline: Deadline) -> Duration {
    deadline.remaining(Instant::now().into_std())
}
