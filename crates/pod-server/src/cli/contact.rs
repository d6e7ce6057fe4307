//! `contact`: the verified contacts that pod keeps itself.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use pod_core::ports::Customers as _;
use pod_core::{Contact, CustomerId, Deadline, Fault};

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
        let mut contacts = contacts(&store, customer).await?;
        contacts.retain(|known| known != contact);
        let place = if preferred { 0 } else { contacts.len() };
        contacts.insert(place, contact.clone());
        store.keep_contacts(customer, &contacts).await?;
        show(&contacts);
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
        let mut contacts = contacts(&store, customer).await?;
        let before = contacts.len();
        contacts.retain(|known| known != contact);
        if contacts.len() == before {
            return Err("the customer has no such contact: `contact list` shows them".into());
        }
        store.keep_contacts(customer, &contacts).await?;
        show(&contacts);
        Ok(ExitCode::SUCCESS)
    })
}

fn with_store(source: &Source<'_>, work: impl AsyncFnOnce(Store) -> Outcome) -> Outcome {
    let config = StoreConfig::read(source)?;
    logging::start(config.log);
    if config.contacts_are_elsewhere {
        eprintln!(
            "note: APP_CLIENT_ID is set, so `serve` sends codes to the contacts that Auth0 has of a \
             customer, and not to these"
        );
    }
    runtime()?.block_on(async {
        let store = Store::open(&config.database.store())?;
        let outcome = work(store.clone()).await;
        store.close().await;
        outcome
    })
}

async fn contacts(store: &Store, customer: &CustomerId) -> Result<Vec<Contact>, Fault> {
    let deadline = Deadline::at(Instant::now() + Duration::from_secs(10));
    store.contacts(customer, deadline).await
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
