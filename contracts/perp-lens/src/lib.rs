//! Questions about what has not happened yet: what a shortfall would take from an account, what
//! a move of a price would break, and what a change of parameters would do.
//!
//! It reads the other contracts through their public queries and computes with the functions that
//! they execute with, so that an answer is what would be done. It keeps four addresses and nothing
//! else: it can be replaced, or instantiated twice, without anybody noticing.

pub mod contract;
pub mod error;
mod instantiate;
pub mod migrate;
pub mod plan;
mod query;
mod sheet;
mod simulate;
pub mod state;
mod stress;
mod suite;

pub use error::ContractError;
