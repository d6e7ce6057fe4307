//! `pod-load fill`: fills a database with orders that were confirmed long ago,
//! the way a pod would have: through the store's ports.

use std::path::PathBuf;

use clap::Args;
use jiff::SignedDuration;
use pod_core::ports::{Attempts, Clock, Entropy, Orders};
use pod_core::{
    AttemptLimits, BoxError, Challenge, ChallengeId, CodeAccepted, Handle, Item, Menu, Nonce,
    OrderId, PlacedOrder, Seed, Timestamp,
};
use pod_server::system::{OsEntropy, SystemClock};
use pod_store::{SqliteConfig, SqliteStore};
use tokio::task::JoinSet;

use crate::customers;
use crate::orders;

/// How many orders are led through their life at the same time.
const AT_A_TIME: u32 = 256;

/// How many orders each customer has.
const EACH: u32 = 5;

/// How long ago the first of them was placed.
const AGO: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Fills a database with confirmed orders, five for each customer
#[derive(Args, Debug)]
pub(crate) struct Fill {
    /// The file; it is created if it is not there
    #[arg(long)]
    database: PathBuf,
    /// How many orders are added
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(0..=10_000_000))]
    orders: u32,
    /// How many customers have a contact
    #[arg(long, default_value_t = 20_000)]
    customers: u32,
}

impl Fill {
    /// Fills the database.
    pub(crate) fn start(self) -> Result<(), BoxError> {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(self.fill())
    }

    async fn fill(self) -> Result<(), BoxError> {
        let store = SqliteStore::open(&SqliteConfig::file(&self.database))?;
        customers::keep(&store, self.customers).await?;
        let item = orders::choose(&Menu::default(), 1)?.remove(0).item;
        let now = SystemClock.now();
        let between = AGO / i32::try_from(self.orders.max(1))?;

        let mut lives = JoinSet::new();
        for lane in 0..AT_A_TIME {
            let (store, item, orders) = (store.clone(), item.clone(), self.orders);
            lives.spawn(async move {
                // A customer's orders one after the other: a newer one that is
                // quicker would take the place of an older one.
                let customers = (lane..orders.div_ceil(EACH)).step_by(AT_A_TIME as usize);
                let numbers = customers.flat_map(|customer| {
                    let first = customer * EACH;
                    first..orders.min(first + EACH)
                });
                for number in numbers {
                    let placed_at = now - between * i32::try_from(orders - number)?;
                    let order = order(number, &item, placed_at)?;
                    live(&store, order).await?;
                }
                Ok::<_, BoxError>(())
            });
        }
        while let Some(ended) = lives.join_next().await {
            ended??;
        }
        store.close().await;
        println!(
            "{} orders and {} customers are in {}",
            self.orders,
            self.customers,
            self.database.display()
        );
        Ok(())
    }
}

fn order(number: u32, item: &Item, placed_at: Timestamp) -> Result<PlacedOrder, BoxError> {
    let (mut id, mut challenge, mut nonce) = ([0; 10], [0; 16], [0; 16]);
    OsEntropy.fill(&mut id)?;
    OsEntropy.fill(&mut challenge)?;
    OsEntropy.fill(&mut nonce)?;
    Ok(PlacedOrder {
        id: OrderId::new(placed_at, id),
        customer: customers::customer(number / EACH)?,
        item: item.clone(),
        placed_at,
        seed: Seed {
            challenge: ChallengeId::from_bytes(challenge),
            nonce: Nonce::from_bytes(nonce),
        },
    })
}

/// From being placed to being confirmed.
async fn live(store: &SqliteStore, order: PlacedOrder) -> Result<(), BoxError> {
    let sent_at = order.placed_at + SignedDuration::from_millis(40);
    let heard_at = sent_at + SignedDuration::from_secs(47);
    let contact = customers::contact(0)?;
    let challenge = Challenge {
        handle: Handle::parse("6.load")?,
        sent_to: contact.masked(),
        instead_of: None,
        sent_at,
        expires_at: sent_at + SignedDuration::from_secs(300),
    };
    store.place(&order, &[], None).await?;
    store.activate(&order, &challenge).await?;
    let limits = AttemptLimits::default();
    let attempt = store
        .begin(&order.customer, Some(order.id), heard_at, &limits, None)
        .await?;
    let proof = CodeAccepted::assertion(&attempt);
    let confirmation = attempt.confirm(proof, heard_at)?;
    store.confirm(&confirmation).await?;
    Ok(())
}
