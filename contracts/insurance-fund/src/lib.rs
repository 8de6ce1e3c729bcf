//! Capital that pays a part of losses and reports the rest to the queue.
//!
//! Assumptions on the other contracts: the market gives every loss a number of its own, calls
//! `CoverDeficit` again only with what it has booked as left, and closes each loss once. On the
//! denom: its supply is below 2^127 and a transfer moves exactly what it says.
//!
//! Capital lies in tranches, of two layers each: the protocol's seed, which is lost first, and the stakers'
//! pool. A purse for bounties lies beside them. What is booked for addresses waits to be asked for. Coins
//! that somebody sends without a message are in the bank balance only.

mod code;
mod coins;
pub mod contract;
pub mod error;
mod execute;
mod gate;
mod instantiate;
mod messages;
mod migrate;
mod query;
mod reply;
mod rules;
pub mod state;
pub mod tranche;
mod trigger;

pub use error::ContractError;
