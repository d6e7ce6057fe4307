//! What [`Attempts`](pod_core::ports::Attempts) promises.

mod beginning;
mod claiming;
mod confirming;
mod locking;

pub use beginning::*;
pub use claiming::*;
pub use confirming::*;
pub use locking::*;

/// Stamps one test for each promise of [`Attempts`](pod_core::ports::Attempts),
/// on the [`Store`](crate::contract::Store) that an expression makes.
#[macro_export]
macro_rules! attempts_contract {
    ($store:expr) => {
        $crate::__stamp!(
            attempts,
            $store,
            [
                an_attempt_is_counted_and_carries_every_field,
                the_attempt_that_locks_the_customer_says_so,
                an_attempt_is_overtaken_by_a_later_sending_for_another_order,
                an_attempt_is_overtaken_by_what_was_underway_when_its_code_was_sent,
                the_attempt_after_the_last_is_refused_and_ends_the_order,
                of_1000_simultaneous_attempts_the_allowed_number_succeeds,
                with_an_order_only_that_one_will_do,
                without_an_order_that_awaits_its_code_nothing_is_pending,
                an_order_past_its_time_is_expired_and_kept_so,
                a_refused_call_counts_nothing,
                an_attempts_request_is_begun,
                of_64_simultaneous_attempts_of_one_request_one_is_counted,
                a_repeated_request_counts_no_attempt,
                the_request_of_a_refused_attempt_is_begun,
                failures_count_over_all_orders_up_to_the_lock,
                of_64_simultaneous_attempts_no_more_than_the_lock_allows_succeed,
                a_locked_customer_is_locked_whatever_the_orders,
                a_lock_ends_by_itself_and_the_next_lasts_twice_as_long,
                failures_long_past_are_forgotten,
                too_many_failures_in_a_row_lock_until_unlocked,
                another_customers_failures_do_not_count,
                a_confirmation_is_kept,
                of_64_simultaneous_confirmations_exactly_one_succeeds,
                a_later_confirmation_changes_nothing,
                the_last_attempt_may_be_the_right_one,
                an_attempt_may_turn_out_right_after_its_code_was_sent_again,
                a_confirmation_of_an_order_that_does_not_await_is_refused,
                a_confirmation_past_the_orders_time_is_refused,
                a_confirmation_of_another_challenge_is_refused,
                a_confirmation_of_somebody_elses_order_is_refused,
                of_a_confirmation_and_an_ending_at_the_same_time_one_succeeds,
                of_a_confirmation_and_a_newer_order_at_the_same_time_one_prevails,
                a_confirmation_takes_its_attempt_back_and_lifts_the_lock,
                a_refused_confirmation_takes_nothing_back,
                unlocking_forgets_the_failures,
                unlocking_one_who_is_not_locked_changes_nothing_else,
            ]
        );
    };
}
