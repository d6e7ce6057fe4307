//! What [`Replies`] promises.

use std::sync::Arc;

use pod_core::CustomerId;
use pod_core::ports::{Begun, Claim, Repeat, Replies, Reply, RequestDigest};

use super::at_once;
use crate::fixtures::{at, claim, customer, unusual_texts, zoe};

/// Stamps one test for each promise of [`Replies`],
/// on the `Arc` of an adapter that an expression makes.
#[macro_export]
macro_rules! replies_contract {
    ($replies:expr) => {
        $crate::__stamp!(
            replies,
            $replies,
            [
                of_64_simultaneous_requests_of_one_name_exactly_one_is_the_first,
                of_64_simultaneous_requests_with_other_contents_one_is_the_first,
                a_request_without_an_answer_is_unfinished,
                a_repeated_request_gets_the_first_answer,
                the_first_answer_holds,
                of_64_simultaneous_answers_one_holds,
                another_request_of_the_same_name_is_refused,
                what_is_known_is_kept_though_others_come,
                unusual_names_are_kept_apart,
                answers_to_a_customer_are_erased_and_nobody_elses,
                what_was_erased_is_not_carried_out_once_more,
            ]
        );
    };
}

async fn begin(replies: &Arc<dyn Replies>, name: &str, byte: u8) -> Begun {
    let begun = replies.begin(&claim(name, byte)).await;
    begun.expect("known")
}

async fn finish(replies: &Arc<dyn Replies>, name: &str, reply: &[u8]) {
    finish_for(replies, name, None, reply).await;
}

async fn finish_for(
    replies: &Arc<dyn Replies>,
    name: &str,
    customer: Option<&CustomerId>,
    reply: &[u8],
) {
    let finished = replies
        .finish(&claim(name, 1).key, customer, &Reply::new(reply))
        .await;
    finished.expect("kept");
}

/// Of any number of calls of one name at the same time, exactly one is the
/// first.
pub async fn of_64_simultaneous_requests_of_one_name_exactly_one_is_the_first(
    replies: Arc<dyn Replies>,
) {
    let outcomes = at_once(64, |_| {
        let replies = replies.clone();
        async move { begin(&replies, "zoë", 1).await }
    })
    .await;

    let (first, others): (Vec<_>, Vec<_>) = outcomes
        .into_iter()
        .partition(|begun| *begun == Begun::First);
    assert_eq!(first.len(), 1);
    assert!(
        others
            .iter()
            .all(|begun| *begun == Begun::Repeated(Repeat::Unfinished))
    );
}

/// Of any number of different requests of one name at the same time, exactly
/// one is the first, and the others are refused.
pub async fn of_64_simultaneous_requests_with_other_contents_one_is_the_first(
    replies: Arc<dyn Replies>,
) {
    let outcomes = at_once(64, |i| {
        let replies = replies.clone();
        let byte = u8::try_from(i).expect("few");
        async move { (byte, begin(&replies, "zoë", byte).await) }
    })
    .await;

    let (first, others): (Vec<_>, Vec<_>) = outcomes
        .into_iter()
        .partition(|(_, begun)| *begun == Begun::First);
    let [(byte, _)] = first[..] else {
        panic!("{} were the first", first.len());
    };
    assert!(
        others
            .iter()
            .all(|(_, begun)| *begun == Begun::Repeated(Repeat::OtherRequest))
    );
    assert_eq!(
        begin(&replies, "zoë", byte).await,
        Begun::Repeated(Repeat::Unfinished)
    );
}

/// A request that was begun and has no answer is unfinished, however often it
/// comes.
pub async fn a_request_without_an_answer_is_unfinished(replies: Arc<dyn Replies>) {
    assert_eq!(begin(&replies, "zoë", 1).await, Begun::First);

    for _ in 0..3 {
        assert_eq!(
            begin(&replies, "zoë", 1).await,
            Begun::Repeated(Repeat::Unfinished)
        );
    }
}

/// A repeated request gets the first answer, to the byte, however often it
/// comes.
pub async fn a_repeated_request_gets_the_first_answer(replies: Arc<dyn Replies>) {
    let every_byte: Vec<u8> = (0..=255).collect();
    let long = "ü".repeat(60_000).into_bytes();
    let answers = [Vec::new(), every_byte, long, b"{\"a\":1}\r\n\0".to_vec()];

    for (i, answer) in answers.iter().enumerate() {
        let name = format!("zoë-{i}");
        assert_eq!(begin(&replies, &name, 1).await, Begun::First);
        finish(&replies, &name, answer).await;
    }

    for (i, answer) in answers.iter().enumerate() {
        for _ in 0..2 {
            let begun = begin(&replies, &format!("zoë-{i}"), 1).await;
            assert_eq!(
                begun,
                Begun::Repeated(Repeat::Answered(Reply::new(answer.as_slice())))
            );
        }
    }
}

/// The first answer holds: a later one changes nothing.
pub async fn the_first_answer_holds(replies: Arc<dyn Replies>) {
    begin(&replies, "zoë", 1).await;

    finish(&replies, "zoë", b"first").await;
    finish(&replies, "zoë", b"second").await;

    let expected = Begun::Repeated(Repeat::Answered(Reply::new(*b"first")));
    assert_eq!(begin(&replies, "zoë", 1).await, expected);
}

/// Of any number of answers at the same time one holds.
pub async fn of_64_simultaneous_answers_one_holds(replies: Arc<dyn Replies>) {
    begin(&replies, "zoë", 1).await;

    let seen = at_once(64, |i| {
        let replies = replies.clone();
        async move {
            finish(&replies, "zoë", format!("answer {i}").as_bytes()).await;
            begin(&replies, "zoë", 1).await
        }
    })
    .await;

    assert!(
        matches!(seen[0], Begun::Repeated(Repeat::Answered(_))),
        "{:?}",
        seen[0]
    );
    assert!(seen.iter().all(|begun| *begun == seen[0]));
}

/// Another request of the same name is refused, before the first has its
/// answer and afterwards, and leaves the first as it is.
pub async fn another_request_of_the_same_name_is_refused(replies: Arc<dyn Replies>) {
    begin(&replies, "zoë", 0).await;
    let mut close = [0; 32];
    close[31] = 1;
    let close = Claim {
        digest: RequestDigest::from_bytes(close),
        ..claim("zoë", 0)
    };
    let other = async || {
        let begun = replies.begin(&close).await;
        begun.expect("known")
    };

    assert_eq!(other().await, Begun::Repeated(Repeat::OtherRequest));
    assert_eq!(
        begin(&replies, "zoë", 255).await,
        Begun::Repeated(Repeat::OtherRequest)
    );
    assert_eq!(
        begin(&replies, "zoë", 0).await,
        Begun::Repeated(Repeat::Unfinished)
    );
    finish(&replies, "zoë", b"answer").await;
    assert_eq!(other().await, Begun::Repeated(Repeat::OtherRequest));
    assert_eq!(
        begin(&replies, "zoë", 255).await,
        Begun::Repeated(Repeat::OtherRequest)
    );
    let answered = Begun::Repeated(Repeat::Answered(Reply::new(*b"answer")));
    assert_eq!(begin(&replies, "zoë", 0).await, answered);
}

/// What is known is kept as long as it was asked for, though many others come
/// that may be forgotten sooner.
pub async fn what_is_known_is_kept_though_others_come(replies: Arc<dyn Replies>) {
    begin(&replies, "answered", 1).await;
    finish(&replies, "answered", b"answer").await;
    begin(&replies, "unfinished", 1).await;

    for i in 0..300 {
        let other = Claim {
            keep_until: at(-1_000_000_000),
            ..claim(&format!("other-{i}"), 2)
        };
        let begun = replies.begin(&other).await;
        assert_eq!(begun.expect("known"), Begun::First);
    }

    let answered = Begun::Repeated(Repeat::Answered(Reply::new(*b"answer")));
    assert_eq!(begin(&replies, "answered", 1).await, answered);
    assert_eq!(
        begin(&replies, "unfinished", 1).await,
        Begun::Repeated(Repeat::Unfinished)
    );
}

/// Whatever text a request's name is, it is kept apart from all others.
pub async fn unusual_names_are_kept_apart(replies: Arc<dyn Replies>) {
    let mut names = unusual_texts();
    names.push("y".repeat(600));
    names.push("y".repeat(599));
    names.push("a\r\nb".to_owned());

    for name in &names {
        assert_eq!(begin(&replies, name, 1).await, Begun::First, "{name:?}");
        finish(&replies, name, name.as_bytes()).await;
    }

    for name in &names {
        let answered = Begun::Repeated(Repeat::Answered(Reply::new(name.as_bytes())));
        assert_eq!(begin(&replies, name, 1).await, answered);
    }
}

/// Erasing takes all answers to a customer, and leaves those to others and
/// those that are nobody's.
pub async fn answers_to_a_customer_are_erased_and_nobody_elses(replies: Arc<dyn Replies>) {
    let (zoe, others) = (zoe(), customer("zoë"));
    let kept = [
        ("of zoë", Some(&zoe)),
        ("of zoë again", Some(&zoe)),
        ("of another", Some(&others)),
        ("of nobody", None),
    ];
    for (name, customer) in kept {
        begin(&replies, name, 1).await;
        finish_for(&replies, name, customer, b"answer").await;
    }

    for _ in 0..2 {
        replies.forget(&zoe).await.expect("erased");
    }

    for (name, customer) in kept {
        let left = if customer == Some(&zoe) {
            Repeat::Unfinished
        } else {
            Repeat::Answered(Reply::new(*b"answer"))
        };
        let begun = begin(&replies, name, 1).await;
        assert_eq!(begun, Begun::Repeated(left), "{name}");
    }
}

/// A request whose answer was erased was begun all the same: it is refused if
/// it is another one, and an answer that comes later is kept.
pub async fn what_was_erased_is_not_carried_out_once_more(replies: Arc<dyn Replies>) {
    let zoe = zoe();
    begin(&replies, "answered", 1).await;
    finish_for(&replies, "answered", Some(&zoe), b"answer").await;
    // As the request that erases.
    begin(&replies, "under way", 1).await;

    replies.forget(&zoe).await.expect("erased");
    finish_for(&replies, "under way", Some(&zoe), b"erased").await;

    let other = begin(&replies, "answered", 2).await;
    assert_eq!(other, Begun::Repeated(Repeat::OtherRequest));
    let again = begin(&replies, "answered", 1).await;
    assert_eq!(again, Begun::Repeated(Repeat::Unfinished));
    let again = begin(&replies, "under way", 1).await;
    let answered = Repeat::Answered(Reply::new(*b"erased"));
    assert_eq!(again, Begun::Repeated(answered));
}
