//! Events as they happen: whoever listens hears those of one customer, and
//! after a break those that were missed.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use pod_core::ports::{Announcer, Event};
use pod_core::{CustomerId, OrderId, Stage, Timestamp};
use tokio::sync::watch;

/// How many of a customer's events are kept for those who were away.
const KEPT: usize = 64;

/// How long a customer's events are kept if nobody listens.
const AWAY: Duration = Duration::from_mins(10);

/// From how many customers on only the events of those whom somebody listens to
/// are kept; the others are told to look again. So many take some 15 MB.
const CROWD: usize = 20_000;

/// Tells whoever listens what becomes of orders. Clones are the same.
///
/// Events are numbered over all customers, and a number goes with the run of
/// the program that gave it: one of an earlier run says nothing any more.
#[derive(Clone)]
pub struct Live(Arc<Inner>);

struct Inner {
    run: u64,
    customers: Mutex<Customers>,
}

#[derive(Default)]
struct Customers {
    /// The number of the last event.
    last: u64,
    /// The last event of those that were forgotten with their customers.
    forgotten: u64,
    swept_at: Option<Instant>,
    /// How many customers are too many, if more than [`CROWD`].
    crowd: usize,
    /// Whether nothing is told any more.
    stopped: bool,
    theirs: HashMap<CustomerId, Events>,
}

/// The events of one customer.
struct Events {
    recent: VecDeque<Numbered>,
    /// The last event that is not among them any more.
    dropped: u64,
    last: watch::Sender<u64>,
    at: Instant,
    /// How often everybody who listened was told to stop.
    ended: u64,
}

/// What became of an order, and which event of all it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbered {
    /// The event's name, to go on after it.
    pub id: EventId,
    /// Which order.
    pub order: OrderId,
    /// What it has become.
    pub stage: Stage,
    /// When.
    pub at: Timestamp,
}

/// The name of an event: the run of the program, and a number.
///
/// The default is none that ever was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EventId {
    run: u64,
    number: u64,
}

/// What a listener hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// These happened, in this order.
    Events(Vec<Numbered>),
    /// Some that happened are not known any more: the orders have to be looked
    /// at. It goes on after this event.
    Missed(EventId),
}

/// Nothing is told any more.
struct Stopped;

/// Somebody who hears what becomes of one customer's orders.
pub struct Listener {
    live: Live,
    customer: CustomerId,
    after: u64,
    /// Whether it is known that some were missed.
    missed: bool,
    /// How often others were told to stop before.
    ended: u64,
    last: watch::Receiver<u64>,
}

impl EventId {
    /// Reads a name as [`Display`](fmt::Display) writes it.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        let (run, number) = raw.split_once('-')?;
        Some(Self {
            run: u64::from_str_radix(run, 16).ok()?,
            number: number.parse().ok()?,
        })
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{}", self.run, self.number)
    }
}

impl Live {
    /// Begins a run, which is told from others by a random number.
    #[must_use]
    pub fn new(run: u64) -> Self {
        Self(Arc::new(Inner {
            run,
            customers: Mutex::default(),
        }))
    }

    /// Listens to what becomes of a customer's orders: from now on, or from
    /// after an event of before.
    #[must_use]
    pub fn listen(&self, customer: &CustomerId, after: Option<EventId>) -> Listener {
        let mut customers = self.lock();
        let (newest, forgotten) = (customers.last, customers.forgotten);
        let theirs = customers.events(customer, forgotten);
        let known = after.filter(|after| after.run == self.0.run && after.number <= newest);
        Listener {
            live: self.clone(),
            customer: customer.clone(),
            after: known.map_or(newest, |after| after.number),
            missed: after.is_some() && known.is_none(),
            ended: theirs.ended,
            last: theirs.last.subscribe(),
        }
    }

    /// Ends what everybody listens to: the program stops.
    pub fn stop(&self) {
        let mut customers = self.lock();
        customers.stopped = true;
        for events in customers.theirs.values() {
            events.last.send_modify(|_| ());
        }
    }

    /// Ends what listens to a customer's events: whoever may go on has to come
    /// again.
    pub fn end(&self, customer: &CustomerId) {
        let mut customers = self.lock();
        if let Some(theirs) = customers.theirs.get_mut(customer) {
            theirs.ended += 1;
            theirs.last.send_modify(|_| ());
        }
    }

    /// How many listen to a customer's events.
    #[must_use]
    pub fn listeners(&self, customer: &CustomerId) -> usize {
        let customers = self.lock();
        let theirs = customers.theirs.get(customer);
        theirs.map_or(0, |events| events.last.receiver_count())
    }

    fn id(&self, number: u64) -> EventId {
        let run = self.0.run;
        EventId { run, number }
    }

    /// Each step under the lock is whole, even if a later one panics.
    fn lock(&self) -> MutexGuard<'_, Customers> {
        let customers = &self.0.customers;
        customers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Customers {
    fn events(&mut self, customer: &CustomerId, forgotten: u64) -> &mut Events {
        let new = || Events {
            recent: VecDeque::new(),
            dropped: forgotten,
            last: watch::Sender::new(forgotten),
            at: Instant::now(),
            ended: 0,
        };
        self.theirs.entry(customer.clone()).or_insert_with(new)
    }

    /// Forgets, now and then, customers whom nobody has listened to and nothing
    /// has happened to for a while, and at once if they are too many.
    fn sweep(&mut self, now: Instant) {
        let is_due = self.swept_at.is_none_or(|at| now > at + AWAY / 10);
        let is_crowded = self.theirs.len() >= self.crowd.max(CROWD);
        if !is_due && !is_crowded {
            return;
        }
        self.swept_at = Some(now);
        let away = if is_crowded { Duration::ZERO } else { AWAY };
        let forgotten = &mut self.forgotten;
        self.theirs.retain(|_, events| {
            let stays = events.last.receiver_count() > 0 || now < events.at + away;
            if !stays {
                let last = events.recent.back().map_or(0, |event| event.id.number);
                *forgotten = last.max(*forgotten);
            }
            stays
        });
        if is_crowded {
            // Where all are listened to, the next look is far enough away.
            self.crowd = 2 * self.theirs.len();
        }
    }
}

#[async_trait]
impl Announcer for Live {
    async fn announce(&self, event: &Event) {
        let mut customers = self.lock();
        let now = Instant::now();
        customers.sweep(now);
        customers.last += 1;
        let (number, forgotten) = (customers.last, customers.forgotten);
        let theirs = customers.events(&event.customer, forgotten);
        theirs.at = now;
        theirs.recent.push_back(Numbered {
            id: self.id(number),
            order: event.order,
            stage: event.stage,
            at: event.at,
        });
        if theirs.recent.len() > KEPT
            && let Some(dropped) = theirs.recent.pop_front()
        {
            theirs.dropped = dropped.id.number;
        }
        theirs.last.send_replace(number);
    }
}

impl Listener {
    /// The event after which it listens, to go on there if nothing happens
    /// until it ends; `None` if it is known that some were missed.
    #[must_use]
    pub fn position(&self) -> Option<EventId> {
        (!self.missed).then(|| self.live.id(self.after))
    }

    /// Waits for what happens next; `None` once nothing is told any more. It
    /// may be given up, and asked again: nothing is lost.
    pub async fn next(&mut self) -> Option<Heard> {
        loop {
            let heard = self.heard().ok()?;
            if heard.is_some() {
                return heard;
            }
            // A customer's events outlive those who listen to them.
            self.last.changed().await.ok()?;
        }
    }

    fn heard(&mut self) -> Result<Option<Heard>, Stopped> {
        let live = self.live.clone();
        let customers = live.lock();
        if customers.stopped {
            return Err(Stopped);
        }
        self.last.mark_unchanged();
        let theirs = customers.theirs.get(&self.customer);
        if theirs.is_some_and(|theirs| theirs.ended != self.ended) {
            return Err(Stopped);
        }
        Ok(theirs.and_then(|theirs| self.new_of(&live, &customers, theirs)))
    }

    fn new_of(&mut self, live: &Live, customers: &Customers, theirs: &Events) -> Option<Heard> {
        if self.missed || self.after < theirs.dropped {
            self.missed = false;
            self.after = customers.last;
            return Some(Heard::Missed(live.id(self.after)));
        }
        let new = theirs.recent.iter().copied();
        let new: Vec<_> = new.filter(|event| event.id.number > self.after).collect();
        self.after = new.last()?.id.number;
        Some(Heard::Events(new))
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").finish_non_exhaustive()
    }
}
