//! Every selection policy: scores, breadths, principal, least fills, hedges.

use std::collections::BTreeSet;

use perp_interface::market::{ExecuteMsg, UpdateMarket};
use perp_interface::queue::{self, SetPolicy};
use perp_interface::{Lots, Policy, ScoreKind};
use perp_testkit::scan::Scan;
use perp_testkit::Chain;
use perps_cli::verify::{print_report, Kind, VerifyError};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::course::{bankruptcies, check, liquidate, try_check, Recorded};
use crate::random::{situation, Run, Situation};
use crate::situation::{crash, BOTTOM};

fn policies() -> impl Strategy<Value = Policy> {
    (
        prop::sample::select(ScoreKind::ALL.to_vec()),
        prop::sample::select(vec![1u32, 1, 2, 5, 10_000]),
        any::<bool>(),
        prop::sample::select(vec![1u64, 1, 4, 30]),
    )
        .prop_map(|(score, breadth, protect_principal, min_fill)| Policy {
            score,
            breadth,
            protect_principal,
            min_fill: Lots(min_fill),
        })
}

fn set_policy(chain: &mut Chain, market: u16, policy: Policy) {
    let governance = chain.governance.clone();
    let msg = SetPolicy {
        market,
        expected_version: None,
        policy: Some(policy),
    };
    chain
        .queue(&governance, queue::ExecuteMsg::SetPolicy(msg))
        .expect("sets");
}

/// All markets of one underlying.
fn group(chain: &mut Chain) {
    let governance = chain.governance.clone();
    for listed in Scan::take(chain).expect("scans").markets {
        let mut params = listed.params;
        params.hedge_group = 7;
        let msg = UpdateMarket {
            market: listed.market,
            expected_version: listed.version,
            params,
        };
        chain
            .market(&governance, ExecuteMsg::UpdateMarket(msg))
            .expect("updates");
    }
}

fn jobs(s: &Situation, policies: &[Policy], step_limit: u32) -> Vec<Vec<Recorded>> {
    let mut run = Run::build(s, step_limit, Chain::builder());
    for (i, policy) in policies.iter().enumerate() {
        set_policy(&mut run.chain, i as u16 + 1, *policy);
    }
    group(&mut run.chain);
    run.attempt(&s.before);
    run.set_prices(&s.middle);
    run.attempt(&s.between);
    run.set_prices(&s.bottom);
    run.add_depth(s);
    let mut found = bankruptcies(&mut run);
    run.set_prices(&s.aftershock);
    found.extend(bankruptcies(&mut run));
    found
}

fn all_are_as_defined(all: &[Vec<Recorded>]) {
    for job in all {
        match try_check(job) {
            Ok(report) => assert!(report.is_clean(), "{}", print_report(&report)),
            Err(error) => assert_eq!(error, VerifyError::NoLoss),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn receipts_under_any_policy(
        s in situation(3), policies in prop::collection::vec(policies(), 3),
        step_limit in prop::sample::select(vec![1u32, 3, 1_000_000]),
    ) {
        all_are_as_defined(&jobs(&s, &policies, step_limit));
    }
}

#[test]
fn the_situations_reach_every_pass_of_every_policy() {
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for _ in 0..150 {
        let strategy = (situation(3), prop::collection::vec(policies(), 3));
        let (s, policies) = strategy.new_tree(&mut runner).expect("generates").current();
        let all = jobs(&s, &policies, 4);
        all_are_as_defined(&all);
        for event in all.iter().flatten().flat_map(|tx| &tx.events) {
            let keys: &[&str] = match event.ty.as_str() {
                "wasm-adl_fill" | "wasm-adl_haircut" => &["pass"],
                "wasm-job_opened" => &["score", "protect_principal"],
                _ => continue,
            };
            let of = |key: &&str| event.attributes.iter().find(|a| a.key == **key).cloned();
            seen.extend(
                keys.iter()
                    .filter_map(of)
                    .map(|a| format!("{} {}", a.key, a.value)),
            );
        }
    }
    // 7 passes, 3 scores, with and without protected principal.
    assert_eq!(seen.len(), 12, "{seen:?}");
}

#[test]
fn another_policy_than_the_one_in_force_is_named() {
    for (key, value) in [
        ("score", "leverage"),
        ("breadth", "3"),
        ("protect_principal", "false"),
        ("min_fill", "2"),
    ] {
        let mut chain = Chain::builder().build();
        let crash = crash(&mut chain);
        chain.set_price(1, BOTTOM).expect("prices");
        let mut job = liquidate(&mut chain, crash.long.id, |_| {});
        let opened = job[0].events.iter_mut().find(|e| e.ty == "wasm-job_opened");
        for attribute in &mut opened.expect("opened").attributes {
            if attribute.key == key {
                attribute.value = value.to_owned();
            }
        }
        let first = check(&job).deviations[0].clone();
        assert_eq!(first.kind, Kind::Cover);
        assert!(first.why.contains(key) && first.got == value, "{first:?}");
    }
}

#[test]
fn an_order_by_another_score_is_named() {
    // Leverage at the mark: the same state, ranked as if the policy were the default.
    let run = |policy: Policy| {
        let mut chain = Chain::builder().build();
        let crash = crash(&mut chain);
        set_policy(&mut chain, 1, policy);
        chain.set_price(1, BOTTOM).expect("prices");
        (liquidate(&mut chain, crash.long.id, |_| {}), crash)
    };
    let levelled = Policy {
        score: ScoreKind::Leverage,
        ..Policy::of_breadth(100)
    };
    let (mut job, crash) = run(levelled);
    assert!(check(&job).is_clean());
    let (classic, _) = run(Policy::default());
    job[0].events = classic[0].events.clone();
    let report = check(&job);
    assert!(report.deviations.iter().any(|d| d.kind == Kind::Cover));
    // The events name the policy of the job: replayed by it, only the policy is wrong.
    assert!(
        report.deviations.iter().all(|d| d.kind == Kind::Cover),
        "{:?}",
        report.deviations
    );
    // With the policy in force in the opening, but the receipts of another: they are named.
    let of_policy = job_opened(&run(levelled).0);
    for event in &mut job[0].events {
        if event.ty == "wasm-job_opened" {
            *event = of_policy.clone();
        }
    }
    let report = check(&job);
    let named: BTreeSet<_> = report.deviations.iter().filter_map(|d| d.account).collect();
    assert!(
        named.contains(&crash.shorts[0].id),
        "{:?}",
        report.deviations
    );
}

fn job_opened(job: &[Recorded]) -> cosmwasm_std::Event {
    let mut events = job.iter().flat_map(|tx| &tx.events);
    let opened = events.find(|event| event.ty == "wasm-job_opened");
    opened.expect("a job was opened").clone()
}
