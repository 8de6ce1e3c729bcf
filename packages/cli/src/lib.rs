//! Parts of the `perps` tool that need no chain: the published shortfalls of 10 October 2025, a synthetic population of
//! winners to deleverage, the shape of a demo's result, and the two ways of showing it (terminal table, HTML report).
//!
//! Everything here is a pure function of its arguments and of files embedded at build time.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod amount;
pub mod coins;
mod decimal;
pub mod demo;
pub mod population;
pub mod report;
pub mod result;
pub mod stress;
mod summary;
pub mod table;
pub mod verify;
pub mod waves;
