//! Known attacks, one file each, and what an attempt at breaking the suite has found.

mod bug_reduction_below_zero_equity;
mod bug_surplus_of_good_fills_stalls_the_loss;
mod situation;
