//! The whole suite on an embedded chain.

mod authority;
mod bad_input;
mod bankruptcy;
mod cascade;
mod chaos;
mod documents;
mod dodging;
mod draw_limits;
mod force;
mod force_alive;
mod frozen_mark;
mod fund_failures;
mod kept_profit;
mod lens;
mod lens_exposure;
mod lens_stress;
mod messages;
mod preview;
mod queue_failures;
mod random;
mod rank;
mod situation;
mod step_limits;
mod waterfall;
mod wire;
