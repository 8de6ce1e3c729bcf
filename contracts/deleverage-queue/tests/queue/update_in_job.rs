//! A job walks an order that must not move under it.

use perp_interface::loss::JobMark;
use perp_interface::queue::{RankChange, RankInputs, ReportShortfall};
use perp_interface::{AccountId, Lots, Pass, Side};
use proptest::prelude::*;

use crate::market::{change, closed};
use crate::suite::{position, terms, Suite};

const BEST: RankInputs = position(Side::Short, 5, 1500, 8);
const NEXT: RankInputs = position(Side::Short, 5, 1400, 8);
const LAST: RankInputs = position(Side::Short, 5, 1300, 8);

/// Three shorts in market 1, and a job that has asked the first of them.
fn suite() -> Suite {
    let mut suite = Suite::with_step_limit(1);
    suite.open(1, &[(1, BEST), (2, NEXT), (3, LAST)]);
    let report = suite.lose(&terms(9, 1), 15, 0);
    suite.report(&report);
    assert_eq!(suite.asked(), [1]);
    suite
}

#[test]
fn a_change_from_outside_does_not_move_the_order() {
    let mut suite = suite();
    let stays = suite.key(3, 1);
    suite.update(vec![change(3, 1, &position(Side::Short, 5, 1600, 8))]);
    assert_eq!(suite.key(3, 1), stays);
    assert!(suite.is_dirty(3) && !suite.is_dirty(2));
    suite.finish(9);
    assert_eq!(suite.asked(), [1, 2, 3], "the order of the opening");
}

#[test]
fn what_waited_is_repaired_by_a_refresh_behind_the_job() {
    let mut suite = suite();
    let moved = position(Side::Short, 50, 1600, 8);
    suite.open(1, &[(3, moved)]);
    suite.refresh(&[3]).expect("refreshes");
    assert!(suite.is_dirty(3), "not while the job is open");
    suite.finish(9);
    suite.open(1, &[(4, BEST)]);
    assert_eq!(suite.key(3, 1).map(|key| key.lots), Some(Lots(45)));
    assert!(!suite.is_dirty(3), "the job itself wrote it back");

    let shortfall = suite.lose(&terms(10, 1), 2, 0);
    let defer = true;
    suite.report(&ReportShortfall { defer, ..shortfall });
    suite.open(1, &[(4, moved)]);
    suite.finish(10);
    assert!(suite.is_dirty(4) && suite.asked().last() == Some(&3));
    suite.refresh(&[4]).expect("refreshes");
    assert!(!suite.is_dirty(4));
    assert_eq!(suite.key(4, 1).map(|key| key.entry), Some(moved.entry));
}

#[test]
fn one_market_waits_and_the_others_do_not() {
    let mut suite = suite();
    let other = position(Side::Long, 2, 20, 8);
    let moved = position(Side::Short, 5, 1600, 8);
    suite.update(vec![change(3, 1, &moved), change(3, 2, &other)]);
    assert_eq!(suite.key(3, 2).map(|key| key.entry), Some(other.entry));
    assert!(suite.is_dirty(3));
    // A later word on the other market only says nothing about this one.
    suite.update(vec![change(
        3,
        2,
        &RankInputs {
            lots: Lots(1),
            ..other
        },
    )]);
    assert!(suite.is_dirty(3));
}

#[test]
fn marking_writes_no_place_and_only_once() {
    let mut suite = suite();
    let moved = position(Side::Short, 5, 1600, 8);
    suite.update(vec![change(3, 1, &moved)]);
    let marked = suite.dump();
    suite.update(vec![change(3, 1, &position(Side::Short, 4, 1700, 1))]);
    assert_eq!(suite.dump(), marked);
    // Back to where the key says it is.
    suite.update(vec![change(3, 1, &LAST)]);
    assert!(!suite.is_dirty(3));
}

#[test]
fn the_mark_of_another_job_is_from_outside() {
    let mut suite = suite();
    let mark = JobMark {
        loss_id: 8,
        pass: Pass::Profit,
    };
    let moved = position(Side::Short, 5, 1600, 8);
    suite
        .try_update(vec![change(3, 1, &moved)], Some(mark))
        .expect("updates");
    assert!(suite.is_dirty(3));
}

#[test]
fn what_the_job_wrote_is_current_again() {
    let mut suite = suite();
    suite.update(vec![change(2, 1, &position(Side::Short, 5, 1400, 1))]);
    assert!(suite.is_dirty(2));
    let mark = JobMark {
        loss_id: 9,
        pass: Pass::Profit,
    };
    let smaller = RankInputs {
        lots: Lots(1),
        ..NEXT
    };
    suite
        .try_update(vec![change(2, 1, &smaller)], Some(mark))
        .expect("updates");
    assert!(!suite.is_dirty(2));
    assert_eq!(suite.key(2, 1).map(|key| key.lots), Some(Lots(1)));
}

#[test]
fn a_position_closed_from_outside_keeps_its_key_until_it_is_refreshed() {
    let mut suite = suite();
    suite.change_world(|world| {
        world.positions.entry(1).or_default().remove(&3);
    });
    suite.update(vec![closed(3, 1)]);
    assert!(suite.key(3, 1).is_some() && suite.is_dirty(3));
    suite.refresh(&[3]).expect("refreshes");
    assert!(suite.key(3, 1).is_some(), "not while the job is open");

    // It is asked, has nothing to give, and five lots are left after the third pass.
    for _ in 0..20 {
        suite.go_on(9, None).expect("goes on");
    }
    assert_eq!(suite.jobs()[0].lots, Lots(5));
    suite.open(1, &[(4, BEST)]);
    suite.finish(9);
    assert!(suite.key(3, 1).is_some());
    suite.refresh(&[3]).expect("refreshes");
    assert!(suite.key(3, 1).is_none() && !suite.is_dirty(3));
}

/// Whoever has no key cannot be in the order, and the third pass must find everybody. The first
/// pass must not: its set was summed without.
#[test]
fn a_missing_key_is_inserted_and_asked_from_the_second_pass_on() {
    for (breadth, second) in [(1, Pass::Equity), (3, Pass::Rest)] {
        let mut suite = Suite::with_step_limit(1);
        suite.set_breadth(1, breadth);
        suite.open(1, &[(1, BEST), (2, NEXT), (3, LAST)]);
        let report = suite.lose(&terms(9, 1), 19, 0);
        suite.report(&report);
        let ahead = position(Side::Short, 50, 1350, 8);
        suite.open(1, &[(4, ahead)]);
        assert!(suite.key(4, 1).is_some() && !suite.is_dirty(4));
        suite.finish(9);
        let visits: Vec<_> = suite
            .world()
            .visits
            .iter()
            .map(|v| (v.pass, v.account, v.taken))
            .collect();
        let first = Pass::Profit;
        assert_eq!(
            visits,
            [(first, 1, 5), (first, 2, 5), (first, 3, 5), (second, 4, 4)]
        );
    }
}

#[test]
fn without_a_job_a_mark_is_nothing_special() {
    let mut suite = Suite::with_step_limit(1);
    let mark = JobMark {
        loss_id: 9,
        pass: Pass::AtMark,
    };
    suite
        .try_update(vec![change(1, 1, &BEST)], Some(mark))
        .expect("updates");
    let marked = suite.dump();
    let mut other = Suite::with_step_limit(1);
    other.update(vec![change(1, 1, &BEST)]);
    assert_eq!(marked, other.dump());
}

#[derive(Clone, Debug)]
enum Op {
    /// A trader, a transfer, a fill elsewhere: whatever happens outside of the job.
    Change(AccountId, Option<RankInputs>),
    GoOn(u32),
    Refresh(AccountId),
}

fn op() -> impl Strategy<Value = Op> {
    let inputs =
        (any::<bool>(), 1u64..9, 900i128..1100, 0u32..6).prop_map(|(long, lots, entry, octave)| {
            let side = if long { Side::Long } else { Side::Short };
            position(side, lots, entry, 1 << octave)
        });
    prop_oneof![
        3 => (0u64..8, prop::option::weighted(0.8, inputs)).prop_map(|(a, p)| Op::Change(a, p)),
        2 => (1u32..4).prop_map(Op::GoOn),
        1 => (0u64..8).prop_map(Op::Refresh),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever happens beside a job: no step fails, nobody's place moves but by the job, except that
    /// who flips to the side that it walks is found there, and after a refresh of all the index is
    /// the market again.
    #[test]
    fn a_job_and_the_world_around_it(
        ops in prop::collection::vec(op(), 1..40), breadth in 1u32..4, lots in 1u64..40, opening in 0usize..10,
    ) {
        let mut suite = Suite::with_step_limit(3);
        suite.set_breadth(1, breadth);
        let report = suite.lose(&terms(9, 1), lots, 0);
        suite.change_world(|world| {
            world.positions.entry(1).or_default();
        });
        for (i, op) in ops.into_iter().enumerate() {
            if i == opening {
                suite.report(&report);
            }
            match op {
                Op::Change(account, position) => {
                    let stored = suite.key(account, 1);
                    suite.change_world(|world| {
                        let open = world.positions.entry(1).or_default();
                        match position {
                            Some(position) => open.insert(account, position),
                            None => open.remove(&account),
                        };
                    });
                    suite.update(vec![RankChange { account, market: 1, position }]);
                    let Some(stored) = stored else { continue };
                    let key = suite.key(account, 1).map(|key| (key.side, key.entry, key.lots));
                    match (suite.jobs().is_empty(), position) {
                        (true, _) => {}
                        // The job walks the shorts, and must find everybody there.
                        (false, Some(now)) if stored.side == Side::Long && now.side == Side::Short => {
                            prop_assert_eq!(key, Some((now.side, now.entry, now.lots)));
                        }
                        (false, _) => {
                            prop_assert_eq!(key, Some((stored.side, stored.entry, stored.lots)));
                        }
                    }
                }
                Op::GoOn(limit) if !suite.jobs().is_empty() => {
                    suite.go_on(9, Some(limit)).expect("goes on");
                }
                Op::GoOn(_) => {}
                Op::Refresh(account) => {
                    suite.refresh(&[account]).expect("refreshes");
                }
            }
        }
        // Somebody whom the third pass can always ask.
        suite.open(1, &[(99, position(Side::Short, 40, 1, 1))]);
        suite.finish(9);
        suite.refresh(&[0, 1, 2, 3, 4, 5, 6, 7, 99]).expect("refreshes");
        let open = suite.world().positions[&1].clone();
        for account in (0..8).chain([99]) {
            prop_assert!(!suite.is_dirty(account));
            let key = suite.key(account, 1).map(|key| (key.side, key.entry, key.lots));
            prop_assert_eq!(key, open.get(&account).map(|p| (p.side, p.entry, p.lots)));
        }
    }
}
