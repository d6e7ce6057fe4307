//! What [`Entropy`] promises.

use std::collections::HashSet;
use std::sync::Arc;

use pod_core::ports::Entropy;

use super::at_once;

/// Stamps one test for each promise of [`Entropy`],
/// on the `Arc` of an adapter that an expression makes.
#[macro_export]
macro_rules! entropy_contract {
    ($entropy:expr) => {
        $crate::__stamp!(
            entropy,
            $entropy,
            [
                every_byte_is_filled,
                of_64_simultaneous_fillings_no_two_are_alike,
                no_byte_is_likelier_than_another,
            ]
        );
    };
}

fn fill<const N: usize>(entropy: &Arc<dyn Entropy>) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes).expect("there is randomness");
    bytes
}

/// Every byte is filled, whatever the length.
#[expect(clippy::unused_async, reason = "every promise is stamped alike")]
pub async fn every_byte_is_filled(entropy: Arc<dyn Entropy>) {
    for length in (0..70).chain([4096, 100_003]) {
        let mut ever_set = vec![0; length];

        for _ in 0..20 {
            let mut bytes = vec![0; length];
            entropy.fill(&mut bytes).expect("there is randomness");
            for (ever, byte) in ever_set.iter_mut().zip(bytes) {
                *ever |= byte;
            }
        }

        // A byte stays zero twenty times by chance once in 10^48.
        assert!(ever_set.iter().all(|ever| *ever != 0), "{length}");
    }
}

/// Of any number of fillings at the same time no two are alike.
pub async fn of_64_simultaneous_fillings_no_two_are_alike(entropy: Arc<dyn Entropy>) {
    let filled = at_once(64, |_| {
        let entropy = entropy.clone();
        async move { [(); 16].map(|()| fill::<16>(&entropy)) }
    })
    .await;

    let distinct: HashSet<[u8; 16]> = filled.into_iter().flatten().collect();
    assert_eq!(distinct.len(), 64 * 16);
}

/// No byte is likelier than another, as far as a quarter of a million of them
/// can tell.
#[expect(clippy::unused_async, reason = "every promise is stamped alike")]
pub async fn no_byte_is_likelier_than_another(entropy: Arc<dyn Entropy>) {
    let mut counts = [0_u32; 256];
    for _ in 0..256 {
        for byte in fill::<1024>(&entropy) {
            counts[usize::from(byte)] += 1;
        }
    }

    // 1024 of each are expected, with a deviation of 32: eight of them.
    for (byte, count) in counts.into_iter().enumerate() {
        assert!((768..1280).contains(&count), "{byte}: {count}");
    }
}
