//! A tenant that takes its time: everybody is answered by the deadline, and
//! nothing is sent twice.

use std::time::{Duration, Instant};

use pod_core::Deadline;
use pod_core::ports::{
    ChallengeError, ChallengeRequest, Challenger as _, CheckError, Customers as _,
};
use pod_testkit::fixtures::{language, order, zoe, zoe_phone};

use crate::auth0::{Auth0, sessions};

const SLOW: Duration = Duration::from_secs(3);
const START: &str = "POST /passwordless/start";

fn soon() -> Deadline {
    Deadline::at(Instant::now() + Duration::from_millis(100))
}

/// Holds that a call came back by its deadline, more or less.
async fn in_time<F: Future>(call: F) -> F::Output {
    let began = Instant::now();
    let outcome = call.await;
    assert!(
        began.elapsed() < Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
    outcome
}

async fn challenge(auth0: &Auth0) -> Result<(), ChallengeError> {
    let request = ChallengeRequest {
        order: &order(1, &zoe()),
        contact: &zoe_phone(),
        previous: None,
        sent_at: pod_testkit::fixtures::at(2),
        lifetime: Duration::from_secs(287),
        others_left: false,
        language: &language(),
        deadline: soon(),
    };
    let sent = in_time(auth0.challenger.challenge(&request)).await;
    sent.map(|_| ())
}

#[tokio::test]
async fn contacts_are_looked_up_in_time_or_not_at_all() {
    let auth0 = Auth0::start().await;
    auth0.know(&zoe(), &[zoe_phone()]);
    auth0.delay(SLOW);

    let fault = in_time(auth0.customers.contacts(&zoe(), soon()))
        .await
        .unwrap_err();

    assert!(fault.is_temporary());
}

#[tokio::test]
async fn a_code_is_sent_in_time_or_it_is_a_fault() {
    let linked = Auth0::start().await;
    linked.sent().await;
    let unlinked = Auth0::start().await;
    unlinked.know(&zoe(), &[zoe_phone()]);
    let by_session = Auth0::start_with(sessions(), |_| {}).await;
    by_session.know(&zoe(), &[zoe_phone()]);

    for auth0 in [&linked, &unlinked, &by_session] {
        auth0.delay(SLOW);

        let outcome = challenge(auth0).await;

        assert!(
            matches!(&outcome, Err(ChallengeError::Fault(fault)) if fault.is_temporary()),
            "{outcome:?}"
        );
    }
    assert_eq!(unlinked.asked_for(START).len(), 0);
}

#[tokio::test]
async fn a_code_that_may_have_been_sent_is_not_sent_again() {
    let auth0 = Auth0::start().await;
    auth0.sent().await;
    auth0.clock.advance(Duration::from_secs(1));
    pod_core::ports::Customers::contacts(&*auth0.customers, &zoe(), soon())
        .await
        .unwrap();
    auth0.delay(SLOW);

    challenge(&auth0).await.unwrap_err();

    assert_eq!(auth0.asked_for(START).len(), 2);
    assert_eq!(auth0.codes_to(&zoe_phone()).len(), 2);
}

#[tokio::test]
async fn a_code_is_judged_in_time_or_it_is_a_fault() {
    for mode in [sessions(), pod_auth0::PasswordlessMode::default()] {
        let auth0 = Auth0::start_with(mode, |_| {}).await;
        let (attempt, code) = auth0.sent().await;
        auth0.delay(SLOW);

        let outcome = in_time(auth0.challenger.check(&attempt, &code, soon())).await;

        assert!(
            matches!(&outcome, Err(CheckError::Fault(fault)) if fault.is_temporary()),
            "{outcome:?}"
        );
    }
}
