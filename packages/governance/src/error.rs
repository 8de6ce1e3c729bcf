//! What is refused. The text before the first colon is the stable code that clients match on.

use cosmwasm_std::{Addr, StdError};
use perp_core::change::ChangeError;
use perp_interface::governance::Operation;
use perp_interface::{MarketId, ParamError};
use thiserror::Error;

/// Result of every function of this crate.
pub type GovernanceResult<T> = Result<T, GovernanceError>;

/// A refusal.
#[derive(Error, Debug, Clone, PartialEq, Eq)]
pub enum GovernanceError {
    /// Storage, serialisation or address validation.
    #[error("std: {0}")]
    Std(String),
    /// The sender may not do this.
    #[error("unauthorized: sender {sender} is not the {role} {expected}")]
    Unauthorized {
        /// Who sent it.
        sender: Addr,
        /// What the sender would have to be.
        role: &'static str,
        /// Who that is.
        expected: Addr,
    },
    /// Nobody was named to take the authority's place.
    #[error("no_candidate: the authority has named nobody")]
    NoCandidate,
    /// The proposal was written against other parameters than those in force.
    #[error("version_mismatch: expected version {expected}, parameters are at {actual}")]
    VersionMismatch {
        /// Version in the message.
        expected: u64,
        /// Version in force.
        actual: u64,
    },
    /// Bounds, or a change that may not be made.
    #[error(transparent)]
    Change(#[from] ChangeError<ParamError>),
    /// Nothing waits.
    #[error("nothing_pending: no change waits")]
    NothingPending,
    /// This contract has no parameters of single markets.
    #[error("no_params_of_market: nothing here is set for market {market} alone")]
    NoParamsOfMarket {
        /// Which was asked for.
        market: MarketId,
    },
    /// This contract has no such operation to stop.
    #[error("unknown_operation: {operation} cannot be paused here")]
    UnknownOperation {
        /// Which.
        operation: Operation,
    },
    /// The contract to migrate is another one.
    #[error("wrong_contract: this is {found}, the code is of {expected}")]
    WrongContract {
        /// Of the new code.
        expected: String,
        /// In storage.
        found: String,
    },
    /// The new code is older than the one before.
    #[error("downgrade: from {from} to {to}")]
    Downgrade {
        /// In storage.
        from: String,
        /// Of the new code.
        to: String,
    },
    /// A version from which this code cannot migrate.
    #[error("unknown_version: no way from {from} to {to}")]
    UnknownVersion {
        /// In storage.
        from: String,
        /// Of the new code.
        to: String,
    },
    /// A migration that has to set something was not told what.
    #[error("missing_field: a migration from {from} needs {field}")]
    MissingField {
        /// In storage.
        from: String,
        /// What it needs.
        field: &'static str,
    },
}

impl From<StdError> for GovernanceError {
    fn from(error: StdError) -> Self {
        Self::Std(error.to_string())
    }
}

impl From<ParamError> for GovernanceError {
    fn from(error: ParamError) -> Self {
        Self::Change(ChangeError::Param(error))
    }
}
