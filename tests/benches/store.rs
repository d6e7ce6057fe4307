//! What keeping things costs, alone and shared: SQLite in a file, written
//! ahead, synced at every commit.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use divan::Bencher;
use divan::counter::ItemsCount;
use pod_core::ports::{Claim, Replies, ReplyKey, RequestDigest};
use pod_core::{ConfirmOrder, Language, PlaceOrder, Pod};
use pod_store::SqliteStore;
use tempfile::TempDir;
use tokio::task::JoinSet;

use support::{Hand, RUNTIME, contact, customer, deadline, now, pizza, pod, store};

/// How often each caller calls.
const EACH: u64 = 8;

fn main() {
    divan::main();
}

/// Numbers that are used once in a run.
static NEXT: AtomicU64 = AtomicU64::new(0);

fn next() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// One job that writes a row.
#[divan::bench(args = [1, 16, 64])]
fn begin_a_reply(bencher: Bencher<'_, '_>, callers: u64) {
    let (store, _folder) = store();
    let store = Arc::new(store);
    let digest = RequestDigest::from_bytes([7; 32]);

    bencher
        .counter(ItemsCount::new(callers * EACH))
        .bench_local(|| {
            RUNTIME.block_on(async {
                let mut calls = JoinSet::new();
                for _ in 0..callers {
                    let store = store.clone();
                    calls.spawn(async move {
                        for _ in 0..EACH {
                            let key = ReplyKey::parse(&format!("bench.{}", next())).expect("a key");
                            let claim = Claim {
                                key,
                                digest,
                                keep_until: now(),
                            };
                            store.begin(&claim).await.expect("kept");
                        }
                    });
                }
                calls.join_all().await;
            });
        });
}

/// One caller: a courier, a pod, and the store they share with the others.
struct Caller {
    hand: Arc<Hand>,
    pod: Pod,
    store: SqliteStore,
}

impl Caller {
    fn all(count: u64) -> (Vec<Arc<Self>>, TempDir) {
        let (store, folder) = store();
        let caller = |_| {
            let hand = Arc::new(Hand::default());
            let pod = pod(&store, hand.clone());
            let store = store.clone();
            Arc::new(Self { hand, pod, store })
        };
        ((0..count).map(caller).collect(), folder)
    }

    async fn customers(&self) -> Vec<u64> {
        let mut numbers = Vec::new();
        for _ in 0..EACH {
            let number = next();
            let (name, contacts) = (customer(number), [contact(number)]);
            let kept = self.store.keep_contacts(&name, &contacts).await;
            kept.expect("kept");
            numbers.push(number);
        }
        numbers
    }

    async fn order_and_confirm(&self, number: u64) {
        let customer = customer(number);
        let command = PlaceOrder {
            customer: customer.clone(),
            item: pizza(),
            language: Language::default(),
            deadline: deadline(),
            claim: None,
        };
        self.pod.place_order(command).await.expect("placed");
        let command = ConfirmOrder {
            customer,
            order: None,
            code: self.hand.take(),
            deadline: deadline(),
            claim: None,
        };
        self.pod.confirm_order(command).await.expect("confirmed");
    }
}

/// The two use cases that matter, without HTTP: an order of a new customer,
/// and its confirmation.
#[divan::bench(args = [1, 16, 64])]
fn order_and_confirm(bencher: Bencher<'_, '_>, callers: u64) {
    let (callers, _folder) = Caller::all(callers);
    let items = u64::try_from(callers.len()).expect("few") * EACH;

    bencher
        .counter(ItemsCount::new(items))
        .with_inputs(|| {
            let mut all = Vec::new();
            for caller in &callers {
                all.push((caller.clone(), RUNTIME.block_on(caller.customers())));
            }
            all
        })
        .bench_local_values(|all| {
            RUNTIME.block_on(async {
                let mut calls = JoinSet::new();
                for (caller, numbers) in all {
                    calls.spawn(async move {
                        for number in numbers {
                            caller.order_and_confirm(number).await;
                        }
                    });
                }
                calls.join_all().await;
            });
        });
}
