//! What is paid for executing fills of a loss: a flat amount for each, and in all no more than the
//! bankrupt position has paid in fees, so that nobody earns by making losses.

use crate::error::MathResult;
use crate::units::{Lots, Price, Quote};
use crate::wide::mul_div_floor;

/// `⌊notional · bps⌋`: the least fee that a position of this notional has paid. Rounded down, so that
/// a bounty is never above it.
///
/// # Errors
/// `Overflow`.
pub fn least_fee_floor(notional: Quote, fee_bps: u32) -> MathResult<Quote> {
    Quote::from_unsigned(mul_div_floor(
        notional.to_unsigned(),
        u128::from(fee_bps),
        10_000,
    )?)
}

/// Most that all fills of a loss bring: the least fee of its position at the rate of now, valued at its entry
/// or at the mark, whichever is less.
///
/// # Errors
/// `Overflow`.
pub fn allowance_floor(cost: Quote, lots: Lots, mark: Price, fee_bps: u32) -> MathResult<Quote> {
    let entry = Quote::from_unsigned(cost.0.unsigned_abs())?;
    least_fee_floor(entry.min(mark.notional(lots)?), fee_bps)
}

/// What `fills` bring: a flat amount each, and no more than what is `left` of the allowance.
///
/// # Errors
/// `Overflow`.
pub fn earned(per_fill: Quote, fills: u32, left: Quote) -> MathResult<Quote> {
    let flat = mul_div_floor(per_fill.to_unsigned(), u128::from(fills), 1)?;
    Ok(Quote::from_unsigned(flat)?.min(left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_bring_a_flat_amount_until_the_allowance_is_used_up() {
        let earned = |fills, left| earned(Quote(30), fills, Quote(left)).map(|q| q.0);
        assert_eq!(earned(1, 100), Ok(30));
        assert_eq!(earned(3, 100), Ok(90));
        assert_eq!(earned(4, 100), Ok(100));
        assert_eq!(earned(4, 0), Ok(0));
        assert_eq!(earned(0, 100), Ok(0));
    }

    #[test]
    fn in_one_step_or_in_many_the_sum_is_the_same() {
        for fills in 0..12 {
            let whole = earned(Quote(7), fills, Quote(50)).expect("small");
            let mut left = Quote(50);
            for _ in 0..fills {
                left = left
                    .minus(earned(Quote(7), 1, left).expect("small"))
                    .expect("small");
            }
            assert_eq!(50 - left.0, whole.0);
        }
    }

    #[test]
    fn the_allowance_is_the_least_fee_at_the_lesser_of_entry_and_mark() {
        let allowance =
            |cost, mark, bps| allowance_floor(Quote(cost), Lots(10), Price(mark), bps).map(|q| q.0);
        assert_eq!(allowance(100_000, 9_000, 2), Ok(18));
        assert_eq!(
            allowance(-100_000, 12_000, 2),
            Ok(20),
            "a short paid at its entry"
        );
        assert_eq!(allowance(99_999, 12_000, 2), Ok(19), "rounded down");
        assert_eq!(
            allowance(100_000, 9_000, 0),
            Ok(0),
            "who pays no fee earns nothing"
        );
    }
}
