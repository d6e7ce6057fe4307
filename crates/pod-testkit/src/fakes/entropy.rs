//! The fake that gives bytes that look like chance.

use std::sync::atomic::{AtomicU64, Ordering};

use pod_core::Fault;
use pod_core::ports::Entropy;

/// Gives the same bytes in every run, and no eight of them twice: for tests
/// only, since everybody can guess them.
#[derive(Debug, Default)]
pub struct FakeEntropy(AtomicU64);

impl Entropy for FakeEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        for chunk in bytes.chunks_mut(8) {
            let count = self.0.fetch_add(1, Ordering::SeqCst);
            let mixed = mixed(count).to_le_bytes();
            chunk.copy_from_slice(&mixed[..chunk.len()]);
        }
        Ok(())
    }
}

/// `SplitMix64`: a permutation, so no two numbers are mixed into one.
pub(crate) fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
