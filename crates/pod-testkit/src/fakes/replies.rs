//! The fake that keeps answers.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Mutex;

use async_trait::async_trait;
use pod_core::ports::{Begun, Claim, Repeat, Replies, Reply, ReplyKey, RequestDigest};
use pod_core::{CustomerId, Fault};

use super::lock;

/// Keeps answers, for longer than anybody asks.
#[derive(Debug, Default)]
pub struct InMemoryReplies(Mutex<HashMap<ReplyKey, Known>>);

#[derive(Debug)]
struct Known {
    digest: RequestDigest,
    reply: Option<(Option<CustomerId>, Reply)>,
}

impl InMemoryReplies {
    pub(super) fn claim(&self, claim: &Claim) -> Result<(), Repeat> {
        match lock(&self.0).entry(claim.key.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(Known {
                    digest: claim.digest,
                    reply: None,
                });
                Ok(())
            }
            Entry::Occupied(known) if known.get().digest != claim.digest => {
                Err(Repeat::OtherRequest)
            }
            Entry::Occupied(known) => match &known.get().reply {
                Some((_, reply)) => Err(Repeat::Answered(reply.clone())),
                None => Err(Repeat::Unfinished),
            },
        }
    }
}

#[async_trait]
impl Replies for InMemoryReplies {
    async fn begin(&self, claim: &Claim) -> Result<Begun, Fault> {
        Ok(match self.claim(claim) {
            Ok(()) => Begun::First,
            Err(repeat) => Begun::Repeated(repeat),
        })
    }

    async fn finish(
        &self,
        key: &ReplyKey,
        customer: Option<&CustomerId>,
        reply: &Reply,
    ) -> Result<(), Fault> {
        if let Some(known) = lock(&self.0).get_mut(key) {
            let theirs = || (customer.cloned(), reply.clone());
            known.reply.get_or_insert_with(theirs);
        }
        Ok(())
    }

    async fn forget(&self, customer: &CustomerId) -> Result<(), Fault> {
        for known in lock(&self.0).values_mut() {
            known
                .reply
                .take_if(|(whose, _)| whose.as_ref() == Some(customer));
        }
        Ok(())
    }
}
