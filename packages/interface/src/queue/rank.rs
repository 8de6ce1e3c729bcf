//! Rank, lights and the histograms that they follow from.

use cosmwasm_schema::cw_serde;

use crate::{AccountId, Lots, MarketId, PerLot, Price, ScoreKind, Side};

/// Publishes the lights of a market and side.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct PublishLights {
    /// The market.
    pub market: MarketId,
    /// The side of the ranked positions.
    pub side: Side,
}

/// Asks where a position stands in its ranking.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct RankQuery {
    /// The account.
    pub account: AccountId,
    /// The market.
    pub market: MarketId,
    /// At this mark; none asks the market for the current one.
    pub mark: Option<Price>,
    /// And this cumulative funding; none asks the market for the current one.
    pub index: Option<PerLot>,
}

/// Asks for published lights.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct LightsQuery {
    /// The market.
    pub market: MarketId,
    /// The side.
    pub side: Side,
}

/// Asks for a page of histograms.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct HistogramsQuery {
    /// The market.
    pub market: MarketId,
    /// The side.
    pub side: Side,
    /// Exclusive start: a class.
    pub start_after: Option<u16>,
    /// At most 100, default 30.
    pub limit: Option<u32>,
}

/// Answers [`super::QueryMsg::Rank`]. Lots ahead are summed up from the histograms of the classes: they
/// lie within the bound, and exactly on it where the place of the position cuts no bucket.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct RankResponse {
    /// Side.
    pub side: Side,
    /// Size as ranked.
    pub lots: Lots,
    /// Stored entry per lot.
    pub entry: PerLot,
    /// Margin class.
    pub class: u16,
    /// Collateral per lot `m̂` that the score sees.
    pub collateral: PerLot,
    /// The mark of this answer.
    pub mark: Price,
    /// The cumulative funding of this answer.
    pub index: PerLot,
    /// Profit per lot `d`.
    pub profit_per_lot: PerLot,
    /// By what the market's positions are ranked.
    pub score: ScoreKind,
    /// The score in millionths, floored.
    pub score_ppm: u32,
    /// Lots that the first pass certainly comes to before it. Ranked by leverage, those who have
    /// nothing to give are not among them.
    pub lots_ahead_min: Lots,
    /// Lots that it may come to before it.
    pub lots_ahead_max: Lots,
    /// Lots of its side, its own among them.
    pub lots_total: Lots,
    /// `lots_ahead_min` of `lots_total` in millionths, floored; 0 is the head of the queue.
    pub percentile_min_ppm: u32,
    /// `lots_ahead_max` of `lots_total` in millionths, rounded up.
    pub percentile_max_ppm: u32,
    /// 5 in the first fifth of the lots down to 1 in the last, and 0 where the passes that charge take
    /// nothing of it: without a profit while principal is protected. Never lower than the true one.
    pub light: u8,
    /// The key waits for a `Refresh`: the position changed while a job held the order still. That
    /// the queue was not even told is what the market's `IsDirty` answers.
    pub dirty: bool,
}

/// Behind whom a light goes out.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct LightThreshold {
    /// The light that whoever ranks behind this place has at the most.
    pub light: u8,
    /// Margin class of the place.
    pub class: u16,
    /// Its entry per lot.
    pub entry: PerLot,
    /// Profit per lot there.
    pub profit_per_lot: PerLot,
    /// Score there in millionths, floored.
    pub score_ppm: u32,
}

/// Answers [`super::QueryMsg::Lights`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct LightsResponse {
    /// Block height of the publication.
    pub height: u64,
    /// By what positions were ranked.
    pub score: ScoreKind,
    /// The mark then.
    pub mark: Price,
    /// The cumulative funding then.
    pub index: PerLot,
    /// Lots of the side then.
    pub lots: Lots,
    /// Four places in rank order: lots of at least 20, 40, 60 and 80 % of the side come before
    /// whoever ranks behind them.
    pub thresholds: Vec<LightThreshold>,
}

/// Some orders of a class and their lots.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct HistogramBucket {
    /// The least `s·e` of the bucket, a multiple of its width.
    pub low: PerLot,
    /// Lots, at least 1.
    pub lots: Lots,
}

/// Where the lots of a class lie.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ClassHistogram {
    /// The class.
    pub class: u16,
    /// A bucket is `2^shift` wide. 32 in a class that has just filled, and raised whenever it would
    /// need more than 16 buckets.
    pub shift: u8,
    /// At most 16 that hold lots, ascending.
    pub buckets: Vec<HistogramBucket>,
}

/// Answers [`super::QueryMsg::Histograms`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct HistogramsResponse {
    /// Ascending.
    pub classes: Vec<ClassHistogram>,
}
