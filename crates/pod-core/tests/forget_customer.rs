//! Forgetting a customer.

use async_trait::async_trait;
use pod_core::ports::{Courier, DeliverError, Delivery, Links, Repeat, Reply};
use pod_core::{AccountId, BeginRequestError, ConfirmOrderError, PlaceOrderError, Stage};
use pod_testkit::Fakes;
use pod_testkit::fixtures::{
    bjorn, claim, confirm_order, place_order, transfer, zoe, zoe_email, zoe_phone,
};

use crate::outages::{assert_lawful, every_outage};
use crate::stage::{
    carried_by, guess_wrong, last_code, order_and_code, place, place_item, say, stages, undelivered,
};

#[tokio::test]
async fn orders_contacts_and_accounts_are_erased() {
    let fakes = with_an_account().await;
    let (awaiting, code) = order_and_code(&fakes, &zoe()).await;
    let laid_down = undelivered(&fakes, &zoe()).await;

    let forgotten = fakes.pod().forget_customer(&zoe()).await;

    forgotten.expect("forgotten");
    assert_nothing_is_left(&fakes).await;
    for order in [awaiting.id, laid_down] {
        assert_eq!(
            fakes.announcer.stages(order).last(),
            Some(&Stage::Cancelled)
        );
    }
    let error = say(&fakes, &zoe(), &code).await;
    assert!(
        matches!(error, Err(ConfirmOrderError::NothingPending)),
        "{error:?}"
    );
}

#[tokio::test]
async fn answers_to_the_customer_are_erased_and_nobody_elses() {
    let fakes = Fakes::with_zoe();
    let pod = fakes.pod();
    let zoes = claim("zoë", 1);
    let bjorns = claim("bjorn", 1);
    for (claim, customer) in [(&zoes, zoe()), (&bjorns, bjorn())] {
        pod.begin_request(claim).await.expect("the first");
        let reply = Reply::new(*b"a large pizza");
        let kept = pod.finish_request(&claim.key, Some(&customer), &reply);
        kept.await.expect("kept");
    }

    pod.forget_customer(&zoe()).await.expect("forgotten");

    for (claim, is_erased) in [(zoes, true), (bjorns, false)] {
        let again = pod.begin_request(&claim).await;
        let Err(BeginRequestError::Repeated(repeat)) = again else {
            panic!("it is carried out once more: {again:?}");
        };
        assert_eq!(repeat == Repeat::Unfinished, is_erased, "{repeat:?}");
    }
}

#[tokio::test]
async fn everybody_else_is_remembered() {
    let fakes = with_an_account().await;
    fakes.customers.know(&bjorn(), vec![zoe_email()]);
    let bjorns_account = account("amzn1.ask.account.BJÖRN");
    let linked = fakes.links.link(&bjorns_account, &bjorn()).await;
    linked.expect("linked");
    let (order, code) = order_and_code(&fakes, &bjorn()).await;

    fakes
        .pod()
        .forget_customer(&zoe())
        .await
        .expect("forgotten");

    let confirmation = say(&fakes, &bjorn(), &code).await.expect("it stands");
    assert_eq!(confirmation.order(), &order);
    assert!(fakes.customers.knows(&bjorn()));
    let owner = fakes.links.unlink(&bjorns_account).await.expect("unlinked");
    assert_eq!(owner, Some(bjorn()));
}

#[tokio::test]
async fn a_stranger_is_forgotten_without_further_ado() {
    let fakes = Fakes::new();

    let forgotten = fakes.pod().forget_customer(&zoe()).await;

    forgotten.expect("there was nothing to do");
    assert_eq!(fakes.announcer.events(), []);
}

#[tokio::test]
async fn nobody_is_unlocked_by_being_forgotten() {
    let fakes = Fakes::with_zoe();
    guess_wrong(&fakes, &zoe(), 10).await;

    fakes
        .pod()
        .forget_customer(&zoe())
        .await
        .expect("forgotten");

    fakes.customers.know(&zoe(), vec![zoe_phone()]);
    place(&fakes, &zoe()).await.expect("sent");
    let command = confirm_order(&zoe(), &last_code(&fakes));
    let error = fakes.pod().confirm_order(command).await;
    assert!(
        matches!(error, Err(ConfirmOrderError::Locked { until: Some(_) })),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_order_on_its_way_does_not_outlive_its_customer() {
    let fakes = Fakes::with_zoe();
    let pod = fakes.pod_on(carried_by(&fakes, ForgottenMeanwhile(fakes.clone())));

    let error = pod.place_order(place_order(&zoe())).await;

    assert!(
        matches!(error, Err(PlaceOrderError::Superseded)),
        "{error:?}"
    );
    assert_eq!(stages(&fakes, &zoe()), []);
    let code = last_code(&fakes);
    say(&fakes, &zoe(), &code).await.expect_err("it is gone");
}

#[tokio::test]
async fn whatever_breaks_forgetting_again_forgets() {
    for outage in every_outage() {
        let fakes = with_an_account().await;
        place_item(&fakes, &zoe(), transfer()).await.expect("sent");
        undelivered(&fakes, &zoe()).await;
        let pod = fakes.pod_on(outage.ports(fakes.ports()));

        let outcome = outage.survive(pod.forget_customer(&zoe())).await;

        if matches!(outcome, Some(Ok(()))) {
            assert_nothing_is_left(&fakes).await;
        }
        assert_lawful(&fakes, &zoe(), &outage).await;
        let again = fakes.pod().forget_customer(&zoe()).await;
        again.expect("nothing is out of order");
        assert_nothing_is_left(&fakes).await;
    }
}

async fn with_an_account() -> Fakes {
    let fakes = Fakes::with_zoe();
    let linked = fakes.links.link(&zoes_account(), &zoe()).await;
    linked.expect("linked");
    fakes
}

fn zoes_account() -> AccountId {
    account("amzn1.ask.account.ZOË")
}

fn account(name: &str) -> AccountId {
    AccountId::parse(name).expect("an account's name")
}

async fn assert_nothing_is_left(fakes: &Fakes) {
    assert_eq!(stages(fakes, &zoe()), []);
    assert!(!fakes.customers.knows(&zoe()));
    let owner = fakes.links.unlink(&zoes_account()).await;
    assert_eq!(owner.expect("unlinked"), None);
}

/// Carries a code only after Zoë was forgotten.
struct ForgottenMeanwhile(Fakes);

#[async_trait]
impl Courier for ForgottenMeanwhile {
    async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), DeliverError> {
        let forgotten = self.0.pod().forget_customer(&zoe()).await;
        forgotten.expect("forgotten");
        self.0.courier.deliver(delivery).await
    }
}
