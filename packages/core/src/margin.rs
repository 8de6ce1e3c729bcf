//! Tiered margin requirements, equity, and what may be withdrawn.

use crate::error::{overflow, MathError, MathResult};
use crate::position::Position;
use crate::units::{Lots, Price, Quote};
use crate::wide::mul_div_floor;

/// Basis points in one.
pub const BPS: i128 = 10_000;

/// Rates that hold for the part of a position's notional above `from`.
///
/// `from` is in quote units, the first tier starts at 0, and tiers ascend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// Notional from which the rates hold, in quote units.
    pub from: Quote,
    /// Initial margin rate in basis points, 1..=10 000.
    pub initial_bps: u32,
    /// Maintenance margin rate in basis points, 1..initial.
    pub maintenance_bps: u32,
}

/// Which requirement is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// To open, increase or withdraw.
    Initial,
    /// To stay open.
    Maintenance,
}

/// `⌈Σ rateᵢ·(part of the notional inside tier i)⌉`: marginal rates, hence continuous in the
/// notional (the same as rate × notional − a deduction per tier). Rounded up once, in the
/// protocol's favour.
///
/// # Errors
/// `Overflow` for a notional above about 2^113.
pub fn requirement_ceil(tiers: &[Tier], notional: Quote, kind: Requirement) -> MathResult<Quote> {
    let mut scaled: i128 = 0;
    for (i, tier) in tiers.iter().enumerate() {
        let end = tiers
            .get(i + 1)
            .map_or(notional, |next| next.from.min(notional));
        if end <= tier.from {
            break;
        }
        let rate = match kind {
            Requirement::Initial => tier.initial_bps,
            Requirement::Maintenance => tier.maintenance_bps,
        };
        scaled = end
            .minus(tier.from)?
            .0
            .checked_mul(i128::from(rate))
            .and_then(|part| scaled.checked_add(part))
            .ok_or(overflow("margin requirement"))?;
    }
    Ok(Quote(
        scaled.div_euclid(BPS) + i128::from(scaled.rem_euclid(BPS) != 0),
    ))
}

/// One market's part of an account, with funding settled.
#[derive(Clone, Copy, Debug)]
pub struct Leg<'a> {
    /// The position.
    pub position: Position,
    /// The mark it is valued at.
    pub mark: Price,
    /// The market's margin tiers.
    pub tiers: &'a [Tier],
    /// Profit in a market that is being deleveraged supports nothing.
    pub profit_is_gated: bool,
}

impl Leg<'_> {
    /// The requirement of this leg.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn requirement_ceil(&self, kind: Requirement) -> MathResult<Quote> {
        requirement_ceil(self.tiers, self.position.notional(self.mark)?, kind)
    }
}

/// `cash + Σ pnl`.
///
/// # Errors
/// `Overflow`.
pub fn equity(cash: Quote, legs: &[Leg<'_>]) -> MathResult<Quote> {
    legs.iter()
        .try_fold(cash, |sum, leg| sum.plus(leg.position.pnl(leg.mark)?))
}

/// As [`equity`], with the profit of gated markets left out: what an initial-margin check sees.
///
/// # Errors
/// `Overflow`.
pub fn usable_equity(cash: Quote, legs: &[Leg<'_>]) -> MathResult<Quote> {
    legs.iter().try_fold(cash, |sum, leg| {
        let pnl = leg.position.pnl(leg.mark)?;
        sum.plus(if leg.profit_is_gated {
            pnl.min(Quote::ZERO)
        } else {
            pnl
        })
    })
}

/// `Σ requirement`.
///
/// # Errors
/// `Overflow`.
pub fn total_requirement_ceil(legs: &[Leg<'_>], kind: Requirement) -> MathResult<Quote> {
    legs.iter().try_fold(Quote::ZERO, |sum, leg| {
        sum.plus(leg.requirement_ceil(kind)?)
    })
}

/// `max(0, min(cash, equity − initial))`: profit leaves only after it has been realised.
///
/// # Errors
/// `Overflow`.
pub fn withdrawable(cash: Quote, legs: &[Leg<'_>]) -> MathResult<Quote> {
    let free =
        usable_equity(cash, legs)?.minus(total_requirement_ceil(legs, Requirement::Initial)?)?;
    Ok(cash.min(free).or_zero())
}

/// Cash allocated to one of several positions by initial requirement, per lot and at the
/// fixed-point scale 2^32, floored. `weight`/`weights` is the position's share of the account's
/// requirement; one position gets everything. No cash gives 0, too much saturates.
///
/// # Errors
/// `Overflow` when the account's share of cash leaves `u128`; `DivisionByZero` for no lots.
pub fn collateral_per_lot_floor(
    cash: Quote,
    weight: Quote,
    weights: Quote,
    lots: Lots,
) -> MathResult<i128> {
    let share = if weights.0 <= 0 {
        0
    } else {
        mul_div_floor(
            cash.to_unsigned(),
            weight.to_unsigned(),
            weights.to_unsigned(),
        )?
    };
    match mul_div_floor(share, 1 << 32, lots.0 as u128) {
        Ok(scaled) => Ok(i128::try_from(scaled).unwrap_or(i128::MAX)),
        // All of it is the highest class; an error would keep the account out of every message.
        Err(MathError::Overflow { .. }) => Ok(i128::MAX),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Side;
    use proptest::prelude::*;

    const TIERS: [Tier; 3] = [
        Tier {
            from: Quote(0),
            initial_bps: 500,
            maintenance_bps: 250,
        },
        Tier {
            from: Quote(1_000_000),
            initial_bps: 1_000,
            maintenance_bps: 500,
        },
        Tier {
            from: Quote(5_000_000),
            initial_bps: 5_000,
            maintenance_bps: 2_500,
        },
    ];

    #[test]
    fn worked_examples() {
        let at = |n| {
            requirement_ceil(&TIERS, Quote(n), Requirement::Initial)
                .expect("fits")
                .0
        };
        assert_eq!(at(0), 0);
        assert_eq!(at(1), 1, "rounded up");
        assert_eq!(at(1_000_000), 50_000);
        assert_eq!(at(2_000_000), 150_000);
        assert_eq!(at(6_000_000), 50_000 + 400_000 + 500_000);
    }

    #[test]
    fn profit_is_not_withdrawable_before_it_is_realised() {
        let position = Position::default()
            .trade(Side::Long, Lots(10), Price(1_000))
            .expect("opens")
            .position;
        let leg = Leg {
            position,
            mark: Price(2_000),
            tiers: &TIERS,
            profit_is_gated: false,
        };
        assert_eq!(withdrawable(Quote(500), &[leg]), Ok(Quote(500)));
        let falling = Leg {
            mark: Price(950),
            ..leg
        };
        // 10 lots at 950: pnl −500, requirement 475.
        assert_eq!(withdrawable(Quote(1_500), &[falling]), Ok(Quote(525)));
        let gated = Leg {
            profit_is_gated: true,
            ..leg
        };
        assert_eq!(
            withdrawable(Quote(1_500), &[gated]),
            Ok(Quote(500)),
            "requirement 1 000, profit counts 0"
        );
        assert_eq!(withdrawable(Quote(-5), &[]), Ok(Quote(0)));
    }

    proptest! {
        /// Continuous and monotone: one more unit of notional adds at most one unit and never less than nothing.
        #[test]
        fn continuous(notional in 0i128..20_000_000) {
            for kind in [Requirement::Initial, Requirement::Maintenance] {
                let here = requirement_ceil(&TIERS, Quote(notional), kind).expect("fits").0;
                let next = requirement_ceil(&TIERS, Quote(notional + 1), kind).expect("fits").0;
                prop_assert!((0..=1).contains(&(next - here)));
            }
        }

        /// The parts of a split position never need less than the whole by more than rounding saves.
        #[test]
        fn maintenance_below_initial(notional in 0i128..(1i128 << 90)) {
            let initial = requirement_ceil(&TIERS, Quote(notional), Requirement::Initial).expect("fits");
            let maintenance = requirement_ceil(&TIERS, Quote(notional), Requirement::Maintenance).expect("fits");
            prop_assert!(maintenance <= initial);
        }

        #[test]
        fn allocation_never_exceeds_cash(cash in 0i128..(1i128<<90), a in 1i128..(1i128<<80), b in 1i128..(1i128<<80), la in 1u64..(1<<40), lb in 1u64..(1<<40)) {
            let sum = Quote(a + b);
            let ma = collateral_per_lot_floor(Quote(cash), Quote(a), sum, Lots(la)).expect("fits");
            let mb = collateral_per_lot_floor(Quote(cash), Quote(b), sum, Lots(lb)).expect("fits");
            let total = crate::wide::full_mul(ma as u128, la as u128) + crate::wide::full_mul(mb as u128, lb as u128);
            prop_assert!(total <= crate::wide::full_mul(cash as u128, 1 << 32));
        }
    }
}
