//! `perp-lens`: questions about what has not happened yet, answered from what the other contracts
//! say of themselves. It holds no money, changes nothing and is known to no other contract.

mod simulate;

use cosmwasm_schema::{cw_serde, QueryResponses};

pub use self::simulate::*;
use crate::market::PreviewTaking;
use crate::{AccountId, Lots, MarketId, PerLot, Policy, Price, Quote, Side};

/// Creates the lens, once the other contracts are connected.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct InstantiateMsg {
    /// The perp-market contract.
    pub market: String,
    /// The insurance-fund contract that the market names.
    pub fund: String,
    /// The deleverage-queue contract that the market names.
    pub queue: String,
    /// The price-feed contract that the market names.
    pub feed: String,
}

/// There is nothing to execute: every message is refused when it is read.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub enum ExecuteMsg {}

/// Queries of the lens.
#[cw_serde]
#[derive(QueryResponses)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub enum QueryMsg {
    /// The contracts that are asked.
    #[returns(ConfigResponse)]
    Config {},
    /// What would be taken from one account if lots of the other side were left to the queue now.
    #[returns(ExposureResponse)]
    Exposure(ExposureQuery),
    /// Who goes bankrupt if a price moves, and who would have to pay for it; page by page.
    #[returns(StressResponse)]
    Stress(StressQuery),
    /// What a proposed change of parameters would do to accounts, draws and selection; page by page.
    #[returns(SimulateResponse)]
    SimulateParams(SimulateQuery),
}

/// Asks what a shortfall of the other side would take from an account.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ExposureQuery {
    /// The account; must have a position in the market.
    pub account: AccountId,
    /// The market.
    pub market: MarketId,
    /// Lots of the other side that neither book nor fund have closed. At least 1, at most the open
    /// interest: no bankrupt account can hold more.
    pub shortfall_lots: Lots,
    /// Money to raise with them, not negative. None is 0: lots alone, closed at the mark. What any
    /// need could cost at most is in [`ExposureResponse::most`], whatever is asked here.
    pub need: Option<Quote>,
    /// At this mark; none takes the feed's.
    pub mark: Option<Price>,
}

/// Asks what a move of a price would break.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct StressQuery {
    /// The market whose price moves. All others stay at the feed's prices.
    pub market: MarketId,
    /// By this much, in basis points of the feed's price: −1 500 is a fall of 15 %. Above −10 000.
    pub move_bps: i32,
    /// [`StressResponse::next`] of the page before; none begins.
    pub cursor: Option<Box<StressCursor>>,
    /// Accounts that are looked at. At least 1, at most 500, default 100.
    pub limit: Option<u32>,
}

/// Answers [`QueryMsg::Config`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ConfigResponse {
    /// The perp-market contract.
    pub market: String,
    /// The insurance-fund contract.
    pub fund: String,
    /// The deleverage-queue contract.
    pub queue: String,
    /// The price-feed contract.
    pub feed: String,
}

/// The price of the lots that were taken.
#[cw_serde]
#[derive(Copy)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ExecutionPrice {
    /// Exactly: the mark moved against the account by `charge/lots`.
    pub charge: Quote,
    /// At least 1.
    pub lots: Lots,
    /// The same in whole units, rounded against the account: down for a long, which sells, up for a
    /// short, which buys. None if that is no price within its bounds.
    pub rounded_against: Option<Price>,
}

/// An account before the shortfall, or after it.
#[cw_serde]
#[derive(Copy)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Standing {
    /// Lots in the market.
    pub lots: Lots,
    /// Open profit there at the mark, signed, funding included.
    pub open_profit: Quote,
    /// Cash and open profit of all markets.
    pub equity: Quote,
    /// Maintenance requirement of all markets.
    pub maintenance: Quote,
}

/// Answers [`QueryMsg::Exposure`]. `after.equity = before.equity − charge − kept_asked − haircut`, to the unit.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ExposureResponse {
    /// The account.
    pub account: AccountId,
    /// The market.
    pub market: MarketId,
    /// Its side.
    pub side: Side,
    /// The mark it was worked out at.
    pub mark: Price,
    /// The cumulative funding.
    pub index: PerLot,
    /// Every taking by pass, in the order in which they would come: the market's own preview.
    pub takings: Vec<PreviewTaking>,
    /// Lots taken.
    pub lots: Lots,
    /// Profit of them at the mark, signed.
    pub profit: Quote,
    /// Charged to them while they are closed.
    pub charge: Quote,
    /// Asked of them afterwards, because others could not bear their part.
    pub kept_asked: Quote,
    /// What of their profit is kept: `profit − charge − kept_asked`.
    pub keeps: Quote,
    /// Cut from open profit without closing.
    pub haircut: Quote,
    /// None if no lots are taken.
    pub price: Option<ExecutionPrice>,
    /// Most that this loss can charge for the lots taken, whatever its need: their profit, and never
    /// more than the equity. Where the policy does not protect principal, the equity.
    pub most: Quote,
    /// Most that one loss can take from this account, whatever its lots and its need: the same of the
    /// whole position, haircut included.
    pub most_of_position: Quote,
    /// The selection policy that it was worked out with.
    pub policy: Policy,
    /// As it is.
    pub before: Standing,
    /// As it would be.
    pub after: Standing,
    /// Lots of the shortfall that the positions looked at could not take.
    pub lots_left: Lots,
    /// Money likewise.
    pub need_left: Quote,
    /// What no cap could bear.
    pub bad_debt: Quote,
    /// Nothing is left of the shortfall: the takings are exactly what would be taken. Otherwise the
    /// 500 positions of the ranking that are looked at were not enough, and more may follow.
    pub complete: bool,
    /// A loss is being worked off here: takings of another would come after it, from what it leaves.
    pub deleveraging: Option<AccountId>,
}

/// An account that would be bankrupt.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct BankruptAccount {
    /// The account.
    pub account: AccountId,
    /// Side of its position in the market, or of its debt there.
    pub side: Side,
    /// Lots that would have to be closed.
    pub lots: Lots,
    /// Its whole deficit `|E|`.
    pub deficit: Quote,
    /// This market's share of it, `|E|·loss/Σ loss`: the need of its loss here.
    pub need: Quote,
    /// What the fund would pay of the need.
    pub fund_pays: Quote,
    /// It is bankrupt without the move.
    pub already: bool,
}

/// An account that would be under its maintenance requirement, and solvent.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct LiquidatableAccount {
    /// The account.
    pub account: AccountId,
    /// Side of its position in the market.
    pub side: Side,
    /// Its size.
    pub lots: Lots,
    /// Equity, not negative.
    pub equity: Quote,
    /// Maintenance requirement, above it.
    pub maintenance: Quote,
    /// It is so without the move.
    pub already: bool,
}

/// Sums over the accounts of one side of the market.
#[cw_serde]
#[derive(Copy, Default)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct StressSide {
    /// Bankrupt accounts.
    pub bankrupt: u64,
    /// Accounts under maintenance that are solvent.
    pub liquidatable: u64,
    /// Lots of the bankrupt ones: what is left for the queue, as books are ignored.
    pub lots: Lots,
    /// Their needs in this market.
    pub need: Quote,
    /// What the fund would pay of them.
    pub fund_pays: Quote,
    /// What is left for the other side to bear.
    pub left: Quote,
    /// Lots of solvent accounts of this side that have a profit: they can be asked for the other
    /// side's losses.
    pub profitable_lots: Lots,
    /// Profit of those.
    pub profit: Quote,
    /// What of it can be taken: of each account at most its equity.
    pub bearable: Quote,
}

/// Running sums of all pages so far.
#[cw_serde]
#[derive(Copy, Default)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct StressTotals {
    /// Accounts looked at, in this market or not.
    pub accounts: u64,
    /// Accounts left out because their losses are being worked off already.
    pub locked: u64,
    /// The longs.
    pub long: StressSide,
    /// The shorts.
    pub short: StressSide,
    /// What the tranche of the market would pay for other markets of the same accounts.
    pub fund_pays_elsewhere: Quote,
    /// What that tranche would have left.
    pub fund_left: Quote,
}

/// What would become of the losses of one side. The bounds hold for empty books.
#[cw_serde]
#[derive(Copy)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct StressOutlook {
    /// Side of the bankrupt accounts.
    pub side: Side,
    /// Lots for the queue.
    pub lots: Lots,
    /// Money for the queue.
    pub left: Quote,
    /// At least these lots close against accounts without a profit, at the mark.
    pub lots_beyond_profit: Lots,
    /// Bad debt is at least this: more than the other side's bearable profit.
    pub bad_debt_at_least: Quote,
}

/// Where the next page goes on, and with what.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct StressCursor {
    /// Of the question.
    pub market: MarketId,
    /// Of the question.
    pub move_bps: i32,
    /// The moved price, kept for all pages.
    pub price: Price,
    /// The last account that was looked at.
    pub after: AccountId,
    /// Sums so far.
    pub totals: StressTotals,
}

/// Answers [`QueryMsg::Stress`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct StressResponse {
    /// The moved price, rounded down.
    pub price: Price,
    /// Height at which this page was read. Pages of different heights see different books.
    pub height: u64,
    /// A loss gates the market: nobody there can be liquidated before it is closed.
    pub deleveraging: Option<AccountId>,
    /// Bankrupt accounts of this page, ascending.
    pub bankrupt: Vec<BankruptAccount>,
    /// Accounts of this page under maintenance, ascending.
    pub liquidatable: Vec<LiquidatableAccount>,
    /// Sums of all pages so far.
    pub totals: StressTotals,
    /// On the last page: the losses of the longs, then those of the shorts.
    pub outlook: Vec<StressOutlook>,
    /// None on the last page.
    pub next: Option<Box<StressCursor>>,
}
