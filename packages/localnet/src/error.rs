//! What ends a play. Every text begins with a stable code.

use std::fmt::Debug;
use std::path::PathBuf;

use perps_chain::client::ClientError;
use perps_chain::deploy::DeployError;
use perps_chain::node::NodeError;
use perps_cli::verify::{EventsError, ExportError, VerifyError};
use thiserror::Error;

/// Result of everything that is played.
pub type PlayResult<T> = Result<T, PlayError>;

/// What ends a play.
#[derive(Debug, Error)]
pub enum PlayError {
    /// Something is not as it must be.
    #[error("not_as_it_must_be: {0}")]
    Wrong(String),
    /// What had to be refused was done.
    #[error("not_refused: {what} was done, expected the refusal '{code}'")]
    NotRefused {
        /// What was tried.
        what: String,
        /// The code that was expected.
        code: String,
    },
    /// It was refused for another reason.
    #[error("refused_otherwise: {what}: expected '{code}', the chain says: {said}")]
    RefusedOtherwise {
        /// What was tried.
        what: String,
        /// The code that was expected.
        code: String,
        /// In the chain's words.
        said: String,
    },
    /// A file that cannot be read or written.
    #[error("file: {path}: {what}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The script that stops and starts the node.
    #[error("script: {0}")]
    Script(String),
    /// The node's plain HTTP interface.
    #[error("rpc: {0}")]
    Rpc(String),
    /// The chain refuses, or cannot be reached.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The deployment.
    #[error(transparent)]
    Deploy(#[from] DeployError),
    /// The node's REST interface.
    #[error("node: {0}")]
    Node(#[from] NodeError),
    /// The state cannot be exported.
    #[error("export: {0}")]
    Export(#[from] ExportError),
    /// Events that cannot be read.
    #[error("events: {0}")]
    Events(#[from] EventsError),
    /// Receipts that cannot be checked.
    #[error("verify: {0}")]
    Verify(#[from] VerifyError),
}

/// Ends the play if something does not hold.
pub fn ensure(holds: bool, what: impl FnOnce() -> String) -> PlayResult<()> {
    if holds {
        return Ok(());
    }
    Err(PlayError::Wrong(what()))
}

/// Ends the play if two things differ.
pub fn same<T: PartialEq + Debug>(what: &str, actual: &T, expected: &T) -> PlayResult<()> {
    ensure(actual == expected, || {
        format!("{what} is {actual:?}, expected {expected:?}")
    })
}
