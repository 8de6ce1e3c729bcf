//! A live chain, through its RPC.

use cosmwasm_std::HexBinary;
use serde_json::Value;

use super::artifact::Artifact;
use super::error::{DeployError, DeployResult};
use super::part::Part;
use super::record::Pending;
use super::target::{Announce, Creation, Done, Target};
use crate::client::{address, msg, Announced, Any, ClientError, ContractInfo, Sender, TxOutcome};

/// A live chain.
#[derive(Debug)]
pub struct OnChain {
    sender: Sender,
}

impl OnChain {
    /// Everything is sent and paid by this account.
    pub const fn new(sender: Sender) -> Self {
        Self { sender }
    }

    /// Sends one message, after it was announced.
    fn send(&self, msg: Any, announce: Announce<'_>) -> DeployResult<TxOutcome> {
        let mut refused = None;
        let mut tell = |announced: &Announced| {
            let pending = Pending {
                tx: announced.hash.clone(),
                until_height: announced.until_height,
            };
            announce(pending).map_err(|error| {
                let what = error.to_string();
                refused = Some(error);
                ClientError::BadInput(what)
            })
        };
        let gas = self.sender.gas;
        let sent = self.sender.send_announced(vec![msg], "", gas, &mut tell);
        match (sent, refused) {
            (_, Some(error)) => Err(error),
            (sent, None) => Ok(sent?),
        }
    }
}

impl From<TxOutcome> for Done {
    fn from(outcome: TxOutcome) -> Self {
        Self {
            tx: outcome.hash,
            height: outcome.height,
        }
    }
}

impl Target for OnChain {
    fn chain_id(&self) -> String {
        self.sender.client.chain_id().to_owned()
    }

    fn deployer(&self) -> String {
        self.sender.address().to_owned()
    }

    fn governance(&self) -> DeployResult<String> {
        let prefix = self.sender.keys().address().prefix();
        let expected = address::of_module(prefix, "gov")?.to_string();
        let actual = self.sender.client.module_account("gov")?;
        if actual.as_ref() == Some(&expected) {
            return Ok(expected);
        }
        Err(DeployError::GovAccount {
            expected,
            actual: actual.unwrap_or_else(|| "nowhere".to_owned()),
        })
    }

    fn settle(&mut self, pending: &Pending) -> DeployResult<()> {
        let until = pending.until_height;
        let most = self.sender.at_most;
        self.sender.client.settle(&pending.tx, until, most)?;
        Ok(())
    }

    fn checksum(&self, code_id: u64) -> DeployResult<Option<String>> {
        let info = self.sender.client.code_info(code_id)?;
        Ok(info.map(|info| HexBinary::from(info.checksum).to_hex()))
    }

    fn find_code(&self, checksum: &str) -> DeployResult<Option<u64>> {
        let bytes = unhex(checksum)?;
        Ok(self
            .sender
            .client
            .find_code(&bytes, self.sender.address())?)
    }

    fn contract(&self, address: &str) -> DeployResult<Option<ContractInfo>> {
        Ok(self.sender.client.contract_info(address)?)
    }

    fn address(&self, checksum: &str, salt: &[u8]) -> DeployResult<String> {
        let creator = self.sender.keys().address();
        let address = address::of_contract(&unhex(checksum)?, creator, salt)?;
        Ok(address.to_string())
    }

    fn query(&self, contract: &str, msg: &Value) -> DeployResult<Value> {
        Ok(self.sender.client.query_smart(contract, msg)?)
    }

    fn store(
        &mut self,
        _: Part,
        artifact: &Artifact,
        announce: Announce<'_>,
    ) -> DeployResult<(u64, Done)> {
        let msg = msg::store_code(self.sender.address(), &artifact.wasm)?;
        let outcome = self.send(msg, announce)?;
        let code_id = outcome.number("store_code", "code_id")?;
        Ok((code_id, outcome.into()))
    }

    fn create(&mut self, creation: &Creation<'_>, announce: Announce<'_>) -> DeployResult<Done> {
        let contract = msg::Instantiate2 {
            code_id: creation.code_id,
            admin: creation.admin,
            label: creation.label,
            salt: creation.salt,
        };
        let msg = msg::instantiate2(self.sender.address(), contract, creation.msg, &[])?;
        Ok(self.send(msg, announce)?.into())
    }
}

fn unhex(checksum: &str) -> DeployResult<Vec<u8>> {
    let bytes = HexBinary::from_hex(checksum);
    let bytes = bytes.map_err(|e| ClientError::BadInput(e.to_string()))?;
    Ok(bytes.into())
}
