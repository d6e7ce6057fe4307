//! Cancelling what is not confirmed yet.

use thiserror::Error;

use crate::fault::Fault;
use crate::ids::{CustomerId, OrderId};
use crate::order::{Ending, Stage};
use crate::pod::Pod;
use crate::ports::CloseError;

/// Why nothing was cancelled.
#[derive(Debug, Error)]
pub enum CancelOrderError {
    /// No such order is open.
    #[error("no order is open")]
    NothingPending,
    /// A port broke: the order may still be open.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Pod {
    /// Cancels one open order, or without `order` all that the customer has
    /// open: no code confirms them any more. Returns those cancelled, newest
    /// first.
    ///
    /// # Errors
    ///
    /// [`CancelOrderError::NothingPending`] if there was none to cancel;
    /// [`CancelOrderError::Fault`] if one may still be open.
    pub async fn cancel_order(
        &self,
        customer: &CustomerId,
        order: Option<OrderId>,
    ) -> Result<Vec<OrderId>, CancelOrderError> {
        let open = match order {
            Some(order) => vec![order],
            None => self
                .open_orders(customer)
                .await?
                .iter()
                .map(|order| order.placed.id)
                .collect(),
        };
        let mut cancelled = Vec::new();
        for order in open {
            let at = self.now();
            match self
                .ports
                .orders
                .close(customer, order, Ending::Cancelled, at)
                .await
            {
                Ok(()) => {
                    self.announce(customer, order, Stage::Cancelled, at).await;
                    cancelled.push(order);
                }
                Err(CloseError::NotOpen) => {}
                Err(CloseError::Fault(fault)) => return Err(fault.into()),
            }
        }
        if cancelled.is_empty() {
            Err(CancelOrderError::NothingPending)
        } else {
            Ok(cancelled)
        }
    }
}
