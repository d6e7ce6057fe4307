//! The fake that keeps answers.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Mutex;

use async_trait::async_trait;
use pod_core::Fault;
use pod_core::ports::{Begun, Claim, Repeat, Replies, Reply, ReplyKey, RequestDigest};

use super::lock;

/// Keeps answers, for longer than anybody asks.
#[derive(Debug, Default)]
pub struct InMemoryReplies(Mutex<HashMap<ReplyKey, Known>>);

#[derive(Debug)]
struct Known {
    digest: RequestDigest,
    reply: Option<Reply>,
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
                Some(reply) => Err(Repeat::Answered(reply.clone())),
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

    async fn finish(&self, key: &ReplyKey, reply: &Reply) -> Result<(), Fault> {
        if let Some(known) = lock(&self.0).get_mut(key) {
            known.reply.get_or_insert_with(|| reply.clone());
        }
        Ok(())
    }
}
