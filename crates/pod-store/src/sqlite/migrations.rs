//! The steps that bring a database up to date.

use rusqlite::{Connection, TransactionBehavior};

/// What `PRAGMA application_id` says of a database of pod's: `pods`.
pub(super) const APPLICATION: i32 = 0x706F_6473;

/// Every step, the oldest first. A step that was released is never changed:
/// another is added. `PRAGMA user_version` counts those that were taken.
pub(super) const STEPS: &[Step] = &[
    Step {
        name: "0001_orders",
        sql: include_str!("migrations/0001_orders.sql"),
    },
    Step {
        name: "0002_deliveries",
        sql: include_str!("migrations/0002_deliveries.sql"),
    },
    Step {
        name: "0003_sessions",
        sql: include_str!("migrations/0003_sessions.sql"),
    },
    Step {
        name: "0004_contacts",
        sql: include_str!("migrations/0004_contacts.sql"),
    },
    Step {
        name: "0005_whose_replies",
        sql: include_str!("migrations/0005_whose_replies.sql"),
    },
];

/// One step.
pub(super) struct Step {
    pub(super) name: &'static str,
    sql: &'static str,
}

/// The version of a database that is up to date.
pub(super) fn newest() -> i32 {
    i32::try_from(STEPS.len()).unwrap_or(i32::MAX)
}

/// Who wrote a database, and in which version.
pub(super) fn identity(db: &Connection) -> rusqlite::Result<(i32, i32)> {
    Ok((
        db.pragma_query_value(None, "application_id", |row| row.get(0))?,
        db.pragma_query_value(None, "user_version", |row| row.get(0))?,
    ))
}

/// Takes the steps that are missing, all or none, and returns them. Of two
/// processes that do so at once, the second finds nothing to do.
pub(super) fn take(db: &mut Connection) -> rusqlite::Result<&'static [Step]> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (_, version) = identity(&transaction)?;
    let missing = missing(version);
    for step in missing {
        transaction.execute_batch(step.sql)?;
    }
    if !missing.is_empty() {
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", newest())?;
    }
    transaction.commit()?;
    Ok(missing)
}

/// The steps that a database of that version has not taken.
pub(super) fn missing(version: i32) -> &'static [Step] {
    let taken = usize::try_from(version).unwrap_or(0);
    STEPS.get(taken..).unwrap_or(&[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_applies_after_those_before_it_and_the_last_leaves_nothing_to_do() {
        let db = Connection::open_in_memory().unwrap();

        for step in STEPS {
            db.execute_batch(step.sql)
                .unwrap_or_else(|error| panic!("{}: {error}", step.name));
        }

        let mut fresh = Connection::open_in_memory().unwrap();
        assert_eq!(take(&mut fresh).unwrap().len(), STEPS.len());
        assert_eq!(identity(&fresh).unwrap(), (APPLICATION, newest()));
        assert!(take(&mut fresh).unwrap().is_empty());
    }

    #[test]
    fn steps_are_numbered_in_order() {
        for (number, step) in (1..).zip(STEPS) {
            assert!(
                step.name.starts_with(&format!("{number:04}_")),
                "{}",
                step.name
            );
        }
    }
}
