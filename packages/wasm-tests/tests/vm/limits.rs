//! What a chain checks at upload; `scripts/check-wasm.sh` has the same checks made by `cosmwasm-check`.

use cosmwasm_vm::internals::{check_wasm, Logger};
use cosmwasm_vm::{capabilities_from_csv, WasmLimits};
use wasm_tests::{read_artifact, Facts, Meter, VmContract, CONTRACTS};

/// Fewer than wasmd offers: what a chain of CosmWasm 1.2 has already, so that all of them accept it.
const CAPABILITIES: &str = "iterator,staking,stargate,cosmwasm_1_1,cosmwasm_1_2";

/// wasmd's limit on an uploaded file.
const MAX_BYTES: usize = 800 * 1024;
/// The virtual machine's limit on one function.
const MAX_LOCALS: usize = 100;
/// The virtual machine's limit on all functions together.
const MAX_TOTAL_LOCALS: usize = 10_000;

#[test]
fn sizes_and_locals_are_within_the_chain_s_limits() {
    for contract in CONTRACTS {
        let facts = Facts::of(&read_artifact(contract)).expect("a wasm module");
        println!("{contract}: {facts:?}");
        assert!(facts.bytes <= MAX_BYTES, "{contract}: {facts:?}");
        assert!(facts.max_locals <= MAX_LOCALS, "{contract}: {facts:?}");
        assert!(
            facts.total_locals <= MAX_TOTAL_LOCALS,
            "{contract}: {facts:?}"
        );
    }
}

#[test]
fn a_chain_accepts_and_compiles_each_contract() {
    let capabilities = capabilities_from_csv(CAPABILITIES);
    for contract in CONTRACTS {
        let wasm = read_artifact(contract);
        check_wasm(&wasm, &capabilities, &WasmLimits::default(), Logger::Off)
            .unwrap_or_else(|error| panic!("{contract}: {error}"));
        VmContract::load(contract, &Meter::new());
    }
}
