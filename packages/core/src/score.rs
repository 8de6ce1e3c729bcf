//! The score of a position, compared exactly: three kinds of it over the same index.
//!
//! With profit per lot `d`, collateral per lot `m̂` and mark `x`:
//!
//! * profit × leverage: `d/x × x/(d + m̂) = d/(d + m̂)`, which orders positions as `d/m̂` does (the
//!   ranking that BitMEX introduced; here with the profit on the collateral, because profit on the
//!   entry notional is not monotone in d for shorts);
//! * leverage: `x/(d + m̂)`, the most levered first (the rule of arXiv 2603.15963);
//! * profit: `d`, the largest profit per lot first, which is the order of entries (Dango).
//!
//! In a class (`m̂` fixed) the first and the last fall and the second rises with `s·e`, at every
//! price. So one stored order serves all three: leverage walks each class from its other end.

use std::cmp::Ordering;

use cosmwasm_schema::cw_schema;
use cosmwasm_schema::schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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

/// By what a market's positions are ranked.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    cw_schema::Schemaifier,
)]
#[serde(rename_all = "snake_case")]
#[schemars(crate = "cosmwasm_schema::schemars")]
#[schemaifier(crate = "::cosmwasm_schema::cw_schema")]
pub enum ScoreKind {
    /// `d/(d + m̂)`: profit × leverage.
    #[default]
    ProfitLeverage,
    /// `x/(d + m̂)`: leverage at the mark.
    Leverage,
    /// `d`: profit per lot.
    Profit,
}

impl ScoreKind {
    /// All of them, in the order of [`Self::number`].
    pub const ALL: [Self; 3] = [Self::ProfitLeverage, Self::Leverage, Self::Profit];

    /// 0..=2, for storage.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The inverse of [`Self::number`]; everything unknown is the first.
    pub const fn from_number(number: u8) -> Self {
        match number {
            1 => Self::Leverage,
            2 => Self::Profit,
            _ => Self::ProfitLeverage,
        }
    }

    /// Its name on the wire and in events.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProfitLeverage => "profit_leverage",
            Self::Leverage => "leverage",
            Self::Profit => "profit",
        }
    }

    /// Whether a class is walked from its largest `s·e` down.
    pub const fn descends(self) -> bool {
        matches!(self, Self::Leverage)
    }
}

impl std::fmt::Display for ScoreKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Collateral per lot counts as equity up to here (2^78 at the fixed-point scale, 2^46 quote units):
/// beyond it nobody has leverage to speak of, and `equity × lots` must fit 128 bits.
pub const EQUITY_COLLATERAL_MAX: u128 = 1 << 78;

/// What a position is ranked by at one price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score {
    /// How two of them compare.
    pub kind: ScoreKind,
    /// Profit per lot `d` at the fixed-point scale.
    pub profit: i128,
    /// Collateral per lot `m̂`, at least 1.
    pub collateral: u128,
}

impl Score {
    /// The score of a position whose key is `order` in a class with lower bound `collateral`.
    pub const fn at(kind: ScoreKind, base: PerLot, order: i128, collateral: u128) -> Self {
        Self {
            kind,
            profit: base.0 - order,
            collateral,
        }
    }

    /// `d + m̂` per lot, `m̂` counted up to [`EQUITY_COLLATERAL_MAX`].
    pub const fn equity(&self) -> i128 {
        self.profit + equity_collateral(self.collateral)
    }

    /// The score in millionths for display, floored: `d/(d + m̂)`, `x/(d + m̂)` or `d/x`. 0 where it
    /// is negative; `u32::MAX` where it is larger or, for leverage, where no equity is left.
    pub fn ppm_floor(&self, mark: Price) -> u32 {
        let mark = PerLot::of_price(mark).0.unsigned_abs();
        let profit = self.profit.max(0).unsigned_abs();
        let (part, whole) = match self.kind {
            ScoreKind::ProfitLeverage => (profit, profit.saturating_add(self.collateral)),
            ScoreKind::Leverage => (mark, self.equity().max(0).unsigned_abs()),
            ScoreKind::Profit => (profit, mark),
        };
        if whole == 0 {
            return u32::MAX;
        }
        let ppm = full_mul(part, 1_000_000) / cosmwasm_std::Uint256::from(whole);
        cosmwasm_std::Uint128::try_from(ppm)
            .map_or(u32::MAX, |v| v.u128().min(u128::from(u32::MAX)) as u32)
    }

    fn cmp_profit_leverage(&self, other: &Self) -> Ordering {
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

/// What of a collateral per lot counts as equity.
pub(crate) const fn equity_collateral(collateral: u128) -> i128 {
    if collateral > EQUITY_COLLATERAL_MAX {
        EQUITY_COLLATERAL_MAX as i128
    } else {
        collateral as i128
    }
}

/// Greatest is deleveraged first. Scores of different kinds compare by the kind of the left one:
/// a ranking holds one kind only.
impl Ord for Score {
    fn cmp(&self, other: &Self) -> Ordering {
        match self.kind {
            ScoreKind::ProfitLeverage => self.cmp_profit_leverage(other),
            ScoreKind::Leverage => other.equity().cmp(&self.equity()),
            ScoreKind::Profit => self.profit.cmp(&other.profit),
        }
    }
}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
#[path = "score_tests.rs"]
mod tests;
