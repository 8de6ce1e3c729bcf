//! The exact, public ranking of every open position, and the jobs that auto-deleverage.
//!
//! A position stands under `(market, side, margin class), s·e, account`. Price and funding move
//! every profit per lot of a side alike, so that this order never changes by itself: a price move
//! writes nothing, and the ranking at any price is a merge of one sorted run per occupied class.
//!
//! What is assumed of the market: it tells of every changed position in an `Update`, settles the
//! candidates of a `Deleverage` in the order in which they come, writes the positions it changed
//! back with the job's mark before it answers, and never answers an earlier pass than it was sent.

mod class_record;
mod coins;
pub mod contract;
mod crossing;
pub mod error;
mod estimate;
mod execute;
pub mod index;
mod instantiate;
pub mod job;
mod judge;
mod migrate;
mod occupied;
mod published;
mod query;
mod reply;
pub mod state;
mod step;
mod view;

pub use error::ContractError;
