//! `perp-market`: accounts, collateral, positions, order books, matching, margin, liquidation and
//! the settlement of losses. It never decides who is deleveraged.

pub mod adl;
pub mod book;
pub mod bounty;
pub mod coins;
pub mod context;
pub mod contract;
pub mod desk;
pub mod error;
pub mod execute;
pub mod ledger;
pub mod loss;
mod migrate;
pub mod prices;
mod query;
pub mod ranking;
pub mod reply;
pub mod same_owner;
pub mod state;
pub mod step;

pub use error::ContractError;
