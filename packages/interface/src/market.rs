//! `perp-market`: accounts, collateral, positions, books, liquidation and settlement.

mod response;

use cosmwasm_schema::{cw_serde, QueryResponses};

pub use self::response::*;
use crate::governance::{ApplyPending, GovernMsg, NoticeParams, PendingQuery, SetPause};
use crate::loss::{Candidate, SharingSetMsg};
use crate::params::{ExchangeParams, MarketParams};
use crate::{AccountId, LossId, Lots, MarketId, Pass, Policy, Price, Quote, Side};

/// Creates the market contract.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct InstantiateMsg {
    /// Who may change parameters and list markets.
    pub authority: String,
    /// Who may tighten and pause.
    pub guardian: Option<String>,
    /// How long changes wait.
    pub notice: NoticeParams,
    /// The one settlement denom.
    pub denom: String,
    /// Parameters of the whole exchange.
    pub params: ExchangeParams,
    /// The other contracts, where their addresses are known beforehand; else `Connect` names them.
    pub links: Option<Connect>,
}

/// Messages of the market contract.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub enum ExecuteMsg {
    /// Authority, once: names the other contracts.
    Connect(Connect),
    /// Authority: opens a market.
    ListMarket(ListMarket),
    /// Authority, or the guardian to tighten: replaces a market's parameters.
    UpdateMarket(UpdateMarket),
    /// Authority, or the guardian to tighten: replaces the exchange's parameters.
    UpdateParams(UpdateParams),
    /// Authority or guardian: stops an operation; the authority lets it go on.
    SetPause(SetPause),
    /// What every contract takes: another authority, a guardian.
    Govern(GovernMsg),
    /// Anybody: makes the next step of a change that is due.
    ApplyPending(ApplyPending),
    /// Anybody: adds collateral to one of the sender's accounts (coins attached).
    Deposit(Deposit),
    /// Takes free collateral out.
    Withdraw(Withdraw),
    /// Trades against the book, and rests what is left of a limit order.
    PlaceOrder(PlaceOrder),
    /// Takes a resting order off the book.
    CancelOrder(CancelOrder),
    /// Anybody: liquidates an account that is under maintenance, or opens the losses of a bankrupt one.
    Liquidate(Liquidate),
    /// Anybody: asks the fund again about a loss that is open, or tells it again of a closed one.
    ResumeLoss(ResumeLoss),
    /// Anybody: closes a loss at the mark after the queue has made no step for many blocks.
    ForceLoss(ForceLoss),
    /// Anybody: sends accounts to the queue again.
    Refresh(Refresh),
    /// Anybody: sends a market's fees to the fund.
    CollectFees(CollectFees),
    /// The fund: pays for a loss (coins attached).
    Cover(Cover),
    /// The queue: the next candidates of a loss.
    Deleverage(Deleverage),
}

/// What the chain itself may send (`MsgSudoContract` of its governance): the messages of the authority, and no
/// other way to handle them.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub enum SudoMsg {
    /// Names the other contracts.
    Connect(Connect),
    /// Opens a market.
    ListMarket(ListMarket),
    /// Replaces a market's parameters.
    UpdateMarket(UpdateMarket),
    /// Replaces the parameters.
    UpdateParams(UpdateParams),
    /// Stops an operation, or lets it go on.
    SetPause(SetPause),
    /// Another authority, a guardian.
    Govern(GovernMsg),
}

impl From<SudoMsg> for ExecuteMsg {
    fn from(msg: SudoMsg) -> Self {
        match msg {
            SudoMsg::Connect(m) => Self::Connect(m),
            SudoMsg::ListMarket(m) => Self::ListMarket(m),
            SudoMsg::UpdateMarket(m) => Self::UpdateMarket(m),
            SudoMsg::UpdateParams(m) => Self::UpdateParams(m),
            SudoMsg::SetPause(m) => Self::SetPause(m),
            SudoMsg::Govern(m) => Self::Govern(m),
        }
    }
}

/// Names the other contracts.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Connect {
    /// The insurance-fund contract.
    pub fund: String,
    /// The deleverage-queue contract.
    pub queue: String,
    /// The price-feed contract.
    pub feed: String,
}

/// Opens a market.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ListMarket {
    /// Its number, not yet taken.
    pub market: MarketId,
    /// Its name, 1 to 32 characters.
    pub symbol: String,
    /// Its parameters. The feed must have a price of at least 10^7 for it.
    pub params: MarketParams,
}

/// Replaces a market's parameters.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct UpdateMarket {
    /// The market.
    pub market: MarketId,
    /// Version that the proposal was written against.
    pub expected_version: u64,
    /// All parameters.
    pub params: MarketParams,
}

/// Replaces the exchange's parameters.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct UpdateParams {
    /// Version that the proposal was written against.
    pub expected_version: u64,
    /// All parameters.
    pub params: ExchangeParams,
}

/// Adds collateral; opens the account at its first deposit.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Deposit {
    /// Which of the sender's accounts.
    pub subaccount: u32,
}

/// Takes free collateral out.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Withdraw {
    /// Which of the sender's accounts.
    pub subaccount: u32,
    /// Quote units, at least 1.
    pub amount: Quote,
}

/// How an order meets the book.
#[cw_serde]
#[derive(Copy, Eq)]
pub enum OrderKind {
    /// What is not filled at once rests on the book.
    Limit,
    /// What is not filled at once is dropped.
    Ioc,
}

/// An order.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct PlaceOrder {
    /// Which of the sender's accounts.
    pub subaccount: u32,
    /// The market.
    pub market: MarketId,
    /// Long buys, short sells.
    pub side: Side,
    /// Size, at least 1.
    pub lots: Lots,
    /// Worst price.
    pub price: Price,
    /// Limit or immediate-or-cancel.
    pub kind: OrderKind,
    /// Never opens or increases a position; clamped to it at every fill.
    pub reduce_only: bool,
}

/// Takes a resting order off the book.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct CancelOrder {
    /// Which of the sender's accounts.
    pub subaccount: u32,
    /// The order.
    pub order_id: u64,
}

/// Liquidates an account.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Liquidate {
    /// The account.
    pub account: AccountId,
}

/// Asks the fund again about an open loss, or tells it again that a loss is closed.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ResumeLoss {
    /// The loss.
    pub loss_id: LossId,
}

/// Closes a loss without the queue: lots at the mark against the named accounts, in the order given (nobody's equity changes), kept profit as in the fourth pass, the rest bad debt.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ForceLoss {
    /// The loss.
    pub loss_id: LossId,
    /// Counterparties, at most 100.
    pub accounts: Vec<AccountId>,
}

/// Sends accounts to the queue again.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Refresh {
    /// At most 50.
    pub accounts: Vec<AccountId>,
}

/// Sends a market's fees to the fund.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct CollectFees {
    /// The market.
    pub market: MarketId,
}

/// Pays for a loss.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Cover {
    /// The loss.
    pub loss_id: LossId,
}

/// The next candidates of a loss, in rank order.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Deleverage {
    /// The loss.
    pub loss_id: LossId,
    /// The pass that they are ranked for.
    pub pass: Pass,
    /// How they are charged and share, frozen when the job opened.
    pub policy: Policy,
    /// With the first candidates of a pass that shares: the sharing set.
    pub set: Option<SharingSetMsg>,
    /// In rank order, none twice.
    pub candidates: Vec<Candidate>,
    /// The ranking has no further candidates in this pass.
    pub exhausted: bool,
    /// Rows of kept profit that may be visited on top.
    pub limit: u32,
    /// Who called for this step, and earns its bounties; none: whoever liquidated, or resumed, the account.
    pub keeper: Option<String>,
}

/// Queries of the market contract.
#[cw_serde]
#[derive(QueryResponses)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub enum QueryMsg {
    /// Authority, connections, parameters and their version.
    #[returns(ConfigResponse)]
    Config {},
    /// Authority, guardian, notices, and what is stopped.
    #[returns(crate::governance::GovernanceResponse)]
    Governance {},
    /// What waits for its notice, step by step.
    #[returns(crate::governance::PendingResponse)]
    PendingParams(PendingQuery),
    /// One market.
    #[returns(MarketResponse)]
    Market(MarketQuery),
    /// All markets, ascending.
    #[returns(MarketsResponse)]
    Markets(MarketsQuery),
    /// One account by owner.
    #[returns(AccountResponse)]
    Account(AccountQuery),
    /// One account by number.
    #[returns(AccountResponse)]
    AccountById(AccountByIdQuery),
    /// All accounts, ascending: for audits.
    #[returns(AccountsResponse)]
    Accounts(AccountsQuery),
    /// Equity, requirements and what may be withdrawn, at the feed's prices.
    #[returns(HealthResponse)]
    Health(HealthQuery),
    /// The best orders of a book side.
    #[returns(BookResponse)]
    Book(BookQuery),
    /// Resting orders of an account.
    #[returns(OrdersResponse)]
    Orders(OrdersQuery),
    /// What a loss would take now, from whom: the code of the execution on the state of this moment.
    #[returns(PreviewResponse)]
    Preview(PreviewQuery),
    /// One loss with all its sums.
    #[returns(LossResponse)]
    Loss(LossQuery),
    /// All losses, ascending.
    #[returns(LossesResponse)]
    Losses(LossesQuery),
    /// Markets that open losses gate now.
    #[returns(GatesResponse)]
    Gates {},
    /// Whether the queue was told of an account's last change.
    #[returns(bool)]
    IsDirty(AccountByIdQuery),
    /// At what a market's positions are ranked now.
    #[returns(MarkResponse)]
    Mark(MarketQuery),
    /// What the queue would be told of each account in a market now, ascending: for audits.
    #[returns(RankInputsResponse)]
    RankInputs(RankInputsQuery),
}

/// Asks for a market.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct MarketQuery {
    /// The market.
    pub market: MarketId,
}

/// Asks for a page of markets.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct MarketsQuery {
    /// Exclusive start.
    pub start_after: Option<MarketId>,
    /// At most 100, default 30.
    pub limit: Option<u32>,
}

/// Asks for an account by owner.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct AccountQuery {
    /// Its owner.
    pub owner: String,
    /// Its number among the owner's.
    pub subaccount: u32,
}

/// Asks for an account by number.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct AccountByIdQuery {
    /// The account.
    pub account: AccountId,
}

/// Asks for a page of accounts.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct AccountsQuery {
    /// Exclusive start.
    pub start_after: Option<AccountId>,
    /// At most 1 000, default 100.
    pub limit: Option<u32>,
}

/// Asks for the health of an account.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct HealthQuery {
    /// The account.
    pub account: AccountId,
}

/// Asks for orders of a book side.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct BookQuery {
    /// The market.
    pub market: MarketId,
    /// Long for bids.
    pub side: Side,
    /// At most 500, default 50.
    pub limit: Option<u32>,
}

/// Asks for orders of an account.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct OrdersQuery {
    /// The account.
    pub account: AccountId,
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

/// Asks what a loss would take if its book and the fund had left this much.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct PreviewQuery {
    /// The market.
    pub market: MarketId,
    /// Side of the bankrupt position; the other side would be deleveraged.
    pub side: Side,
    /// Lots to close.
    pub lots: Lots,
    /// Money to raise.
    pub need: Quote,
    /// At this mark; none takes the feed's.
    pub mark: Option<Price>,
    /// Only the part that concerns this account.
    pub account: Option<AccountId>,
    /// As if this selection policy were in force; none takes the one that is.
    pub policy: Option<Policy>,
    /// Positions of the ranking that are looked at. At most 500, default 100.
    pub limit: Option<u32>,
}

/// Asks what the queue would be told of accounts in a market.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct RankInputsQuery {
    /// The market.
    pub market: MarketId,
    /// Exclusive start.
    pub start_after: Option<AccountId>,
    /// At most 500, default 100.
    pub limit: Option<u32>,
}
