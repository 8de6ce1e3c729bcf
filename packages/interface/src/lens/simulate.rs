//! `SimulateParams`: what a change of parameters would do, asked before anybody votes on it.

use cosmwasm_schema::cw_serde;

use crate::fund::HeadroomResponse;
use crate::governance::{FieldChange, PendingStep};
use crate::params::{ExchangeParams, FundParams, MarketParams, QueueParams};
use crate::{AccountId, Lots, MarketId, Policy, Price, Quote, Side};

/// Asks what a change would do, at the prices, positions and draws of this moment.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct SimulateQuery {
    /// What would change.
    pub change: Box<ProposedChange>,
    /// When it would pass, in seconds; none: now. Only the dates of the plan depend on it.
    pub at: Option<u64>,
    /// A loss whose counterparties under both policies are compared, for a change of the queue's
    /// parameters or of a market's policy; none: only the plan.
    pub loss: Option<SampleLoss>,
    /// [`SimulateResponse::next`] of the page before; none begins.
    pub cursor: Option<SimulateCursor>,
    /// Accounts that are looked at (at least 1, at most 300, default 100); for the fund's parameters
    /// markets (at most 30, default 10); for a policy positions of the ranking (at most 500, default 100).
    pub limit: Option<u32>,
}

/// A change as it would be proposed.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub enum ProposedChange {
    /// Of a market's parameters (`UpdateMarket`).
    Market(MarketChange),
    /// Of the exchange's parameters (`UpdateParams` of the market).
    Exchange(ExchangeChange),
    /// Of the fund's parameters.
    Fund(FundChange),
    /// Of the queue's parameters.
    Queue(QueueChange),
    /// Of the selection policy of a market (`SetPolicy`).
    Policy(PolicyChange),
}

/// Other parameters of a market.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct MarketChange {
    /// The market.
    pub market: MarketId,
    /// All parameters.
    pub params: MarketParams,
}

/// Other parameters of the exchange.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ExchangeChange {
    /// All parameters.
    pub params: ExchangeParams,
}

/// Other parameters of the fund.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct FundChange {
    /// All parameters.
    pub params: FundParams,
}

/// Other parameters of the queue.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct QueueChange {
    /// All parameters.
    pub params: QueueParams,
}

/// Another selection policy.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct PolicyChange {
    /// The market.
    pub market: MarketId,
    /// Its own; none: back to the default.
    pub policy: Option<Policy>,
}

/// A loss that neither book nor fund have closed.
#[cw_serde]
#[derive(Copy)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct SampleLoss {
    /// The market.
    pub market: MarketId,
    /// Side of the bankrupt position; the other side would be deleveraged.
    pub side: Side,
    /// Lots to close. At least 1, at most the open interest.
    pub lots: Lots,
    /// Money to raise with them, not negative; none: nothing.
    pub need: Option<Quote>,
    /// At this mark; none takes the feed's.
    pub mark: Option<Price>,
}

/// Where the next page begins.
#[cw_serde]
#[derive(Copy)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub enum SimulateCursor {
    /// Behind this account.
    Account(AccountId),
    /// Behind this market.
    Market(MarketId),
}

/// Answers [`super::QueryMsg::SimulateParams`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct SimulateResponse {
    /// Version of the parameters in force: the one that the proposal has to name.
    pub version: u64,
    /// Height at which this page was read. Pages of different heights see different books.
    pub height: u64,
    /// How the change would be made.
    pub plan: ChangePlan,
    /// What it would do.
    pub impact: Impact,
    /// None on the last page.
    pub next: Option<SimulateCursor>,
}

/// How a change would be made.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ChangePlan {
    /// When it would pass, in seconds.
    pub at: u64,
    /// What holds from then on; without a notice the first step is part of it.
    pub at_once: Vec<FieldChange>,
    /// What follows, each step made as soon as it may be; at most the first 64.
    pub steps: Vec<PendingStep>,
    /// The steps shown lead to the end.
    pub complete: bool,
    /// A change waits that this one would take the place of; it is due then, in seconds.
    pub replaces: Option<u64>,
}

/// What a change would do.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub enum Impact {
    /// Of a market's parameters: on the accounts with a position there.
    Market(MarketImpact),
    /// Of the exchange's parameters: on accounts that have too much, and on the use of prices.
    Exchange(ExchangeImpact),
    /// Of the fund's parameters: on what each market can draw.
    Fund(FundImpact),
    /// Of a policy: on who is chosen for the sample loss.
    Selection(SelectionImpact),
    /// Of a policy, without a sample loss.
    OnlyPlan {},
}

/// What an account must have.
#[cw_serde]
#[derive(Copy, Default)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Requirements {
    /// Initial requirement of all markets.
    pub initial: Quote,
    /// Maintenance requirement of all markets.
    pub maintenance: Quote,
}

/// An account with a position in the market.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct AccountImpact {
    /// The account.
    pub account: AccountId,
    /// Side of its position in the market.
    pub side: Side,
    /// Its size.
    pub lots: Lots,
    /// Cash and open profit of all markets: what counts for maintenance.
    pub equity: Quote,
    /// What of it counts for the initial requirement: profit of gated markets and held profit do not.
    pub usable: Quote,
    /// In force.
    pub now: Requirements,
    /// As soon as the change has passed.
    pub at_once: Requirements,
    /// When all steps have been made.
    pub at_target: Requirements,
    /// It is liquidatable without the change.
    pub liquidatable: bool,
    /// It is not, and would be from then on, in seconds: [`ChangePlan::at`] or the date of a step.
    pub liquidatable_from: Option<u64>,
    /// It is below its initial requirement without the change.
    pub below_initial: bool,
    /// It is not, and would be from then on, in seconds.
    pub below_initial_from: Option<u64>,
}

/// Sums over the accounts of a page.
#[cw_serde]
#[derive(Copy, Default)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct MarketTotals {
    /// Accounts looked at, in this market or not.
    pub accounts: u64,
    /// Accounts left out because their losses are being worked off already.
    pub locked: u64,
    /// Accounts with a position in the market: all further sums are over these.
    pub positions: u64,
    /// Liquidatable without the change.
    pub liquidatable: u64,
    /// Liquidatable only by the change.
    pub becomes_liquidatable: u64,
    /// Below the initial requirement without the change.
    pub below_initial: u64,
    /// Below it only by the change.
    pub becomes_below_initial: u64,
    /// Requirements in force.
    pub now: Requirements,
    /// As soon as the change has passed.
    pub at_once: Requirements,
    /// When all steps have been made.
    pub at_target: Requirements,
}

/// What other parameters of a market would do.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct MarketImpact {
    /// The market.
    pub market: MarketId,
    /// Its price, of any age.
    pub mark: Price,
    /// Lots open on each side: to hold against `max_open_interest`.
    pub open_interest: Lots,
    /// A loss gates the market: nobody there can be liquidated before it is closed.
    pub deleveraging: Option<AccountId>,
    /// Every account of the page with a position there, ascending.
    pub accounts: Vec<AccountImpact>,
    /// Sums over this page.
    pub totals: MarketTotals,
}

/// An account that has more than the parameters would allow. It keeps what it has.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ExchangeAccount {
    /// The account.
    pub account: AccountId,
    /// Markets in which it has a position.
    pub positions: u32,
    /// It has too many without the change.
    pub already: bool,
}

/// How old the price of a market is, and what it may be used for.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct PriceImpact {
    /// The market.
    pub market: MarketId,
    /// Age of its price, in seconds.
    pub age: u64,
    /// Fresh enough to open and to withdraw now.
    pub opens: bool,
    /// And when all steps have been made.
    pub opens_at_target: bool,
    /// Fresh enough to reduce and to liquidate now.
    pub reduces: bool,
    /// And when all steps have been made.
    pub reduces_at_target: bool,
}

/// What other parameters of the exchange would do.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ExchangeImpact {
    /// Accounts looked at on this page.
    pub looked_at: u64,
    /// Those with positions in more markets than `max_positions` would allow, ascending: they could open
    /// no further one.
    pub above_max_positions: Vec<ExchangeAccount>,
    /// On the first page: every market, at most the first 100.
    pub prices: Vec<PriceImpact>,
}

/// What a market could draw.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct HeadroomImpact {
    /// The market.
    pub market: MarketId,
    /// Now.
    pub now: HeadroomResponse,
    /// As soon as the change has passed.
    pub at_once: HeadroomResponse,
    /// When all steps have been made.
    pub at_target: HeadroomResponse,
}

/// What other parameters of the fund would do.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct FundImpact {
    /// Registered markets, ascending.
    pub markets: Vec<HeadroomImpact>,
}

/// What a loss takes from an account.
#[cw_serde]
#[derive(Copy, Default)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Given {
    /// Lots closed.
    pub lots: Lots,
    /// Money taken, of fills and of kept profit.
    pub charge: Quote,
}

/// An account that the loss would reach, under one of the policies at least.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Counterparty {
    /// The account.
    pub account: AccountId,
    /// Under the policy in force.
    pub now: Given,
    /// When all steps have been made.
    pub at_target: Given,
}

/// What a policy makes of the loss.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Selection {
    /// The policy.
    pub policy: Policy,
    /// Accounts reached.
    pub accounts: u32,
    /// Charged and cut in all.
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

/// What another policy would do.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct SelectionImpact {
    /// The market.
    pub market: MarketId,
    /// The mark that both were worked out at.
    pub mark: Price,
    /// Under the policy in force.
    pub now: Selection,
    /// When all steps have been made.
    pub at_target: Selection,
    /// Ascending.
    pub counterparties: Vec<Counterparty>,
}
