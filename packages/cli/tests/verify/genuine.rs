//! True receipts are as defined, whatever the situation and the step limit.

use perps_cli::verify::{print_report, VerifyError};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::course::{all_jobs, try_check, Recorded};
use crate::random::{situation, Situation};

/// Verifies one job; a liquidation that the books and the fund close has none.
fn is_as_defined(job: &[Recorded]) -> Option<perps_cli::verify::Report> {
    match try_check(job) {
        Ok(report) => {
            assert!(report.is_clean(), "{}", print_report(&report));
            Some(report)
        }
        Err(VerifyError::NoLoss) => None,
        Err(error) => panic!("{error}"),
    }
}

fn all_are_as_defined(s: &Situation) {
    for step_limit in [1, 2, 7, 1_000_000] {
        for job in all_jobs(s, step_limit) {
            is_as_defined(&job);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn receipts_of_one_market(s in situation(1)) {
        all_are_as_defined(&s);
    }

    #[test]
    fn receipts_of_three_markets(s in situation(3)) {
        all_are_as_defined(&s);
    }
}

#[test]
fn the_situations_reach_every_pass_and_several_losses() {
    let mut runner = TestRunner::deterministic();
    let mut passes = std::collections::BTreeSet::new();
    let (mut receipts, mut most_losses, mut old_keys, mut most_steps) = (0, 0, 0, 0);
    for markets in [1, 3] {
        for _ in 0..60 {
            let tree = situation(markets).new_tree(&mut runner);
            let s = tree.expect("generates").current();
            for job in all_jobs(&s, 3) {
                let Some(report) = is_as_defined(&job) else {
                    continue;
                };
                receipts += report.receipts;
                most_losses = most_losses.max(report.losses.len());
                most_steps = most_steps.max(job.len());
                old_keys += report.old_keys.len();
                let events = job.iter().flat_map(|tx| &tx.events);
                let taken = events.filter(|e| e.ty.starts_with("wasm-adl_"));
                passes.extend(taken.flat_map(|e| {
                    let pass = e.attributes.iter().find(|a| a.key == "pass");
                    pass.map(|a| a.value.clone())
                }));
            }
        }
    }
    assert_eq!(passes.len(), 7, "{passes:?}");
    assert!(receipts > 500 && most_losses > 1 && most_steps > 5 && old_keys > 0,
        "{receipts} receipts, {most_losses} losses, {most_steps} transactions, {old_keys} older keys");
}
