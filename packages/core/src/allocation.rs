//! The breadth rule: how many lots each ranked candidate gives.
//!
//! `breadth = 1` is the classic queue, everyone in the set is closed whole; a large breadth is
//! pro-rata by profit, capped by size (the fair rule of arXiv 2512.01112).

use crate::error::{overflow, MathError, MathResult};
use crate::units::Lots;
use crate::wide::mul_div_ceil;

/// The candidates that share a loss by profit: their lots and the sum of their weights, what of
/// both is still to come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SharingSet {
    /// Lots of the set's candidates not yet visited.
    pub lots: u128,
    /// Their profit at the fixed-point scale, `Σ d·lots`.
    pub weight: u128,
}

/// One candidate's part of a [`SharingSet`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Lots by which the candidate is in the set (the last one may be cut).
    pub lots: Lots,
    /// `d·lots`.
    pub weight: u128,
}

/// The first, summing walk: takes ranked positions until `breadth × Q` lots are in the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetWalk {
    /// Lots still wanted for the set.
    pub wanted: u128,
    /// What is in it.
    pub set: SharingSet,
}

impl SetWalk {
    /// A walk for `lots` to be closed over `breadth` times as many.
    pub fn new(lots: Lots, breadth: u32) -> Self {
        Self {
            wanted: u128::from(lots.0) * u128::from(breadth),
            set: SharingSet::default(),
        }
    }

    /// Whether the set is complete.
    pub const fn is_full(&self) -> bool {
        self.wanted == 0
    }

    /// Adds the next ranked position, cut to what is still wanted.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn add(&mut self, lots: Lots, profit_per_lot: i128) -> MathResult<Share> {
        let share = cut_share(lots, profit_per_lot, self.wanted)?;
        self.wanted -= u128::from(share.lots.0);
        self.set.lots += u128::from(share.lots.0);
        self.set.weight = self
            .set
            .weight
            .checked_add(share.weight)
            .ok_or(overflow("set weight"))?;
        Ok(share)
    }
}

/// The share of a position of which at most `left` lots are inside the set.
///
/// # Errors
/// `Overflow`.
pub fn cut_share(lots: Lots, profit_per_lot: i128, left: u128) -> MathResult<Share> {
    let inside = u128::from(lots.0).min(left);
    let weight = profit_per_lot
        .max(0)
        .unsigned_abs()
        .checked_mul(inside)
        .ok_or(overflow("weight"))?;
    Ok(Share {
        lots: Lots(inside as u64),
        weight,
    })
}

/// Lots that the next candidate of the set gives while `left` lots of the loss are open:
/// `min(lots, ⌈left·u/U⌉)`, but never so few that the rest of the set could not take what is
/// left. At breadth 1 that second bound makes everyone give all.
///
/// # Errors
/// `Overflow` when a share is not part of the set.
pub fn lots_of_share(left: Lots, set: SharingSet, share: Share) -> MathResult<(Lots, SharingSet)> {
    let rest = SharingSet {
        lots: set
            .lots
            .checked_sub(u128::from(share.lots.0))
            .ok_or(overflow("share outside of its set"))?,
        weight: set
            .weight
            .checked_sub(share.weight)
            .ok_or(overflow("share outside of its set"))?,
    };
    let fair = match mul_div_ceil(u128::from(left.0), share.weight, set.weight) {
        Ok(fair) => fair,
        // A set without profit has nothing to share by: whole positions in rank order.
        Err(MathError::DivisionByZero { .. }) => u128::from(left.0),
        Err(e) => return Err(e),
    };
    let least = u128::from(left.0).saturating_sub(rest.lots);
    let lots = fair
        .max(least)
        .min(u128::from(share.lots.0))
        .min(u128::from(left.0));
    Ok((Lots(lots as u64), rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn allocate(quantity: u64, breadth: u32, ranked: &[(u64, i128)]) -> Vec<u64> {
        let mut walk = SetWalk::new(Lots(quantity), breadth);
        for (lots, profit) in ranked {
            if walk.is_full() {
                break;
            }
            walk.add(Lots(*lots), *profit).expect("adds");
        }
        let (mut set, mut left, mut inside) = (walk.set, Lots(quantity), walk.set.lots);
        ranked
            .iter()
            .map(|(lots, profit)| {
                let share = cut_share(Lots(*lots), *profit, inside).expect("cuts");
                inside -= u128::from(share.lots.0);
                let (given, rest) = lots_of_share(left, set, share).expect("in set");
                set = rest;
                left = left.minus(given).expect("never too many");
                given.0
            })
            .collect()
    }

    #[test]
    fn breadth_one_is_the_classic_queue() {
        assert_eq!(
            allocate(25, 1, &[(10, 1), (10, 300), (10, 2), (10, 9)]),
            [10, 10, 5, 0]
        );
    }

    #[test]
    fn large_breadth_is_pro_rata_by_profit() {
        assert_eq!(
            allocate(10, 100, &[(100, 30), (100, 20), (100, 50)]),
            [3, 2, 5]
        );
    }

    #[test]
    fn a_capped_share_passes_on() {
        assert_eq!(
            allocate(10, 100, &[(1, 1000), (100, 20), (100, 20)])
                .iter()
                .sum::<u64>(),
            10
        );
    }

    #[test]
    fn no_profit_at_all_still_closes() {
        assert_eq!(allocate(10, 3, &[(7, 0), (7, 0), (16, -5)]), [7, 3, 0]);
    }

    proptest! {
        #[test]
        fn exactly_the_lots(
            quantity in 1u64..100_000, breadth in 1u32..50,
            ranked in prop::collection::vec((1u64..10_000, 0i128..(1i128 << 72)), 1..60),
        ) {
            let given = allocate(quantity, breadth, &ranked);
            let available: u64 = ranked.iter().map(|(lots, _)| lots).sum();
            prop_assert_eq!(given.iter().sum::<u64>(), quantity.min(available));
            for (give, (lots, _)) in given.iter().zip(&ranked) {
                prop_assert!(give <= lots);
            }
            if breadth == 1 {
                let mut left = quantity;
                for (give, (lots, _)) in given.iter().zip(&ranked) {
                    prop_assert_eq!(*give, left.min(*lots));
                    left -= give;
                }
            }
        }

        /// Nobody inside the set whose lots allow it gives more than a rounding step above its share.
        #[test]
        fn fair_when_nobody_is_capped(
            quantity in 1u64..1_000, profits in prop::collection::vec(1i128..1_000, 1..20),
        ) {
            let ranked: Vec<_> = profits.iter().map(|p| (1_000_000u64, *p)).collect();
            let given = allocate(quantity, u32::MAX, &ranked);
            let total: i128 = profits.iter().sum();
            for (give, profit) in given.iter().zip(&profits) {
                let exact = i128::from(quantity) * profit;
                prop_assert!((i128::from(*give) * total - exact).abs() <= total * (profits.len() as i128 + 1));
            }
        }
    }
}
