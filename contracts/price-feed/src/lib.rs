//! Prices from authorised feeders: who may set them, how fresh they are, and nothing else.
//!
//! Assumptions that the other contracts make about an answer: the price lies in 1..2^40, its
//! publish time never goes back, and it was at most `max_age` old when it was set. How old it
//! is when it is read is the reader's to bound, with `max_age` in the query.

mod coins;
pub mod contract;
pub mod error;
mod execute;
mod freshness;
mod instantiate;
mod migrate;
mod query;
pub mod state;

pub use error::ContractError;
