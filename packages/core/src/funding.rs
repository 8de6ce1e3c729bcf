//! Cumulative funding per lot.

use crate::error::{overflow, MathResult};
use crate::units::{PerLot, Quote, FIXED};

/// |index| stays below this bound (2^78), so that `lots·index` fits `i128`.
pub const INDEX_BOUND: i128 = 1 << 78;

/// What `lots` owe between two indices: `lots·(to − from)`, rounded up, against the account, so
/// that the market's funding pool never pays by rounding.
///
/// # Errors
/// `Overflow` if the product leaves `i128`.
pub fn owed_ceil(lots: i64, from: PerLot, to: PerLot) -> MathResult<Quote> {
    let exact = to
        .minus(from)?
        .0
        .checked_mul(lots as i128)
        .ok_or(overflow("funding owed"))?;
    let floor = exact.div_euclid(FIXED);
    let up = i128::from(exact.rem_euclid(FIXED) != 0);
    Ok(Quote(floor + up))
}

/// The index after `seconds` at a constant `rate` per lot and second: linear, so the result does
/// not depend on how often it is asked for.
///
/// # Errors
/// `Overflow` when the index would leave ±2^78.
pub fn accrue(index: PerLot, rate: PerLot, seconds: u64) -> MathResult<PerLot> {
    let next = rate
        .0
        .checked_mul(seconds as i128)
        .and_then(|step| index.0.checked_add(step))
        .ok_or(overflow("funding index"))?;
    if next.abs() >= INDEX_BOUND {
        return Err(overflow("funding index"));
    }
    Ok(PerLot(next))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::position::Position;
    use crate::units::{Price, Side};
    use proptest::prelude::*;

    proptest! {
        /// DESIGN §9.1: `pool·2^32 + Σ lots·(F − index)` is the rounding dust, and never negative.
        #[test]
        fn pool_never_pays_by_rounding(
            steps in prop::collection::vec((0usize..3, -(1i128 << 40)..(1i128 << 40)), 1..40),
        ) {
            let mut positions = [(5i64, Side::Long), (7, Side::Long), (-12, Side::Short)]
                .map(|(lots, _)| Position { lots, cost: Quote(lots as i128 * 100), index: PerLot::ZERO });
            let (mut index, mut pool) = (PerLot::ZERO, 0i128);
            for (touched, rate) in steps {
                index = accrue(index, PerLot(rate), 3).expect("in range");
                let (settled, owed) = positions[touched].settle(index).expect("settles");
                positions[touched] = settled;
                pool += owed.0;
                let open: i128 = positions.iter()
                    .map(|p| p.lots as i128 * (index.0 - p.index.0)).sum();
                prop_assert!(pool * FIXED + open >= 0);
                prop_assert!(pool * FIXED + open < 64 * FIXED);
            }
        }

        /// Touching an account moves its profit per lot by less than one unit per settlement.
        #[test]
        fn settling_keeps_profit(lots in -1000i64..1000, to in -(1i128<<50)..(1i128<<50)) {
            let p = Position { lots, cost: Quote(lots as i128 * 977), index: PerLot(5) };
            let (settled, owed) = p.settle(PerLot(to)).expect("settles");
            prop_assert_eq!(settled.pnl(Price(9)).expect("pnl").0, p.pnl(Price(9)).expect("pnl").0 - owed.0);
            prop_assert_eq!(settled.settle(PerLot(to)).expect("again"), (settled, Quote::ZERO));
        }
    }

    #[test]
    fn accrual_does_not_depend_on_cadence() {
        let once = accrue(PerLot(9), PerLot(-77), 3600).expect("accrues");
        let mut often = PerLot(9);
        for _ in 0..3600 {
            often = accrue(often, PerLot(-77), 1).expect("accrues");
        }
        assert_eq!(once, often);
    }

    #[test]
    fn index_is_bounded() {
        assert!(accrue(PerLot(INDEX_BOUND - 2), PerLot(1), 1).is_ok());
        assert!(accrue(PerLot(INDEX_BOUND - 1), PerLot(1), 1).is_err());
        assert!(accrue(PerLot(0), PerLot(i128::MAX), u64::MAX).is_err());
    }
}
