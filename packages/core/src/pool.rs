//! A staked pool: shares of money that losses may take.
//!
//! Against inflation of the share price by gifts, a pool counts [`VIRTUAL_SHARES`] and one unit that
//! nobody owns (the virtual offset of ERC-4626 as OpenZeppelin describes it): who gives to a pool
//! gives a part to nobody. Both roundings are down, in favour of those who stay.

use crate::error::{overflow, MathResult};
use crate::units::{Quote, Shares};
use crate::wide::mul_div_floor;

/// Shares that stand against one virtual unit: what the first unit of a pool is worth in shares.
pub const VIRTUAL_SHARES: u128 = 1_000;

/// A pool takes no stakes when a share has lost all but one part in this many of its first price.
pub const WIPED_PARTS: u128 = 1_000;

/// The price of a share is given in parts of its first price, of which there are this many.
pub const PRICE_PARTS: u128 = 1_000_000;

/// Money and the shares in it. `value_floor(shares) ≤ assets` always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pool {
    /// Quote units, not negative.
    pub assets: Quote,
    /// All shares that somebody owns.
    pub shares: Shares,
}

impl Pool {
    fn virtual_assets(&self) -> MathResult<u128> {
        let assets = self.assets.to_unsigned();
        assets.checked_add(1).ok_or(overflow("assets of a pool"))
    }

    fn virtual_shares(&self) -> MathResult<u128> {
        let shares = self.shares.0;
        shares
            .checked_add(VIRTUAL_SHARES)
            .ok_or(overflow("shares of a pool"))
    }

    /// `⌊amount·(shares + 1 000)/(assets + 1)⌋`: what a stake of `amount` gets, rounded in favour of
    /// those who are in the pool.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn shares_floor(&self, amount: Quote) -> MathResult<Shares> {
        let (assets, shares) = (self.virtual_assets()?, self.virtual_shares()?);
        mul_div_floor(amount.to_unsigned(), shares, assets).map(Shares)
    }

    /// `⌊shares·(assets + 1)/(all shares + 1 000)⌋`: what `shares` are worth, rounded in favour of those
    /// who stay.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn value_floor(&self, shares: Shares) -> MathResult<Quote> {
        let (assets, all) = (self.virtual_assets()?, self.virtual_shares()?);
        Quote::from_unsigned(mul_div_floor(shares.0, assets, all)?)
    }

    /// Price of a share in [`PRICE_PARTS`] of its first price, rounded down.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn price_floor(&self) -> MathResult<u128> {
        let (assets, all) = (self.virtual_assets()?, self.virtual_shares()?);
        mul_div_floor(assets, VIRTUAL_SHARES * PRICE_PARTS, all)
    }

    /// Whether losses have taken so much that new shares would swamp the old ones: a share is worth less
    /// than one part in [`WIPED_PARTS`] of its first price.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn is_wiped(&self) -> MathResult<bool> {
        Ok(self.price_floor()? < PRICE_PARTS / WIPED_PARTS)
    }

    /// The pool after a stake, and the shares that it got.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn stake(self, amount: Quote) -> MathResult<(Self, Shares)> {
        let shares = self.shares_floor(amount)?;
        let pool = Self {
            assets: self.assets.plus(amount)?,
            shares: self.shares.plus(shares)?,
        };
        Ok((pool, shares))
    }

    /// The pool after `shares` have left with their value.
    ///
    /// # Errors
    /// `Overflow`, also for more shares than there are.
    pub fn redeem(self, shares: Shares) -> MathResult<(Self, Quote)> {
        let value = self.value_floor(shares)?;
        let pool = Self {
            assets: self.assets.minus(value)?,
            shares: self.shares.minus(shares)?,
        };
        Ok((pool, value))
    }
}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
