//! `price-feed`: prices from authorised feeders.

use cosmwasm_schema::{cw_serde, QueryResponses};

use crate::governance::{ApplyPending, GovernMsg, NoticeParams, PendingQuery};
use crate::params::FeedParams;
use crate::{MarketId, Price};

/// Creates the feed.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct InstantiateMsg {
    /// Who may change parameters and feeders: the gov module account or a DAO.
    pub authority: String,
    /// Who may tighten and pause.
    pub guardian: Option<String>,
    /// How long changes wait.
    pub notice: NoticeParams,
    /// First feeders.
    pub feeders: Vec<String>,
    /// Parameters.
    pub params: FeedParams,
}

/// Messages of the feed.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub enum ExecuteMsg {
    /// Feeders: new prices.
    SetPrices(SetPrices),
    /// Authority: adds or removes a feeder.
    SetFeeder(SetFeeder),
    /// Authority, or the guardian to tighten: replaces the parameters.
    UpdateParams(UpdateParams),
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
    /// Adds or removes a feeder.
    SetFeeder(SetFeeder),
    /// Replaces the parameters.
    UpdateParams(UpdateParams),
    /// Another authority, a guardian.
    Govern(GovernMsg),
}

impl From<SudoMsg> for ExecuteMsg {
    fn from(msg: SudoMsg) -> Self {
        match msg {
            SudoMsg::SetFeeder(m) => Self::SetFeeder(m),
            SudoMsg::UpdateParams(m) => Self::UpdateParams(m),
            SudoMsg::Govern(m) => Self::Govern(m),
        }
    }
}

/// New prices, all or none of them.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct SetPrices {
    /// One or more prices, each market at most once.
    pub prices: Vec<PriceUpdate>,
}

/// One new price.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct PriceUpdate {
    /// The market.
    pub market: MarketId,
    /// Quote units per lot.
    pub price: Price,
    /// When the price was observed, in seconds. Never older than the stored one.
    pub publish_time: u64,
}

/// Adds or removes a feeder.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct SetFeeder {
    /// The feeder's address.
    pub feeder: String,
    /// Whether it may feed.
    pub allowed: bool,
}

/// Replaces the parameters.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct UpdateParams {
    /// Version that the proposal was written against.
    pub expected_version: u64,
    /// All parameters.
    pub params: FeedParams,
}

/// Queries of the feed.
#[cw_serde]
#[derive(QueryResponses)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub enum QueryMsg {
    /// Prices of several markets at once; refused if one is unknown or too old.
    #[returns(PricesResponse)]
    Prices(Prices),
    /// Authority, parameters and their version.
    #[returns(ConfigResponse)]
    Config {},
    /// Authority, guardian, notices, and what is stopped.
    #[returns(crate::governance::GovernanceResponse)]
    Governance {},
    /// What waits for its notice, step by step.
    #[returns(crate::governance::PendingResponse)]
    PendingParams(PendingQuery),
    /// Whether an address may feed.
    #[returns(bool)]
    IsFeeder(IsFeeder),
}

/// Asks for prices.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Prices {
    /// The markets.
    pub markets: Vec<MarketId>,
    /// Refuse prices older than this many seconds; none accepts any age.
    pub max_age: Option<u64>,
}

/// Asks for a feeder.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct IsFeeder {
    /// The address.
    pub feeder: String,
}

/// Answers [`QueryMsg::Prices`], in the order asked.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct PricesResponse {
    /// One for each market asked for.
    pub prices: Vec<PriceUpdate>,
}

/// Answers [`QueryMsg::Config`].
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ConfigResponse {
    /// Who may change parameters.
    pub authority: String,
    /// Version of the parameters.
    pub version: u64,
    /// The parameters.
    pub params: FeedParams,
}
