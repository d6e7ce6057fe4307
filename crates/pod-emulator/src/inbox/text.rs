//! The words of a message, which say what is being approved.

use std::time::Duration;

use pod_core::ports::Delivery;

/// Writes a message: shop, code, item, amount, lifetime, and as last line the
/// form that a telephone fills in on the shop's own pages only.
pub(super) fn message(shop: &str, host: &str, delivery: &Delivery<'_>) -> String {
    let code = delivery.code.expose();
    let item = delivery.order.item.summary();
    let amount = delivery
        .order
        .item
        .amount()
        .map(|amount| format!(", {amount}"))
        .unwrap_or_default();
    let lifetime = lifetime(delivery.lifetime);
    format!(
        "{shop}: {code} confirms {item}{amount}. It works for {lifetime}. Not your order? Do nothing.\n@{host} #{code}"
    )
}

fn lifetime(lifetime: Duration) -> String {
    let seconds = lifetime.as_secs();
    match (seconds / 60, seconds % 60) {
        (1, 0) => "1 minute".to_owned(),
        (minutes, 0) => format!("{minutes} minutes"),
        (0, 1) => "1 second".to_owned(),
        (_, _) => format!("{seconds} seconds"),
    }
}
