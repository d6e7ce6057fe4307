//! What [`Links`] promises.

use std::sync::Arc;

use pod_core::ports::Links;
use pod_core::{AccountId, CustomerId};

use super::at_once;
use crate::fixtures::{bjorn, customer, unusual_texts, zoe};

/// Stamps one test for each promise of [`Links`], on
/// the `Arc` of an adapter that an expression makes.
#[macro_export]
macro_rules! links_contract {
    ($links:expr) => {
        $crate::__stamp!(
            links,
            $links,
            [
                an_account_is_its_customers_until_it_is_unlinked,
                whose_an_account_is_can_be_found,
                an_account_that_is_nobodys_is_unlinked_from_nobody,
                the_latest_link_holds,
                a_customer_may_have_many_accounts,
                forgetting_a_customer_unlinks_all_accounts_and_nobody_elses,
                of_64_simultaneous_unlinkings_one_says_whose_it_was,
                unusual_names_are_linked_apart,
            ]
        );
    };
}

fn account(raw: &str) -> AccountId {
    AccountId::parse(raw).expect("an account's name")
}

async fn link(links: &Arc<dyn Links>, name: &str, customer: &CustomerId) {
    let linked = links.link(&account(name), customer).await;
    linked.expect("linked");
}

async fn find(links: &Arc<dyn Links>, name: &str) -> Option<CustomerId> {
    let found = links.find(&account(name)).await;
    found.expect("looked up")
}

async fn unlink(links: &Arc<dyn Links>, name: &str) -> Option<CustomerId> {
    let unlinked = links.unlink(&account(name)).await;
    unlinked.expect("unlinked")
}

/// An account is its customer's until it is unlinked, and nobody's afterwards.
pub async fn an_account_is_its_customers_until_it_is_unlinked(links: Arc<dyn Links>) {
    link(&links, "amzn1.ask.account.A", &zoe()).await;

    assert_eq!(unlink(&links, "amzn1.ask.account.A").await, Some(zoe()));
    assert_eq!(unlink(&links, "amzn1.ask.account.A").await, None);
}

/// Whose an account is can be found, as often as one likes, and nobody is
/// found for one that is nobody's.
pub async fn whose_an_account_is_can_be_found(links: Arc<dyn Links>) {
    link(&links, "A", &zoe()).await;
    link(&links, "B", &bjorn()).await;

    for _ in 0..2 {
        assert_eq!(find(&links, "A").await, Some(zoe()));
        assert_eq!(find(&links, "B").await, Some(bjorn()));
        assert_eq!(find(&links, "C").await, None);
    }
    unlink(&links, "A").await;
    assert_eq!(find(&links, "A").await, None);
}

/// Unlinking an account that is nobody's unlinks nobody.
pub async fn an_account_that_is_nobodys_is_unlinked_from_nobody(links: Arc<dyn Links>) {
    link(&links, "A", &zoe()).await;

    assert_eq!(unlink(&links, "B").await, None);
    assert_eq!(unlink(&links, "A").await, Some(zoe()));
}

/// The latest link holds.
pub async fn the_latest_link_holds(links: Arc<dyn Links>) {
    link(&links, "A", &zoe()).await;
    link(&links, "A", &bjorn()).await;
    link(&links, "A", &bjorn()).await;

    assert_eq!(unlink(&links, "A").await, Some(bjorn()));
    assert_eq!(unlink(&links, "A").await, None);
}

/// A customer may have many accounts; unlinking one leaves the others.
pub async fn a_customer_may_have_many_accounts(links: Arc<dyn Links>) {
    for name in ["A", "B", "C"] {
        link(&links, name, &zoe()).await;
    }

    for name in ["B", "A", "C"] {
        assert_eq!(unlink(&links, name).await, Some(zoe()));
    }
}

/// Forgetting a customer unlinks all of the customer's accounts and nobody
/// else's; one who is not known can be forgotten as well.
pub async fn forgetting_a_customer_unlinks_all_accounts_and_nobody_elses(links: Arc<dyn Links>) {
    link(&links, "A", &zoe()).await;
    link(&links, "B", &bjorn()).await;
    link(&links, "C", &zoe()).await;

    links.forget(&zoe()).await.expect("forgotten");
    links.forget(&zoe()).await.expect("nothing to forget");

    assert_eq!(unlink(&links, "A").await, None);
    assert_eq!(unlink(&links, "C").await, None);
    assert_eq!(unlink(&links, "B").await, Some(bjorn()));
}

/// Of any number of calls at the same time that unlink one account, one says
/// whose it was.
pub async fn of_64_simultaneous_unlinkings_one_says_whose_it_was(links: Arc<dyn Links>) {
    link(&links, "A", &zoe()).await;

    let unlinked = at_once(64, |_| {
        let links = links.clone();
        async move { unlink(&links, "A").await }
    })
    .await;

    let owners: Vec<CustomerId> = unlinked.into_iter().flatten().collect();
    assert_eq!(owners, [zoe()]);
}

/// Whatever texts the names of accounts and customers are, they are kept
/// apart.
pub async fn unusual_names_are_linked_apart(links: Arc<dyn Links>) {
    let owners = unusual_texts();
    let mut accounts = owners.clone();
    accounts.reverse();
    accounts[0] = "y".repeat(512);
    accounts[1] = "y".repeat(511);
    for (name, owner) in accounts.iter().zip(&owners) {
        link(&links, name, &customer(owner)).await;
    }
    let forgotten = customer(&owners[5]);

    links.forget(&forgotten).await.expect("forgotten");

    for (name, owner) in accounts.iter().zip(&owners) {
        let owner = Some(customer(owner)).filter(|owner| *owner != forgotten);
        assert_eq!(unlink(&links, name).await, owner, "{name:?}");
    }
}
