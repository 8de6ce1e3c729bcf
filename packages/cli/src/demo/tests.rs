use perp_interface::{Lots, ScoreKind};

use super::*;
use crate::verify::Transaction;

fn config(wave: Wave, coins: &[&str]) -> DemoConfig {
    DemoConfig {
        selection: Selection {
            wave,
            coins: Some(coins.iter().map(ToString::to_string).collect()),
            top: None,
        },
        fund: None,
        policy: Policy::default(),
        counterparties: 40,
        step_limit: None,
        seed: 10,
        record: 0,
    }
}

fn demo(config: &DemoConfig) -> DemoRun {
    run(config, |_, _, _| {}).expect("runs")
}

#[test]
fn every_loss_is_exact_and_in_order() {
    let mut policies = [1, 3, 100].map(Policy::of_breadth).to_vec();
    for score in [ScoreKind::Leverage, ScoreKind::Profit] {
        for (breadth, protect_principal, min_fill) in [(1, true, 1), (10_000, false, 7)] {
            policies.push(Policy {
                score,
                breadth,
                protect_principal,
                min_fill: Lots(min_fill),
            });
        }
    }
    for policy in policies {
        let run = demo(&DemoConfig {
            policy,
            ..config(Wave::One(1), &["HYPE", "XPL", "DOGE"])
        });
        assert!(run.result.is_exact(), "{:?}", run.result.totals);
        assert_eq!(run.result.losses.len(), 3);
        let totals = &run.result.totals;
        assert!(
            totals.fund_used.0 > 0 && totals.adl_taken.0 > 0 && totals.book_lots.0 > 0,
            "{totals:?}"
        );
        perp_testkit::invariants::assert_all(&run.chain);
    }
}

#[test]
fn the_step_limit_changes_only_the_steps() {
    let levelled = Policy {
        score: ScoreKind::Leverage,
        ..Policy::of_breadth(50)
    };
    for policy in [Policy::default(), Policy::of_breadth(5), levelled] {
        let base = DemoConfig {
            policy,
            fund: Some(0),
            ..config(Wave::One(1), &["AVAX", "DOGE"])
        };
        let unlimited = demo(&base);
        for limit in [1, 3] {
            let limited = demo(&DemoConfig {
                step_limit: Some(limit),
                ..base.clone()
            });
            assert_eq!(
                accounts(&limited).expect("scans"),
                accounts(&unlimited).expect("scans")
            );
            let strip = |run: &DemoRun| {
                let mut result = run.result.clone();
                result.params.settings.remove("step_limit");
                result.totals.steps = 0;
                for loss in &mut result.losses {
                    loss.steps = 0;
                }
                result
            };
            assert_eq!(strip(&limited), strip(&unlimited));
            assert!(limited.result.totals.steps > unlimited.result.totals.steps);
        }
    }
}

#[test]
fn a_row_without_a_gap_is_solvent() {
    let rows = wave_rows(&Selection {
        wave: Wave::All,
        coins: None,
        top: None,
    })
    .expect("rows");
    let row = rows
        .iter()
        .find(|row| row.needed <= 0)
        .expect("there are nine");
    let run = demo(&config(Wave::One(row.wave), &[&row.coin]));
    assert!(run.result.losses.is_empty());
    assert_eq!(run.result.solvent.len(), 1);
    assert!(run.result.is_exact());
}

#[test]
fn an_unknown_coin_is_a_typed_error() {
    let error = run(&config(Wave::One(1), &["NOPE"]), |_, _, _| {}).expect_err("unknown");
    assert!(matches!(error, DemoError::Wave(_)));
}

#[test]
fn recorded_losses_verify_from_their_files_and_a_change_is_found() {
    let run = demo(&DemoConfig {
        record: 2,
        step_limit: Some(3),
        ..config(Wave::One(1), &["HYPE", "XPL", "DOGE"])
    });
    assert_eq!(run.recorded.len(), 2);
    for recorded in &run.recorded {
        let file = serde_json::to_string(&recorded.before).expect("is JSON");
        let verify = |events: String| {
            let before = serde_json::from_str(&file).expect("is a state");
            let transaction = Transaction::parse(&events).expect("are events");
            crate::verify::verify([crate::verify::Pair {
                before,
                transaction,
            }])
        };
        let events = recorded.events.to_string();
        let report = verify(events.clone()).expect("verifies");
        assert!(report.is_clean() && report.receipts > 1, "{report:?}");
        let forged = events.replacen(
            r#""key":"rank","value":"1""#,
            r#""key":"rank","value":"2""#,
            1,
        );
        assert_ne!(forged, events);
        let report = verify(forged).expect("verifies");
        assert_eq!(report.deviations.len(), 1);
    }
}
