//! The fund on an embedded chain, between a market and a queue that do as they are told.

mod actions;
mod bounties;
mod code;
mod coins;
mod cover;
mod gate;
mod governance;
mod limits;
mod mocks;
mod paid_in;
mod queries;
mod returns;
mod revenue;
mod staking;
mod suite;
mod tranches;
mod wire;
mod withdrawals;
