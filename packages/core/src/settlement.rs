//! Auto-deleveraging as a fold in rank order that can pause after any candidate.
//!
//! The state between two candidates is [`Fold`]; what a step does depends on nothing else, so the
//! step limit changes only where the fold pauses.

use cosmwasm_schema::cw_schema;
use cosmwasm_schema::schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::allocation::{lots_of_share, Share, SharingSet};
use crate::error::MathResult;
use crate::margin::{requirement_ceil, Requirement, Tier};
use crate::position::Position;
use crate::units::{Lots, Price, Quote};
use crate::wide::mul_div_ceil;

/// The passes of a job, each once through the ranking. They only move forward.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    cw_schema::Schemaifier,
)]
#[serde(rename_all = "snake_case")]
#[schemars(crate = "cosmwasm_schema::schemars")]
#[schemaifier(crate = "::cosmwasm_schema::cw_schema")]
pub enum Pass {
    /// P1: profitable candidates, charged up to `min(profit, equity − maintenance afterwards)`.
    Profit,
    /// P2: profitable candidates, charged up to `min(profit, equity)`.
    Equity,
    /// P3: lots left close at the mark against everybody, in rank order; nobody's equity changes.
    AtMark,
    /// P4, first part: profit that this loss's own fills kept, in fill order.
    Kept,
    /// P4, second part: open profit, in rank order, without closing.
    Haircut,
}

impl Pass {
    /// 1..=5, for stamps and events.
    pub const fn number(self) -> u8 {
        match self {
            Pass::Profit => 1,
            Pass::Equity => 2,
            Pass::AtMark => 3,
            Pass::Kept => 4,
            Pass::Haircut => 5,
        }
    }

    /// Whether candidates are asked for in rank order (all but [`Pass::Kept`]).
    pub const fn walks_the_ranking(self) -> bool {
        !matches!(self, Pass::Kept)
    }

    /// Whether only candidates with a profit take part.
    pub const fn needs_profit(self) -> bool {
        matches!(self, Pass::Profit | Pass::Equity | Pass::Haircut)
    }
}

/// What is left of a loss, between two candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// The pass it is in.
    pub pass: Pass,
    /// Lots still to be closed.
    pub lots: Lots,
    /// Money still needed, not negative.
    pub need: Quote,
    /// Candidates that share the lots by profit in [`Pass::Profit`].
    pub set: SharingSet,
}

/// A counterparty as it stands when the fold reaches it. Funding is settled to the loss's index.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Its position in the loss's market.
    pub position: Position,
    /// Its equity, this market at the loss's frozen mark.
    pub equity: Quote,
    /// Its maintenance requirement in all other markets.
    pub other_maintenance: Quote,
    /// Margin tiers of the loss's market.
    pub tiers: &'a [Tier],
    /// Its part of the sharing set, if it is inside.
    pub share: Option<Share>,
}

/// What the fold takes from one candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// Lots closed, at least one.
    pub lots: Lots,
    /// Profit (+) or loss (−) of the closed share at the mark.
    pub profit: Quote,
    /// What of it goes to the loss. The fill's price is the mark moved by `charge/lots`.
    pub charge: Quote,
}

impl Fill {
    /// Profit that the candidate keeps, which [`Pass::Kept`] may still ask for.
    pub fn kept(&self) -> Quote {
        Quote(self.profit.0 - self.charge.0).or_zero()
    }
}

impl Fold {
    /// A fold at its start: with lots it begins at the first pass, without at the haircut.
    pub fn new(lots: Lots, need: Quote) -> Self {
        let mut fold = Self {
            pass: Pass::Profit,
            lots,
            need,
            set: SharingSet::default(),
        };
        fold.skip_to_haircut();
        fold
    }

    /// Whether neither lots nor need are left.
    pub fn is_done(&self) -> bool {
        self.lots.is_zero() && self.need.0 <= 0
    }

    /// Visits the next candidate of P1, P2 or P3. `None`: it gives nothing in this pass.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn visit(&mut self, mark: Price, candidate: &Candidate<'_>) -> MathResult<Option<Fill>> {
        let lots = self.lots_wanted(candidate)?;
        if lots.is_zero() {
            return Ok(None);
        }
        let profit = candidate.position.closed_profit_trunc(lots, mark)?;
        let cap = match self.pass {
            Pass::Profit => {
                let rest = candidate.position.size().minus(lots)?;
                let maintenance = requirement_ceil(
                    candidate.tiers,
                    mark.notional(rest)?,
                    Requirement::Maintenance,
                )?
                .plus(candidate.other_maintenance)?;
                profit.min(candidate.equity.minus(maintenance)?)
            }
            Pass::Equity => profit.min(candidate.equity),
            Pass::AtMark | Pass::Kept | Pass::Haircut => Quote::ZERO,
        };
        if cap.0 <= 0 && self.pass.needs_profit() {
            return Ok(None);
        }
        let charge = self.charge_ceil(lots)?.min(cap);
        self.lots = self.lots.minus(lots)?;
        self.need = self.need.minus(charge)?;
        self.skip_to_haircut();
        Ok(Some(Fill {
            lots,
            profit,
            charge,
        }))
    }

    /// Takes a haircut of at most `min(profit, equity)`; returns what was taken.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn haircut(&mut self, profit: Quote, equity: Quote) -> MathResult<Quote> {
        let taken = self.need.min(profit).min(equity).or_zero();
        self.need = self.need.minus(taken)?;
        Ok(taken)
    }

    /// The current pass has been through the whole ranking (or all rows of kept profit). Returns
    /// the bad debt: what is left when no pass is.
    pub fn pass_is_exhausted(&mut self) -> Quote {
        match self.pass {
            Pass::Profit => self.pass = Pass::Equity,
            // Lots never vanish: the third pass is repeated until the ranking is whole again.
            Pass::Equity | Pass::AtMark => self.pass = Pass::AtMark,
            Pass::Kept => self.pass = Pass::Haircut,
            Pass::Haircut => return std::mem::take(&mut self.need),
        }
        Quote::ZERO
    }

    /// `⌈need·q/Q⌉`: every candidate pays the same per lot, what one cannot bear passes on.
    /// Rounded up, so that the last lot never leaves a unit behind.
    fn charge_ceil(&self, lots: Lots) -> MathResult<Quote> {
        let charge = mul_div_ceil(
            self.need.to_unsigned(),
            u128::from(lots.0),
            u128::from(self.lots.0),
        )?;
        Quote::from_unsigned(charge)
    }

    fn lots_wanted(&mut self, candidate: &Candidate<'_>) -> MathResult<Lots> {
        let most = candidate.position.size().min(self.lots);
        match (self.pass, candidate.share) {
            (Pass::Profit, Some(share)) => {
                let (lots, rest) = lots_of_share(self.lots, self.set, share)?;
                self.set = rest;
                Ok(lots.min(most))
            }
            (Pass::Kept | Pass::Haircut, _) => Ok(Lots::ZERO),
            _ => Ok(most),
        }
    }

    fn skip_to_haircut(&mut self) {
        if self.lots.is_zero() && self.need.0 > 0 && self.pass < Pass::Kept {
            self.pass = Pass::Kept;
        }
    }
}

#[cfg(test)]
#[path = "settlement_tests.rs"]
mod tests;
