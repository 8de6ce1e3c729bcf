use cosmwasm_std::{from_json, to_json_string, Uint128};
use perp_core::class::class_floor;
use perp_core::merge::Entry;
use perp_core::score::{Score, ScoreKind};
use proptest::prelude::*;

use super::*;

const LOSS: LossId = 6;

fn terms() -> LossTerms {
    LossTerms {
        loss_id: LOSS,
        market: 1,
        side: Side::Long,
        mark: Price(100),
        index: PerLot(0),
    }
}

fn job(lots: u64, need: i128, breadth: u32) -> Job {
    Job::open(
        terms(),
        Lots(lots),
        Quote(need),
        Policy::of_breadth(breadth),
    )
    .expect("opens")
}

/// Positions of the best class first, in the order given: their profit per lot, lots and stamp.
type Row = (i128, u64, u64);

fn ranking(rows: &[Row]) -> Vec<Ranked> {
    rows.iter()
        .enumerate()
        .map(|(i, (profit, lots, stamp))| Ranked {
            class: 5,
            entry: Entry {
                order: i as i128,
                account: i as u64 + 1,
                lots: *lots,
                stamp: *stamp,
            },
            score: Score {
                kind: ScoreKind::ProfitLeverage,
                profit: *profit,
                collateral: class_floor(5),
            },
        })
        .collect()
}

/// What a storage would answer to a job's cursor.
fn from_cursor<'a>(
    job: &Job,
    ranking: &'a [Ranked],
) -> impl Iterator<Item = Result<Ranked, MathError>> + 'a {
    let skip = job.cursor.map_or(0, |cursor| cursor.account as usize);
    ranking[skip..].iter().copied().map(Ok)
}

fn collect(job: &mut Job, ranking: &[Ranked], limit: u32, round: u32) -> Batch {
    let walk = from_cursor(job, ranking);
    job.collect(walk, limit, round).expect("collects")
}

fn accounts(batch: &Batch) -> Vec<u64> {
    batch.candidates.iter().map(|c| c.account).collect()
}

fn answer(pass: Pass, lots: u64, closed: bool) -> DeleverageResult {
    DeleverageResult {
        pass,
        lots: Lots(lots),
        need: Quote(1),
        closed,
        visited: 0,
    }
}

#[test]
fn a_job_starts_where_its_loss_needs_it() {
    assert_eq!(job(5, 7, 1).sharing, Sharing::Whole);
    assert_eq!(job(5, 7, 1).pass, Pass::Profit);
    assert!(job(5, 7, 3).is_summing());
    assert_eq!(job(0, 7, 3).pass, Pass::Kept);
    assert!(!job(0, 7, 3).is_summing());
    assert_eq!(job(5, 7, 1).ranking().side, Side::Short);
}

#[test]
fn terms_at_which_nobody_can_be_ranked_are_refused() {
    let open = |terms, lots| Job::open(terms, Lots(lots), Quote(1), Policy::of_breadth(3));
    let mark = |mark| LossTerms {
        mark: Price(mark),
        ..terms()
    };
    assert!(open(mark(0), 5).is_err());
    assert!(open(mark(1 << 40), 5).is_err());
    assert!(open(terms(), 1 << 48).is_err());
    let index = PerLot(-(1 << 79));
    assert!(open(LossTerms { index, ..terms() }, 5).is_err());
}

#[test]
fn a_job_survives_storage_in_every_state() {
    let mut summing = job(5, 7, 3);
    summing.cursor = Some(Cursor {
        class: 3,
        order: -(1 << 78),
        account: u64::MAX,
    });
    let mut known = job(5, -7, 100);
    known.sharing = Sharing::Known {
        lots: u128::MAX,
        weight: u128::MAX - 1,
        left: 3,
        sent: true,
    };
    known.in_flight = true;
    known.terms.index = PerLot(-(1 << 78));
    for job in [job(0, 7, 1), summing, known] {
        let json = to_json_string(&job).expect("json");
        assert_eq!(from_json::<Job>(&json).expect("parses"), job, "{json}");
    }
}

#[test]
fn the_sum_takes_breadth_times_the_lots_and_cuts_the_last() {
    let ranking = ranking(&[(9, 4, 0), (5, 4, 0), (3, 100, 0), (2, 1, 0)]);
    let mut job = job(5, 1, 3);
    let walk = from_cursor(&job, &ranking);
    assert_eq!(job.sum(walk, 99).expect("sums"), 3);
    let weight = 4 * 9 + 4 * 5 + 7 * 3;
    let set = SharingSet { lots: 15, weight };
    assert_eq!(job.sharing, known(set));
    assert_eq!(job.cursor, None, "the first pass starts at the head");
}

#[test]
fn the_sum_ends_where_nobody_has_anything_to_share_by() {
    let ranking = ranking(&[(9, 4, 0), (0, 4, 0), (-1, 4, 0), (-2, 4, 0)]);
    let mut job = job(5, 1, 3);
    let walk = from_cursor(&job, &ranking);
    assert_eq!(job.sum(walk, 99).expect("sums"), 1);
    let set = SharingSet {
        lots: 4,
        weight: 36,
    };
    assert_eq!(job.sharing, known(set));
    // A profit of zero as ranked may be a small one: it is asked, for whole positions.
    let batch = collect(&mut job, &ranking, 99, 0);
    let shares: Vec<_> = batch.candidates.iter().map(|c| c.share).collect();
    assert_eq!(shares, [Some(Lots(4)), None]);
}

#[test]
fn whoever_came_while_the_job_was_open_is_not_in_the_set() {
    let stamp = LOSS * 8 + 1;
    let ranking = ranking(&[(9, 4, 0), (5, 4, stamp), (3, 4, 0)]);
    let mut job = job(5, 1, 3);
    let walk = from_cursor(&job, &ranking);
    job.sum(walk, 99).expect("sums");
    let batch = collect(&mut job, &ranking, 99, 0);
    assert_eq!(accounts(&batch), [1, 3]);
    assert!(!job.is_inside_set());
}

#[test]
fn shares_are_handed_out_inside_the_set_and_whole_positions_behind_it() {
    let ranking = ranking(&[(9, 4, 0), (5, 4, 0), (3, 4, 0), (2, 4, 0)]);
    let mut job = job(3, 1, 2);
    let walk = from_cursor(&job, &ranking);
    job.sum(walk, 99).expect("sums");
    // All of the set, although the first position alone could bear the loss.
    let batch = collect(&mut job, &ranking, 99, 0);
    let shares: Vec<_> = batch.candidates.iter().map(|c| c.share).collect();
    assert_eq!(shares, [Some(Lots(4)), Some(Lots(2))]);
    assert!(!batch.exhausted);
    // The market had no use for them.
    let batch = collect(&mut job, &ranking, 99, 0);
    let shares: Vec<_> = batch.candidates.iter().map(|c| (c.rank, c.share)).collect();
    assert_eq!(shares, [(3, None)]);
}

#[test]
fn candidates_end_when_they_could_bear_what_is_left() {
    let rows = [(9, 4, 0), (5, 4, 0), (3, 4, 0), (2, 4, 0)];
    for (lots, round, expected) in [(4, 0, 1), (5, 0, 2), (8, 0, 2), (4, 1, 2), (4, 7, 4)] {
        let batch = collect(&mut job(lots, 1, 1), &ranking(&rows), 99, round);
        assert_eq!(batch.candidates.len(), expected, "{lots} lots");
        assert_eq!(batch.exhausted, expected == 4);
    }
    let mut haircut = job(0, 10, 1);
    haircut.pass = Pass::Haircut;
    let rows = [(1 << 33, 4, 0), (1 << 32, 2, 0), (1 << 32, 2, 0)];
    let batch = collect(&mut haircut, &ranking(&rows), 99, 0);
    assert_eq!(
        accounts(&batch),
        [1, 2],
        "8 and 2 of profit for a need of 10"
    );
}

#[test]
fn only_the_third_pass_asks_those_who_lose() {
    let ranking = ranking(&[(9, 1, 0), (0, 1, 0), (-4, 1, 0)]);
    for (pass, expected) in [
        (Pass::Profit, 2),
        (Pass::Equity, 2),
        (Pass::AtMark, 3),
        (Pass::Haircut, 2),
    ] {
        let mut job = job(50, 1 << 100, 1);
        job.pass = pass;
        let batch = collect(&mut job, &ranking, 99, 0);
        assert_eq!(batch.candidates.len(), expected, "{pass:?}");
        assert!(batch.exhausted);
    }
}

#[test]
fn what_this_pass_wrote_is_walked_but_not_asked_again() {
    let stamp = LOSS * 8 + 2;
    let rows = [(9, 1, 0), (8, 1, stamp), (7, 1, stamp + 1), (6, 1, stamp)];
    let mut job = job(50, 1, 1);
    job.pass = Pass::Equity;
    let batch = collect(&mut job, &ranking(&rows), 99, 0);
    assert_eq!(accounts(&batch), [1, 3]);
    assert_eq!(batch.walked, 4);
    assert_eq!(job.visited, 2, "a rank counts candidates only");
}

#[test]
fn one_message_has_its_most_candidates() {
    let ranking = ranking(&[(1, 1, 0); MAX_CANDIDATES + 9]);
    let mut job = job(1 << 40, 1, 1);
    let batch = collect(&mut job, &ranking, u32::MAX, 0);
    assert_eq!(batch.candidates.len(), MAX_CANDIDATES);
    assert!(!batch.exhausted);
    let rest = collect(&mut job, &ranking, u32::MAX, 1);
    assert_eq!((rest.candidates.len(), rest.exhausted), (9, true));
}

#[test]
fn answers_move_a_job_only_forward() {
    use Pass::{AtMark, Equity, Kept, Profit};
    let at = |pass| {
        let mut job = job(9, 9, 3);
        job.pass = pass;
        job.visited = 4;
        job.in_flight = true;
        job.cursor = Some(Cursor {
            class: 1,
            order: 1,
            account: 1,
        });
        job
    };
    let table = [
        (Profit, answer(Profit, 5, false), false, Next::Step, 4),
        (Profit, answer(Equity, 5, false), true, Next::Step, 0),
        (Profit, answer(Kept, 0, false), false, Next::Step, 0),
        (AtMark, answer(AtMark, 5, false), false, Next::Step, 4),
        (AtMark, answer(AtMark, 5, false), true, Next::Wait, 0),
        (AtMark, answer(AtMark, 0, true), true, Next::Closed, 4),
    ];
    for (pass, answer, exhausted, next, visited) in table {
        let mut job = at(pass);
        assert_eq!(job.settle(&answer, exhausted), Ok(next));
        assert_eq!(job.visited, visited, "{pass:?} {answer:?}");
        assert_eq!(job.cursor.is_none(), visited == 0);
        assert!(!job.in_flight);
    }
    assert_eq!(
        at(Equity).settle(&answer(Profit, 5, false), false),
        Err(Equity)
    );
}

proptest! {
    /// Wherever sum and first pass pause, the same set and the same shares in the same order.
    #[test]
    fn pauses_change_nothing(
        mut rows in prop::collection::vec((-3i128..40, 1u64..30, Just(0u64)), 0..40),
        lots in 1u64..60, breadth in 1u32..6, limit in 1u32..6,
    ) {
        rows.sort_by_key(|row| -row.0);
        let ranking = ranking(&rows);
        let run = |limit: u32| {
            let mut job = job(lots, 1, breadth);
            let (mut read, mut handed_out) = (0, Vec::new());
            while job.is_summing() {
                let walk = from_cursor(&job, &ranking);
                read += job.sum(walk, limit).expect("sums");
            }
            let Sharing::Known { lots, weight, .. } = job.sharing else {
                return (read, None, handed_out);
            };
            while job.is_inside_set() {
                let batch = collect(&mut job, &ranking, limit, 0);
                assert!(batch.walked <= limit);
                handed_out.extend(batch.candidates);
            }
            (read, Some((Uint128::from(lots), Uint128::from(weight))), handed_out)
        };
        let (read, set, handed_out) = run(limit);
        let (read_at_once, set_at_once, at_once) = run(u32::MAX);
        prop_assert_eq!(read, read_at_once);
        prop_assert_eq!(set, set_at_once);
        // A message that ends the set may name a few more behind it: none of them with a share.
        let shared = |list: &[Candidate]| -> Vec<Candidate> {
            list.iter().filter(|c| c.share.is_some()).cloned().collect()
        };
        prop_assert_eq!(shared(&handed_out), shared(&at_once));
        if let Some((lots, _)) = set {
            let sum: u64 = shared(&at_once).iter().filter_map(|c| c.share).map(|s| s.0).sum();
            prop_assert_eq!(Uint128::from(sum), lots);
        }
    }
}

/// 10 000 positions at the head of the ranking that give nothing cost a job the walk past them,
/// once a pass, and nothing else: every call gets on by its limit.
#[test]
fn a_crowd_that_gives_nothing_stalls_nobody() {
    const CROWD: usize = 10_000;
    const LIMIT: u32 = 500;
    let mut rows: Vec<Row> = vec![(50, 1, 0); CROWD];
    rows.extend([(40, 9, 0); 3]);
    let ranking = ranking(&rows);
    for breadth in [1, 4] {
        let mut job = job(20, 1, breadth);
        let (mut calls, mut asked, mut left) = (0, Vec::new(), 20u64);
        while left > 0 {
            calls += 1;
            let (mut units, mut round) = (LIMIT, 0);
            if job.is_summing() {
                let walk = from_cursor(&job, &ranking);
                units -= job.sum(walk, units).expect("sums");
            }
            while units > 0 && round < MAX_ROUNDS && left > 0 && !job.is_summing() {
                let batch = collect(&mut job, &ranking, units, round);
                assert!(batch.candidates.len() <= MAX_CANDIDATES);
                (units, round) = (units - batch.walked, round + 1);
                for candidate in &batch.candidates {
                    let willing = candidate.account > CROWD as u64;
                    let taken = if willing { left.min(9) } else { 0 };
                    left -= taken;
                    asked.push(candidate.account);
                }
                let next = job.settle(&answer(Pass::Profit, left, left == 0), batch.exhausted);
                assert!(matches!(next, Ok(Next::Step | Next::Closed)));
            }
        }
        let everybody: Vec<u64> = (1..=CROWD as u64 + 3).collect();
        assert_eq!(asked, everybody, "each of them once, in order");
        // 8 messages a call, each asking for twice as much as the last: 20 to 2 560 lots, that is at
        // least the limit of 500 once there is a crowd.
        let set = if breadth == 1 { 0 } else { 1 };
        assert!(calls <= CROWD as u32 / LIMIT + 2 + set, "{calls} calls");
    }
}
