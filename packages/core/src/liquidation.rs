//! Selling down a solvent account that is under its maintenance requirement.

use crate::cover::band_limit;
use crate::error::{overflow, MathResult};
use crate::margin::{requirement_ceil, Requirement, Tier};
use crate::units::{Lots, Price, Quote, Side};
use crate::wide::{mul_div_ceil, mul_div_floor};

/// The account and the position that is being sold, as they stand before the next fill.
#[derive(Clone, Copy, Debug)]
pub struct Selling<'a> {
    /// Side of the position.
    pub side: Side,
    /// Its size.
    pub lots: Lots,
    /// The mark.
    pub mark: Price,
    /// The account's equity.
    pub equity: Quote,
    /// Initial requirement of the account's other markets.
    pub other_initial: Quote,
    /// Margin tiers of this market.
    pub tiers: &'a [Tier],
    /// Liquidation fee in basis points of the notional sold.
    pub fee_bps: u32,
}

/// The spread that a liquidation may give away, growing as equity falls from maintenance to
/// nothing: `max_bps·(1 − equity/maintenance)`, floored.
///
/// # Errors
/// `Overflow`.
pub fn spread_bps_floor(equity: Quote, maintenance: Quote, max_bps: u32) -> MathResult<u32> {
    if maintenance.0 <= 0 || equity >= maintenance {
        return Ok(0);
    }
    let missing = maintenance.minus(equity.or_zero())?;
    let bps = mul_div_floor(
        missing.to_unsigned(),
        u128::from(max_bps),
        maintenance.to_unsigned(),
    )?;
    Ok(bps as u32)
}

/// The worst price at which a liquidation sells: the mark less the spread.
///
/// # Errors
/// `Overflow`.
pub fn fillable_limit(
    side: Side,
    mark: Price,
    equity: Quote,
    maintenance: Quote,
    max_bps: u32,
) -> MathResult<Price> {
    band_limit(side, mark, spread_bps_floor(equity, maintenance, max_bps)?)
}

/// The liquidation fee for `lots` at `price`, rounded up.
///
/// # Errors
/// `Overflow`.
pub fn fee_ceil(price: Price, lots: Lots, fee_bps: u32) -> MathResult<Quote> {
    let notional = price.notional(lots)?;
    Quote::from_unsigned(mul_div_ceil(
        notional.to_unsigned(),
        u128::from(fee_bps),
        10_000,
    )?)
}

impl Selling<'_> {
    /// Equity after selling `lots` at `price` and paying the fee.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn equity_after(&self, price: Price, lots: Lots) -> MathResult<Quote> {
        let slip = crate::cover::slip_per_lot(self.side, self.mark, price)
            .checked_mul(i128::from(lots.0))
            .ok_or(overflow("slippage"))?;
        self.equity
            .minus(Quote(slip))?
            .minus(fee_ceil(price, lots, self.fee_bps)?)
    }

    fn is_restored(&self, price: Price, lots: Lots) -> MathResult<bool> {
        let rest = self.mark.notional(self.lots.minus(lots)?)?;
        let initial = requirement_ceil(self.tiers, rest, Requirement::Initial)?;
        Ok(self.equity_after(price, lots)? >= initial.plus(self.other_initial)?)
    }

    /// How many lots to sell at `price`, at most `available`: the fewest that bring the account
    /// over its initial requirement, and never so many that its equity falls below zero.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn lots_to_sell(&self, price: Price, available: Lots) -> MathResult<Lots> {
        let most = available.min(self.lots);
        let solvent = largest(most, |lots| Ok(self.equity_after(price, lots)?.0 >= 0))?;
        if solvent.is_zero() || !self.is_restored(price, solvent)? {
            return Ok(solvent);
        }
        let too_few = largest(solvent, |lots| Ok(!self.is_restored(price, lots)?))?;
        Ok(too_few.plus(Lots(1))?.min(solvent))
    }
}

/// The largest number in 0..=most that satisfies a predicate which holds up to some number and
/// fails above it.
fn largest(most: Lots, holds: impl Fn(Lots) -> MathResult<bool>) -> MathResult<Lots> {
    let (mut yes, mut no) = (0, most.0.saturating_add(1));
    while no - yes > 1 {
        let middle = yes + (no - yes) / 2;
        if holds(Lots(middle))? {
            yes = middle;
        } else {
            no = middle;
        }
    }
    Ok(Lots(yes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TIERS: [Tier; 2] = [
        Tier {
            from: Quote(0),
            initial_bps: 1_000,
            maintenance_bps: 500,
        },
        Tier {
            from: Quote(50_000),
            initial_bps: 2_000,
            maintenance_bps: 1_000,
        },
    ];

    fn selling(lots: u64, equity: i128) -> Selling<'static> {
        Selling {
            side: Side::Long,
            lots: Lots(lots),
            mark: Price(1_000),
            equity: Quote(equity),
            other_initial: Quote(0),
            tiers: &TIERS,
            fee_bps: 100,
        }
    }

    #[test]
    fn sells_only_what_brings_it_back() {
        // 40 lots at 1 000, initial 4 000: with 2 000 of equity and 10 per lot of fee, 20 lots
        // leave 1 800 against 2 000, 23 lots 1 770 against 1 700.
        assert_eq!(
            selling(40, 2_000).lots_to_sell(Price(1_000), Lots(99)),
            Ok(Lots(23))
        );
        assert_eq!(
            selling(40, 2_000).lots_to_sell(Price(1_000), Lots(5)),
            Ok(Lots(5)),
            "no more than there is"
        );
    }

    #[test]
    fn equity_never_falls_below_zero() {
        // Each lot costs 60 + 9.4 of fee: 14 lots are 840 + 132.
        let lots = selling(40, 1_000)
            .lots_to_sell(Price(940), Lots(40))
            .expect("fits");
        assert_eq!(lots, Lots(14));
        assert!(
            selling(40, 1_000)
                .equity_after(Price(940), Lots(15))
                .expect("fits")
                .0
                < 0
        );
    }

    #[test]
    fn the_limit_follows_equity() {
        let limit = |equity| {
            fillable_limit(Side::Short, Price(1_000), Quote(equity), Quote(10), 200).expect("fits")
        };
        assert_eq!(
            [limit(10), limit(5), limit(0)],
            [1_000, 1_010, 1_020].map(Price)
        );
    }

    #[test]
    fn fees_are_rounded_up() {
        let fee = |price| fee_ceil(Price(price), Lots(1), 1).expect("fits").0;
        assert_eq!([fee(1), fee(10_000), fee(10_001)], [1, 1, 2]);
    }

    #[test]
    fn spread_grows_to_its_cap() {
        assert_eq!(spread_bps_floor(Quote(100), Quote(100), 200), Ok(0));
        assert_eq!(spread_bps_floor(Quote(50), Quote(100), 200), Ok(100));
        assert_eq!(spread_bps_floor(Quote(-5), Quote(100), 200), Ok(200));
        assert_eq!(
            fillable_limit(Side::Short, Price(1_000), Quote(0), Quote(10), 200),
            Ok(Price(1_020))
        );
    }

    proptest! {
        #[test]
        fn fewest_that_restore(lots in 1u64..200, equity in 0i128..30_000, price in 950u64..1_050, available in 1u64..200) {
            let selling = selling(lots, equity);
            let sold = selling.lots_to_sell(Price(price), Lots(available)).expect("fits");
            prop_assert!(sold <= Lots(available.min(lots)));
            prop_assert!(selling.equity_after(Price(price), sold).expect("fits").0 >= 0);
            let slow = (1..=available.min(lots)).map(Lots)
                .take_while(|l| selling.equity_after(Price(price), *l).expect("fits").0 >= 0)
                .find(|l| selling.is_restored(Price(price), *l).expect("fits"));
            if let Some(slow) = slow {
                prop_assert_eq!(sold, slow);
            }
        }
    }
}
