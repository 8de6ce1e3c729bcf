//! Why a deployment stops. Every text begins with a stable code.

use std::path::PathBuf;

use thiserror::Error;

use super::part::Part;
use crate::client::ClientError;

/// Result of the deployer.
pub type DeployResult<T> = Result<T, DeployError>;

/// What stops a deployment. All that was done before is in the addresses file.
#[derive(Debug, Error)]
pub enum DeployError {
    /// A file that cannot be read or written.
    #[error("file: {path}: {what}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// Something in the configuration that cannot be.
    #[error("bad_config: {0}")]
    Config(String),
    /// An artifact is not the one that its checksum was written of.
    #[error("artifact_checksum: {part}: the file has {actual}, checksums.txt says {expected}")]
    ArtifactChecksum {
        /// Which.
        part: Part,
        /// Of the list; empty if it is not in there.
        expected: String,
        /// Of the file.
        actual: String,
    },
    /// The addresses file is of another chain.
    #[error("other_chain: the addresses file is of chain {recorded}, not of {actual}")]
    OtherChain {
        /// In the file.
        recorded: String,
        /// Now.
        actual: String,
    },
    /// The addresses file is of another deployer, salt, authority or admin: its addresses would not
    /// belong together.
    #[error("other_deployment: the addresses file has {what} {recorded}, not {actual}")]
    OtherDeployment {
        /// What differs.
        what: &'static str,
        /// In the file.
        recorded: String,
        /// Now.
        actual: String,
    },
    /// The chain has another code than the one that was sent or recorded.
    #[error(
        "chain_checksum: {part}: code {code_id} on the chain is {actual}, the artifact {expected}"
    )]
    ChainChecksum {
        /// Which.
        part: Part,
        /// The code.
        code_id: u64,
        /// Of the artifact.
        expected: String,
        /// Of the chain; empty if there is no such code.
        actual: String,
    },
    /// A contract that was created before has another artifact now.
    #[error(
        "other_artifact: {part}: {address} was created from {recorded}, the artifact is {actual}: \
         a contract that runs is changed by a proposal to migrate it"
    )]
    OtherArtifact {
        /// Which.
        part: Part,
        /// Where.
        address: String,
        /// Checksum in the addresses file.
        recorded: String,
        /// Checksum of the artifact.
        actual: String,
    },
    /// A contract that exists runs another code.
    #[error(
        "other_code: {part}: {address} runs code {actual}, not {expected}: \
         a contract that runs is changed by a proposal to migrate it"
    )]
    OtherCode {
        /// Which.
        part: Part,
        /// Where.
        address: String,
        /// The code of the artifact.
        expected: u64,
        /// What it runs.
        actual: u64,
    },
    /// A contract that exists has another admin.
    #[error("other_admin: {part}: {address} has the admin {actual}, not {expected}")]
    OtherAdmin {
        /// Which.
        part: Part,
        /// Where.
        address: String,
        /// The gov module account.
        expected: String,
        /// Who could migrate it.
        actual: String,
    },
    /// A contract that was recorded or created is not there.
    #[error("no_contract: {part}: there is no contract at {address}")]
    NoContract {
        /// Which.
        part: Part,
        /// Where.
        address: String,
    },
    /// The contracts do not name each other.
    #[error("not_connected: {part} names {actual} as {role}, not {expected}")]
    NotConnected {
        /// Which.
        part: Part,
        /// What the other one is to it.
        role: &'static str,
        /// What it should name.
        expected: String,
        /// What it names.
        actual: String,
    },
    /// The embedded chain refuses.
    #[error("embedded: {0}")]
    Embedded(String),
    /// The chain refuses, or cannot be reached.
    #[error(transparent)]
    Client(#[from] ClientError),
}
