//! Until when an answer is worth waiting for.

use std::time::{Duration, Instant};

use pod_core::Deadline;

#[test]
fn a_contact_leaves_time_for_others_if_there_are_any() {
    let now = Instant::now();
    let deadline = Deadline::at(now + Duration::from_secs(5));

    let shared = deadline.for_one_contact(true, now);

    assert_eq!(shared, now + Duration::from_secs(3));
    assert_eq!(deadline.for_one_contact(false, now), deadline.instant());
    let late = now + Duration::from_secs(9);
    assert_eq!(deadline.for_one_contact(true, late), late);
}
