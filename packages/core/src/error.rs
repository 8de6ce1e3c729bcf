//! What arithmetic can refuse.

use thiserror::Error;

/// A value outside of its stated range. No function of this crate panics on its input.
#[derive(Error, Debug, Clone, Copy, PartialEq, Eq)]
pub enum MathError {
    /// The result of `operation` does not fit its type or its stated bound.
    #[error("overflow: {operation}")]
    Overflow {
        /// Which computation overflowed.
        operation: &'static str,
    },
    /// A divisor was zero.
    #[error("division_by_zero: {operation}")]
    DivisionByZero {
        /// Which computation divided.
        operation: &'static str,
    },
    /// A price of zero or of 2^40 and more.
    #[error("price_out_of_range: {price} is not within 1..2^40")]
    PriceOutOfRange {
        /// The refused price in quote units per lot.
        price: u64,
    },
    /// A size of zero or of 2^48 and more.
    #[error("lots_out_of_range: {lots} is not within 1..2^48")]
    LotsOutOfRange {
        /// The refused size in lots.
        lots: u64,
    },
    /// More lots were to be closed than the position holds.
    #[error("reduce_exceeds_position: {lots} of {held} lots")]
    ReduceExceedsPosition {
        /// What was to be closed.
        lots: u64,
        /// What is there.
        held: u64,
    },
}

/// Result of every fallible function of this crate.
pub type MathResult<T> = Result<T, MathError>;

pub(crate) const fn overflow(operation: &'static str) -> MathError {
    MathError::Overflow { operation }
}
