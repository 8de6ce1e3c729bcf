//! The arithmetic of the suite: pure functions over exact integers.
//!
//! Nothing here reads storage, asks a querier or knows a contract. Every division names its
//! rounding direction (`_floor`, `_ceil`, `_trunc`), every overflow is a [`MathError`].

pub mod allocation;
pub mod bankruptcy;
pub mod bounty;
pub mod change;
pub mod class;
pub mod cover;
pub mod draw;
pub mod error;
pub mod funding;
pub mod hedge;
pub mod histogram;
pub mod lights;
pub mod liquidation;
pub mod margin;
pub mod merge;
pub mod policy;
pub mod pool;
pub mod position;
pub mod score;
pub mod settlement;
pub mod target;
pub mod tranche;
pub mod units;
pub mod varint;
pub mod wide;

pub use error::{MathError, MathResult};
