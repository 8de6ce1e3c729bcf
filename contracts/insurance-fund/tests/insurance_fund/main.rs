//! The fund on an embedded chain, between a market and a queue that do as they are told.

mod coins;
mod cover;
mod governance;
mod limits;
mod mocks;
mod queries;
mod returns;
mod suite;
mod wire;
mod withdrawals;
