//! The keeper: sees what waits on the chain, and sends it.
//!
//! What is seen ([`View`](view::View)) and what is remembered ([`Memory`](memory::Memory)) decide
//! what is sent ([`plan`](plan::plan)), without a clock and without a node; the rest is a thin shell
//! around that. Every work is a transaction of its own: one that fails undoes no other.

pub mod args;
pub mod book;
pub mod endpoint;
pub mod executor;
pub mod fate;
pub mod journal;
mod look;
pub mod memory;
pub mod metrics;
pub mod on_chain;
pub mod plan;
#[cfg(test)]
mod plan_tests;
pub mod prices;
pub mod read;
pub mod run;
pub mod view;
pub mod work;
