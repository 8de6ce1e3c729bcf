//! The harness itself: what reaches the embedded chain, and what the meter notes.

use cosmwasm_std::testing::{mock_env, MockApi, MockStorage};
use cosmwasm_std::{coins, Addr, Binary, Deps, Empty};
use cw_multi_test::{App, AppResponse, Contract, Executor};
use serde_json::{json, Value};
use wasm_tests::gas::{Pinning, GAS_MULTIPLIER};
use wasm_tests::{EntryPoint, Meter, StorageUse, VmContract};

use crate::scripted::{contract, writing_query, KEPT, REMOVED};

struct Chain {
    app: App,
    meter: Meter,
    user: Addr,
}

impl Chain {
    fn new() -> Self {
        let user = MockApi::default().addr_make("user");
        let app = App::new(|router, _, storage| {
            router
                .bank
                .init_balance(storage, &user, coins(100, "uusdc"))
                .expect("a balance");
        });
        Chain {
            app,
            meter: Meter::new(),
            user,
        }
    }

    fn instantiate(&mut self, contract: Box<dyn Contract<Empty>>) -> Addr {
        let code = self.app.store_code(contract);
        let (user, admin) = (self.user.clone(), Some(self.user.to_string()));
        self.app
            .instantiate_contract(code, user, &json!({}), &[], "scripted", admin)
            .expect("instantiated")
    }

    fn scripted(&mut self, name: &str, queries: &[&str]) -> Addr {
        let contract = VmContract::from_wasm(name, &contract(queries), &self.meter);
        self.instantiate(Box::new(contract.expect("compiles")))
    }

    fn run(&mut self, contract: &Addr) -> AppResponse {
        let message = json!({ "run": {} });
        self.app
            .execute_contract(
                self.user.clone(),
                contract.clone(),
                &message,
                &coins(3, "uusdc"),
            )
            .expect("executed")
    }
}

fn attributes(response: &AppResponse, key: &str) -> Vec<String> {
    let all = response.events.iter().flat_map(|event| &event.attributes);
    all.filter(|a| a.key == key)
        .map(|a| a.value.clone())
        .collect()
}

#[test]
fn writes_events_data_submessages_and_replies_reach_the_chain() {
    let mut chain = Chain::new();
    let address = chain.scripted("scripted", &[]);
    let response = chain.run(&address);

    let stored = |key: &str| chain.app.wrap().query_wasm_raw(&address, key.as_bytes());
    assert_eq!(stored(KEPT.0).unwrap(), Some(KEPT.1.as_bytes().to_vec()));
    assert_eq!(stored(REMOVED.0).unwrap(), None);
    assert_eq!(response.data, Some(Binary::new(vec![1, 2])));
    assert_eq!(attributes(&response, "did"), ["all"]);
    assert_eq!(attributes(&response, "a"), ["b"]);
    assert_eq!(attributes(&response, "replied"), ["yes"]);
    let left = chain.app.wrap().query_balance(&address, "uusdc").unwrap();
    assert_eq!(left.to_string(), "2uusdc", "one of three was burnt");
}

#[test]
fn the_meter_prices_storage_as_the_sdk_does() {
    let mut chain = Chain::new();
    let address = chain.scripted("scripted", &[]);
    let meter = chain.meter.clone();
    let (_, transaction) = meter.measure(|| chain.run(&address));

    let labels: Vec<String> = transaction.calls.iter().map(|c| c.label()).collect();
    assert_eq!(labels, ["execute/run", "reply/7"]);
    // Every key is 2 bytes behind a prefix of 33.
    let writes = (2000 + 30 * (35 + 6)) + (2000 + 30 * (35 + 2));
    let reads = (1000 + 3 * (35 + 6)) + (1000 + 3 * 35);
    let seek = 30 + 3 * (35 + 6);
    let steps = (30 + 3 * (35 + 6)) + (30 + 3 * (35 + 2));
    let execute = &transaction.calls[0];
    assert_eq!(
        execute.storage,
        StorageUse {
            reads: 2,
            writes: 2,
            deletes: 1,
            steps: 2,
            gas: writes + reads + seek + steps + 1000,
        }
    );
    assert_eq!(transaction.calls[1].storage, StorageUse::default());
}

#[test]
fn the_virtual_machine_s_gas_is_free_of_storage() {
    let mut chain = Chain::new();
    let address = chain.scripted("scripted", &[]);
    let meter = chain.meter.clone();
    let (_, transaction) = meter.measure(|| chain.run(&address));

    // A few dozen instructions and ten host calls; with storage it would be over 10 000.
    let vm = transaction.calls[0].vm_gas / GAS_MULTIPLIER;
    assert!((1..500).contains(&vm), "{vm}");
    let gas = transaction.gas();
    assert_eq!(transaction.gas_with_instances(Pinning::Pinned), gas + 4_000);
    assert_eq!(
        transaction.gas_with_instances(Pinning::Unpinned),
        gas + 62_000
    );
}

#[test]
fn queries_of_other_contracts_are_metered_below_the_call_that_made_them() {
    let mut chain = Chain::new();
    let asked = chain.scripted("asked", &[]);
    chain.run(&asked);
    let smart = json!({ "wasm": { "smart": { "contract_addr": asked, "msg": "e30=" } } });
    let key = Binary::from(KEPT.0.as_bytes());
    let raw = json!({ "wasm": { "raw": { "contract_addr": asked, "key": key } } });
    let asker = chain.scripted("asker", &[&smart.to_string(), &raw.to_string()]);

    let meter = chain.meter.clone();
    let query = json!({ "ask": {} });
    let (answer, transaction) =
        meter.measure(|| chain.app.wrap().query_wasm_smart::<Value>(&asker, &query));

    assert_eq!(answer.unwrap(), json!({}));
    let calls: Vec<_> = transaction
        .calls
        .iter()
        .map(|c| (c.contract.as_str(), c.entry, c.depth))
        .collect();
    assert_eq!(
        calls,
        [
            ("asker", EntryPoint::Query, 0),
            ("asked", EntryPoint::Query, 1)
        ]
    );
    let raw_read = transaction.calls[0].storage;
    assert_eq!((raw_read.reads, raw_read.gas), (1, 1000 + 3 * (35 + 6)));
}

#[test]
fn an_error_of_the_contract_keeps_its_text() {
    let mut chain = Chain::new();
    let address = chain.scripted("scripted", &[]);
    let code = chain.app.contract_data(&address).unwrap().code_id;
    let user = chain.user.clone();
    let error = chain
        .app
        .migrate_contract(user, address, &json!({}), code)
        .unwrap_err();
    assert!(format!("{error:?}").contains("told to refuse"), "{error:?}");
    let last = chain.meter.take().calls.pop().unwrap();
    assert_eq!((last.entry, last.ok), (EntryPoint::Migrate, false));
}

#[test]
fn a_call_without_end_runs_out_of_gas() {
    let mut chain = Chain::new();
    let code = VmContract::from_wasm("scripted", &contract(&[]), &chain.meter).unwrap();
    let address = chain.instantiate(Box::new(code.with_gas_limit(1_000)));
    let error = chain.app.wasm_sudo(address, &json!({})).unwrap_err();
    assert!(format!("{error:?}").contains("out of gas"), "{error:?}");
    let last = chain.meter.take().calls.pop().unwrap();
    assert_eq!(last.vm_gas / GAS_MULTIPLIER, 1_000);
}

#[test]
fn a_query_cannot_write() {
    let code = VmContract::from_wasm("writer", &writing_query(), &Meter::new()).unwrap();
    let (storage, api) = (MockStorage::new(), MockApi::default());
    let app = App::default();
    let deps = Deps {
        storage: &storage,
        api: &api,
        querier: app.wrap(),
    };
    let error = Contract::<Empty>::query(&code, deps, mock_env(), b"{}".to_vec()).unwrap_err();
    assert!(error.to_string().contains("write"), "{error}");
}
