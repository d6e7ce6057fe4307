//! Showing what has become of a customer's orders.

use crate::fault::Fault;
use crate::ids::{CustomerId, OrderId};
use crate::order::{Order, Stage};
use crate::pod::Pod;
use crate::ports::{Page, PageRequest};

/// A customer has one order that awaits its code, and few that could not be
/// delivered, since each took from the quotas.
const MOST_OPEN: u32 = 50;

impl Pod {
    /// The customer's newest order, as it stands now; `None` without one.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it could not be looked up.
    pub async fn order_status(&self, customer: &CustomerId) -> Result<Option<Order>, Fault> {
        Ok(self.orders(customer, None, None, 1).await?.orders.pop())
    }

    /// One order of the customer's, as it stands now; `None` if there is none
    /// of that name, or it is somebody else's.
    ///
    /// # Errors
    ///
    /// [`Fault`] if it could not be looked up.
    pub async fn order(
        &self,
        customer: &CustomerId,
        order: OrderId,
    ) -> Result<Option<Order>, Fault> {
        let order = self.ports.history.find(customer, order).await?;
        Ok(order.map(|order| order.seen_at(self.now())))
    }

    /// At most `limit` of the customer's orders as they stand now, newest
    /// first: of one stage only, or older than one of them.
    ///
    /// # Errors
    ///
    /// [`Fault`] if they could not be looked up.
    pub async fn orders(
        &self,
        customer: &CustomerId,
        stage: Option<Stage>,
        older_than: Option<OrderId>,
        limit: u32,
    ) -> Result<Page, Fault> {
        let now = self.now();
        let request = PageRequest {
            stage,
            older_than,
            limit,
            now,
        };
        let page = self.ports.history.page(customer, &request).await?;
        Ok(Page {
            orders: page
                .orders
                .into_iter()
                .map(|order| order.seen_at(now))
                .collect(),
            more: page.more,
        })
    }

    /// The customer's orders that may still be confirmed, newest first.
    ///
    /// # Errors
    ///
    /// [`Fault`] if they could not be looked up.
    pub async fn open_orders(&self, customer: &CustomerId) -> Result<Vec<Order>, Fault> {
        let newest = self.orders(customer, None, None, MOST_OPEN).await?.orders;
        Ok(newest
            .into_iter()
            .filter(|order| order.state.is_open())
            .collect())
    }
}
