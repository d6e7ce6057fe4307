//! `contact`: the verified contacts that pod keeps itself.

use std::process::ExitCode;

use pod_core::ports::{ContactBook as _, ContactChange, ContactEntries};
use pod_core::{Contact, CustomerId, Fault};

use super::{Outcome, runtime};
use crate::config::{Source, StoreConfig};
use crate::logging;
use crate::wiring::Store;

pub(super) fn add(
    source: &Source<'_>,
    customer: &CustomerId,
    contact: &Contact,
    preferred: bool,
) -> Outcome {
    with_store(source, async |store| {
        store.add_contact(customer, contact).await?;
        if preferred {
            let prefer = ContactChange::Prefer(contact.clone());
            store.change(customer, &prefer).await?;
        }
        show(&contacts(&store, customer).await?);
        Ok(ExitCode::SUCCESS)
    })
}

pub(super) fn list(source: &Source<'_>, customer: &CustomerId) -> Outcome {
    with_store(source, async |store| {
        show(&contacts(&store, customer).await?);
        Ok(ExitCode::SUCCESS)
    })
}

pub(super) fn remove(source: &Source<'_>, customer: &CustomerId, contact: &Contact) -> Outcome {
    with_store(source, async |store| {
        if !contacts(&store, customer).await?.contains(contact) {
            return Err("the customer has no such contact: `contact list` shows them".into());
        }
        let remove = ContactChange::Remove {
            contact: contact.clone(),
            even_last: true,
        };
        store.change(customer, &remove).await?;
        show(&contacts(&store, customer).await?);
        Ok(ExitCode::SUCCESS)
    })
}

fn with_store(source: &Source<'_>, work: impl AsyncFnOnce(Store) -> Outcome) -> Outcome {
    let config = StoreConfig::read(source)?;
    logging::start(config.log);
    if config.contacts_are_elsewhere {
        eprintln!(
            "note: APP_CLIENT_ID is set, so `serve` sends codes to the contacts that Auth0 has of a \
             customer first, and to these after them unless one is preferred"
        );
    }
    runtime()?.block_on(async {
        let store = Store::open(&config.database.store())?;
        let outcome = work(store.clone()).await;
        store.close().await;
        outcome
    })
}

/// The contacts that are kept, the preferred one first.
async fn contacts(store: &Store, customer: &CustomerId) -> Result<Vec<Contact>, Fault> {
    let ContactEntries { kept, preferred } = store.entries(customer).await?;
    let is_preferred = |contact: &Contact| Some(contact) == preferred.as_ref();
    let (mut first, others): (Vec<_>, _) = kept.into_iter().partition(is_preferred);
    first.extend::<Vec<_>>(others);
    Ok(first)
}

fn show(contacts: &[Contact]) {
    if contacts.is_empty() {
        println!("no contacts: the customer's orders cannot be confirmed");
    }
    for contact in contacts {
        let masked = contact.masked();
        println!("{:<6} {}", masked.channel().as_str(), masked.masked());
    }
}
