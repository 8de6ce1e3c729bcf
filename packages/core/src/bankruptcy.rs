//! Opening the losses of a bankrupt account: one per market, needs of all at once.

use crate::error::{overflow, MathResult};
use crate::units::{Lots, Price, Quote, Side};
use crate::wide::{mul_div_ceil, mul_div_floor};

/// What an account has at stake in one market when it is frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// `lots·mark − cost` with funding settled, at the frozen mark.
    pub pnl: Quote,
    /// Realised loss of this market that cash could not pay, not negative.
    pub debt: Quote,
}

impl Exposure {
    /// This market's part in making the hole: its open loss and its unpaid realised loss.
    fn loss(&self) -> MathResult<u128> {
        let open = (-self.pnl.0.min(0)).unsigned_abs();
        open.checked_add(self.debt.to_unsigned())
            .ok_or(overflow("exposure loss"))
    }
}

/// Shares the account's deficit `|E|` among its markets in proportion to its own losses there:
/// `D = |E|·loss_i / Σ loss`, by cumulative rounding, so that `Σ D = |E|` to the unit and a hole
/// stays in the market that made it.
///
/// # Errors
/// `Overflow`; `DivisionByZero` if there is a deficit and no market has a loss.
pub fn needs(deficit: Quote, exposures: &[Exposure]) -> MathResult<Vec<Quote>> {
    let losses = exposures
        .iter()
        .map(Exposure::loss)
        .collect::<MathResult<Vec<_>>>()?;
    let total = losses
        .iter()
        .try_fold(0u128, |sum, loss| sum.checked_add(*loss))
        .ok_or(overflow("sum of losses"))?;
    let deficit = deficit.to_unsigned();
    let mut shares = Vec::with_capacity(losses.len());
    let (mut cumulated, mut given) = (0u128, 0u128);
    for loss in losses {
        cumulated += loss;
        let upto = if deficit == 0 {
            0
        } else {
            mul_div_floor(deficit, cumulated, total)?
        };
        shares.push(Quote::from_unsigned(upto - given)?);
        given = upto;
    }
    Ok(shares)
}

/// The bankruptcy price of a loss, as a limit for its book: the mark moved by `D/Q` in favour of
/// the closing side, rounded so that a fill at it never leaves a need behind.
///
/// None if no price is good enough (a short would have to buy below 1) or there are no lots.
///
/// # Errors
/// `Overflow`.
pub fn bankruptcy_limit(
    side: Side,
    mark: Price,
    need: Quote,
    lots: Lots,
) -> MathResult<Option<Price>> {
    if lots.is_zero() {
        return Ok(None);
    }
    let per_lot = mul_div_ceil(need.to_unsigned(), 1, u128::from(lots.0))?;
    let mark = u128::from(mark.0);
    let limit = match side {
        Side::Long => mark.checked_add(per_lot),
        Side::Short => mark.checked_sub(per_lot),
    };
    Ok(limit
        .and_then(|price| u64::try_from(price).ok())
        .and_then(|price| Price::new(price).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_hole_stays_in_the_market_that_made_it() {
        let exposures = [
            Exposure {
                pnl: Quote(-300),
                debt: Quote(0),
            },
            Exposure {
                pnl: Quote(500),
                debt: Quote(0),
            },
            Exposure {
                pnl: Quote(0),
                debt: Quote(100),
            },
        ];
        assert_eq!(
            needs(Quote(40), &exposures),
            Ok(vec![Quote(30), Quote(0), Quote(10)])
        );
    }

    #[test]
    fn solvent_accounts_need_nothing() {
        let exposures = [Exposure {
            pnl: Quote(5),
            debt: Quote(0),
        }];
        assert_eq!(needs(Quote(0), &exposures), Ok(vec![Quote(0)]));
        assert!(
            needs(Quote(1), &exposures).is_err(),
            "a hole that nobody made"
        );
    }

    #[test]
    fn limits() {
        let limit = |side, need, lots| {
            bankruptcy_limit(side, Price(100), Quote(need), Lots(lots)).expect("fits")
        };
        assert_eq!(
            limit(Side::Long, 25, 10),
            Some(Price(103)),
            "sells no lower than 102.5"
        );
        assert_eq!(limit(Side::Short, 25, 10), Some(Price(97)));
        assert_eq!(limit(Side::Short, 1000, 10), None);
        assert_eq!(limit(Side::Long, 0, 0), None);
        assert_eq!(limit(Side::Long, i128::MAX, 1), None);
    }

    proptest! {
        #[test]
        fn needs_sum_to_the_deficit_and_stay_proportional(
            list in prop::collection::vec((-(1i128 << 90)..(1i128 << 90), 0i128..(1i128 << 60)), 1..9),
            part in 1u128..1_000_000,
        ) {
            let exposures: Vec<_> = list.iter().map(|(pnl, debt)| Exposure { pnl: Quote(*pnl), debt: Quote(*debt) }).collect();
            let losses: Vec<i128> = list.iter().map(|(pnl, debt)| (-pnl).max(0) + debt).collect();
            let total: i128 = losses.iter().sum();
            let deficit = (total as u128 / 1_000_000 * part) as i128;
            prop_assume!(total > 0);
            let shares = needs(Quote(deficit), &exposures).expect("fits");
            prop_assert_eq!(shares.iter().map(|q| q.0).sum::<i128>(), deficit);
            for (share, loss) in shares.iter().zip(&losses) {
                prop_assert!(share.0 <= *loss, "nobody's market needs more than its loss");
                let exact = deficit as f64 * *loss as f64 / total as f64;
                prop_assert!((share.0 as f64 - exact).abs() <= 1.0 + exact * 1e-9);
            }
        }
    }
}
