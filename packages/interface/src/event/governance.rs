//! Events of what governs every contract.

use cosmwasm_std::Event;

use super::attribute::Attribute;
use super::{events, EventDoc};
use crate::governance::Operation;
use crate::MarketId;

events! { OF_GOVERNANCE:
    /// Parameters changed.
    ParamsUpdated = "params_updated" {
        /// Whose: of this market, or `none`: of the contract.
        market: Option<MarketId>,
        /// Their version from now on.
        version: u64,
        /// From when the next step of what waits may be made, in seconds; `none`: nothing waits.
        next_due: Option<u64>,
    }

    /// The authority named who may take its place.
    AuthorityProposed = "authority_proposed" {
        /// The authority.
        authority: String,
        /// Who; `none`: the name was taken back.
        candidate: Option<String>,
    }

    /// Another authority from now on.
    AuthorityAccepted = "authority_accepted" {
        /// Who it was.
        from: String,
        /// Who it is.
        authority: String,
    }

    /// Another guardian from now on.
    GuardianSet = "guardian_set" {
        /// Who; `none`: nobody.
        guardian: Option<String>,
    }

    /// An operation was stopped, or goes on.
    PauseSet = "pause_set" {
        /// Which: `opening`, `resting`, `market_` and its number, `staking`.
        operation: Operation,
        /// Whether it is stopped.
        paused: bool,
        /// Who said so.
        by: String,
    }

    /// The contract runs another version of its code.
    Migrated = "migrated" {
        /// Version before.
        from: String,
        /// Version from now on.
        to: String,
        /// How long changes wait from now on, in seconds; `none` where nothing is governed.
        notice_seconds: Option<u64>,
        /// And between two steps.
        step_seconds: Option<u64>,
        /// Who may tighten from now on.
        guardian: Option<String>,
    }
}
