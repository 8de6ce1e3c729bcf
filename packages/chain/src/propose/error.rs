//! Why a proposal is not written. Every text begins with a stable code.

use std::path::PathBuf;

use perp_interface::{MarketId, ParamError};
use thiserror::Error;

use super::{date, Subject};
use crate::client::ClientError;
use crate::deploy::{DeployError, Part};

/// Result of everything about proposals.
pub type ProposeResult<T> = Result<T, ProposeError>;

/// What stops a proposal. Nothing is written then, unless the file was and submitting it failed.
#[derive(Debug, Error)]
pub enum ProposeError {
    /// A file that cannot be read or written.
    #[error("file: {path}: {what}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// An assignment that is none.
    #[error("bad_set: '{0}' is not key=value")]
    BadSet(String),
    /// An assignment to something that there is not.
    #[error("unknown_key: '{key}' is none of {known}", known = .known.join(", "))]
    UnknownKey {
        /// What was named.
        key: String,
        /// What can be.
        known: Vec<String>,
    },
    /// A value of another type.
    #[error("bad_value: {key}: {what}")]
    BadValue {
        /// Of what.
        key: String,
        /// What is wrong with it.
        what: String,
    },
    /// Parameters that are not of this set: a field too many, too few, or of another type.
    #[error("bad_params: {0}")]
    BadParams(String),
    /// Outside of its bounds; begins with the parameter's own code.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// A change that the contract would refuse, or could not finish, in its own words.
    #[error(transparent)]
    Plan(#[from] perp_lens::ContractError),
    /// The addresses file is not complete.
    #[error("no_address: the addresses file has no {0}")]
    NoAddress(Part),
    /// Only the authority may, and the gov module account is not it.
    #[error("other_authority: the contracts obey {authority}, not the gov module account {gov}: --sudo goes around it")]
    OtherAuthority {
        /// Whom they obey.
        authority: String,
        /// Who executes proposals.
        gov: String,
    },
    /// Something that only the chain can tell.
    #[error("needs_node: {0}")]
    NeedsNode(&'static str),
    /// Arguments that do not fit together.
    #[error("bad_arguments: {0}")]
    BadArguments(&'static str),
    /// A market cannot be listed twice.
    #[error("market_exists: market {0} is listed already")]
    MarketExists(MarketId),
    /// The parameters have changed since.
    #[error("version_mismatch: {part} is at version {current}, not at {expected}")]
    VersionMismatch {
        /// Of which contract.
        part: Part,
        /// In force.
        current: u64,
        /// Asked for.
        expected: u64,
    },
    /// Something waits already: a proposal would take its place, built on what is in force, and what
    /// was decided before would never hold.
    #[error(
        "change_waits: another change of the {subject} waits until {due}, and this would replace it: \
         --replace does so",
        due = due_date(.due)
    )]
    ChangeWaits {
        /// Whose parameters.
        subject: Subject,
        /// When its next step is due, in seconds.
        due: u64,
    },
    /// A contract's answer that is none.
    #[error("bad_answer: {contract}: {what}")]
    BadAnswer {
        /// Who answered.
        contract: String,
        /// What is wrong with it.
        what: String,
    },
    /// The addresses file, or the embedded chain.
    #[error(transparent)]
    Deploy(#[from] DeployError),
    /// The chain refuses, or cannot be reached.
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// The fields of an error are formatted by reference.
fn due_date(due: &u64) -> String {
    date(*due)
}
