//! What [`Sessions`] promises.

use std::sync::Arc;
use std::time::Duration;

use pod_core::ports::{Session, SessionKey, SessionLimits, Sessions};
use pod_core::{CustomerId, Timestamp};

use super::at_once;
use crate::fixtures::{at, bjorn, customer, unusual_texts, zoe};

/// Stamps one test for each promise of [`Sessions`], on the `Arc` of an
/// adapter that an expression makes.
#[macro_export]
macro_rules! sessions_contract {
    ($sessions:expr) => {
        $crate::__stamp!(
            sessions,
            $sessions,
            [
                a_session_is_found_as_it_was_begun_until_it_ends,
                a_key_that_is_taken_is_not_taken_over,
                of_64_sessions_of_one_key_one_is_kept,
                a_session_that_is_not_used_is_over_after_a_while,
                a_session_that_is_used_is_over_in_the_end,
                looking_at_a_session_is_no_use_of_it,
                a_customers_sessions_are_listed_newest_first,
                ending_all_leaves_somebody_elses,
            ]
        );
    };
}

const LIMITS: SessionLimits = SessionLimits {
    idle: Duration::from_mins(10),
    absolute: Duration::from_mins(25),
};

fn key(n: u8) -> SessionKey {
    SessionKey::from_bytes([n; 32])
}

fn session(customer: &CustomerId, began_at: Timestamp) -> Session {
    Session {
        customer: customer.clone(),
        began_at,
        seen_at: began_at,
        sealed: vec![0, 1, 2, 255].into(),
    }
}

async fn begin(sessions: &Arc<dyn Sessions>, n: u8, session: &Session) {
    sessions.begin(&key(n), session).await.expect("begun");
}

async fn find(sessions: &Arc<dyn Sessions>, n: u8, now: i64) -> Option<Session> {
    let found = sessions.find(&key(n), &LIMITS, at(now)).await;
    found.expect("looked up")
}

/// A session is found, equal in every field, by its own key, until it ends.
pub async fn a_session_is_found_as_it_was_begun_until_it_ends(sessions: Arc<dyn Sessions>) {
    for (n, name) in (1..).zip(unusual_texts()) {
        let Ok(customer) = CustomerId::parse(&name) else {
            continue;
        };
        let begun = session(&customer, at(i64::from(n)));
        begin(&sessions, n, &begun).await;
        assert_eq!(find(&sessions, n, 59).await, Some(begun));
    }
    begin(&sessions, 101, &session(&zoe(), at(0))).await;
    begin(&sessions, 102, &session(&zoe(), at(0))).await;

    for _ in 0..2 {
        sessions.end(&key(101)).await.expect("ended");
        assert_eq!(find(&sessions, 101, 1).await, None);
    }
    assert!(find(&sessions, 102, 1).await.is_some());
    assert_eq!(find(&sessions, 103, 1).await, None);
}

/// Beginning a session under a key that is taken fails, and leaves the one
/// that is there.
pub async fn a_key_that_is_taken_is_not_taken_over(sessions: Arc<dyn Sessions>) {
    begin(&sessions, 1, &session(&zoe(), at(0))).await;

    let refused = sessions.begin(&key(1), &session(&bjorn(), at(1))).await;

    assert!(refused.is_err());
    let found = find(&sessions, 1, 2).await.expect("it is there");
    assert_eq!(found.customer, zoe());
}

/// Of any number of sessions of one key at the same time, one is kept.
pub async fn of_64_sessions_of_one_key_one_is_kept(sessions: Arc<dyn Sessions>) {
    let outcomes = at_once(64, |n| {
        let sessions = sessions.clone();
        let begun = session(&customer(&format!("auth0|{n}")), at(0));
        async move { sessions.begin(&key(1), &begun).await }
    })
    .await;

    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
}

/// A session that is not used is over after the idle time.
pub async fn a_session_that_is_not_used_is_over_after_a_while(sessions: Arc<dyn Sessions>) {
    begin(&sessions, 1, &session(&zoe(), at(0))).await;
    begin(&sessions, 2, &session(&zoe(), at(0))).await;

    assert!(find(&sessions, 1, 599).await.is_some());
    assert_eq!(find(&sessions, 2, 600).await, None);
    // It does not come back either.
    assert_eq!(
        find(&sessions, 2, 599).await.map(|found| found.seen_at),
        Some(at(599))
    );
}

/// A session that is used lasts longer, up to the absolute time, and its use
/// is noted to the minute.
pub async fn a_session_that_is_used_is_over_in_the_end(sessions: Arc<dyn Sessions>) {
    begin(&sessions, 1, &session(&zoe(), at(0))).await;

    assert_eq!(find(&sessions, 1, 59).await.expect("alive").seen_at, at(0));
    for now in [500, 1000, 1499] {
        let found = find(&sessions, 1, now).await.expect("alive");
        assert_eq!((found.began_at, found.seen_at), (at(0), at(now)));
    }
    assert_eq!(find(&sessions, 1, 1500).await, None);
}

/// Looking at a session finds it as it is, and does not keep it alive.
pub async fn looking_at_a_session_is_no_use_of_it(sessions: Arc<dyn Sessions>) {
    let begun = session(&zoe(), at(0));
    begin(&sessions, 1, &begun).await;
    let peek = async |now| {
        let found = sessions.peek(&key(1), &LIMITS, at(now)).await;
        found.expect("looked up")
    };

    for now in [100, 300, 599] {
        assert_eq!(peek(now).await.as_ref(), Some(&begun));
    }
    assert_eq!(peek(600).await, None);
    assert_eq!(find(&sessions, 1, 600).await, None);
}

/// A customer's sessions whose time is not up are listed, the newest first.
pub async fn a_customers_sessions_are_listed_newest_first(sessions: Arc<dyn Sessions>) {
    for (n, customer, began_at) in [
        (1, zoe(), 0),
        (2, zoe(), 700),
        (3, bjorn(), 650),
        (4, zoe(), 650),
    ] {
        begin(&sessions, n, &session(&customer, at(began_at))).await;
    }

    let listed = sessions.list(&zoe(), &LIMITS, at(710)).await;

    let began: Vec<_> = listed
        .expect("listed")
        .iter()
        .map(|one| one.began_at)
        .collect();
    assert_eq!(began, [at(700), at(650)]);
}

/// Ending all sessions of a customer leaves somebody else's.
pub async fn ending_all_leaves_somebody_elses(sessions: Arc<dyn Sessions>) {
    for (n, customer) in [(1, zoe()), (2, zoe()), (3, bjorn())] {
        begin(&sessions, n, &session(&customer, at(0))).await;
    }

    sessions.end_all(&zoe()).await.expect("ended");

    for (n, is_there) in [(1, false), (2, false), (3, true)] {
        assert_eq!(find(&sessions, n, 1).await.is_some(), is_there, "{n}");
    }
}
