//! What a book's index and jobs select, against the obvious way.

use cosmwasm_std::from_json;
use cosmwasm_std::testing::mock_env;
use deleverage_queue::index::{walk, Origin};
use deleverage_queue::job::Job;
use deleverage_queue::ContractError;
use perp_core::merge::{Cursor, Ranked};
use perp_core::score::base;
use perp_interface::loss::LossTerms;
use perp_interface::queue::{QueryMsg, Top, TopResponse};
use perp_interface::{
    AccountId, Lots, MarketId, Pass, PerLot, Policy, Price, Quote, ScoreKind, Side,
};
use perp_testkit::order::{brute_force, Standing};
use rand::Rng;

use crate::book::Book;

/// How often what was met: a generator that never makes a case would test nothing.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    rankings: u64,
    positions: u64,
    several_positions: u64,
    no_collateral: u64,
    ties: u64,
    paused_walks: u64,
    jobs: u64,
    shares: u64,
    levelled: u64,
    losers_take_part: u64,
}

impl Counts {
    fn all(&mut self) -> [&mut u64; 10] {
        [
            &mut self.rankings,
            &mut self.positions,
            &mut self.several_positions,
            &mut self.no_collateral,
            &mut self.ties,
            &mut self.paused_walks,
            &mut self.jobs,
            &mut self.shares,
            &mut self.levelled,
            &mut self.losers_take_part,
        ]
    }

    pub fn add(&mut self, other: &Self) {
        let mut other = other.clone();
        for (sum, more) in self.all().into_iter().zip(other.all()) {
            *sum += *more;
        }
    }

    pub fn assert_all_met(&self) {
        for count in self.clone().all() {
            assert!(*count > 100, "{self:?}");
        }
    }
}

/// Compares one ranking of the book, at one price, by every score and under one policy.
pub fn compare(book: &Book, rng: &mut impl Rng, counts: &mut Counts) {
    let market = rng.gen_range(1..=book.markets.len() as MarketId);
    let side = Side::from_bit(rng.gen_range(0..2));
    let mark = Price(match rng.gen_range(0..3) {
        0 => rng.gen_range(1..1 << 40),
        _ => rng.gen_range(9_000_000..13_000_000),
    });
    let index = book.markets[&market].1;
    for kind in ScoreKind::ALL {
        let sorted = brute_force(kind, &book.scan(), (market, side), (mark, index));
        note(book, &sorted, counts, (side, mark, index));
        same_top(book, (market, side, kind), (mark, index), &sorted);
        same_after_a_pause(book, (market, side, kind), (mark, index), &sorted, rng);
        counts.paused_walks += u64::from(sorted.len() > 1);
        let policy = Policy {
            score: kind,
            breadth: [1, 2, 5, 10_000][rng.gen_range(0..4)],
            protect_principal: rng.gen(),
            min_fill: Lots(rng.gen_range(1..20)),
        };
        let terms = LossTerms {
            loss_id: 9,
            market,
            side: side.opposite(),
            mark,
            index,
        };
        same_candidates(book, &policy, &terms, (&sorted, rng), counts);
    }
}

fn note(
    book: &Book,
    sorted: &[Standing],
    counts: &mut Counts,
    (side, mark, index): (Side, Price, PerLot),
) {
    counts.rankings += 1;
    counts.positions += sorted.len() as u64;
    for standing in sorted {
        let held = &book.accounts[&standing.account].positions;
        counts.several_positions += u64::from(held.len() > 1);
        counts.no_collateral += u64::from(standing.class == 0);
    }
    for pair in sorted.windows(2) {
        let d = |s: &Standing| s.profit(side, mark, index);
        counts.ties += u64::from(pair[0].class == pair[1].class && d(&pair[0]) == d(&pair[1]));
    }
}

/// The query's order is the sorted one.
fn same_top(
    book: &Book,
    (market, side, kind): (MarketId, Side, ScoreKind),
    (mark, index): (Price, PerLot),
    sorted: &[Standing],
) {
    let top = QueryMsg::Top(Top {
        market,
        side,
        mark,
        index,
        score: Some(kind),
        pass: None,
        limit: Some(1_000),
    });
    let top = deleverage_queue::contract::query(book.queue.as_ref(), mock_env(), top);
    let top: TopResponse = from_json(top.expect("answers")).expect("parses");
    let found: Vec<_> = top
        .positions
        .iter()
        .map(|p| (p.account, p.lots.0, p.entry.0, p.class, p.profit_per_lot.0))
        .collect();
    let expected: Vec<_> = sorted
        .iter()
        .map(|s| {
            let profit = s.profit(side, mark, index);
            (s.account, s.lots, s.entry, s.class, profit)
        })
        .collect();
    assert_eq!(found, expected, "{kind:?}");
    let classes: std::collections::BTreeSet<_> = sorted.iter().map(|s| s.class).collect();
    assert!(top.reads <= (classes.len() + sorted.len()) as u64);
}

/// A walk goes on behind any position as if it had never stopped.
fn same_after_a_pause(
    book: &Book,
    (market, side, kind): (MarketId, Side, ScoreKind),
    (mark, index): (Price, PerLot),
    sorted: &[Standing],
    rng: &mut impl Rng,
) {
    if sorted.is_empty() {
        return;
    }
    let at = rng.gen_range(0..sorted.len());
    let last = &sorted[at];
    let cursor = Cursor {
        class: last.class,
        order: side.sign() * last.entry,
        account: last.account,
    };
    let ranking = deleverage_queue::state::RankingId { market, side };
    let base = base(side, mark, index).expect("in range");
    let policy = Policy {
        score: kind,
        ..Policy::default()
    };
    // At the mark everybody takes part.
    let origin = Origin::Behind(policy, Pass::AtMark, cursor);
    let mut merge = walk(&book.queue.storage, ranking, base, origin).expect("walks");
    let mut rest = Vec::new();
    while let Some(ranked) = merge.next_ranked().expect("reads") {
        rest.push(ranked.entry.account);
    }
    let expected: Vec<_> = sorted[at + 1..].iter().map(|s| s.account).collect();
    assert_eq!(rest, expected, "{kind:?} behind {last:?}");
}

/// Candidates and shares of the first pass, whatever the step limit.
fn same_candidates(
    book: &Book,
    policy: &Policy,
    terms: &LossTerms,
    (sorted, rng): (&[Standing], &mut impl Rng),
    counts: &mut Counts,
) {
    let lots: u64 = sorted.iter().map(|s| s.lots).sum();
    if lots == 0 {
        return;
    }
    let lots = rng.gen_range(1..=lots.min(1 << 47));
    let expected = expected_candidates(policy, terms, sorted, lots, counts);
    counts.jobs += 1;
    let mut job = Job::open(terms.clone(), Lots(lots), Quote(1), *policy).expect("opens");
    let limit = rng.gen_range(1..6);
    let read = |job: &Job| {
        let base = job.base().expect("in range");
        let mut merge =
            walk(&book.queue.storage, job.ranking(), base, job.origin()).expect("walks");
        std::iter::from_fn(move || merge.next_ranked().transpose())
            .collect::<Vec<Result<Ranked, ContractError>>>()
            .into_iter()
    };
    while job.is_summing() {
        let rest = read(&job);
        job.sum(rest, limit).expect("sums");
    }
    // A round beyond the last: as long as it takes, as if everybody were passed over.
    let mut found = Vec::new();
    loop {
        let rest = read(&job);
        let batch = job.collect(rest, limit, 8).expect("collects");
        found.extend(batch.candidates.iter().map(|c| (c.account, c.share)));
        if batch.exhausted {
            break;
        }
    }
    assert_eq!(found, expected, "{policy:?} {terms:?} {lots}");
}

/// The rules of the first pass written down once more: who takes part, and with how many lots it
/// is in the set.
fn expected_candidates(
    policy: &Policy,
    terms: &LossTerms,
    sorted: &[Standing],
    quantity: u64,
    counts: &mut Counts,
) -> Vec<(AccountId, Option<Lots>)> {
    let side = terms.side.opposite();
    let mut wanted = u128::from(quantity) * u128::from(policy.breadth);
    let (mut lots, mut equities) = (0i128, cosmwasm_std::Int256::zero());
    let mut full = policy.breadth == 1;
    let mut candidates = Vec::new();
    for standing in sorted {
        let profit = standing.profit(side, terms.mark, terms.index);
        let equity = profit + standing.floor.min(1 << 78) as i128;
        let weight = match policy.score {
            ScoreKind::Leverage => equity,
            _ => profit,
        };
        if policy.protect_principal && profit < 0 {
            continue;
        }
        counts.losers_take_part += u64::from(profit < 0);
        full = full || wanted == 0;
        if policy.score == ScoreKind::Leverage && !full && lots >= i128::from(quantity) {
            // Everybody in the set at this position's leverage would already give enough.
            let given = cosmwasm_std::Int256::from(lots - i128::from(quantity));
            full = given * cosmwasm_std::Int256::from(equity.max(0)) >= equities;
            counts.levelled += u64::from(full);
        }
        // Who has nothing to share by gives whole positions: leverage has those first, profit last.
        full = full || weight <= 0 && policy.score != ScoreKind::Leverage;
        if full || weight <= 0 {
            candidates.push((standing.account, None));
            continue;
        }
        let inside = wanted.min(u128::from(standing.lots));
        wanted -= inside;
        lots += inside as i128;
        equities +=
            cosmwasm_std::Int256::from(inside as i128) * cosmwasm_std::Int256::from(equity.max(0));
        counts.shares += 1;
        candidates.push((standing.account, Some(Lots(inside as u64))));
    }
    assert!(candidates.iter().all(|(_, share)| share.is_none()) || policy.shares(Pass::Profit));
    candidates
}
