//! The customers of a measurement: as many as there are pairs, so that none
//! meets a limit that is meant for one.

use std::sync::Arc;

use pod_core::{BoxError, Contact, CustomerId, EmailAddress};
use pod_store::SqliteStore;
use tokio::task::JoinSet;

/// How many customers are kept at the same time: they share commits.
const AT_A_TIME: u32 = 256;

/// The subject of a customer's account.
pub(crate) fn subject(number: u32) -> String {
    format!("auth0|load-{number:07}")
}

/// A customer.
pub(crate) fn customer(number: u32) -> Result<CustomerId, BoxError> {
    Ok(CustomerId::parse(&subject(number))?)
}

/// Where the customer's codes go: nobody's mailbox (RFC 2606, 3).
pub(crate) fn contact(number: u32) -> Result<Contact, BoxError> {
    let address = format!("load-{number:07}@customers.example");
    Ok(Contact::Email(EmailAddress::parse(&address)?))
}

/// Keeps the contacts of so many customers.
pub(crate) async fn keep(store: &SqliteStore, count: u32) -> Result<(), BoxError> {
    let store = Arc::new(store.clone());
    let mut keeping = JoinSet::new();
    for lane in 0..AT_A_TIME {
        let store = store.clone();
        keeping.spawn(async move {
            for number in (lane..count).step_by(AT_A_TIME as usize) {
                store
                    .keep_contacts(&customer(number)?, &[contact(number)?])
                    .await?;
            }
            Ok::<_, BoxError>(())
        });
    }
    while let Some(kept) = keeping.join_next().await {
        kept??;
    }
    Ok(())
}
