//! Known attacks, one file each, and what an attempt at breaking the suite has found.

mod bug_fee_after_a_full_close_names_the_wrong_side;
mod bug_forced_loss_leaves_its_job_behind;
mod bug_gated_profit_left_by_a_bad_trade;
mod bug_liquidation_matches_more_than_a_message_may;
mod bug_orders_that_cannot_be_filled_hide_the_book;
mod bug_reduction_below_zero_equity;
mod bug_stale_makers_hide_the_book;
mod bug_surplus_of_good_fills_stalls_the_loss;
mod situation;
