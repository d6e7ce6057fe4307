//! The fake that keeps answers.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Mutex;

use async_trait::async_trait;
use pod_core::ports::{Begun, Replies, Reply, ReplyKey, RequestDigest};
use pod_core::{Fault, Timestamp};

use super::lock;

/// Keeps answers, for longer than anybody asks.
#[derive(Debug, Default)]
pub struct InMemoryReplies(Mutex<HashMap<ReplyKey, Known>>);

#[derive(Debug)]
struct Known {
    digest: RequestDigest,
    reply: Option<Reply>,
}

#[async_trait]
impl Replies for InMemoryReplies {
    async fn begin(
        &self,
        key: &ReplyKey,
        digest: &RequestDigest,
        _keep_until: Timestamp,
    ) -> Result<Begun, Fault> {
        Ok(match lock(&self.0).entry(key.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(Known {
                    digest: *digest,
                    reply: None,
                });
                Begun::First
            }
            Entry::Occupied(known) if known.get().digest != *digest => Begun::OtherRequest,
            Entry::Occupied(known) => match &known.get().reply {
                Some(reply) => Begun::Answered(reply.clone()),
                None => Begun::Unfinished,
            },
        })
    }

    async fn finish(&self, key: &ReplyKey, reply: &Reply) -> Result<(), Fault> {
        if let Some(known) = lock(&self.0).get_mut(key) {
            known.reply.get_or_insert_with(|| reply.clone());
        }
        Ok(())
    }
}
