//! `insurance-fund`: capital that pays a part of losses and reports the rest to the queue.

use cosmwasm_schema::{cw_serde, QueryResponses};
use perp_core::draw::Headroom;

use crate::loss::LossTerms;
use crate::params::FundParams;
use crate::{LossId, Lots, MarketId, Quote};

/// Creates the fund.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct InstantiateMsg {
    /// Who may change parameters and register markets.
    pub authority: String,
    /// The one settlement denom.
    pub denom: String,
    /// Parameters.
    pub params: FundParams,
}

/// Messages of the fund.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub enum ExecuteMsg {
    /// Authority, once: names the other contracts.
    Connect(Connect),
    /// Anybody: adds capital (coins attached).
    Contribute {},
    /// Authority: takes capital out, unless a loss is open.
    WithdrawCapital(WithdrawCapital),
    /// The market: asks for the money of a loss.
    CoverDeficit(CoverDeficit),
    /// The market: gives back what a loss did not use (coins attached).
    ReturnCover(ReturnCover),
    /// The market: a loss is closed.
    LossClosed(LossClosed),
    /// The market: fees and surplus of a market (coins attached).
    Revenue(Revenue),
    /// Authority: replaces the parameters.
    UpdateParams(UpdateParams),
}

/// Names the other contracts.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Connect {
    /// The perp-market contract, the only one that may draw.
    pub market: String,
    /// The deleverage-queue contract, which is told of shortfalls.
    pub queue: String,
}

/// Takes capital out.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct WithdrawCapital {
    /// Quote units.
    pub amount: Quote,
    /// Receiver.
    pub to: String,
}

/// Asks for the money of a loss. Idempotent: a second call for the same loss pays nothing and
/// reports what is left.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct CoverDeficit {
    /// Frozen terms.
    pub terms: LossTerms,
    /// Lots still open.
    pub lots: Lots,
    /// Money still needed.
    pub need: Quote,
    /// What may be spent beyond the need so that lots can go to the book.
    pub slippage_allowance: Quote,
    /// Further losses of the same account follow: the queue enqueues and waits.
    pub defer: bool,
}

/// Gives back what a loss did not use.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ReturnCover {
    /// The loss.
    pub loss_id: LossId,
}

/// A loss is closed.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct LossClosed {
    /// The loss.
    pub loss_id: LossId,
}

/// Revenue of a market.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Revenue {
    /// The market that earned it.
    pub market: MarketId,
}

/// Replaces the parameters.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct UpdateParams {
    /// Version that the proposal was written against.
    pub expected_version: u64,
    /// All parameters.
    pub params: FundParams,
}

/// Queries of the fund.
#[cw_serde]
#[derive(QueryResponses)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub enum QueryMsg {
    /// Authority, connections, parameters and their version.
    #[returns(ConfigResponse)]
    Config {},
    /// Capital and sums.
    #[returns(CapitalResponse)]
    Capital {},
    /// What was asked, paid and returned for one loss.
    #[returns(LossRecord)]
    Loss(LossQuery),
    /// The history of losses, ascending.
    #[returns(LossesResponse)]
    Losses(LossesQuery),
    /// What could be drawn for a market now, by each limit, and whether the fund has stopped.
    #[returns(HeadroomResponse)]
    Headroom(HeadroomQuery),
}

/// Asks for a loss.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct LossQuery {
    /// The loss.
    pub loss_id: LossId,
}

/// Asks for a page of losses.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct LossesQuery {
    /// Exclusive start.
    pub start_after: Option<LossId>,
    /// At most 100, default 30.
    pub limit: Option<u32>,
}

/// Asks what could be drawn for a market.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct HeadroomQuery {
    /// The market.
    pub market: MarketId,
}

/// Answers [`QueryMsg::Config`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ConfigResponse {
    /// Who may change parameters.
    pub authority: String,
    /// Settlement denom.
    pub denom: String,
    /// The market, once connected.
    pub market: Option<String>,
    /// The queue, once connected.
    pub queue: Option<String>,
    /// Version of the parameters.
    pub version: u64,
    /// The parameters.
    pub params: FundParams,
}

/// Answers [`QueryMsg::Capital`]. `capital = contributed + revenue + returned − withdrawn − paid`.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct CapitalResponse {
    /// What the fund can pay with.
    pub capital: Quote,
    /// All contributions.
    pub contributed: Quote,
    /// All withdrawals.
    pub withdrawn: Quote,
    /// All revenue.
    pub revenue: Quote,
    /// All payments for losses.
    pub paid: Quote,
    /// All that came back of them.
    pub returned: Quote,
    /// Losses that are not closed.
    pub open_losses: u64,
}

/// A loss as the fund saw it.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct LossRecord {
    /// The loss.
    pub loss_id: LossId,
    /// Its market.
    pub market: MarketId,
    /// Need and allowance at the first call.
    pub asked: Quote,
    /// What was paid.
    pub paid: Quote,
    /// What came back.
    pub returned: Quote,
    /// Whether the market has closed it.
    pub closed: bool,
    /// Block height of the first call.
    pub height: u64,
    /// Block time of it, in seconds.
    pub time: u64,
}

/// Answers [`QueryMsg::Losses`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct LossesResponse {
    /// Ascending.
    pub losses: Vec<LossRecord>,
}

/// Answers [`QueryMsg::Headroom`]. A loss gets the least of what it asks for and of the first seven;
/// all are quote units, not negative.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct HeadroomResponse {
    /// What a loss that asked for more than any limit would get now.
    pub payable: Quote,
    /// All capital.
    pub capital: Quote,
    /// For one loss.
    pub per_loss: Quote,
    /// In this block.
    pub block: Quote,
    /// In the rolling window that ends now.
    pub window: Quote,
    /// For this market in that window.
    pub market: Quote,
    /// Down to `trip_line`.
    pub drawdown: Quote,
    /// Whether the fund has stopped paying.
    pub tripped: bool,
    /// Highest capital of the last 8 hours, and of up to half an hour more.
    pub peak: Quote,
    /// The fund stops when capital has come down to this.
    pub trip_line: Quote,
    /// It pays again when capital has come up to this.
    pub resume_line: Quote,
}

impl From<&HeadroomResponse> for Headroom {
    fn from(r: &HeadroomResponse) -> Self {
        Self {
            capital: r.capital,
            per_loss: r.per_loss,
            block: r.block,
            window: r.window,
            market: r.market,
            drawdown: r.drawdown,
            tripped: r.tripped,
        }
    }
}
