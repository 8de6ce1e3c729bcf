//! Puts the state of version 0.1 under the contracts of this workspace.

use std::collections::BTreeMap;

use cosmwasm_std::{coins, to_json_binary, Addr, BlockInfo, Record, Timestamp, WasmMsg};
use cw_multi_test::{ContractWrapper, Executor};
use perp_interface::governance::{MigrateMsg, NoticeParams};
use perp_interface::{fund, queue, AccountId};
use perp_testkit::chain::{BoxedContract, ChainError, ChainResult, ContractSet, DENOM};
use perp_testkit::Chain;
use serde::Deserialize;
use serde_json::Value;

/// How long changes wait after the migration.
pub const NOTICE: NoticeParams = NoticeParams {
    notice_seconds: 86_400,
    step_seconds: 3_600,
};

/// The contracts, by their names in the file.
pub const CONTRACTS: [&str; 5] = ["market", "fund", "queue", "feed", "lens"];

/// Those that somebody governs.
pub const GOVERNED: [&str; 4] = ["market", "fund", "queue", "feed"];

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    #[serde(rename = "made")]
    _made: Vec<String>,
    block: Block,
    governance: Addr,
    contracts: BTreeMap<String, Deployed>,
    users: BTreeMap<String, User>,
    storage_market: Vec<(String, String)>,
    storage_fund: Vec<(String, String)>,
    storage_queue: Vec<(String, String)>,
    storage_feed: Vec<(String, String)>,
    storage_lens: Vec<(String, String)>,
    /// What 0.1 answered in this state.
    pub answers: Vec<Answer>,
    /// What it answered after it had worked off the open jobs.
    pub answers_after_the_jobs: Vec<Answer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    chain_id: String,
    height: u64,
    time_nanos: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deployed {
    address: Addr,
    code_id: u64,
    balance: String,
}

/// Somebody who takes part.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The address.
    pub address: Addr,
    /// Number of the account in the market.
    pub account: Option<AccountId>,
}

/// A query with the answer of 0.1.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Which contract.
    pub of: String,
    /// What it was asked.
    pub query: Value,
    /// What it answered.
    pub answer: Value,
}

/// The restored chain.
pub struct Golden {
    /// The file.
    pub fixture: Fixture,
    /// The chain.
    pub chain: Chain,
}

impl Golden {
    /// Instantiates the contracts of this workspace where those of 0.1 were, and puts the old state in the
    /// place of what that has written.
    pub fn load() -> Self {
        let text = include_str!("../fixtures/state_0_1_0.json");
        let fixture: Fixture = serde_json::from_str(text).expect("is a fixture");
        let chain = Chain::builder().lens().build();
        let mut golden = Self { fixture, chain };
        assert_eq!(golden.chain.governance, golden.fixture.governance);
        golden.set_block();
        for name in CONTRACTS {
            golden.restore(name);
        }
        golden
    }

    /// The same, with every contract migrated. The fund has not approved the market's code.
    pub fn migrated() -> Self {
        let mut golden = Self::load();
        for name in CONTRACTS {
            golden.migrate(name).expect("migrates");
        }
        golden
    }

    /// The same, with the code approved.
    pub fn running() -> Self {
        let mut golden = Self::migrated();
        golden.approve_code().expect("approves");
        golden
    }

    fn set_block(&mut self) {
        let block = &self.fixture.block;
        let nanos = block.time_nanos.parse().expect("is a number");
        self.chain.app.set_block(BlockInfo {
            height: block.height,
            time: Timestamp::from_nanos(nanos),
            chain_id: block.chain_id.clone(),
        });
    }

    fn restore(&mut self, name: &str) {
        let address = self.address(name);
        let deployed = &self.fixture.contracts[name];
        assert_eq!(address, deployed.address, "{name} is where it was");
        assert_eq!(self.chain.code_of(&address), deployed.code_id, "{name}");
        let written = self.chain.app.dump_wasm_raw(&address);
        let mut storage = self.chain.app.contract_storage_mut(&address);
        for (key, _) in written {
            storage.remove(&key);
        }
        for (key, value) in self.fixture.storage(name) {
            storage.set(&unhex(key), &bytes(value));
        }
        drop(storage);
        let balance: u128 = deployed.balance.parse().expect("is a number");
        let chain = &mut self.chain;
        chain
            .app
            .init_modules(|router, _, storage| {
                router
                    .bank
                    .init_balance(storage, &address, coins(balance, DENOM))
            })
            .expect("has coins");
    }

    /// Where a contract is.
    pub fn address(&self, name: &str) -> Addr {
        let all = &self.chain.addresses;
        match name {
            "market" => all.market.clone(),
            "fund" => all.fund.clone(),
            "queue" => all.queue.clone(),
            "feed" => all.feed.clone(),
            "lens" => all.lens.clone().expect("is deployed"),
            _ => panic!("no contract {name}"),
        }
    }

    /// Somebody of the old state.
    pub fn user(&self, name: &str) -> Addr {
        self.fixture.users[name].address.clone()
    }

    /// The account of somebody of the old state.
    pub fn account(&self, name: &str) -> AccountId {
        self.fixture.users[name].account.expect("has an account")
    }

    /// Migrates a contract as governance would, to its own code.
    pub fn migrate(&mut self, name: &str) -> ChainResult<u64> {
        let msg = match name {
            "lens" => serde_json::json!({}),
            _ => serde_json::to_value(full()).expect("is JSON"),
        };
        self.migrate_to(name, name, &msg)
    }

    /// Migrates a contract to a newly stored code.
    pub fn migrate_to(&mut self, name: &str, code: &str, msg: &Value) -> ChainResult<u64> {
        let sender = self.chain.governance.clone();
        self.migrate_by(&sender, (name, code), msg)
    }

    /// The same by somebody.
    pub fn migrate_by(
        &mut self,
        sender: &Addr,
        (name, code): (&str, &str),
        msg: &Value,
    ) -> ChainResult<u64> {
        let new_code_id = self.chain.app.store_code(code_of(code));
        let message = WasmMsg::Migrate {
            contract_addr: self.address(name).to_string(),
            new_code_id,
            msg: to_json_binary(msg).expect("is JSON"),
        };
        let answer = self.chain.app.execute(sender.clone(), message.into());
        answer.map_err(|e| ChainError(e.to_string()))?;
        Ok(new_code_id)
    }

    /// Has the fund approve the code that the market runs.
    pub fn approve_code(&mut self) -> ChainResult<Vec<cosmwasm_std::Event>> {
        let code_id = self.chain.code_of(&self.chain.addresses.market);
        let sender = self.chain.governance.clone();
        let msg = fund::ExecuteMsg::ApproveCode(fund::ApproveCode { code_id });
        self.chain.fund(&sender, msg)
    }

    /// What a contract stores.
    pub fn stored(&self, name: &str) -> Vec<Record> {
        self.chain.app.dump_wasm_raw(&self.address(name))
    }

    /// What all contracts store, their codes and coins: equal before and after what must change nothing.
    pub fn state(&self) -> Vec<(Vec<Record>, u64, u128)> {
        CONTRACTS
            .map(|name| {
                let address = self.address(name);
                let (code, coins) = (self.chain.code_of(&address), self.chain.balance(&address));
                (self.stored(name), code, coins)
            })
            .into()
    }

    /// Every recorded query that is answered otherwise now, or not at all.
    pub fn differences(&self, answers: &[Answer]) -> Vec<String> {
        let differs = |row: &&Answer| {
            let now: ChainResult<Value> = self.chain.query(&self.address(&row.of), &row.query);
            now.as_ref() != Ok(&row.answer)
        };
        let different = answers.iter().filter(differs);
        different
            .map(|row| format!("{} {}", row.of, row.query))
            .collect()
    }

    /// The open jobs.
    pub fn jobs(&self) -> Vec<queue::JobResponse> {
        let answer: queue::JobsResponse = self
            .chain
            .query(&self.chain.addresses.queue, &queue::QueryMsg::Jobs {})
            .expect("answers");
        answer.jobs
    }
}

impl Fixture {
    /// What a contract of 0.1 has stored: key in hex, value.
    pub fn storage(&self, name: &str) -> &[(String, String)] {
        match name {
            "market" => &self.storage_market,
            "fund" => &self.storage_fund,
            "queue" => &self.storage_queue,
            "feed" => &self.storage_feed,
            _ => &self.storage_lens,
        }
    }
}

/// Everything that a migration from 0.1 needs.
pub fn full() -> MigrateMsg {
    let api = cosmwasm_std::testing::MockApi::default();
    MigrateMsg {
        notice: Some(NOTICE),
        guardian: Some(api.addr_make("guardian").to_string()),
    }
}

fn code_of(name: &str) -> BoxedContract {
    use perp_lens::contract as l;
    let all = ContractSet::default();
    match name {
        "market" => all.market,
        "fund" => all.fund,
        "queue" => all.queue,
        "feed" => all.feed,
        _ => Box::new(
            ContractWrapper::new(l::execute, l::instantiate, l::query).with_migrate(l::migrate),
        ),
    }
}

/// A stored value: text where it is JSON, else hex.
fn bytes(value: &str) -> Vec<u8> {
    match value.strip_prefix("hex:") {
        Some(hex) => unhex(hex),
        None => value.as_bytes().to_vec(),
    }
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&text[i..i + 2], 16).expect("is hex"))
        .collect()
}
