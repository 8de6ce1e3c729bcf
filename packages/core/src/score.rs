//! The score: profit per lot over profit plus collateral per lot, compared exactly.
//!
//! `profitability d/x × effective leverage x/(d + m̂) = d/(d + m̂)`, which orders positions as
//! `d/m̂` does (the profit/leverage ranking that BitMEX introduced; here with the profit on the
//! collateral, because profit on the entry notional is not monotone in d for shorts).

use std::cmp::Ordering;

use crate::error::{overflow, MathResult};
use crate::position::Position;
use crate::units::{PerLot, Price, Side};
use crate::wide::{cmp_products, full_mul};

/// |entry| and |order| stay below this bound: ten bytes of a key hold it.
pub const ENTRY_BOUND: i128 = 1 << 79;

/// `e = cost/lots − index`, floored at the fixed-point scale: the entry per lot from which any
/// price and any funding give the profit per lot.
///
/// # Errors
/// `Overflow` out of bounds; `DivisionByZero` for a flat position.
pub fn entry_floor(position: &Position) -> MathResult<PerLot> {
    let lots = position.lots as i128;
    if lots == 0 {
        return Err(crate::MathError::DivisionByZero { operation: "entry" });
    }
    let scaled = position
        .cost
        .0
        .checked_mul(1 << 32)
        .ok_or(overflow("entry"))?;
    // Euclid rounds up for a negative divisor; floor both signs by making the divisor positive.
    let floor = (scaled * lots.signum()).div_euclid(lots.abs());
    let entry = PerLot(floor).minus(position.index)?;
    if entry.0.abs() >= ENTRY_BOUND {
        return Err(overflow("entry"));
    }
    Ok(entry)
}

/// What price and funding contribute to every profit per lot of a side: `s·(x − F)`.
///
/// # Errors
/// `Overflow`.
pub fn base(side: Side, mark: Price, index: PerLot) -> MathResult<PerLot> {
    let value = PerLot::of_price(mark).minus(index)?.0;
    if value.abs() >= ENTRY_BOUND {
        return Err(overflow("ranking base"));
    }
    Ok(PerLot(side.sign() * value))
}

/// The stored sort key of an entry: `s·e`, ascending is best first on both sides.
pub const fn order_key(side: Side, entry: PerLot) -> i128 {
    side.sign() * entry.0
}

/// `d/m̂` as a pair, compared without division.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score {
    /// Profit per lot `d` at the fixed-point scale.
    pub profit: i128,
    /// Collateral per lot `m̂`, at least 1.
    pub collateral: u128,
}

impl Score {
    /// The score of a position whose key is `order` in a class with lower bound `collateral`.
    pub const fn at(base: PerLot, order: i128, collateral: u128) -> Self {
        Self {
            profit: base.0 - order,
            collateral,
        }
    }

    /// `d/(d + m̂)` in millionths for display, floored; 0 without a profit.
    pub fn ppm_floor(&self) -> u32 {
        if self.profit <= 0 {
            return 0;
        }
        let profit = self.profit.unsigned_abs();
        let whole = full_mul(profit, 1_000_000)
            / cosmwasm_std::Uint256::from(profit.saturating_add(self.collateral));
        cosmwasm_std::Uint128::try_from(whole).map_or(0, |v| v.u128() as u32)
    }
}

impl Ord for Score {
    fn cmp(&self, other: &Self) -> Ordering {
        let magnitudes = || {
            cmp_products(
                self.profit.unsigned_abs(),
                other.collateral,
                other.profit.unsigned_abs(),
                self.collateral,
            )
        };
        match (self.profit.signum(), other.profit.signum()) {
            (1, 1) => magnitudes(),
            (-1, -1) => magnitudes().reverse(),
            (a, b) => a.cmp(&b),
        }
    }
}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Quote;
    use proptest::prelude::*;

    #[test]
    fn entries_floor_toward_minus_infinity_on_both_sides() {
        let long = Position {
            lots: 3,
            cost: Quote(100),
            index: PerLot(7),
        };
        assert_eq!(entry_floor(&long), Ok(PerLot((100i128 << 32) / 3 - 7)));
        let short = Position {
            lots: -3,
            cost: Quote(-100),
            index: PerLot(7),
        };
        assert_eq!(entry_floor(&short), Ok(PerLot((100i128 << 32) / 3 - 7)));
        // Received funding can turn a cost around.
        let odd = Position {
            lots: -3,
            cost: Quote(100),
            index: PerLot(0),
        };
        assert_eq!(entry_floor(&odd), Ok(PerLot(-((100i128 << 32) / 3) - 1)));
        assert!(entry_floor(&Position::default()).is_err());
    }

    #[test]
    fn ppm() {
        assert_eq!(
            Score {
                profit: 1,
                collateral: 1
            }
            .ppm_floor(),
            500_000
        );
        assert_eq!(
            Score {
                profit: -1,
                collateral: 1
            }
            .ppm_floor(),
            0
        );
        assert_eq!(
            Score {
                profit: i128::MAX,
                collateral: 1
            }
            .ppm_floor(),
            999_999
        );
    }

    proptest! {
        /// The order is that of the fractions d/m̂, and of d/(d+m̂) where both profits are positive.
        #[test]
        fn order_is_that_of_the_fractions(a in -1000i128..1000, m in 1u128..1000, b in -1000i128..1000, n in 1u128..1000) {
            let (x, y) = (Score { profit: a, collateral: m }, Score { profit: b, collateral: n });
            prop_assert_eq!(x.cmp(&y), (a * n as i128).cmp(&(b * m as i128)));
            if a > 0 && b > 0 {
                let left = a * (b + n as i128);
                let right = b * (a + m as i128);
                prop_assert_eq!(x.cmp(&y), left.cmp(&right));
            }
        }

        /// A price or funding move shifts every d of a side alike: the order inside a class never changes.
        #[test]
        fn order_in_a_class_is_the_order_of_entries(
            e1 in 1i128..(1<<70), e2 in 1i128..(1<<70), mark in 1u64..(1<<40), index in -(1i128<<70)..(1i128<<70), short in any::<bool>(),
        ) {
            let side = if short { Side::Short } else { Side::Long };
            let base = base(side, Price(mark), PerLot(index)).expect("in range");
            let (k1, k2) = (order_key(side, PerLot(e1)), order_key(side, PerLot(e2)));
            prop_assert_eq!(Score::at(base, k1, 77).cmp(&Score::at(base, k2, 77)), k2.cmp(&k1));
        }
    }
}
