//! The fake that finds, lists and erases orders.

use async_trait::async_trait;
use pod_core::ports::{History, Page, PageRequest};
use pod_core::{CustomerId, Fault, Order, OrderId, Timestamp};

use super::orders::InMemoryOrders;

#[async_trait]
impl History for InMemoryOrders {
    async fn find(&self, customer: &CustomerId, order: OrderId) -> Result<Option<Order>, Fault> {
        Ok(self.kept(|kept| kept.find(customer, order).cloned()))
    }

    async fn find_anyones(&self, order: OrderId) -> Result<Option<Order>, Fault> {
        Ok(self.kept(|kept| kept.orders.get(&order).cloned()))
    }

    async fn page(&self, customer: &CustomerId, request: &PageRequest) -> Result<Page, Fault> {
        let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
        let mut orders: Vec<Order> = self.kept(|kept| {
            kept.of(customer)
                .rev()
                .filter(|order| request.older_than.is_none_or(|than| order.placed.id < than))
                .map(|order| order.clone().seen_at(request.now))
                .filter(|order| {
                    request
                        .stage
                        .is_none_or(|stage| order.state.stage() == stage)
                })
                .collect()
        });
        let more = orders.len() > limit;
        orders.truncate(limit);
        Ok(Page { orders, more })
    }

    async fn clear(&self, customer: &CustomerId, now: Timestamp) -> Result<u64, Fault> {
        self.kept(|kept| {
            let before = kept.orders.len();
            kept.orders.retain(|_, order| {
                order.placed.customer != *customer || order.clone().seen_at(now).state.is_open()
            });
            Ok((before - kept.orders.len()) as u64)
        })
    }

    async fn erase(&self, customer: &CustomerId) -> Result<(), Fault> {
        self.kept(|kept| {
            kept.orders
                .retain(|_, order| order.placed.customer != *customer);
        });
        Ok(())
    }
}
