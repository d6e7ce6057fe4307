//! The threads that read, beside the one that writes.

use rusqlite::{Connection, Statement};

use super::queue::Queue;
use super::{contact_book, customers, enrolments, history, links, sessions};

/// At most so many requests share a snapshot, so that an idle thread finds
/// something to do.
const MOST: usize = 32;

/// One step of a port that only reads, with its caller inside.
pub(super) type Request = Box<dyn FnOnce(&mut Reading<'_>) + Send>;

/// A connection that reads, with every statement it will need.
pub(super) struct Reading<'db> {
    begin: Statement<'db>,
    commit: Statement<'db>,
    pub(super) contact_book: contact_book::Reads<'db>,
    pub(super) customers: customers::Reads<'db>,
    pub(super) enrolments: enrolments::Reads<'db>,
    pub(super) history: history::Reads<'db>,
    pub(super) links: links::Reads<'db>,
    pub(super) sessions: sessions::Reads<'db>,
}

impl<'db> Reading<'db> {
    pub(super) fn prepare(db: &'db Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            begin: db.prepare("BEGIN")?,
            commit: db.prepare("COMMIT")?,
            contact_book: contact_book::Reads::prepare(db)?,
            customers: customers::Reads::prepare(db)?,
            enrolments: enrolments::Reads::prepare(db)?,
            history: history::Reads::prepare(db)?,
            links: links::Reads::prepare(db)?,
            sessions: sessions::Reads::prepare(db)?,
        })
    }

    /// Works until the queue is closed and empty. What is read in one go is
    /// read from one snapshot, which is that of its last request or later.
    pub(super) fn work(&mut self, queue: &Queue<Request>) {
        let mut requests = Vec::with_capacity(MOST);
        while queue.take(&mut requests, MOST) {
            let shared = requests.len() > 1 && self.begin.execute([]).is_ok();
            for request in requests.drain(..) {
                request(self);
            }
            if shared {
                // Ending a transaction that has only read cannot lose anything.
                let _ = self.commit.execute([]);
            }
        }
    }
}
