//! The embedded chain, in process: the same steps without a node.

use std::fmt;

use cosmwasm_std::testing::MockApi;
use cosmwasm_std::{
    instantiate2_address, Addr, Api, Binary, Checksum, Deps, DepsMut, Empty, Env, HexBinary,
    MessageInfo, Reply, Response, StdResult, WasmMsg,
};
use cw_multi_test::{next_block, App, Contract, ContractWrapper, Executor};
use perp_testkit::chain::BoxedContract;
use perp_testkit::ContractSet;
use serde_json::Value;

use super::artifact::{Artifact, Artifacts};
use super::error::{DeployError, DeployResult};
use super::part::Part;
use super::record::Pending;
use super::target::{Announce, Creation, Done, Target};
use crate::client::ContractInfo;

/// A new chain with nothing on it.
pub struct Embedded {
    /// The chain.
    pub app: App,
    deployer: Addr,
    codes: u64,
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded")
            .field("codes", &self.codes)
            .finish_non_exhaustive()
    }
}

impl Default for Embedded {
    fn default() -> Self {
        let app = App::default();
        let deployer = app.api().addr_make("deployer");
        Self {
            app,
            deployer,
            codes: 0,
        }
    }
}

impl Embedded {
    /// Artifacts for a chain that runs the contracts of this workspace instead: their names.
    pub fn artifacts() -> Artifacts {
        Part::ALL
            .into_iter()
            .map(|part| (part, Artifact::new(part.name().as_bytes().to_vec())))
            .collect()
    }

    /// How many codes there are.
    pub const fn codes(&self) -> u64 {
        self.codes
    }

    fn done(&mut self) -> Done {
        let done = Done {
            tx: String::new(),
            height: self.app.block_info().height,
        };
        self.app.update_block(next_block);
        done
    }

    /// As a live chain would be told of, without a hash.
    fn pending(&self) -> Pending {
        Pending {
            tx: String::new(),
            until_height: self.app.block_info().height,
        }
    }
}

fn failed(error: impl ToString) -> DeployError {
    DeployError::Embedded(error.to_string())
}

impl Target for Embedded {
    fn chain_id(&self) -> String {
        self.app.block_info().chain_id
    }

    fn deployer(&self) -> String {
        self.deployer.to_string()
    }

    fn governance(&self) -> DeployResult<String> {
        Ok(self.app.api().addr_make("governance").to_string())
    }

    fn settle(&mut self, _: &Pending) -> DeployResult<()> {
        // Here a transaction is done or not before anybody can be interrupted.
        Ok(())
    }

    fn checksum(&self, code_id: u64) -> DeployResult<Option<String>> {
        if !(1..=self.codes).contains(&code_id) {
            return Ok(None);
        }
        let info = self.app.wrap().query_wasm_code_info(code_id);
        Ok(Some(info.map_err(failed)?.checksum.to_hex()))
    }

    fn find_code(&self, checksum: &str) -> DeployResult<Option<u64>> {
        for code_id in 1..=self.codes {
            if self.checksum(code_id)?.as_deref() == Some(checksum) {
                return Ok(Some(code_id));
            }
        }
        Ok(None)
    }

    fn contract(&self, address: &str) -> DeployResult<Option<ContractInfo>> {
        // It has one error for everything, and here it can only mean that there is none.
        let Ok(info) = self.app.wrap().query_wasm_contract_info(address) else {
            return Ok(None);
        };
        Ok(Some(ContractInfo {
            code_id: info.code_id,
            admin: info.admin.map(String::from),
            label: String::new(),
            creator: info.creator.to_string(),
        }))
    }

    fn address(&self, checksum: &str, salt: &[u8]) -> DeployResult<String> {
        let api = MockApi::default();
        let checksum = HexBinary::from_hex(checksum).map_err(failed)?;
        let creator = api
            .addr_canonicalize(self.deployer.as_str())
            .map_err(failed)?;
        let address = instantiate2_address(&checksum, &creator, salt).map_err(failed)?;
        Ok(api.addr_humanize(&address).map_err(failed)?.into_string())
    }

    fn query(&self, contract: &str, msg: &Value) -> DeployResult<Value> {
        let answer = self.app.wrap().query_wasm_smart(contract, msg);
        answer.map_err(failed)
    }

    fn store(
        &mut self,
        part: Part,
        artifact: &Artifact,
        announce: Announce<'_>,
    ) -> DeployResult<(u64, Done)> {
        announce(self.pending())?;
        let stamped = Stamped {
            contract: contract_of(part),
            checksum: Checksum::from_hex(&artifact.checksum).map_err(failed)?,
        };
        let code_id = self
            .app
            .store_code_with_creator(self.deployer.clone(), Box::new(stamped));
        self.codes = self.codes.max(code_id);
        Ok((code_id, self.done()))
    }

    fn create(&mut self, creation: &Creation<'_>, announce: Announce<'_>) -> DeployResult<Done> {
        announce(self.pending())?;
        let msg = WasmMsg::Instantiate2 {
            admin: Some(creation.admin.to_owned()),
            code_id: creation.code_id,
            label: creation.label.to_owned(),
            msg: Binary::from(creation.msg.to_string().into_bytes()),
            funds: Vec::new(),
            salt: Binary::from(creation.salt),
        };
        let done = self.app.execute(self.deployer.clone(), msg.into());
        // The alternate form has the causes too.
        done.map_err(|e| failed(format!("{e:#}")))?;
        Ok(self.done())
    }
}

fn contract_of(part: Part) -> BoxedContract {
    use perp_lens::contract as l;
    let set = ContractSet::default();
    match part {
        Part::Market => set.market,
        Part::Queue => set.queue,
        Part::Feed => set.feed,
        Part::Fund => set.fund,
        Part::Lens => Box::new(
            ContractWrapper::new(l::execute, l::instantiate, l::query).with_migrate(l::migrate),
        ),
    }
}

/// A contract of Rust with the checksum of its artifact, from which its address is made.
struct Stamped {
    contract: BoxedContract,
    checksum: Checksum,
}

impl Contract<Empty> for Stamped {
    fn instantiate(
        &self,
        deps: DepsMut,
        env: Env,
        info: MessageInfo,
        msg: Vec<u8>,
    ) -> StdResult<Response> {
        self.contract.instantiate(deps, env, info, msg)
    }

    fn execute(
        &self,
        deps: DepsMut,
        env: Env,
        info: MessageInfo,
        msg: Vec<u8>,
    ) -> StdResult<Response> {
        self.contract.execute(deps, env, info, msg)
    }

    fn query(&self, deps: Deps, env: Env, msg: Vec<u8>) -> StdResult<Binary> {
        self.contract.query(deps, env, msg)
    }

    fn reply(&self, deps: DepsMut, env: Env, msg: Reply) -> StdResult<Response> {
        self.contract.reply(deps, env, msg)
    }

    fn sudo(&self, deps: DepsMut, env: Env, msg: Vec<u8>) -> StdResult<Response> {
        self.contract.sudo(deps, env, msg)
    }

    fn migrate(&self, deps: DepsMut, env: Env, msg: Vec<u8>) -> StdResult<Response> {
        self.contract.migrate(deps, env, msg)
    }

    fn checksum(&self) -> Option<Checksum> {
        Some(self.checksum)
    }
}
