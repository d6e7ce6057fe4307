//! The names of requests that have one effect.

use pod_core::CustomerId;
use pod_core::ports::ReplyKey;

/// What names a customer's request; `None` for a name that is too long. `part`
/// says which part of pod took it.
pub(crate) fn request(part: &str, customer: &CustomerId, name: &str) -> Option<ReplyKey> {
    // Its length tells where the customer ends: either may have a dot.
    let customer = customer.as_str();
    ReplyKey::parse(&format!("{part}.{}.{customer}.{name}", customer.len())).ok()
}
