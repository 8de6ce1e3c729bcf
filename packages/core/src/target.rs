//! How large a tranche of the fund should be.

use crate::error::MathResult;
use crate::units::Quote;
use crate::wide::mul_div_ceil;

/// All of something, in basis points.
const WHOLE: u128 = 10_000;

/// `⌈open interest · bps⌉`: a fraction of what is insured. Rounded up, in the fund's favour.
///
/// # Errors
/// `Overflow`.
pub fn of_open_interest_ceil(notional: Quote, bps: u32) -> MathResult<Quote> {
    let target = mul_div_ceil(notional.to_unsigned(), u128::from(bps), WHOLE)?;
    Quote::from_unsigned(target)
}

/// `⌈multiple · quantile of the losses⌉`: value-at-risk by history. The quantile is the
/// `⌈n·quantile⌉`-th smallest of the `n` losses, so that at least that part of them was not larger.
/// Without losses it is zero. Sorts `losses`.
///
/// # Errors
/// `Overflow`.
pub fn of_losses_ceil(
    losses: &mut [Quote],
    quantile_bps: u32,
    multiple_bps: u32,
) -> MathResult<Quote> {
    losses.sort_unstable();
    let place = mul_div_ceil(losses.len() as u128, u128::from(quantile_bps), WHOLE)?.max(1);
    let Some(loss) = losses.get(place as usize - 1) else {
        return Ok(Quote::ZERO);
    };
    let target = mul_div_ceil(loss.to_unsigned(), u128::from(multiple_bps), WHOLE)?;
    Quote::from_unsigned(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_of_open_interest_is_rounded_up() {
        let target = |notional, bps| of_open_interest_ceil(Quote(notional), bps).map(|t| t.0);
        assert_eq!(target(1_000_000, 100), Ok(10_000));
        assert_eq!(target(1_000_001, 100), Ok(10_001));
        assert_eq!(target(0, 10_000), Ok(0));
        assert_eq!(target(7, 0), Ok(0));
        assert!(target(i128::MAX, 20_000).is_err());
    }

    #[test]
    fn the_quantile_is_one_of_the_losses() {
        let mut losses: Vec<_> = [50, 10, 40, 20, 30].map(Quote).into();
        let mut target = |quantile, multiple| {
            of_losses_ceil(&mut losses, quantile, multiple).map(|target| target.0)
        };
        for (quantile, loss) in [(1, 10), (2_000, 10), (2_001, 20), (5_000, 30), (10_000, 50)] {
            assert_eq!(target(quantile, 10_000), Ok(loss), "{quantile}");
        }
        assert_eq!(target(10_000, 35_001), Ok(176), "175.005");
        assert_eq!(of_losses_ceil(&mut [], 9_900, 50_000), Ok(Quote::ZERO));
    }
}
