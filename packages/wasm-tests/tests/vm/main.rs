//! Built contracts in the CosmWasm virtual machine. One binary: each more is a link of its own.
#![allow(clippy::unwrap_used)]

mod harness;
mod limits;
mod readme;
mod same;
mod scripted;
