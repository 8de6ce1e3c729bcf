//! Auto-deleveraging as a fold in rank order that can pause after any candidate.
//!
//! The state between two candidates is [`Fold`]; what a step does depends on nothing else, so the
//! step limit changes only where the fold pauses.

use cosmwasm_schema::cw_schema;
use cosmwasm_schema::schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::allocation::{lots_of_share, Share, SharingSet};
use crate::error::MathResult;
use crate::hedge::Hedge;
use crate::margin::{requirement_ceil, Requirement, Tier};
use crate::policy::Policy;
use crate::position::Position;
use crate::units::{Lots, Price, Quote, Side};
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
    /// P1, second part: what shares left of the positions that break no hedge, whole. Only where
    /// lots are shared.
    Rest,
    /// P1, third part: those whose fill breaks a hedge, with the same bounds.
    Hedged,
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
    /// 1..=7, for stamps and events: the number of the design, 6 and 7 for the further parts of P1.
    pub const fn number(self) -> u8 {
        match self {
            Pass::Profit => 1,
            Pass::Rest => 6,
            Pass::Hedged => 7,
            Pass::Equity => 2,
            Pass::AtMark => 3,
            Pass::Kept => 4,
            Pass::Haircut => 5,
        }
    }

    /// Whether a candidate is charged for the lots that it gives.
    pub const fn charges(self) -> bool {
        matches!(
            self,
            Pass::Profit | Pass::Rest | Pass::Hedged | Pass::Equity
        )
    }

    /// Whether candidates are asked for in rank order (all but [`Pass::Kept`]).
    pub const fn walks_the_ranking(self) -> bool {
        !matches!(self, Pass::Kept)
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
    /// Candidates that share the lots in [`Pass::Profit`].
    pub set: SharingSet,
    /// Somebody was passed over because a fill would have broken a hedge.
    pub held_back: bool,
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
    /// What it holds in other markets of the hedge group.
    pub hedge: Hedge,
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
    /// The mark moved by charge/lots, rounded against the counterparty: down for a long that sells,
    /// up for a short that buys. Charge and lots are exact, this is for people. Not below 0.
    pub fn price(&self, side: Side, mark: Price) -> Price {
        let moved = self
            .charge
            .to_unsigned()
            .div_ceil(u128::from(self.lots.0.max(1)));
        let moved = moved.min(u128::from(u64::MAX)) as u64;
        Price(match side {
            Side::Long => mark.0.saturating_sub(moved),
            Side::Short => mark.0.saturating_add(moved),
        })
    }

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
            held_back: false,
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
    pub fn visit(
        &mut self,
        policy: &Policy,
        mark: Price,
        candidate: &Candidate<'_>,
    ) -> MathResult<Option<Fill>> {
        let lots = self.lots_wanted(policy, candidate)?;
        if lots.is_zero() {
            return Ok(None);
        }
        let profit = candidate.position.closed_profit_trunc(lots, mark)?;
        let cap = self.cap(policy, mark, candidate, (lots, profit))?;
        if cap.0 <= 0 && self.pass != Pass::AtMark {
            return Ok(None);
        }
        let hedge = &candidate.hedge;
        let spares_hedges = matches!(self.pass, Pass::Profit | Pass::Rest);
        if spares_hedges && hedge.is_broken_by(&candidate.position, lots, mark)? {
            self.held_back = true;
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

    /// The most that a candidate is charged for `lots` with this profit: its equity beyond
    /// maintenance after the fill, or all of it, and not more than the profit if principal is
    /// protected.
    fn cap(
        &self,
        policy: &Policy,
        mark: Price,
        candidate: &Candidate<'_>,
        (lots, profit): (Lots, Quote),
    ) -> MathResult<Quote> {
        let equity = match self.pass {
            Pass::Profit | Pass::Rest | Pass::Hedged => {
                let rest = candidate.position.size().minus(lots)?;
                let maintenance = requirement_ceil(
                    candidate.tiers,
                    mark.notional(rest)?,
                    Requirement::Maintenance,
                )?
                .plus(candidate.other_maintenance)?;
                candidate.equity.minus(maintenance)?
            }
            Pass::Equity => candidate.equity,
            Pass::AtMark | Pass::Kept | Pass::Haircut => return Ok(Quote::ZERO),
        };
        Ok(if policy.protect_principal {
            profit.min(equity)
        } else {
            equity
        })
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
    pub fn pass_is_exhausted(&mut self, policy: &Policy) -> Quote {
        match self.pass {
            // A share that was refused, or kept back for a hedge, leaves lots.
            Pass::Profit if policy.shares(self.pass) => self.pass = Pass::Rest,
            Pass::Profit | Pass::Rest if std::mem::take(&mut self.held_back) => {
                self.pass = Pass::Hedged;
            }
            Pass::Profit | Pass::Rest | Pass::Hedged => self.pass = Pass::Equity,
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

    fn lots_wanted(&mut self, policy: &Policy, candidate: &Candidate<'_>) -> MathResult<Lots> {
        let most = candidate.position.size().min(self.lots);
        match (self.pass, candidate.share) {
            (Pass::Profit, Some(share)) => {
                let (lots, rest) = lots_of_share(policy, self.lots, self.set, share)?;
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
