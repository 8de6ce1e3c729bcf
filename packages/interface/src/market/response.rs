//! What the market contract answers.

use cosmwasm_schema::cw_serde;

use crate::loss::LossTerms;
use crate::params::{ExchangeParams, MarketParams};
use crate::queue::RankInputs;
use crate::{AccountId, LossId, Lots, MarketId, Pass, PerLot, Price, Quote, Side};

/// Answers [`super::QueryMsg::Config`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ConfigResponse {
    /// Who may change parameters.
    pub authority: String,
    /// Settlement denom.
    pub denom: String,
    /// The fund, once connected.
    pub fund: Option<String>,
    /// The queue, once connected.
    pub queue: Option<String>,
    /// The feed, once connected.
    pub feed: Option<String>,
    /// Version of the parameters.
    pub version: u64,
    /// The parameters.
    pub params: ExchangeParams,
}

/// A market.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct MarketResponse {
    /// Its number.
    pub market: MarketId,
    /// Its name.
    pub symbol: String,
    /// Version of its parameters.
    pub version: u64,
    /// Its parameters.
    pub params: MarketParams,
    /// Lots open on each side.
    pub open_interest: Lots,
    /// Cumulative funding now.
    pub index: PerLot,
    /// Settled funding that is not yet received by the other side.
    pub funding_pool: Quote,
    /// Fees and surplus not yet sent to the fund.
    pub fees: Quote,
    /// Recorded bad debt, the first claim on fees.
    pub bad_debt: Quote,
    /// The bankrupt account whose losses gate this market.
    pub deleveraging: Option<AccountId>,
}

/// Answers [`super::QueryMsg::Markets`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct MarketsResponse {
    /// Ascending.
    pub markets: Vec<MarketResponse>,
}

/// A position.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct PositionResponse {
    /// Its market.
    pub market: MarketId,
    /// Its side.
    pub side: Side,
    /// Its size.
    pub lots: Lots,
    /// Signed cost, settled funding included.
    pub cost: Quote,
    /// Funding is settled up to here.
    pub index: PerLot,
}

/// A realised loss that cash could not pay.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct DebtResponse {
    /// The market that made it.
    pub market: MarketId,
    /// Quote units.
    pub amount: Quote,
    /// Side of the position that made it.
    pub side: Side,
}

/// An account.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct AccountResponse {
    /// Its number.
    pub account: AccountId,
    /// Its owner.
    pub owner: String,
    /// Its number among the owner's.
    pub subaccount: u32,
    /// Cash; negative by its debts.
    pub cash: Quote,
    /// Ascending by market.
    pub positions: Vec<PositionResponse>,
    /// Ascending by market; they sum to what cash is below zero.
    pub debts: Vec<DebtResponse>,
    /// Profit of deleveraging fills that cannot leave before their losses close.
    pub held: Quote,
    /// Frozen: its losses are being worked off.
    pub locked: bool,
}

/// Answers [`super::QueryMsg::Accounts`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct AccountsResponse {
    /// Ascending.
    pub accounts: Vec<AccountResponse>,
}

/// Answers [`super::QueryMsg::Health`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct HealthResponse {
    /// Cash and open profit.
    pub equity: Quote,
    /// Initial requirement.
    pub initial: Quote,
    /// Maintenance requirement.
    pub maintenance: Quote,
    /// What may leave now.
    pub withdrawable: Quote,
    /// Equity below maintenance.
    pub liquidatable: bool,
    /// Equity below zero.
    pub bankrupt: bool,
}

/// A resting order.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct OrderResponse {
    /// Its number.
    pub order_id: u64,
    /// Its account.
    pub account: AccountId,
    /// Its market.
    pub market: MarketId,
    /// Its side.
    pub side: Side,
    /// Its price.
    pub price: Price,
    /// What is left of it.
    pub lots: Lots,
    /// Clamped to the position at every fill.
    pub reduce_only: bool,
}

/// Answers [`super::QueryMsg::Book`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct BookResponse {
    /// Best first.
    pub orders: Vec<OrderResponse>,
}

/// Answers [`super::QueryMsg::Orders`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct OrdersResponse {
    /// Oldest first.
    pub orders: Vec<OrderResponse>,
}

/// A loss. `need + slippage = fund_used + adl_taken + haircut + bad_debt + need_left` and `lots = book_lots + adl_lots + lots_left`, to the unit, at every moment.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct LossResponse {
    /// Frozen terms.
    pub terms: LossTerms,
    /// The bankrupt account.
    pub account: AccountId,
    /// Need at the opening.
    pub need: Quote,
    /// Lots at the opening.
    pub lots: Lots,
    /// `Σ (mark − price)·lots` of the book fills, signed.
    pub slippage: Quote,
    /// What of the fund's money was used (negative: surplus of good fills).
    pub fund_used: Quote,
    /// Charged to fills of the queue.
    pub adl_taken: Quote,
    /// Taken from open profit without closing.
    pub haircut: Quote,
    /// Beyond all caps.
    pub bad_debt: Quote,
    /// Closed on the book.
    pub book_lots: Lots,
    /// Closed by the queue.
    pub adl_lots: Lots,
    /// Still open.
    pub lots_left: Lots,
    /// Still needed.
    pub need_left: Quote,
    /// Fills of the queue.
    pub fills: u32,
    /// Calls of the queue.
    pub steps: u32,
    /// The pass it is in.
    pub pass: Pass,
    /// Whether it is closed.
    pub closed: bool,
}

/// Answers [`super::QueryMsg::Losses`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct LossesResponse {
    /// Ascending.
    pub losses: Vec<LossResponse>,
}

/// What a preview takes from one account at one moment.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct PreviewTaking {
    /// The account.
    pub account: AccountId,
    /// The pass.
    pub pass: Pass,
    /// Its place in this pass, from 1; 0 for kept profit.
    pub rank: u32,
    /// Lots closed; 0 for a haircut.
    pub lots: Lots,
    /// Profit of them at the mark; 0 for a haircut.
    pub profit: Quote,
    /// Money taken. The price of a fill is the mark moved by charge/lots.
    pub charge: Quote,
}

/// Answers [`super::QueryMsg::Preview`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct PreviewResponse {
    /// The mark it was worked out at.
    pub mark: Price,
    /// The cumulative funding.
    pub index: PerLot,
    /// In the order in which it would be taken.
    pub takings: Vec<PreviewTaking>,
    /// Sum over all accounts of what would be charged and cut.
    pub raised: Quote,
    /// What no cap could bear.
    pub bad_debt: Quote,
    /// Lots still open: the positions looked at were not enough.
    pub lots_left: Lots,
    /// Money still needed.
    pub need_left: Quote,
    /// Nothing is left: this is exactly what would be taken.
    pub complete: bool,
}

/// Answers [`super::QueryMsg::Mark`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct MarkResponse {
    /// The feed's price, however old.
    pub mark: Price,
    /// Cumulative funding now.
    pub index: PerLot,
}

/// What the queue would be told of an account.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct AccountInputs {
    /// The account.
    pub account: AccountId,
    /// Its position in the market, if it has one.
    pub position: Option<RankInputs>,
    /// The queue was not told of its last change.
    pub dirty: bool,
}

/// Answers [`super::QueryMsg::RankInputs`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct RankInputsResponse {
    /// Every account, ascending, also those without a position.
    pub accounts: Vec<AccountInputs>,
}

/// Answers [`QueryMsg::Gates`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct GatesResponse {
    /// Gated markets, ascending.
    pub markets: Vec<MarketId>,
    /// The open losses that gate them, ascending.
    pub losses: Vec<LossId>,
}
