//! Carrying a request out once, however often it comes.

use thiserror::Error;

use crate::fault::Fault;
use crate::ids::CustomerId;
use crate::pod::Pod;
use crate::ports::{Begun, Claim, Repeat, Reply, ReplyKey};

/// Why a request is not carried out.
#[derive(Debug, Error)]
pub enum BeginRequestError {
    /// It is not the first of its name.
    #[error(transparent)]
    Repeated(#[from] Repeat),
    /// It is not known whether it is the first.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Pod {
    /// Begins a request: whoever gets `Ok` is the first of its name, carries
    /// it out, and keeps the answer by [`Pod::finish_request`].
    ///
    /// [`PlaceOrder`](crate::PlaceOrder) and
    /// [`ConfirmOrder`](crate::ConfirmOrder) take the claim themselves, which
    /// saves a commit.
    ///
    /// # Errors
    ///
    /// [`BeginRequestError`]: nothing may be done for the request.
    pub async fn begin_request(&self, claim: &Claim) -> Result<(), BeginRequestError> {
        match self.ports.replies.begin(claim).await? {
            Begun::First => Ok(()),
            Begun::Repeated(repeat) => Err(repeat.into()),
        }
    }

    pub(crate) async fn begin_claimed(
        &self,
        claim: Option<&Claim>,
    ) -> Result<(), BeginRequestError> {
        match claim {
            Some(claim) => self.begin_request(claim).await,
            None => Ok(()),
        }
    }

    /// Keeps the answer to a request that was begun, and whose it is, if that
    /// is known. Every repeat gets it, until its customer is forgotten, so it
    /// must not hold a code or a token. The first answer holds.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it may not have been kept.
    pub async fn finish_request(
        &self,
        key: &ReplyKey,
        customer: Option<&CustomerId>,
        reply: &Reply,
    ) -> Result<(), Fault> {
        self.ports.replies.finish(key, customer, reply).await
    }
}
