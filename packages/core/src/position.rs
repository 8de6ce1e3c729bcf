//! One position: `{ lots, cost, index }`, and what a trade makes of it.

use crate::error::{overflow, MathError, MathResult};
use crate::funding::owed_ceil;
use crate::units::{Lots, PerLot, Price, Quote, Side, LOTS_BOUND};
use crate::wide::mul_div_trunc;

/// An open position, or none (`lots = 0`, `cost = 0`).
///
/// `lots` is signed: + long, − short. `cost` is what the lots cost, signed alike: `Σ Δ·p`, with
/// settled funding added. `index` is the cumulative funding up to which funding is settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// + long, − short.
    pub lots: i64,
    /// Signed cost in quote units, settled funding included.
    pub cost: Quote,
    /// Funding is settled up to this index.
    pub index: PerLot,
}

/// What [`Position::trade`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade {
    /// The position afterwards.
    pub position: Position,
    /// Profit (+) or loss (−) that moves from the position to cash.
    pub realised: Quote,
    /// Lots of the old position that were closed.
    pub closed: Lots,
    /// Lots that were newly opened.
    pub opened: Lots,
}

impl Position {
    /// An empty position at funding index `index`.
    pub const fn flat(index: PerLot) -> Self {
        Self {
            lots: 0,
            cost: Quote::ZERO,
            index,
        }
    }

    /// The side, or none when flat.
    pub const fn side(&self) -> Option<Side> {
        match self.lots {
            0 => None,
            lots if lots > 0 => Some(Side::Long),
            _ => Some(Side::Short),
        }
    }

    /// The unsigned size.
    pub const fn size(&self) -> Lots {
        Lots(self.lots.unsigned_abs())
    }

    /// `|lots| × mark`.
    ///
    /// # Errors
    /// `Overflow` out of bounds.
    pub fn notional(&self, mark: Price) -> MathResult<Quote> {
        mark.notional(self.size())
    }

    /// Settles funding up to `index` into the cost; returns the position and what was owed
    /// (+ paid by the position into the market's pool, − received from it).
    ///
    /// # Errors
    /// `Overflow`.
    pub fn settle(&self, index: PerLot) -> MathResult<(Self, Quote)> {
        let owed = owed_ceil(self.lots, self.index, index)?;
        let settled = Self {
            lots: self.lots,
            cost: self.cost.plus(owed)?,
            index,
        };
        Ok((settled, owed))
    }

    /// `lots·mark − cost`: the profit of a position whose funding is settled.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn pnl(&self, mark: Price) -> MathResult<Quote> {
        (self.lots as i128)
            .checked_mul(mark.0 as i128)
            .and_then(|value| value.checked_sub(self.cost.0))
            .map(Quote)
            .ok_or(overflow("pnl"))
    }

    /// The profit of `lots` closed at `price`: the share `lots/|size|` of the whole, rounded
    /// toward zero, so that |profit per lot| of the rest does not shrink.
    ///
    /// # Errors
    /// `ReduceExceedsPosition`, `Overflow`.
    pub fn closed_profit_trunc(&self, lots: Lots, price: Price) -> MathResult<Quote> {
        let held = self.size();
        if lots > held {
            return Err(MathError::ReduceExceedsPosition {
                lots: lots.0,
                held: held.0,
            });
        }
        if lots.is_zero() {
            return Ok(Quote::ZERO);
        }
        let whole = self.pnl(price)?;
        mul_div_trunc(whole.0, lots.0 as u128, held.0 as u128).map(Quote)
    }

    /// Closes `lots` at `price`; the rest keeps its funding index.
    ///
    /// # Errors
    /// `ReduceExceedsPosition`, `Overflow`.
    pub fn reduce(&self, lots: Lots, price: Price) -> MathResult<(Self, Quote)> {
        let realised = self.closed_profit_trunc(lots, price)?;
        let signed = self.signed(lots)?;
        let proceeds = Quote(signed as i128 * price.0 as i128);
        let closed_cost = proceeds.minus(realised)?;
        let rest = Self {
            lots: self.lots - signed,
            cost: self.cost.minus(closed_cost)?,
            index: self.index,
        };
        Ok((rest, realised))
    }

    /// Trades `lots` on `side` at `price`: an increase, a reduction, or a flip, which is a full
    /// close followed by an opening. Funding must be settled first.
    ///
    /// # Errors
    /// `LotsOutOfRange` when the position would reach 2^48 lots; `Overflow`.
    pub fn trade(&self, side: Side, lots: Lots, price: Price) -> MathResult<Trade> {
        let closed = match self.side() {
            Some(held) if held != side => lots.min(self.size()),
            _ => Lots::ZERO,
        };
        let opened = lots.minus(closed)?;
        let (rest, realised) = self.reduce(closed, price)?;
        let signed = side.sign() * opened.0 as i128;
        let lots_after = rest.lots as i128 + signed;
        if lots_after.unsigned_abs() >= LOTS_BOUND as u128 {
            return Err(MathError::LotsOutOfRange {
                lots: u64::try_from(lots_after.unsigned_abs()).unwrap_or(u64::MAX),
            });
        }
        let position = Self {
            lots: lots_after as i64,
            cost: rest.cost.plus(Quote(signed * price.0 as i128))?,
            index: rest.index,
        };
        Ok(Trade {
            position,
            realised,
            closed,
            opened,
        })
    }

    /// `lots` with the sign of this position.
    fn signed(&self, lots: Lots) -> MathResult<i64> {
        let lots = i64::try_from(lots.0).map_err(|_| overflow("signed lots"))?;
        Ok(if self.lots < 0 { -lots } else { lots })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn open(side: Side, lots: u64, price: u64) -> Position {
        Position::default()
            .trade(side, Lots(lots), Price(price))
            .expect("opens")
            .position
    }

    #[test]
    fn worked_examples() {
        // Long 10 at 100, closes 4 at 130: realises 4 · 30.
        let trade = open(Side::Long, 10, 100)
            .trade(Side::Short, Lots(4), Price(130))
            .expect("reduces");
        assert_eq!(trade.realised, Quote(120));
        assert_eq!(trade.position.lots, 6);
        assert_eq!(trade.position.cost, Quote(600));
        // Short 10 at 100 flips to long 5 at 90: closes 10 with a profit of 100.
        let trade = open(Side::Short, 10, 100)
            .trade(Side::Long, Lots(15), Price(90))
            .expect("flips");
        assert_eq!(trade.realised, Quote(100));
        assert_eq!((trade.closed, trade.opened), (Lots(10), Lots(5)));
        assert_eq!(trade.position.cost, Quote(450));
    }

    #[test]
    fn closing_more_than_held_is_refused() {
        assert_eq!(
            open(Side::Long, 3, 10).reduce(Lots(4), Price(10)),
            Err(MathError::ReduceExceedsPosition { lots: 4, held: 3 })
        );
    }

    proptest! {
        /// A trade moves value between cash and position and makes none: with the counterparty's
        /// `∓ lots·price` it is zero-sum.
        #[test]
        fn trade_conserves_value(
            start in -1_000_000i64..1_000_000, entry in 1u64..1_000_000_000,
            side in prop::bool::ANY, lots in 1u64..2_000_000, price in 1u64..1_000_000_000,
        ) {
            let side = if side { Side::Long } else { Side::Short };
            let position = Position {
                lots: start, cost: Quote(start as i128 * entry as i128 + 7 * (start != 0) as i128),
                index: PerLot(3),
            };
            let trade = position.trade(side, Lots(lots), Price(price)).expect("in bounds");
            let moved = side.sign() * lots as i128 * price as i128;
            prop_assert_eq!(
                trade.realised.0 - trade.position.cost.0,
                -position.cost.0 - moved
            );
            prop_assert_eq!(trade.position.lots as i128, start as i128 + side.sign() * lots as i128);
            prop_assert!(trade.position.lots != 0 || trade.position.cost == Quote::ZERO);
        }

        /// The rest's |profit per lot| never shrinks by rounding, and equity does not move.
        #[test]
        fn closing_a_share_never_dilutes_the_rest(
            lots in 1u64..1_000_000, cost in 1i128..1_000_000_000_000, part in 0u64..1_000_000,
            price in 1u64..1_000_000, long in prop::bool::ANY,
        ) {
            let sign = if long { 1 } else { -1 };
            let position = Position {
                lots: sign * lots as i64, cost: Quote(sign as i128 * cost), index: PerLot::ZERO,
            };
            let part = Lots(part % lots);
            let before = position.pnl(Price(price)).expect("pnl");
            let (rest, realised) = position.reduce(part, Price(price)).expect("reduces");
            let after = rest.pnl(Price(price)).expect("pnl");
            prop_assert_eq!(before, realised.plus(after).expect("sum"));
            prop_assert!(after.0.abs() * lots as i128 >= before.0.abs() * rest.size().0 as i128);
            prop_assert!(realised.0.signum() * before.0.signum() >= 0);
        }
    }
}
