//! The built contracts do what the native ones do, to the byte of their storage.

use std::collections::BTreeSet;

use perp_testkit::invariants::assert_all;
use wasm_tests::scenario::SCENARIOS;
use wasm_tests::{Code, Stage};

/// Everything that the four contracts and the bank hold, readable where it is text.
fn state(stage: &Stage) -> Vec<String> {
    let chain = &stage.chain;
    let contracts = &chain.addresses;
    let mut lines = vec![];
    for contract in [
        &contracts.market,
        &contracts.fund,
        &contracts.queue,
        &contracts.feed,
    ] {
        lines.push(format!("{contract} holds {}", chain.balance(contract)));
        for (key, value) in chain.app.dump_wasm_raw(contract) {
            let value = String::from_utf8_lossy(&value);
            lines.push(format!("{}: {value}", key.escape_ascii()));
        }
    }
    lines
}

#[test]
fn built_and_native_contracts_end_alike_in_every_scenario() {
    for (name, scenario) in SCENARIOS {
        let [native, built] = [Code::Native, Code::Built].map(scenario);
        assert_all(&built.chain);
        for (native, built) in native.log.iter().zip(&built.log) {
            assert_eq!(native.name, built.name, "{name}");
            assert_eq!(native.events, built.events, "{name}: {}", native.name);
            assert!(native.transaction.calls.is_empty(), "{name}: was measured");
            assert!(!built.transaction.calls.is_empty(), "{name}: was not built");
        }
        assert_eq!(native.log.len(), built.log.len(), "{name}");
        for (native, built) in state(&native).iter().zip(state(&built)) {
            assert_eq!(*native, built, "{name}");
        }
        assert_eq!(state(&native).len(), state(&built).len(), "{name}");
    }
}

#[test]
fn the_scenarios_show_fills_haircuts_bad_debt_and_failures() {
    let mut seen = BTreeSet::new();
    for (_, scenario) in SCENARIOS {
        for step in scenario(Code::Native).log {
            for event in step.events {
                let passes = event.attributes.iter().filter(|a| a.key == "pass");
                seen.extend(passes.map(|a| format!("{} {}", event.ty, a.value)));
                seen.insert(event.ty);
            }
        }
    }
    // Passes by number: fills of the first and at the mark, haircuts of kept and of open profit.
    for kind in [
        "trade",
        "order_rested",
        "order_removed",
        "liquidation",
        "cover",
        "adl_fill 1",
        "adl_fill 3",
        "adl_haircut 4",
        "adl_haircut 5",
        "bad_debt",
        "loss_closed",
        "submessage_failed",
        "fees_collected",
        "fund_paid",
        "fund_revenue",
        "staked",
        "unstaked",
        "bounty_booked",
        "owed_paid",
    ] {
        assert!(seen.contains(&format!("wasm-{kind}")), "{kind}: {seen:?}");
    }
}
