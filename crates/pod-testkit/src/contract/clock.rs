//! What [`Clock`] promises.

use std::sync::Arc;

use pod_core::ports::Clock;

/// Stamps one test for each promise of [`Clock`], on
/// the `Arc` of an adapter that an expression makes.
#[macro_export]
macro_rules! clock_contract {
    ($clock:expr) => {
        $crate::__stamp!(clock, $clock, [time_comes_in_whole_microseconds]);
    };
}

/// Time comes in whole microseconds: what every store can keep.
#[expect(clippy::unused_async, reason = "every promise is stamped alike")]
pub async fn time_comes_in_whole_microseconds(clock: Arc<dyn Clock>) {
    for _ in 0..1000 {
        let now = clock.now();

        assert_eq!(now.subsec_nanosecond() % 1000, 0, "{now}");
    }
}
