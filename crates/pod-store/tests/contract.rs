//! SQLite keeps the contract, in a file and in memory.

use std::sync::Arc;

use pod_core::ports::Customers;
use pod_core::{Contact, CustomerId};
use pod_store::{SqliteConfig, SqliteStore};
use pod_testkit::contract::{CustomersHarness, Enrolling, Store};
use pod_testkit::fixtures::deadline;
use tempfile::TempDir;

/// A store in a file of its own, and the folder that has to live as long.
fn in_a_file() -> (Arc<SqliteStore>, TempDir) {
    let folder = TempDir::new().expect("a folder");
    let config = SqliteConfig::file(folder.path().join("pod.db"));
    let store = SqliteStore::open(&config).expect("it opens");
    (Arc::new(store), folder)
}

fn in_memory() -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(&SqliteConfig::in_memory()).expect("it opens"))
}

/// A store as what knows customers.
struct Known<G>(Arc<SqliteStore>, G);

impl<G: Send + Sync> CustomersHarness for Known<G> {
    fn customers(&self) -> Arc<dyn Customers> {
        self.0.clone()
    }

    async fn know(&self, customer: &CustomerId, contacts: Vec<Contact>) {
        let kept = self.0.keep_contacts(customer, &contacts).await;
        kept.expect("kept");
    }

    async fn claim(&self, _customer: &CustomerId, _contact: Contact) {
        // Contacts that nobody has verified cannot be kept.
    }

    async fn keeps(&self, customer: &CustomerId) -> bool {
        let contacts = self.0.contacts(customer, deadline()).await;
        !contacts.expect("looked up").is_empty()
    }
}

mod file {
    use super::{Arc, Enrolling, Known, Store, in_a_file};

    fn orders() -> (Store, tempfile::TempDir) {
        let (store, folder) = in_a_file();
        (Store::of(store), folder)
    }

    fn enrolling() -> (Enrolling, tempfile::TempDir) {
        let (store, folder) = in_a_file();
        (Enrolling::of(store), folder)
    }

    fn known() -> Known<tempfile::TempDir> {
        let (store, folder) = in_a_file();
        Known(store, folder)
    }

    pod_testkit::orders_contract!(async { orders() });
    pod_testkit::attempts_contract!(async { orders() });
    pod_testkit::history_contract!(async { orders() });
    pod_testkit::quotas_contract!(async {
        let (store, folder) = in_a_file();
        (store as Arc<dyn pod_core::ports::Quotas>, folder)
    });
    pod_testkit::conversions_contract!(async {
        let (store, folder) = in_a_file();
        (store as Arc<dyn pod_core::ports::Conversions>, folder)
    });
    pod_testkit::replies_contract!(async {
        let (store, folder) = in_a_file();
        (store as Arc<dyn pod_core::ports::Replies>, folder)
    });
    pod_testkit::links_contract!(async {
        let (store, folder) = in_a_file();
        (store as Arc<dyn pod_core::ports::Links>, folder)
    });
    pod_testkit::sessions_contract!(async {
        let (store, folder) = in_a_file();
        (store as Arc<dyn pod_core::ports::Sessions>, folder)
    });
    pod_testkit::customers_contract!(async { known() });
    pod_testkit::contact_book_contract!(async { enrolling() });
    pod_testkit::enrolments_contract!(async { enrolling() });
}

mod memory {
    use super::{Arc, Enrolling, Known, Store, in_memory};

    pod_testkit::orders_contract!(async { Store::of(in_memory()) });
    pod_testkit::attempts_contract!(async { Store::of(in_memory()) });
    pod_testkit::history_contract!(async { Store::of(in_memory()) });
    pod_testkit::quotas_contract!(async { in_memory() as Arc<dyn pod_core::ports::Quotas> });
    pod_testkit::conversions_contract!(async {
        in_memory() as Arc<dyn pod_core::ports::Conversions>
    });
    pod_testkit::replies_contract!(async { in_memory() as Arc<dyn pod_core::ports::Replies> });
    pod_testkit::links_contract!(async { in_memory() as Arc<dyn pod_core::ports::Links> });
    pod_testkit::sessions_contract!(async { in_memory() as Arc<dyn pod_core::ports::Sessions> });
    pod_testkit::customers_contract!(async { Known(in_memory(), ()) });
    pod_testkit::contact_book_contract!(async { Enrolling::of(in_memory()) });
    pod_testkit::enrolments_contract!(async { Enrolling::of(in_memory()) });
}
