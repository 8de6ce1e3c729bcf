//! How a market's losses choose their counterparties and share among them: what governance sets.

use cosmwasm_schema::cw_schema;
use cosmwasm_schema::schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::merge::{Cursor, Start};
use crate::score::{Score, ScoreKind};
use crate::settlement::Pass;
use crate::units::{Lots, PerLot};

/// The selection policy of a market. A job keeps the one that was in force when it opened.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, cw_schema::Schemaifier,
)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "cosmwasm_schema::schemars")]
#[schemaifier(crate = "::cosmwasm_schema::cw_schema", mute_warnings)]
pub struct Policy {
    /// By what positions are ranked.
    pub score: ScoreKind,
    /// Over how many times the lots of a loss it is spread at the most: 1 closes whole positions in
    /// rank order, the classic queue; a large one shares by profit, or levels leverage. Bounds:
    /// 1..=10 000.
    pub breadth: u32,
    /// Whether a counterparty is charged no more than the profit of the lots that it gives. Without,
    /// its equity bears the loss, whatever its entry was, and losers take part.
    pub protect_principal: bool,
    /// No share is smaller, unless the position or the rest of the loss is: nobody is touched for
    /// a crumb. Bounds: 1..=2^40 lots.
    pub min_fill: Lots,
}

impl Default for Policy {
    /// The classic queue: profit × leverage, whole positions, principal protected.
    fn default() -> Self {
        Self::of_breadth(1)
    }
}

impl Policy {
    /// The default ranking, spread over `breadth` times the lots of a loss.
    pub const fn of_breadth(breadth: u32) -> Self {
        Self {
            score: ScoreKind::ProfitLeverage,
            breadth,
            protect_principal: true,
            min_fill: Lots(1),
        }
    }
}

/// Whether a ranked position takes part in a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It does.
    Takes,
    /// It does not; somebody behind it may.
    Sits,
    /// It does not, and nobody behind it does.
    Ends,
}

impl Policy {
    /// Whether candidates of a pass share the lots over a set.
    pub const fn shares(&self, pass: Pass) -> bool {
        self.breadth > 1 && matches!(pass, Pass::Profit)
    }

    /// Whether only candidates with a profit give anything in a pass.
    pub const fn needs_profit(&self, pass: Pass) -> bool {
        match pass {
            Pass::Haircut => true,
            _ => pass.charges() && self.protect_principal,
        }
    }

    /// Whether a position takes part in a pass, by its score alone.
    ///
    /// Scores of exactly 0 are in: entries are floored, and a short with a small profit may be
    /// ranked with none. The market decides by the exact profit. Where principal is not protected
    /// everybody takes part: what is ranked is less than the equity that an account may have.
    pub const fn part(&self, pass: Pass, score: &Score) -> Part {
        if !self.needs_profit(pass) || score.profit >= 0 {
            Part::Takes
        } else if self.score.descends() {
            // Leverage comes to those who profit last.
            Part::Sits
        } else {
            Part::Ends
        }
    }

    /// Where a pass begins in every class; nothing: at its head. Leverage has the positions that give
    /// nothing before those that do.
    pub const fn first(&self, pass: Pass, base: PerLot) -> Option<Start> {
        if self.score.descends() && self.needs_profit(pass) {
            return Some(Start::AtOrder(base.0));
        }
        None
    }

    /// Where a walk of a pass goes on in a class behind `cursor`: never before it began.
    pub fn start_in(&self, pass: Pass, cursor: Cursor, class: u16, base: PerLot) -> Start {
        let start = cursor.start_in(class, self.score, base);
        match (start, self.first(pass, base)) {
            (Start::AtOrder(order), Some(Start::AtOrder(first))) => {
                Start::AtOrder(order.min(first))
            }
            (start, _) => start,
        }
    }

    /// By what the set shares, per lot: profit, or equity where leverage is levelled. Who has none
    /// is not in the set, and gives whole positions at its place.
    pub const fn weight_per_lot(&self, score: &Score) -> u128 {
        let weight = match self.score {
            ScoreKind::Leverage => score.equity(),
            ScoreKind::ProfitLeverage | ScoreKind::Profit => score.profit,
        };
        if weight > 0 {
            weight.unsigned_abs()
        } else {
            0
        }
    }
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
