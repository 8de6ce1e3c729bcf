//! Capital that pays a part of losses and reports the rest to the queue.
//!
//! Assumptions on the other contracts: the market gives every loss a number of its own, calls
//! `CoverDeficit` again only with what it has booked as left, and closes each loss once. On the
//! denom: its supply is below 2^127 and a transfer moves exactly what it says.
//!
//! `capital = contributed + revenue + returned − withdrawn − paid` is computed and never
//! stored; coins that somebody sends without a message are in the bank balance only.

pub mod capital;
mod coins;
pub mod contract;
pub mod error;
mod execute;
mod instantiate;
mod messages;
mod query;
mod reply;
pub mod state;
mod trigger;

pub use error::ContractError;
