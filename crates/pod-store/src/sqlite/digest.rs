//! Short names for long keys.

use sha2::{Digest, Sha256};

/// The first half of the SHA-256 of a key: what stands for it in an index, so
/// that the index is small, its entries are spread evenly, and nobody reads in
/// it who did what. No two keys that exist have the same.
pub(super) fn short(key: &str) -> [u8; 16] {
    let digest: [u8; 32] = Sha256::digest(key).into();
    std::array::from_fn(|index| digest[index])
}
