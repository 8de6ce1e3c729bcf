//! `deleverage-queue`: the ranking of every open position, and the jobs that deleverage.

mod audit;
mod rank;

use cosmwasm_schema::{cw_serde, QueryResponses};

pub use self::audit::*;
pub use self::rank::*;
use crate::governance::{ApplyPending, GovernMsg, NoticeParams, PendingQuery};
use crate::loss::{JobMark, LossTerms};
use crate::params::QueueParams;
use crate::{
    AccountId, LossId, Lots, MarketId, Pass, PerLot, Policy, Price, Quote, ScoreKind, Side,
};

/// Creates the queue.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct InstantiateMsg {
    /// Who may change parameters.
    pub authority: String,
    /// Who may tighten and pause.
    pub guardian: Option<String>,
    /// How long changes wait.
    pub notice: NoticeParams,
    /// Parameters.
    pub params: QueueParams,
    /// The other contracts, where their addresses are known beforehand; else `Connect` names them.
    pub links: Option<Connect>,
}

/// Messages of the queue.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub enum ExecuteMsg {
    /// Authority, once: names the other contracts.
    Connect(Connect),
    /// The market: positions as they are now.
    Update(Update),
    /// Anybody: has the market send accounts again whose keys are out of date.
    Refresh(Refresh),
    /// The fund: lots or need of a loss are left.
    ReportShortfall(ReportShortfall),
    /// Anybody: the next step of a job.
    ContinueDeleverage(ContinueDeleverage),
    /// Anybody: works out behind which scores the lights of a market and side go out now, so that
    /// an `Update` can tell who crosses one.
    PublishLights(PublishLights),
    /// Authority: how a market's losses choose their counterparties and share among them.
    SetPolicy(SetPolicy),
    /// Authority, or the guardian to tighten: replaces the parameters.
    UpdateParams(UpdateParams),
    /// What every contract takes: another authority, a guardian.
    Govern(GovernMsg),
    /// Anybody: makes the next step of a change that is due.
    ApplyPending(ApplyPending),
}

/// What the chain itself may send: `MsgSudoContract` of its governance with the messages of the authority, and
/// the calls of chains that run contracts in every block.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub enum SudoMsg {
    /// Names the other contracts.
    Connect(Connect),
    /// How a market's losses choose and share.
    SetPolicy(SetPolicy),
    /// Replaces the parameters.
    UpdateParams(UpdateParams),
    /// Another authority, a guardian.
    Govern(GovernMsg),
    /// At the end of a block: one step of the first job. Never an error.
    ClockEndBlock {},
    /// At the beginning of a block: the same.
    BeginBlocker {},
}

/// Names the other contracts.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Connect {
    /// The perp-market contract.
    pub market: String,
    /// The insurance-fund contract.
    pub fund: String,
}

/// Positions as they are now; absolute, so that a lost message is repaired by the next.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Update {
    /// One per position that was touched.
    pub changes: Vec<RankChange>,
    /// The job that made them, if a job did.
    pub job: Option<JobMark>,
}

/// One position's inputs to the ranking.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct RankChange {
    /// The account.
    pub account: AccountId,
    /// The market.
    pub market: MarketId,
    /// Size and inputs; none: the position is closed.
    pub position: Option<RankInputs>,
}

/// What the ranking stores of a position.
#[cw_serde]
#[derive(Copy)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct RankInputs {
    /// Side.
    pub side: Side,
    /// Size.
    pub lots: Lots,
    /// `e = cost/lots − index`, floored.
    pub entry: PerLot,
    /// `m`: collateral per lot, floored.
    pub collateral: PerLot,
}

/// Sends accounts again.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Refresh {
    /// At most 50.
    pub accounts: Vec<AccountId>,
}

/// Lots or need of a loss are left.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ReportShortfall {
    /// Frozen terms.
    pub terms: LossTerms,
    /// Lots still open.
    pub lots: Lots,
    /// Money still needed.
    pub need: Quote,
    /// Only enqueue: further losses of the same account follow.
    pub defer: bool,
}

/// The next step of a job.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ContinueDeleverage {
    /// The loss; must be the first of the open jobs.
    pub loss_id: LossId,
    /// Units of work, at most and by default the step limit.
    pub limit: Option<u32>,
}

/// Selection policy of a market.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct SetPolicy {
    /// The market.
    pub market: MarketId,
    /// Version of its policy that the proposal was written against (`PendingParams` names it); none:
    /// whatever is in force.
    pub expected_version: Option<u64>,
    /// None goes back to the default. Open jobs keep theirs.
    pub policy: Option<Policy>,
}

/// Replaces the parameters.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct UpdateParams {
    /// Version that the proposal was written against.
    pub expected_version: u64,
    /// All parameters.
    pub params: QueueParams,
}

/// Queries of the queue.
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
    /// The first positions of a market and side at a price, in exact order.
    #[returns(TopResponse)]
    Top(Top),
    /// How close a position is to being deleveraged; none if the ranking has none.
    #[returns(Option<RankResponse>)]
    Rank(RankQuery),
    /// The lights of a market and side as they were last published.
    #[returns(Option<LightsResponse>)]
    Lights(LightsQuery),
    /// The stored key of a position.
    #[returns(Option<KeyResponse>)]
    Key(KeyQuery),
    /// A page of the raw index of a market and side, in storage order: for audits.
    #[returns(IndexResponse)]
    Index(IndexQuery),
    /// Occupied classes of a market and side with their totals.
    #[returns(ClassesResponse)]
    Classes(ClassesQuery),
    /// Where in each occupied class its lots lie: what `Rank` sums up.
    #[returns(HistogramsResponse)]
    Histograms(HistogramsQuery),
    /// Compares positions, keys, records, totals, histograms and bitmap of a market, page by page,
    /// and repairs nothing.
    #[returns(AuditResponse)]
    Audit(AuditQuery),
    /// Open jobs in the order in which they are worked off.
    #[returns(JobsResponse)]
    Jobs {},
    /// Whether an account's keys wait for a `Refresh`.
    #[returns(bool)]
    IsDirty(IsDirty),
    /// Selection policy in force for a market.
    #[returns(Policy)]
    Policy(PolicyQuery),
    /// Selection policy that a market has of its own.
    #[returns(OwnPolicyResponse)]
    OwnPolicy(PolicyQuery),
}

/// Asks for the top of a ranking.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Top {
    /// The market.
    pub market: MarketId,
    /// The side of the ranked positions.
    pub side: Side,
    /// At this mark.
    pub mark: Price,
    /// And this cumulative funding.
    pub index: PerLot,
    /// By this score; none takes that of the policy in force.
    pub score: Option<ScoreKind>,
    /// Only from where this pass of a job would begin; none begins at the head. Makes a difference
    /// where leverage ranks: losers come before winners, and most passes take from winners.
    pub pass: Option<Pass>,
    /// At most 1 000, default 20.
    pub limit: Option<u32>,
}

/// Asks for a key.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct KeyQuery {
    /// The account.
    pub account: AccountId,
    /// The market.
    pub market: MarketId,
}

/// Asks for a page of the index.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct IndexQuery {
    /// The market.
    pub market: MarketId,
    /// The side.
    pub side: Side,
    /// Exclusive start.
    pub start_after: Option<IndexEntry>,
    /// At most 1 000, default 100.
    pub limit: Option<u32>,
}

/// Asks for classes.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ClassesQuery {
    /// The market.
    pub market: MarketId,
    /// The side.
    pub side: Side,
}

/// Asks for an account.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct IsDirty {
    /// The account.
    pub account: AccountId,
}

/// Asks for a policy.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct PolicyQuery {
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
    /// The market, once connected.
    pub market: Option<String>,
    /// The fund, once connected.
    pub fund: Option<String>,
    /// Version of the parameters.
    pub version: u64,
    /// The parameters.
    pub params: QueueParams,
}

/// Answers [`QueryMsg::OwnPolicy`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct OwnPolicyResponse {
    /// Its version: what `SetPolicy` names.
    pub version: u64,
    /// None: the default of the parameters holds.
    pub policy: Option<Policy>,
}

/// A ranked position.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct RankedPosition {
    /// Place, from 1.
    pub rank: u32,
    /// The account.
    pub account: AccountId,
    /// Size.
    pub lots: Lots,
    /// Stored entry per lot.
    pub entry: PerLot,
    /// Margin class.
    pub class: u16,
    /// Profit per lot `d`.
    pub profit_per_lot: PerLot,
    /// Collateral per lot `m̂` that the score sees.
    pub collateral: PerLot,
    /// The score in millionths, floored: `d/(d + m̂)`, `x/(d + m̂)` or `d/x`.
    pub score_ppm: u32,
}

/// Answers [`QueryMsg::Top`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct TopResponse {
    /// By what they are ranked.
    pub score: ScoreKind,
    /// Best first.
    pub positions: Vec<RankedPosition>,
    /// Records of the index that were read.
    pub reads: u64,
}

/// Answers [`QueryMsg::Key`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct KeyResponse {
    /// Side.
    pub side: Side,
    /// Margin class.
    pub class: u16,
    /// Stored entry per lot.
    pub entry: PerLot,
    /// Size.
    pub lots: Lots,
}

/// One record of the index.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct IndexEntry {
    /// Margin class.
    pub class: u16,
    /// Stored entry per lot.
    pub entry: PerLot,
    /// The account.
    pub account: AccountId,
    /// Size.
    pub lots: Lots,
}

/// Answers [`QueryMsg::Index`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct IndexResponse {
    /// In storage order.
    pub entries: Vec<IndexEntry>,
}

/// Totals of a class.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ClassTotals {
    /// The class.
    pub class: u16,
    /// Its lower bound `m̂`.
    pub collateral: PerLot,
    /// Positions in it.
    pub positions: u64,
    /// Their lots.
    pub lots: Lots,
}

/// Answers [`QueryMsg::Classes`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ClassesResponse {
    /// Occupied classes, ascending.
    pub classes: Vec<ClassTotals>,
}

/// An open job.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct JobResponse {
    /// Frozen terms.
    pub terms: LossTerms,
    /// Lots still open.
    pub lots: Lots,
    /// Money still needed.
    pub need: Quote,
    /// The pass it is in.
    pub pass: Pass,
    /// Whether the summing walk before the first pass has ended.
    pub set_is_known: bool,
    /// Positions visited in this pass.
    pub visited: u32,
    /// Calls of `ContinueDeleverage` with the default limit that it still needs, estimated: as if
    /// every position that it comes to had the average lots of its side and gave what it is asked
    /// for. At least 1. More where candidates are skipped, or where profit kept by fills is asked
    /// for.
    pub steps_left: u32,
    /// Positions of the side that it walks: no pass asks more.
    pub positions: u64,
    /// Selection policy, frozen at the opening.
    pub policy: Policy,
}

/// Answers [`QueryMsg::Jobs`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct JobsResponse {
    /// The first is the one that `ContinueDeleverage` works on.
    pub jobs: Vec<JobResponse>,
}
