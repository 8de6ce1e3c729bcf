//! The step limit moves only where a job pauses.

use std::collections::{BTreeMap, BTreeSet};

use perp_core::class::{class_floor, class_of};
use perp_interface::loss::LossTerms;
use perp_interface::params::QueueParams;
use perp_interface::queue::RankInputs;
use perp_interface::{AccountId, Lots, Pass, PerLot, Policy, Price, ScoreKind, Side};
use proptest::prelude::*;

use crate::audit::brute_force;
use crate::market::{Habit, Visit};
use crate::suite::Suite;

/// A loss, and who stands against it.
#[derive(Clone, Debug)]
struct Scenario {
    side: Side,
    policy: Policy,
    lots: u64,
    need: i128,
    kept_rows: u32,
    positions: BTreeMap<AccountId, (RankInputs, Habit)>,
}

#[derive(Debug, PartialEq)]
struct Outcome {
    visits: Vec<Visit>,
    set: Vec<(u128, u128)>,
    positions: BTreeMap<AccountId, RankInputs>,
}

impl Scenario {
    fn terms(&self) -> LossTerms {
        LossTerms {
            loss_id: 3,
            market: 1,
            side: self.side,
            mark: Price(1000),
            index: PerLot(-5 << 32),
        }
    }

    fn run(&self, step_limit: u32) -> Outcome {
        let mut suite = Suite::new(QueueParams {
            step_limit,
            default_policy: self.policy,
        });
        let positions: Vec<_> = self.positions.iter().map(|(a, (p, _))| (*a, *p)).collect();
        suite.open(1, &positions);
        let report = suite.lose(&self.terms(), self.lots, self.need);
        suite.change_world(|world| {
            let habits = self
                .positions
                .iter()
                .map(|(a, (_, habit))| (*a, habit.clone()));
            world.habits.extend(habits);
            world.losses.get_mut(&3).expect("a loss").kept_rows = self.kept_rows;
        });
        suite.report(&report);
        suite.finish(3);
        let world = suite.world();
        assert!(world.losses[&3].closed);
        let keys: BTreeSet<_> = world.positions[&1].keys().copied().collect();
        for account in self.positions.keys() {
            assert_eq!(suite.key(*account, 1).is_some(), keys.contains(account));
        }
        Outcome {
            visits: world.visits,
            set: world.messages.iter().filter_map(|m| m.set).collect(),
            positions: world.positions[&1].clone(),
        }
    }
}

fn habit() -> impl Strategy<Value = Habit> {
    let skips = prop_oneof![
        6 => Just(vec![]),
        2 => Just(vec![Pass::Profit]),
        1 => Just(vec![Pass::Profit, Pass::Equity]),
        1 => Just(vec![Pass::Haircut]),
    ];
    // Moves that keep the place, and moves that send a position up or down the ranking.
    let moves = prop_oneof![
        Just(0i128),
        -3i128..3,
        (-600i128..600).prop_map(|price| price << 32)
    ];
    let collateral = prop::option::of((0u32..50).prop_map(|octave| 1i128 << octave));
    (
        skips,
        prop::option::of(1u64..8),
        moves,
        collateral,
        0i128..20,
        prop::bool::weighted(0.2),
    )
        .prop_map(|(skips, most, moves, collateral, haircut, hedged)| Habit {
            hedged,
            skips,
            most,
            moves,
            collateral,
            haircut,
        })
}

fn scenario() -> impl Strategy<Value = Scenario> {
    let entry = prop_oneof![
        (400i128..1600).prop_map(|price| price << 32),
        (1000i128..1010).prop_map(|price| price << 32)
    ];
    let collateral = prop_oneof![-1i128..9, (30u32..44).prop_map(|octave| 3i128 << octave)];
    let list = prop::collection::vec((entry, collateral, 1u64..20, any::<bool>(), habit()), 1..16);
    let breadth = prop_oneof![Just(1u32), Just(3), Just(100)];
    let policy = (
        prop::sample::select(ScoreKind::ALL.to_vec()),
        breadth,
        any::<bool>(),
        1u64..9,
    );
    let policy = policy.prop_map(|(score, breadth, protect_principal, min_fill)| Policy {
        score,
        breadth,
        protect_principal,
        min_fill: Lots(min_fill),
    });
    (any::<bool>(), policy, 0.0..1.0f64, 0i128..60, 0u32..9, list).prop_map(
        |(short, policy, part, need, kept_rows, list)| {
            let side = Side::from_bit(short.into());
            let mut positions = BTreeMap::new();
            let mut against = 0;
            for (i, (entry, collateral, lots, same, habit)) in list.into_iter().enumerate() {
                // A few stand on the side of the loss: nobody may ask them.
                let on = if same && i % 4 == 3 {
                    side
                } else {
                    side.opposite()
                };
                against += if on == side { 0 } else { lots };
                let inputs = RankInputs {
                    side: on,
                    lots: Lots(lots),
                    entry: PerLot(entry),
                    collateral: PerLot(collateral),
                };
                positions.insert(i as u64 * 7 % 101, (inputs, habit));
            }
            let lots = (against as f64 * part) as u64;
            let need = if lots == 0 { need.max(1) } else { need };
            Scenario {
                side,
                policy,
                lots,
                need,
                kept_rows,
                positions,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_step_limit_asks_the_same_accounts_for_the_same(scenario in scenario()) {
        let at_once = scenario.run(1_000_000);
        for step_limit in [1, 2, 7] {
            prop_assert_eq!(&scenario.run(step_limit), &at_once, "step limit {}", step_limit);
        }
        asks_nobody_twice_in_a_pass(&at_once);
        asks_in_exact_order(&scenario, &at_once);
        shares_its_set(&scenario, &at_once);
    }
}

fn asks_nobody_twice_in_a_pass(outcome: &Outcome) {
    let mut seen = BTreeSet::new();
    let mut ranks: BTreeMap<Pass, u32> = BTreeMap::new();
    for visit in &outcome.visits {
        assert!(seen.insert((visit.pass, visit.account)), "{visit:?}");
        let rank = ranks.entry(visit.pass).or_default();
        *rank += 1;
        assert_eq!(visit.rank, *rank, "ranks count up in a pass");
    }
    let passes: Vec<_> = outcome.visits.iter().map(|v| v.pass).collect();
    assert!(passes.is_sorted(), "passes only move forward");
}

impl Scenario {
    /// Who takes part in the first pass, in brute-force order: account, profit and what its equity
    /// per lot is as ranked.
    fn takers(&self) -> Vec<(AccountId, i128, i128)> {
        let positions = self.positions.iter().map(|(a, (p, _))| (a, p));
        let (terms, side) = (self.terms(), self.side.opposite());
        let sorted = brute_force(self.policy.score, side, terms.mark, terms.index, positions);
        let with_equity = sorted.into_iter().map(|(account, profit)| {
            let collateral = class_floor(class_of(self.positions[&account].0.collateral.0));
            (account, profit, profit + collateral as i128)
        });
        with_equity
            .filter(|(_, profit, _)| !self.policy.protect_principal || *profit >= 0)
            .collect()
    }
}

/// The first pass sees the ranking as it was at the opening.
fn asks_in_exact_order(scenario: &Scenario, outcome: &Outcome) {
    let takers = scenario.takers();
    let asked: Vec<_> = outcome
        .visits
        .iter()
        .filter(|visit| visit.pass == Pass::Profit)
        .map(|visit| (visit.account, visit.profit_per_lot.0))
        .collect();
    let expected: Vec<_> = takers.iter().map(|(a, profit, _)| (*a, *profit)).collect();
    assert_eq!(asked, expected[..asked.len()]);
    if outcome
        .visits
        .iter()
        .any(|visit| visit.pass == Pass::Equity)
    {
        assert_eq!(asked.len(), takers.len(), "all that take part came first");
    }
}

/// The set is `breadth` times the lots of the loss, cut to size, or smaller where it levels
/// leverage, and told once in a pass that shares.
fn shares_its_set(scenario: &Scenario, outcome: &Outcome) {
    let policy = &scenario.policy;
    let shares = |pass| {
        let visits = outcome.visits.iter().filter(move |v| v.pass == pass);
        visits
            .filter_map(|visit| visit.share)
            .map(|s| u128::from(s.0))
    };
    for pass in [
        Pass::Rest,
        Pass::Equity,
        Pass::AtMark,
        Pass::Kept,
        Pass::Haircut,
    ] {
        assert_eq!(shares(pass).count(), 0, "{pass:?}");
    }
    if policy.breadth == 1 || scenario.lots == 0 {
        assert_eq!(shares(Pass::Profit).count(), 0);
        assert!(outcome.set.is_empty());
        return;
    }
    let quantity = i128::from(scenario.lots);
    let mut wanted = u128::from(scenario.lots) * u128::from(policy.breadth);
    let (mut lots, mut weight) = (0u128, 0u128);
    for (account, profit, equity) in scenario.takers() {
        let levelled = policy.score == ScoreKind::Leverage
            && (lots as i128 - quantity).max(-1) >= 0
            && (lots as i128 - quantity) * equity.max(0) >= weight as i128;
        let per_lot = match policy.score {
            ScoreKind::Leverage => equity,
            _ => profit,
        };
        if wanted == 0 || levelled || per_lot <= 0 && policy.score != ScoreKind::Leverage {
            break;
        }
        if per_lot <= 0 {
            continue;
        }
        let inside = wanted.min(u128::from(scenario.positions[&account].0.lots.0));
        wanted -= inside;
        lots += inside;
        weight += inside * per_lot.unsigned_abs();
    }
    assert_eq!(outcome.set[0], (lots, weight));
    assert!(shares(Pass::Profit).sum::<u128>() <= lots);
    assert_eq!(outcome.set.len(), 1, "told once");
}

/// Named for what it would be without stamps: a winner that is closed in part is ranked anew
/// behind the cursor's place, and would be asked again in the same pass.
#[test]
fn a_partly_closed_position_that_falls_behind_is_not_asked_again() {
    for (step_limit, breadth) in [(1, 1), (1, 3), (2, 100), (500, 1)] {
        let inputs = |entry: i128| RankInputs {
            side: Side::Short,
            lots: Lots(10),
            entry: PerLot(entry << 32),
            collateral: PerLot(8 << 32),
        };
        let falls = Habit {
            most: Some(4),
            moves: -(300 << 32),
            haircut: 2,
            ..Habit::default()
        };
        let scenario = Scenario {
            side: Side::Long,
            policy: Policy::of_breadth(breadth),
            lots: 25,
            need: 9,
            kept_rows: 1,
            positions: BTreeMap::from([
                (1, (inputs(1500), falls.clone())),
                (2, (inputs(1490), falls.clone())),
                (3, (inputs(1250), falls)),
            ]),
        };
        let outcome = scenario.run(step_limit);
        let first: Vec<_> = outcome
            .visits
            .iter()
            .filter(|v| v.pass == Pass::Profit)
            .map(|v| v.account)
            .collect();
        assert_eq!(first, [1, 2, 3]);
        asks_nobody_twice_in_a_pass(&outcome);
    }
}
