//! An embedded chain with the whole suite on it, for tests, the demo and the fuzzer.
//!
//! It takes any `Box<dyn Contract>`: the same scenario runs on the Rust contracts and on the
//! built wasm in the real VM.

pub mod actions;
pub mod chain;
pub mod faulty;
pub mod invariants;
pub mod order;
pub mod receipts;
pub mod scan;

pub use chain::{Chain, ChainBuilder, ChainError, ContractSet};
