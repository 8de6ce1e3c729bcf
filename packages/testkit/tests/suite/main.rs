//! The whole suite on an embedded chain.

mod authority;
mod bad_input;
mod cascade;
mod messages;
mod queue_failures;
mod preview;
mod situation;
mod step_limits;
mod waterfall;
