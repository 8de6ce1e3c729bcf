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
    /// The addresses file is of another deployer, admin or salt, or its contracts were created with
    /// another authority, guardian, notice or denom: they would not belong together.
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
    /// A contract that is still to be created has another artifact than when the first one was. That
    /// one was told an address which follows from the checksum, and can never be told another.
    #[error(
        "promised_artifact: {part}: the contracts that exist were told the address that follows from \
         {recorded}, the artifact is {actual}: deploy the former, or all of them again with another \
         salt and addresses file"
    )]
    PromisedArtifact {
        /// Which.
        part: Part,
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
    /// A contract was created with another configuration than this.
    #[error("other_governance: {part} has the {what} {actual}, not {expected}")]
    OtherGovernance {
        /// Which.
        part: Part,
        /// `authority`, `guardian`, `notice` or `denom`.
        what: &'static str,
        /// In the addresses file.
        expected: String,
        /// What the contract says.
        actual: String,
    },
    /// The chain's gov module account is not where it is on all others, or there is none: nobody might
    /// ever govern the contracts.
    #[error("gov_account: the chain's gov module account is {actual}, not {expected}")]
    GovAccount {
        /// What follows from the name of the module.
        expected: String,
        /// What the chain says.
        actual: String,
    },
    /// The embedded chain refuses.
    #[error("embedded: {0}")]
    Embedded(String),
    /// The chain refuses, or cannot be reached.
    #[error(transparent)]
    Client(#[from] ClientError),
}

impl DeployError {
    /// Whether a transaction that was announced is certain never to be on the chain.
    pub(super) const fn is_never_included(&self) -> bool {
        matches!(
            self,
            Self::Client(ClientError::Check { .. } | ClientError::Expired { .. })
        )
    }
}
