//! What governs every contract in the same way: authority, guardian, notices, pauses.

use std::fmt;

use cosmwasm_schema::cw_serde;
use perp_core::change::{Field, ParamSet};

use crate::params::{within, ParamError};
use crate::MarketId;

/// How long changes wait that do not tighten. Fixed at instantiation; a migration may set others.
#[cw_serde]
#[derive(Copy, Eq)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct NoticeParams {
    /// From a decision to its first step, in seconds. 0: no notices and no steps, everything holds at once; for
    /// an authority that makes people wait itself. Bounds: 0..=2 592 000.
    pub notice_seconds: u64,
    /// Between two steps, in seconds. Not above the notice, or repeated decisions would go round it.
    /// Bounds: 1..=notice, 0 without one.
    pub step_seconds: u64,
}

impl Default for NoticeParams {
    /// Two days to leave, then a step a day.
    fn default() -> Self {
        Self {
            notice_seconds: 172_800,
            step_seconds: 86_400,
        }
    }
}

impl NoticeParams {
    const DAYS_30: i128 = 2_592_000;

    /// Checks every bound.
    ///
    /// # Errors
    /// `OutOfBounds`.
    pub fn validate(&self) -> Result<(), ParamError> {
        within("notice_seconds", self.notice_seconds, 0, Self::DAYS_30)?;
        let notice = i128::from(self.notice_seconds);
        within("step_seconds", self.step_seconds, notice.min(1), notice)
    }
}

/// Who governs a contract from its start.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct Governors {
    /// Who may change everything: the gov module account or a DAO.
    pub authority: String,
    /// Who may tighten and pause, and nothing else.
    pub guardian: Option<String>,
    /// How long changes wait.
    pub notice: NoticeParams,
}

/// Messages that every contract takes.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub enum GovernMsg {
    /// Authority: names who may take its place, or takes the name back. Nothing changes until that one
    /// accepts.
    ProposeAuthority {
        /// Who; none takes it back.
        candidate: Option<String>,
    },
    /// The named one: becomes the authority.
    AcceptAuthority {},
    /// Authority: replaces the guardian at once.
    SetGuardian {
        /// Who; none: nobody.
        guardian: Option<String>,
    },
}

/// Makes the next step of a change that is due.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct ApplyPending {
    /// Of this market's parameters (at the queue: its policy); none: of the contract's own.
    pub market: Option<MarketId>,
}

/// What can be stopped. Nothing stops reducing, liquidating, deleveraging or taking free collateral out.
#[cw_serde]
#[derive(Copy, Eq)]
#[schemaifier(mute_warnings)]
pub enum Operation {
    /// Opening and increasing positions, in every market.
    Opening,
    /// Resting new orders, in every market.
    Resting,
    /// Opening and resting in one market.
    Market(MarketId),
    /// Staking into the fund.
    Staking,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opening => f.write_str("opening"),
            Self::Resting => f.write_str("resting"),
            Self::Market(market) => write!(f, "market_{market}"),
            Self::Staking => f.write_str("staking"),
        }
    }
}

/// Stops an operation, or lets it go on.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct SetPause {
    /// Which: the market knows `opening`, `resting` and its markets, the fund `staking`.
    pub operation: Operation,
    /// True: authority or guardian. False: the authority.
    pub paused: bool,
}

/// Asks what waits.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct PendingQuery {
    /// As in [`ApplyPending`].
    pub market: Option<MarketId>,
}

/// Who governs a contract, and what is stopped.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct GovernanceResponse {
    /// Who may change everything.
    pub authority: String,
    /// Who may take its place by accepting.
    pub candidate: Option<String>,
    /// Who may tighten.
    pub guardian: Option<String>,
    /// How long changes wait.
    pub notice: NoticeParams,
    /// What is stopped now.
    pub paused: Vec<Operation>,
}

/// What waits for its notice.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct PendingResponse {
    /// Version of the parameters in force.
    pub version: u64,
    /// From when the next step may be made, in seconds; none: nothing waits.
    pub due: Option<u64>,
    /// Every step, each made as soon as it may be; at most the first 64.
    pub steps: Vec<PendingStep>,
}

/// One step of a change.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct PendingStep {
    /// When it may be made at the earliest, in seconds.
    pub due: u64,
    /// What it changes.
    pub changes: Vec<FieldChange>,
}

/// What a step changes.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct FieldChange {
    /// The field, as in the message.
    pub field: String,
    /// Before: one value, or one for each tier.
    pub from: Vec<String>,
    /// After.
    pub to: Vec<String>,
}

impl FieldChange {
    /// Every field in which two sets differ, as it is shown.
    pub fn between<P: ParamSet>(one: &P, other: &P) -> Vec<Self> {
        let (one, other) = one.align(other);
        let of_field = |field: &Field<P>| Self {
            field: field.name.to_owned(),
            from: field.texts(&one),
            to: field.texts(&other),
        };
        let changes = P::fields().iter().map(of_field);
        changes.filter(|change| change.from != change.to).collect()
    }
}

/// What a migration may set. A contract of the version before needs all of it; later ones keep what they
/// have where nothing is given.
#[cw_serde]
#[derive(Default)]
#[serde(deny_unknown_fields)]
#[schemaifier(mute_warnings)]
pub struct MigrateMsg {
    /// How long changes wait.
    pub notice: Option<NoticeParams>,
    /// Who may tighten.
    pub guardian: Option<String>,
}
