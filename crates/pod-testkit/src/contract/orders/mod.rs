//! What [`Orders`](pod_core::ports::Orders) promises.

mod activating;
mod claiming;
mod closing;
mod placing;
mod sending;

pub use activating::*;
pub use claiming::*;
pub use closing::*;
pub use placing::*;
pub use sending::*;

/// Stamps one test for each promise of [`Orders`](pod_core::ports::Orders), on
/// the [`Store`](crate::contract::Store) that an expression makes.
#[macro_export]
macro_rules! orders_contract {
    ($store:expr) => {
        $crate::__stamp!(
            orders,
            $store,
            [
                a_placed_order_is_kept_with_every_field,
                an_order_that_is_kept_already_stays_as_it_is,
                the_longest_order_is_kept,
                unusual_texts_are_kept_as_they_are,
                of_64_simultaneous_placings_each_is_kept,
                an_order_takes_from_each_allowance_or_is_not_kept,
                of_64_simultaneous_placings_no_more_than_the_allowance_are_kept,
                a_placed_orders_request_is_begun,
                of_64_simultaneous_placings_of_one_request_one_is_kept,
                a_repeated_request_places_nothing_and_takes_nothing,
                the_request_of_a_refused_order_is_begun,
                sending_again_is_counted_and_returns_the_order,
                sending_again_is_too_soon_until_the_cool_down_is_over,
                sending_as_often_as_the_limits_allow_is_exhausted,
                of_64_simultaneous_sendings_no_more_than_the_limits_allow_succeed,
                of_64_simultaneous_sendings_the_cool_down_lets_one_through,
                an_order_that_is_not_open_is_not_sent_again,
                an_order_past_its_time_is_not_sent_again,
                an_activated_order_awaits_its_code_with_every_field,
                activating_again_takes_the_new_challenge_and_keeps_the_attempts,
                every_older_open_order_is_superseded_in_the_same_step,
                what_has_ended_or_is_somebody_elses_is_not_superseded,
                an_older_order_past_its_time_stays_expired,
                an_older_order_is_refused_and_superseded_once_a_newer_one_awaits,
                an_order_that_has_ended_is_not_activated,
                of_64_simultaneous_activations_the_newest_awaits_alone,
                an_open_order_ends_as_it_is_told,
                what_has_ended_stays_as_it_is,
                an_order_that_awaits_its_code_does_not_become_undelivered,
                a_lost_code_leaves_its_order_undelivered_with_its_attempts,
                a_lost_code_means_nothing_to_an_order_that_does_not_wait_for_it,
                an_order_past_its_time_has_ended,
                an_order_that_is_not_there_or_somebody_elses_does_not_end,
                of_64_simultaneous_endings_one_succeeds,
            ]
        );
    };
}
