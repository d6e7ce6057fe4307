//! What the skill does about what it hears: ask the core, and say what came of
//! it.

use pod_core::ports::{AccessToken, AuthenticateError, Caller, Claim, InsufficientScope, Repeat};
use pod_core::{
    AccountId, BeginRequestError, CancelOrderError, Code, ConfirmOrder, ConfirmOrderError,
    CustomerId, Deadline, Fault, Item, Language, PlaceOrder, PlaceOrderError, ResendCode,
    ResendCodeError,
};
use secrecy::{ExposeSecret, SecretString};

use crate::envelope::{
    CanFulfill, Envelope, Intent, Question, Request, Response, SkillEvent, Verdict,
};
use crate::failure;
use crate::model;
use crate::skill::Skill;
use crate::speech::{self, Answer};
use crate::wish::{Unmade, Wish};

/// Why a request was not heard.
pub(crate) enum NotHeard {
    /// It is not the first of its name.
    Repeated(Repeat),
    /// It is not known whether it is: what to say, and not to keep.
    Unsure(Box<Answer>),
}

impl From<BeginRequestError> for NotHeard {
    fn from(error: BeginRequestError) -> Self {
        match error {
            BeginRequestError::Repeated(repeat) => Self::Repeated(repeat),
            BeginRequestError::Fault(fault) => {
                failure::broke("a request was not carried out", &fault);
                Self::Unsure(Box::new(speech::unavailable()))
            }
        }
    }
}

/// What is done for a customer, once it is known who that is.
enum Errand {
    Welcome,
    Resend,
    Status,
    AskToCancel,
    Cancel,
}

impl Skill {
    /// The word for a request in metrics.
    pub(crate) fn word(&self, request: &Request) -> &'static str {
        match request {
            Request::Launch => "launch",
            Request::Intent(intent) => Wish::of(intent, &self.menu).name(),
            Request::CanFulfillIntent(_) => "can-fulfill",
            Request::ConnectionsResponse | Request::SessionResumed => "resumed",
            Request::SkillEvent(_) => "event",
            Request::SessionEnded { .. } => "session-ended",
            Request::ExceptionEncountered { .. } => "exception",
            Request::Other(_) => "other",
        }
    }

    /// Does what a request asks for, and says what came of it. With a claim,
    /// the request has been begun whatever the answer.
    ///
    /// # Errors
    ///
    /// [`NotHeard`] if it is not the first of its name, or that is not known.
    pub(crate) async fn hear(
        &self,
        envelope: &Envelope,
        claim: Option<&Claim>,
        deadline: Deadline,
    ) -> Result<Answer, NotHeard> {
        let Request::Intent(intent) = envelope.request() else {
            self.begin(claim).await?;
            return Ok(self.react(envelope, deadline).await);
        };
        let wish = Wish::of(intent, &self.menu);
        let Answer { outcome, response } = self.fulfil(wish, envelope, claim, deadline).await?;
        let response = response.after(envelope.memory());
        Ok(Answer { outcome, response })
    }

    async fn begin(&self, claim: Option<&Claim>) -> Result<(), NotHeard> {
        match claim {
            Some(claim) => Ok(self.ports.pod.begin_request(claim).await?),
            None => Ok(()),
        }
    }

    /// Does what anything but an intent asks for.
    async fn react(&self, envelope: &Envelope, deadline: Deadline) -> Answer {
        match envelope.request() {
            Request::Launch => self.run(Errand::Welcome, envelope, deadline).await,
            Request::Intent(_) => speech::not_understood(),
            Request::CanFulfillIntent(intent) => self.can_fulfill(intent),
            // A task of another skill's, which pod did not ask for.
            Request::ConnectionsResponse | Request::SessionResumed => speech::help(),
            Request::SkillEvent(event) => self.note(*event, envelope, deadline).await,
            Request::SessionEnded { reason, error } => {
                if let Some(error) = error {
                    failure::complaint(error, reason.as_deref());
                }
                speech::silence("silence")
            }
            Request::ExceptionEncountered { error, caused_by } => {
                failure::complaint(error, caused_by.as_deref());
                speech::silence("silence")
            }
            Request::Other(kind) => {
                tracing::debug!(kind, "a request of a type that pod has no use for");
                speech::silence("silence")
            }
        }
    }

    async fn fulfil(
        &self,
        wish: Wish,
        envelope: &Envelope,
        claim: Option<&Claim>,
        deadline: Deadline,
    ) -> Result<Answer, NotHeard> {
        // These two are begun with the first thing that is kept for them.
        if !matches!(wish, Wish::Order(Ok(_)) | Wish::Confirm(_)) {
            self.begin(claim).await?;
        }
        let errand = match (wish, envelope.memory().question()) {
            (Wish::Help, _) => return Ok(speech::help()),
            (Wish::Stop, _) => return Ok(speech::goodbye()),
            (Wish::Repeat, _) => return Ok(speech::repeat(envelope.memory().clone())),
            // Nobody is asked for a size first, and then to link an account.
            (Wish::Order(Err(unmade)), _) if envelope.access_token().is_some() => {
                return Ok(speech::unmade(&unmade, &self.menu));
            }
            (Wish::Order(Err(_)), _) => return Ok(speech::link_account()),
            (Wish::No, Some(_)) => return Ok(speech::kept()),
            (Wish::Yes | Wish::No, None) | (Wish::Unknown, _) => {
                return Ok(speech::not_understood());
            }
            (Wish::Order(Ok(pizza)), _) => {
                return self.place(pizza.item(), envelope, claim, deadline).await;
            }
            (Wish::Confirm(code), _) => return self.confirm(code, envelope, claim, deadline).await,
            (Wish::Resend, _) | (Wish::Yes, Some(Question::ResendCode)) => Errand::Resend,
            (Wish::Status, _) => Errand::Status,
            (Wish::CancelOrder, _) => Errand::AskToCancel,
            (Wish::Yes, Some(Question::CancelOrder)) => Errand::Cancel,
        };
        Ok(self.run(errand, envelope, deadline).await)
    }

    async fn run(&self, errand: Errand, envelope: &Envelope, deadline: Deadline) -> Answer {
        let customer = match self.customer(envelope, deadline).await {
            Ok(customer) => customer,
            Err(answer) => return answer,
        };
        match errand {
            Errand::Welcome => self.welcome(&customer).await,
            Errand::Resend => self.resend(customer, envelope, deadline).await,
            Errand::Status => self.status(&customer).await,
            Errand::AskToCancel => self.ask_to_cancel(&customer).await,
            Errand::Cancel => self.cancel(&customer).await,
        }
    }

    /// Finds out who is speaking; else says what the customer has to do.
    async fn customer(
        &self,
        envelope: &Envelope,
        deadline: Deadline,
    ) -> Result<CustomerId, Answer> {
        let Some(token) = envelope.access_token() else {
            return Err(speech::link_account());
        };
        let Ok(token) = AccessToken::parse(token.expose_secret()) else {
            return Err(speech::link_account_again());
        };
        match self
            .ports
            .authenticator
            .authenticate(&token, deadline)
            .await
        {
            Ok(caller) => match self.require_scope(&caller) {
                Ok(()) => {
                    envelope.is_from(&caller.customer);
                    Ok(caller.customer)
                }
                Err(insufficient) => {
                    tracing::warn!(
                        scope = insufficient.missing(),
                        "a token lacks a scope: the customer was told to link the account again"
                    );
                    Err(speech::link_account_again())
                }
            },
            Err(AuthenticateError::Rejected) => Err(speech::link_account_again()),
            Err(AuthenticateError::Fault(fault)) => {
                failure::broke("it is not known who is speaking", &fault);
                Err(speech::not_recognised())
            }
        }
    }

    fn require_scope(&self, caller: &Caller) -> Result<(), InsufficientScope> {
        let required = self.scope.as_deref();
        required.map_or(Ok(()), |scope| caller.scopes.require(scope))
    }

    async fn welcome(&self, customer: &CustomerId) -> Answer {
        match self.ports.pod.order_status(customer).await {
            Ok(order) => speech::welcome(order.as_ref(), self.ports.clock.now()),
            Err(fault) => {
                // Not worth refusing a greeting for.
                failure::broke("an order that waits was not mentioned", &fault);
                speech::welcome(None, self.ports.clock.now())
            }
        }
    }

    async fn place(
        &self,
        item: Item,
        envelope: &Envelope,
        claim: Option<&Claim>,
        deadline: Deadline,
    ) -> Result<Answer, NotHeard> {
        let customer = match self.customer(envelope, deadline).await {
            Ok(customer) => customer,
            Err(answer) => return self.begin(claim).await.map(|()| answer),
        };
        let language = language(envelope);
        let command = PlaceOrder {
            customer,
            item,
            language,
            deadline,
            claim: claim.cloned(),
        };
        match self.ports.pod.place_order(command).await {
            Ok(sent) => Ok(speech::code_sent(&sent)),
            Err(PlaceOrderError::NotBegun(BeginRequestError::Repeated(repeat))) => {
                Err(NotHeard::Repeated(repeat))
            }
            Err(error) => {
                let answer = speech::not_placed(&error, self.ports.clock.now());
                match &error {
                    PlaceOrderError::NotBegun(BeginRequestError::Fault(fault)) => {
                        failure::broke("an order may not have been kept", fault);
                        return Err(NotHeard::Unsure(Box::new(answer)));
                    }
                    PlaceOrderError::Fault(fault) => failure::broke("an order got no code", fault),
                    _ => {}
                }
                Ok(answer)
            }
        }
    }

    async fn confirm(
        &self,
        heard: Option<SecretString>,
        envelope: &Envelope,
        claim: Option<&Claim>,
        deadline: Deadline,
    ) -> Result<Answer, NotHeard> {
        let customer = match self.customer(envelope, deadline).await {
            Ok(customer) => customer,
            Err(answer) => return self.begin(claim).await.map(|()| answer),
        };
        let digits = self.ports.pod.policy().digits;
        let code = heard.and_then(|heard| Code::hear(heard.expose_secret(), digits).ok());
        let Some(code) = code else {
            self.begin(claim).await?;
            return Ok(speech::misheard(digits.get(), envelope.memory().clone()));
        };
        let command = ConfirmOrder {
            customer,
            order: None,
            code,
            deadline,
            claim: claim.cloned(),
        };
        match self.ports.pod.confirm_order(command).await {
            Ok(confirmation) => Ok(speech::confirmed(&confirmation)),
            Err(ConfirmOrderError::NotBegun(BeginRequestError::Repeated(repeat))) => {
                Err(NotHeard::Repeated(repeat))
            }
            Err(error) => {
                let answer = speech::not_confirmed(&error, self.ports.clock.now());
                match &error {
                    ConfirmOrderError::NotBegun(BeginRequestError::Fault(fault)) => {
                        failure::broke("an attempt may not have been counted", fault);
                        return Err(NotHeard::Unsure(Box::new(answer)));
                    }
                    ConfirmOrderError::Fault(fault) => {
                        failure::broke("a code was not judged", fault);
                    }
                    _ => {}
                }
                Ok(answer)
            }
        }
    }

    async fn resend(
        &self,
        customer: CustomerId,
        envelope: &Envelope,
        deadline: Deadline,
    ) -> Answer {
        let language = language(envelope);
        let command = ResendCode {
            customer,
            order: None,
            language,
            deadline,
        };
        match self.ports.pod.resend_code(command).await {
            Ok(sent) => speech::code_resent(&sent),
            Err(error) => {
                if let ResendCodeError::Fault(fault) = &error {
                    failure::broke("a code was not sent again", fault);
                }
                speech::not_resent(&error, self.ports.clock.now())
            }
        }
    }

    async fn status(&self, customer: &CustomerId) -> Answer {
        match self.ports.pod.order_status(customer).await {
            Ok(order) => speech::status(order.as_ref(), self.ports.clock.now()),
            Err(fault) => cannot_look(&fault),
        }
    }

    async fn ask_to_cancel(&self, customer: &CustomerId) -> Answer {
        match self.ports.pod.order_status(customer).await {
            Ok(order) => speech::ask_to_cancel(order.as_ref()),
            Err(fault) => cannot_look(&fault),
        }
    }

    async fn cancel(&self, customer: &CustomerId) -> Answer {
        match self.ports.pod.cancel_order(customer, None).await {
            Ok(_) => speech::cancelled(),
            Err(CancelOrderError::NothingPending) => speech::nothing_to_cancel(),
            Err(CancelOrderError::Fault(fault)) => {
                failure::broke("an order may not have been cancelled", &fault);
                speech::cannot_cancel()
            }
        }
    }

    /// Says whether an intent could be fulfilled. Nothing is sent, kept or
    /// charged for it, and no code is ever taken this way.
    fn can_fulfill(&self, intent: &Intent) -> Answer {
        let verdict = match Wish::of(intent, &self.menu) {
            Wish::Order(Ok(_)) => {
                let filled = model::ORDER.slots.iter();
                let filled = filled.filter(|name| intent.slots().get(name).is_some());
                filled.fold(CanFulfill::new(Verdict::Yes), |verdict, name| {
                    verdict.slot(name, Verdict::Yes)
                })
            }
            Wish::Order(Err(Unmade::NoSize)) => CanFulfill::new(Verdict::Maybe),
            _ => CanFulfill::new(Verdict::No),
        };
        Answer {
            outcome: "judged",
            response: Response::can_fulfill(verdict),
        }
    }

    /// Takes note of what happened between a customer and the skill. Events
    /// come late, twice, and in no order, and nobody hears an answer.
    async fn note(&self, event: SkillEvent, envelope: &Envelope, deadline: Deadline) -> Answer {
        let Some(Ok(account)) = envelope.user().map(AccountId::parse) else {
            return speech::silence("no-account");
        };
        let noted = match event {
            SkillEvent::AccountLinked => match self.customer(envelope, deadline).await {
                Ok(customer) => self.ports.pod.link_account(&account, &customer).await,
                Err(_) => return speech::silence("unrecognised"),
            },
            SkillEvent::Disabled => self.ports.pod.unlink_account(&account).await.map(drop),
            _ => return speech::silence("silence"),
        };
        match noted {
            Ok(()) => speech::silence("noted"),
            Err(fault) => {
                failure::broke("an event of the skill was not noted", &fault);
                speech::silence("not-noted")
            }
        }
    }
}

fn language(envelope: &Envelope) -> Language {
    let language = envelope
        .locale()
        .and_then(|locale| Language::parse(locale).ok());
    language.unwrap_or_default()
}

fn cannot_look(fault: &Fault) -> Answer {
    failure::broke("an order was not looked up", fault);
    speech::cannot_look()
}

#[cfg(test)]
mod tests;
