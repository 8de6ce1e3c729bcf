//! What the market, the fund and the queue tell each other about a loss.

use cosmwasm_schema::cw_serde;

use crate::{AccountId, LossId, Lots, MarketId, Pass, PerLot, Price, Quote, Side};

/// The frozen terms of a loss. They never change after it is opened.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct LossTerms {
    /// Number of the loss.
    pub loss_id: LossId,
    /// Market of the position.
    pub market: MarketId,
    /// Side of the bankrupt position; its counterparties stand on the other one.
    pub side: Side,
    /// Frozen mark.
    pub mark: Price,
    /// Frozen cumulative funding.
    pub index: PerLot,
}

/// What the market answers to `Cover`.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct CoverResult {
    /// Lots still open.
    pub lots: Lots,
    /// Money still needed.
    pub need: Quote,
    /// What of the fund's payment came back.
    pub returned: Quote,
}

/// Lots and weight of the candidates that share a loss by profit.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct SharingSetMsg {
    /// Lots in the set.
    pub lots: cosmwasm_std::Uint128,
    /// `Σ d·lots` at the fixed-point scale.
    pub weight: cosmwasm_std::Uint128,
}

/// A ranked counterparty.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Candidate {
    /// The account.
    pub account: AccountId,
    /// Its place in this pass, from 1.
    pub rank: u32,
    /// Its profit per lot `d` as the ranking sees it.
    pub profit_per_lot: PerLot,
    /// Its margin class.
    pub class: u16,
    /// Lots by which it is inside the sharing set, if it is.
    pub share: Option<Lots>,
}

/// What the market answers to `Deleverage`.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct DeleverageResult {
    /// The pass that comes next.
    pub pass: Pass,
    /// Lots still open.
    pub lots: Lots,
    /// Money still needed.
    pub need: Quote,
    /// Whether the loss is closed.
    pub closed: bool,
    /// Candidates and rows of kept profit that were visited.
    pub visited: u32,
}

/// Which pass of which job wrote a ranking key, so that no pass visits it twice.
#[cw_serde]
#[derive(Copy)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct JobMark {
    /// The loss.
    pub loss_id: LossId,
    /// The pass.
    pub pass: Pass,
}

impl JobMark {
    /// One number for both; 0 is never one.
    pub const fn stamp(self) -> u64 {
        self.loss_id * 8 + self.pass.number() as u64
    }
}
