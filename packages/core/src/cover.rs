//! Closing a loss on the book, paid for by its escrow.

use crate::error::{overflow, MathResult};
use crate::units::{Lots, Price, Quote, Side};
use crate::wide::{mul_div_ceil, mul_div_floor};

/// `⌊asked · (lots − same_owner)/lots⌋`: what of a loss may be insured. Lots against which the owner of the
/// bankrupt account holds the other side are no loss of theirs; without lots, holding any there is enough.
///
/// # Errors
/// `Overflow`.
pub fn insurable_floor(asked: Quote, lots: Lots, same_owner: Lots) -> MathResult<Quote> {
    if same_owner.is_zero() {
        return Ok(asked);
    }
    if same_owner >= lots {
        return Ok(Quote::ZERO);
    }
    let insured = lots.minus(same_owner)?;
    let part = mul_div_floor(
        asked.to_unsigned(),
        u128::from(insured.0),
        u128::from(lots.0),
    )?;
    Quote::from_unsigned(part)
}

/// What is left of a loss while it is worked off on the book.
///
/// `need₀ + slippage = need + drawn` holds after every fill, to the unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookClose {
    /// Lots still open.
    pub lots: Lots,
    /// Money still needed for them, not negative.
    pub need: Quote,
    /// Money that may be spent: the fund's payment, and what good fills brought.
    pub escrow: Quote,
    /// `Σ (mark − price)·lots` of the fills, signed against the bankrupt side.
    pub slippage: Quote,
    /// What the fills took out of the escrow, net (negative: they brought more than they needed).
    pub drawn: Quote,
}

impl BookClose {
    /// What a fill of `lots` at `price` takes from the escrow: its share of the need, rounded up,
    /// and its slippage against the mark.
    fn draw_ceil(&self, lots: Lots, slip: i128) -> MathResult<(Quote, Quote)> {
        let share = if self.lots.is_zero() {
            0
        } else {
            mul_div_ceil(
                self.need.to_unsigned(),
                u128::from(lots.0),
                u128::from(self.lots.0),
            )?
        };
        let share = Quote::from_unsigned(share)?;
        let slippage = slip
            .checked_mul(i128::from(lots.0))
            .ok_or(overflow("slippage"))?;
        Ok((share, Quote(slippage)))
    }

    /// The largest number of lots, at most `available`, that the escrow can pay for at `price`.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn affordable_floor(
        &self,
        side: Side,
        mark: Price,
        price: Price,
        available: Lots,
    ) -> MathResult<Lots> {
        let most = available.min(self.lots);
        if most.is_zero() {
            return Ok(Lots::ZERO);
        }
        let slip = slip_per_lot(side, mark, price);
        let pays = |lots: Lots| -> MathResult<bool> {
            let (share, slippage) = self.draw_ceil(lots, slip)?;
            Ok(share.plus(slippage)? <= self.escrow)
        };
        if pays(most)? {
            return Ok(most);
        }
        // Unrounded: q·(need + slip·lots)/lots ≤ escrow. The rounding of the share costs at most
        // one unit more, hence at most one step down.
        let per_all = self
            .need
            .0
            .checked_add(
                slip.checked_mul(i128::from(self.lots.0))
                    .ok_or(overflow("slippage"))?,
            )
            .ok_or(overflow("slippage"))?;
        if per_all <= 0 {
            return Ok(Lots::ZERO);
        }
        let bound = mul_div_floor(
            self.escrow.to_unsigned(),
            u128::from(self.lots.0),
            per_all.unsigned_abs(),
        )?;
        let mut lots = Lots(u64::try_from(bound).unwrap_or(u64::MAX).min(most.0));
        while !lots.is_zero() && !pays(lots)? {
            lots = lots.minus(Lots(1))?;
        }
        Ok(lots)
    }

    /// Books a fill of `lots` at `price`.
    ///
    /// # Errors
    /// `Overflow`, also for more lots than are open.
    pub fn fill(&mut self, side: Side, mark: Price, price: Price, lots: Lots) -> MathResult<()> {
        let (share, slippage) = self.draw_ceil(lots, slip_per_lot(side, mark, price))?;
        let draw = share.plus(slippage)?;
        *self = Self {
            lots: self.lots.minus(lots)?,
            need: self.need.minus(share)?,
            escrow: self.escrow.minus(draw)?,
            slippage: self.slippage.plus(slippage)?,
            drawn: self.drawn.plus(draw)?,
        };
        Ok(())
    }

    /// What is left of the escrow reduces the need; returns what is then still left of it.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn finish(&mut self) -> MathResult<Quote> {
        let reduction = self.need.min(self.escrow).or_zero();
        self.need = self.need.minus(reduction)?;
        self.drawn = self.drawn.plus(reduction)?;
        self.escrow = self.escrow.minus(reduction)?;
        Ok(std::mem::take(&mut self.escrow))
    }
}

/// How much worse than the mark a price is for the closing account, per lot.
pub const fn slip_per_lot(side: Side, mark: Price, price: Price) -> i128 {
    side.sign() * (mark.0 as i128 - price.0 as i128)
}

/// The worst price of a band of `bps` below (for a long) or above (for a short) the mark, rounded
/// toward the mark. At least 1.
///
/// # Errors
/// Never for a price within its bounds; `Overflow` otherwise.
pub fn band_limit(side: Side, mark: Price, bps: u32) -> MathResult<Price> {
    let spread = mul_div_floor(u128::from(mark.0), u128::from(bps), 10_000)?;
    let spread = u64::try_from(spread).map_err(|_| overflow("band"))?;
    let limit = match side {
        Side::Long => mark.0.saturating_sub(spread).max(1),
        Side::Short => mark.0.saturating_add(spread),
    };
    Ok(Price(limit))
}

/// What the fund may pay on top of the need so that lots can go to the book: the band's width on
/// every lot.
///
/// # Errors
/// `Overflow`.
pub fn slippage_allowance(side: Side, mark: Price, bps: u32, lots: Lots) -> MathResult<Quote> {
    let limit = band_limit(side, mark, bps)?;
    Quote(slip_per_lot(side, mark, limit))
        .0
        .checked_mul(i128::from(lots.0))
        .map(Quote)
        .ok_or(overflow("allowance"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lots_that_the_owner_holds_on_the_other_side_are_not_insured() {
        let insured =
            |lots, same| insurable_floor(Quote(1_000), Lots(lots), Lots(same)).map(|q| q.0);
        assert_eq!(insured(3, 0), Ok(1_000));
        assert_eq!(insured(3, 1), Ok(666), "rounded down");
        assert_eq!(insured(3, 3), Ok(0));
        assert_eq!(insured(3, 9), Ok(0));
        assert_eq!(insured(0, 0), Ok(1_000), "a debt without lots");
        assert_eq!(insured(0, 1), Ok(0));
    }
    use proptest::prelude::*;

    fn start(lots: u64, need: i128, escrow: i128) -> BookClose {
        BookClose {
            lots: Lots(lots),
            need: Quote(need),
            escrow: Quote(escrow),
            slippage: Quote(0),
            drawn: Quote(0),
        }
    }

    #[test]
    fn a_fill_draws_its_share_and_its_slippage() {
        let mut close = start(10, 100, 50);
        let lots = close
            .affordable_floor(Side::Long, Price(1_000), Price(995), Lots(9))
            .expect("fits");
        assert_eq!(lots, Lots(3), "3·(10 + 5) = 45");
        close
            .fill(Side::Long, Price(1_000), Price(995), lots)
            .expect("fills");
        assert_eq!(
            close,
            BookClose {
                lots: Lots(7),
                need: Quote(70),
                escrow: Quote(5),
                slippage: Quote(15),
                drawn: Quote(45)
            }
        );
        assert_eq!(close.finish(), Ok(Quote(0)));
        assert_eq!(close.need, Quote(65));
    }

    #[test]
    fn a_good_fill_reduces_the_need_and_then_goes_to_the_fund() {
        let mut close = start(10, 10, 0);
        close
            .fill(Side::Short, Price(1_000), Price(990), Lots(2))
            .expect("fills");
        assert_eq!(close.slippage, Quote(-20));
        assert_eq!(close.finish(), Ok(Quote(10)), "18 brought, 8 needed");
        assert_eq!((close.need, close.drawn), (Quote(0), Quote(-10)));
    }

    #[test]
    fn bands() {
        assert_eq!(band_limit(Side::Long, Price(10_001), 50), Ok(Price(9_951)));
        assert_eq!(
            band_limit(Side::Short, Price(10_001), 50),
            Ok(Price(10_051))
        );
        assert_eq!(
            slippage_allowance(Side::Short, Price(10_001), 50, Lots(3)),
            Ok(Quote(150))
        );
        assert_eq!(band_limit(Side::Long, Price(3), 10_000), Ok(Price(1)));
    }

    proptest! {
        /// The escrow is never overdrawn, one more lot would overdraw it, and the money adds up.
        #[test]
        fn exact_and_as_much_as_affordable(
            lots in 1u64..10_000, need in 0i128..10_000_000, escrow in 0i128..10_000_000, long in any::<bool>(),
            fills in prop::collection::vec((900u64..1_100, 1u64..5_000), 1..12),
        ) {
            let side = if long { Side::Long } else { Side::Short };
            let mut close = start(lots, need, escrow);
            for (price, available) in fills {
                let before = close;
                let taken = close.affordable_floor(side, Price(1_000), Price(price), Lots(available)).expect("fits");
                if !taken.is_zero() {
                    close.fill(side, Price(1_000), Price(price), taken).expect("fills");
                }
                prop_assert!(close.escrow.0 >= 0 && close.need.0 >= 0);
                prop_assert_eq!(need + close.slippage.0, close.need.0 + close.drawn.0);
                if taken < Lots(available).min(before.lots) {
                    let mut more = before;
                    more.fill(side, Price(1_000), Price(price), taken.plus(Lots(1)).expect("fits")).expect("fills");
                    prop_assert!(more.escrow.0 < 0);
                }
            }
            let refund = close.finish().expect("finishes");
            prop_assert_eq!(escrow, close.drawn.0 + refund.0);
            prop_assert!(refund.0 == 0 || close.need.0 == 0);
        }
    }
}
