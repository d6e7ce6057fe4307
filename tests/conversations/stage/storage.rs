//! Where the pod keeps everything: the same ports, on SQLite or in memory.

use std::path::PathBuf;
use std::sync::Arc;

use pod_core::ports::{
    Attempts, ContactBook, Conversions, Customers, Enrolments, History, Links, NoDirectory, Orders,
    Quotas, Replies,
};
use pod_core::{Contact, CustomerId};
use pod_store::{SqliteConfig, SqliteStore};
use pod_testkit::{
    InMemoryContactBook, InMemoryConversions, InMemoryCustomers, InMemoryLinks, InMemoryOrders,
    InMemoryQuotas, InMemoryReplies,
};
use tempfile::TempDir;

/// What a conversation's pod keeps everything in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Storage {
    /// A SQLite database in a file.
    Sqlite,
    /// The fakes.
    InMemory,
}

/// One of each port that keeps something.
#[derive(Clone)]
pub(crate) struct Stores {
    pub(crate) orders: Arc<dyn Orders>,
    pub(crate) attempts: Arc<dyn Attempts>,
    pub(crate) history: Arc<dyn History>,
    pub(crate) conversions: Arc<dyn Conversions>,
    pub(crate) quotas: Arc<dyn Quotas>,
    pub(crate) replies: Arc<dyn Replies>,
    pub(crate) customers: Arc<dyn Customers>,
    pub(crate) contact_book: Arc<dyn ContactBook>,
    pub(crate) enrolments: Arc<dyn Enrolments>,
    pub(crate) links: Arc<dyn Links>,
}

/// What is behind the ports.
pub(crate) enum Kept {
    Sqlite {
        folder: TempDir,
        store: SqliteStore,
    },
    InMemory {
        orders: Arc<InMemoryOrders>,
        conversions: Arc<InMemoryConversions>,
        quotas: Arc<InMemoryQuotas>,
        replies: Arc<InMemoryReplies>,
        customers: Arc<InMemoryCustomers>,
        contact_book: Arc<InMemoryContactBook>,
        links: Arc<InMemoryLinks>,
    },
}

impl Storage {
    pub(crate) fn open(self) -> Kept {
        match self {
            Self::Sqlite => {
                let folder = TempDir::new().expect("a folder");
                let store = open(file(&folder));
                Kept::Sqlite { folder, store }
            }
            Self::InMemory => {
                let (quotas, replies) = (Arc::default(), Arc::default());
                let orders = InMemoryOrders::beside(Arc::clone(&quotas), Arc::clone(&replies));
                let orders = Arc::new(orders);
                Kept::InMemory {
                    contact_book: Arc::new(InMemoryContactBook::beside(orders.clone())),
                    orders,
                    conversions: Arc::default(),
                    quotas,
                    replies,
                    customers: Arc::default(),
                    links: Arc::default(),
                }
            }
        }
    }
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("pod.db")
}

fn open(file: PathBuf) -> SqliteStore {
    SqliteStore::open(&SqliteConfig::file(file)).expect("a database")
}

impl Kept {
    pub(crate) fn stores(&self) -> Stores {
        match self {
            Self::Sqlite { store, .. } => {
                let store = Arc::new(store.clone());
                Stores {
                    orders: store.clone(),
                    attempts: store.clone(),
                    history: store.clone(),
                    conversions: store.clone(),
                    quotas: store.clone(),
                    replies: store.clone(),
                    customers: Arc::new(NoDirectory),
                    contact_book: store.clone(),
                    enrolments: store.clone(),
                    links: store,
                }
            }
            Self::InMemory {
                orders,
                conversions,
                quotas,
                replies,
                customers,
                contact_book,
                links,
            } => Stores {
                orders: orders.clone(),
                attempts: orders.clone(),
                history: orders.clone(),
                conversions: conversions.clone(),
                quotas: quotas.clone(),
                replies: replies.clone(),
                customers: customers.clone(),
                contact_book: contact_book.clone(),
                enrolments: contact_book.clone(),
                links: links.clone(),
            },
        }
    }

    pub(crate) async fn know(&self, customer: &CustomerId, contacts: Vec<Contact>) {
        match self {
            Self::Sqlite { store, .. } => {
                let kept = store.keep_contacts(customer, &contacts).await;
                kept.expect("contacts are kept");
            }
            Self::InMemory { customers, .. } => customers.know(customer, contacts),
        }
    }

    /// Everything there is, so that two can be compared: the bytes of the
    /// database and of its log, to which SQLite appends whatever is written.
    pub(crate) fn everything(&self) -> Vec<u8> {
        match self {
            Self::Sqlite { folder, .. } => {
                let bytes = ["pod.db", "pod.db-wal"]
                    .map(|name| std::fs::read(folder.path().join(name)).expect("a database"));
                bytes.concat()
            }
            Self::InMemory {
                orders,
                conversions,
                quotas,
                replies,
                customers,
                contact_book,
                links,
            } => format!(
                "{orders:?}{conversions:?}{quotas:?}{replies:?}{customers:?}{contact_book:?}{links:?}"
            )
            .into_bytes(),
        }
    }

    /// Lets go of the database, and opens the file anew: what a new process
    /// finds. What is in memory would be gone.
    pub(crate) fn reopen(&mut self) {
        let Self::Sqlite { folder, store } = self else {
            panic!("memory does not outlive its process");
        };
        *store = open(file(folder));
    }

    /// Closes the database for good: every call fails from now on.
    pub(crate) async fn close(&self) {
        if let Self::Sqlite { store, .. } = self {
            store.close().await;
        }
    }
}
