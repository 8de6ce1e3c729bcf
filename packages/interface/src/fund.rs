//! `insurance-fund`: capital in layers and tranches that pays a part of losses and reports the rest to the
//! queue; staking; bounties.

mod response;
mod tranche;

use cosmwasm_schema::{cw_serde, QueryResponses};

pub use self::response::*;
pub use self::tranche::{Layer, Tranche};
use crate::governance::{ApplyPending, GovernMsg, NoticeParams, PendingQuery, SetPause};
use crate::loss::LossTerms;
use crate::params::{FundParams, PaidInCap};
use crate::{LossId, Lots, MarketId, Quote, Shares};

/// Creates the fund.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct InstantiateMsg {
    /// Who may change parameters and register markets.
    pub authority: String,
    /// Who may tighten and pause.
    pub guardian: Option<String>,
    /// How long changes wait.
    pub notice: NoticeParams,
    /// The one settlement denom.
    pub denom: String,
    /// Parameters.
    pub params: FundParams,
    /// The other contracts, where their addresses are known beforehand; else `Connect` names them.
    pub links: Option<Connect>,
}

/// Messages of the fund.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub enum ExecuteMsg {
    /// Authority, once: names the other contracts.
    Connect(Connect),
    /// Authority: the code that the market runs from now on. Until then a migrated market draws nothing.
    ApproveCode(ApproveCode),
    /// Authority: lets a market draw, from which tranche, and how much; also changes it.
    RegisterMarket(RegisterMarket),
    /// Authority: a market draws nothing any more.
    RemoveMarket(RemoveMarket),
    /// Anybody: gives money to a layer of a tranche (coins attached).
    Contribute(Contribute),
    /// Authority: takes seed out, unless a loss is open.
    WithdrawCapital(WithdrawCapital),
    /// Anybody: buys shares of a tranche (coins attached).
    Stake(Stake),
    /// A staker: asks for the money of shares; the cooldown starts.
    RequestUnstake(RequestUnstake),
    /// A staker: takes a request back; its shares are ordinary ones again.
    CancelUnstake(UnstakeRequest),
    /// A staker, after the cooldown: takes the smaller of what the shares were worth at the request and are
    /// worth now.
    ClaimUnstake(UnstakeRequest),
    /// Anybody: sends to an address what is booked for it: bounties, surplus.
    PayOwed(PayOwed),
    /// The market: asks for the money of a loss.
    CoverDeficit(CoverDeficit),
    /// The market: gives back what a loss did not use (coins attached).
    ReturnCover(ReturnCover),
    /// The market: a loss is closed.
    LossClosed(LossClosed),
    /// The market: somebody has executed fills of a loss.
    BookBounty(BookBounty),
    /// The market: fees and surplus of a market (coins attached).
    Revenue(Revenue),
    /// Authority, or the guardian to tighten: replaces the parameters.
    UpdateParams(UpdateParams),
    /// Authority or guardian: stops an operation; the authority lets it go on.
    SetPause(SetPause),
    /// What every contract takes: another authority, a guardian.
    Govern(GovernMsg),
    /// Anybody: makes the next step of a change that is due.
    ApplyPending(ApplyPending),
}

/// What the chain itself may send (`MsgSudoContract` of its governance): the messages of the authority, and no
/// other way to handle them.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub enum SudoMsg {
    /// Names the other contracts.
    Connect(Connect),
    /// The code that the market runs from now on.
    ApproveCode(ApproveCode),
    /// Lets a market draw.
    RegisterMarket(RegisterMarket),
    /// A market draws nothing any more.
    RemoveMarket(RemoveMarket),
    /// Takes seed out.
    WithdrawCapital(WithdrawCapital),
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
            SudoMsg::ApproveCode(m) => Self::ApproveCode(m),
            SudoMsg::RegisterMarket(m) => Self::RegisterMarket(m),
            SudoMsg::RemoveMarket(m) => Self::RemoveMarket(m),
            SudoMsg::WithdrawCapital(m) => Self::WithdrawCapital(m),
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
    /// The perp-market contract, the only one that may draw.
    pub market: String,
    /// The code that it runs; the chain is asked whether it does.
    pub market_code_id: u64,
    /// The deleverage-queue contract, which is told of shortfalls.
    pub queue: String,
}

/// Approves the code of a migrated market.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ApproveCode {
    /// The code that the market runs; the chain is asked whether it does.
    pub code_id: u64,
}

/// Lets a market draw.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct RegisterMarket {
    /// The market.
    pub market: MarketId,
    /// Whether it has a tranche of its own; else it draws from the shared one.
    pub isolated: bool,
    /// Most that it draws in any `window_seconds`, in quote units; none: the parameter
    /// `market_window_cap`. Bounds: 0..=2^100.
    pub window_cap: Option<Quote>,
    /// Ties what it draws in all to what it has paid in.
    pub paid_in_cap: Option<PaidInCap>,
}

/// Stops a market from drawing.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct RemoveMarket {
    /// The market.
    pub market: MarketId,
}

/// Gives money to a tranche.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Contribute {
    /// The tranche.
    pub tranche: Tranche,
    /// Whose money it becomes. The staked layer has to have stakers.
    pub layer: Layer,
}

/// Takes seed out.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct WithdrawCapital {
    /// The tranche.
    pub tranche: Tranche,
    /// Quote units, at most the seed.
    pub amount: Quote,
    /// Receiver.
    pub to: String,
}

/// Buys shares.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Stake {
    /// The tranche.
    pub tranche: Tranche,
    /// Fewest shares to accept, if the price has moved.
    pub min_shares: Option<Shares>,
}

/// Asks for the money of shares.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct RequestUnstake {
    /// The tranche.
    pub tranche: Tranche,
    /// At least 1, at most what the staker has and has not asked for yet.
    pub shares: Shares,
}

/// Names an open request of the sender.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct UnstakeRequest {
    /// The tranche.
    pub tranche: Tranche,
    /// Its number among the staker's requests in this tranche.
    pub request: u64,
}

/// Sends what is booked for an address.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct PayOwed {
    /// The address.
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
    /// Lots that the owner of the bankrupt account holds on the other side of the market: that many of the
    /// loss get no cover.
    pub same_owner_lots: Lots,
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

/// Books a bounty for executed fills, as far as the purse of the tranche and the cap of the loss go.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct BookBounty {
    /// The loss. It need not be known to the fund: its book may have closed it whole.
    pub loss_id: LossId,
    /// Its market.
    pub market: MarketId,
    /// Who executed them.
    pub to: String,
    /// How many fills.
    pub fills: u32,
    /// What they bring, in quote units.
    pub amount: Quote,
}

/// Revenue of a market.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Revenue {
    /// The market that earned it.
    pub market: MarketId,
    /// Notional of its open interest on one side at the last price, in quote units, if there is a price.
    pub open_interest: Option<Quote>,
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
    /// Authority, guardian, notices, and what is stopped.
    #[returns(crate::governance::GovernanceResponse)]
    Governance {},
    /// What waits for its notice, step by step.
    #[returns(crate::governance::PendingResponse)]
    PendingParams(PendingQuery),
    /// Capital and sums of all tranches together.
    #[returns(CapitalResponse)]
    Capital {},
    /// One tranche: layers, share price, sums, target.
    #[returns(TrancheResponse)]
    Tranche(TrancheQuery),
    /// All tranches, the shared one first.
    #[returns(TranchesResponse)]
    Tranches(TranchesQuery),
    /// A staker's shares and open requests in a tranche.
    #[returns(StakeResponse)]
    Stake(StakeQuery),
    /// How a market is registered, and what it has paid in and drawn.
    #[returns(RegistrationResponse)]
    Registration(RegistrationQuery),
    /// All registered markets, ascending.
    #[returns(RegistrationsResponse)]
    Registrations(RegistrationsQuery),
    /// Capital behind a market against its open interest, and against a move of its price.
    #[returns(CoverageResponse)]
    Coverage(CoverageQuery),
    /// What is booked for an address.
    #[returns(OwedResponse)]
    Owed(OwedQuery),
    /// What was asked, paid and returned for one loss.
    #[returns(LossRecord)]
    Loss(LossQuery),
    /// The history of losses, ascending.
    #[returns(LossesResponse)]
    Losses(LossesQuery),
    /// What could be drawn for a market now, by each limit, and whether its tranche has stopped.
    #[returns(HeadroomResponse)]
    Headroom(HeadroomQuery),
    /// The same as if other parameters were in force.
    #[returns(HeadroomResponse)]
    HeadroomUnder(HeadroomUnderQuery),
    /// What the fund holds against what it has booked.
    #[returns(SolvencyResponse)]
    Solvency {},
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

/// Asks what a market could draw if other parameters were in force.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct HeadroomUnderQuery {
    /// The market.
    pub market: MarketId,
    /// The parameters.
    pub params: Box<FundParams>,
}

/// Asks for a tranche.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct TrancheQuery {
    /// The tranche.
    pub tranche: Tranche,
}

/// Asks for a page of tranches.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct TranchesQuery {
    /// Exclusive start.
    pub start_after: Option<Tranche>,
    /// At most 100, default 30.
    pub limit: Option<u32>,
}

/// Asks for a stake.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct StakeQuery {
    /// The tranche.
    pub tranche: Tranche,
    /// The staker.
    pub staker: String,
}

/// Asks how a market is registered.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct RegistrationQuery {
    /// The market.
    pub market: MarketId,
}

/// Asks for a page of registered markets.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct RegistrationsQuery {
    /// Exclusive start.
    pub start_after: Option<MarketId>,
    /// At most 100, default 30.
    pub limit: Option<u32>,
}

/// Asks for the coverage of a market.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct CoverageQuery {
    /// The market.
    pub market: MarketId,
    /// How far its price moves, in basis points. Bounds: 1..=10 000.
    pub move_bps: u32,
}

/// Asks what is booked for an address.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct OwedQuery {
    /// The address.
    pub to: String,
}
