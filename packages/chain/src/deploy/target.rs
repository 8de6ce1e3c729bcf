//! What a deployment needs of a chain.

use serde_json::Value;

use super::artifact::Artifact;
use super::error::DeployResult;
use super::part::Part;
use super::record::Pending;
use crate::client::ContractInfo;

/// A transaction that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Its hash; empty on the embedded chain.
    pub tx: String,
    /// Its block.
    pub height: u64,
}

/// A contract to create.
#[derive(Clone, Debug)]
pub struct Creation<'a> {
    /// Which.
    pub part: Part,
    /// Its code.
    pub code_id: u64,
    /// Who may migrate it.
    pub admin: &'a str,
    /// What wallets show.
    pub label: &'a str,
    /// Of the address.
    pub salt: &'a [u8],
    /// Its `InstantiateMsg`.
    pub msg: &'a Value,
}

/// Is told of a transaction before it is sent.
pub type Announce<'a> = &'a mut dyn FnMut(Pending) -> DeployResult<()>;

/// A chain to deploy to.
pub trait Target {
    /// Its name.
    fn chain_id(&self) -> String;

    /// Who creates the contracts.
    fn deployer(&self) -> String;

    /// The gov module account.
    ///
    /// # Errors
    /// `Client`; `GovAccount` if it is not where it should be.
    fn governance(&self) -> DeployResult<String>;

    /// Waits until a transaction of an earlier run is in a block or never will be.
    ///
    /// # Errors
    /// `Client`.
    fn settle(&mut self, pending: &Pending) -> DeployResult<()>;

    /// The checksum of a code, hexadecimal; none if there is no such code.
    ///
    /// # Errors
    /// `Client`.
    fn checksum(&self, code_id: u64) -> DeployResult<Option<String>>;

    /// A code of the deployer with this checksum.
    ///
    /// # Errors
    /// `Client`.
    fn find_code(&self, checksum: &str) -> DeployResult<Option<u64>>;

    /// The contract at an address.
    ///
    /// # Errors
    /// `Client`.
    fn contract(&self, address: &str) -> DeployResult<Option<ContractInfo>>;

    /// Where a contract with this code will be.
    ///
    /// # Errors
    /// `Client`.
    fn address(&self, checksum: &str, salt: &[u8]) -> DeployResult<String>;

    /// Asks a contract.
    ///
    /// # Errors
    /// `Client`.
    fn query(&self, contract: &str, msg: &Value) -> DeployResult<Value>;

    /// Stores a code; tells its number.
    ///
    /// # Errors
    /// `Client`, and those of `announce`.
    fn store(
        &mut self,
        part: Part,
        artifact: &Artifact,
        announce: Announce<'_>,
    ) -> DeployResult<(u64, Done)>;

    /// Creates a contract.
    ///
    /// # Errors
    /// `Client`, and those of `announce`.
    fn create(&mut self, creation: &Creation<'_>, announce: Announce<'_>) -> DeployResult<Done>;
}
