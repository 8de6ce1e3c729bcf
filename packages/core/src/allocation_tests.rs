use super::*;
use crate::score::Score;
use proptest::prelude::*;

fn policy(score: ScoreKind, breadth: u32) -> Policy {
    Policy {
        score,
        breadth,
        ..Policy::default()
    }
}

fn score(kind: ScoreKind, profit: i128, collateral: u128) -> Score {
    Score {
        kind,
        profit,
        collateral,
    }
}

/// Lots that each of the ranked positions gives: what the queue and the market do together.
fn share_out(policy: &Policy, quantity: u64, ranked: &[(u64, Score)]) -> Vec<u64> {
    let mut walk = SetWalk::new(Lots(quantity), policy.breadth);
    let offers: Vec<Offer> = ranked
        .iter()
        .map(|(lots, score)| {
            let offered = walk.offer(policy, Lots(quantity), (Lots(*lots), score));
            offered.expect("in range")
        })
        .take_while(|offer| *offer != Offer::Full)
        .collect();
    let (mut set, mut left) = (walk.set, Lots(quantity));
    let given = ranked.iter().enumerate().map(|(i, (lots, _))| {
        let given = match offers.get(i) {
            Some(Offer::Inside(share)) => {
                let (given, rest) = lots_of_share(policy, left, set, *share).expect("in set");
                set = rest;
                given
            }
            _ => Lots(*lots).min(left),
        };
        left = left.minus(given).expect("never too many");
        given.0
    });
    given.collect()
}

fn allocate(quantity: u64, breadth: u32, ranked: &[(u64, i128)]) -> Vec<u64> {
    let kind = ScoreKind::ProfitLeverage;
    let ranked: Vec<_> = ranked
        .iter()
        .map(|(lots, profit)| (*lots, score(kind, *profit, 1)))
        .collect();
    share_out(&policy(kind, breadth), quantity, &ranked)
}

/// Positions by equity per lot, the most levered first.
fn level(policy: &Policy, quantity: u64, ranked: &[(u64, i128)]) -> Vec<u64> {
    let ranked: Vec<_> = ranked
        .iter()
        .map(|(lots, equity)| (*lots, score(ScoreKind::Leverage, equity - 1, 1)))
        .collect();
    share_out(policy, quantity, &ranked)
}

#[test]
fn breadth_one_is_the_classic_queue() {
    assert_eq!(
        allocate(25, 1, &[(10, 1), (10, 300), (10, 2), (10, 9)]),
        [10, 10, 5, 0]
    );
}

#[test]
fn large_breadth_is_pro_rata_by_profit() {
    assert_eq!(
        allocate(10, 100, &[(100, 30), (100, 20), (100, 50)]),
        [3, 2, 5]
    );
}

#[test]
fn a_capped_share_passes_on() {
    assert_eq!(
        allocate(10, 100, &[(1, 1000), (100, 20), (100, 20)])
            .iter()
            .sum::<u64>(),
        10
    );
}

#[test]
fn no_profit_at_all_still_closes() {
    assert_eq!(allocate(10, 3, &[(7, 0), (7, 0), (16, -5)]), [7, 3, 0]);
}

proptest! {
    #[test]
    fn exactly_the_lots(
        quantity in 1u64..100_000, breadth in 1u32..50,
        ranked in prop::collection::vec((1u64..10_000, 0i128..(1i128 << 72)), 1..60),
    ) {
        let given = allocate(quantity, breadth, &ranked);
        let available: u64 = ranked.iter().map(|(lots, _)| lots).sum();
        prop_assert_eq!(given.iter().sum::<u64>(), quantity.min(available));
        for (give, (lots, _)) in given.iter().zip(&ranked) {
            prop_assert!(give <= lots);
        }
        if breadth == 1 {
            let mut left = quantity;
            for (give, (lots, _)) in given.iter().zip(&ranked) {
                prop_assert_eq!(*give, left.min(*lots));
                left -= give;
            }
        }
    }

    /// Nobody inside the set whose lots allow it gives more than a rounding step above its share.
    #[test]
    fn fair_when_nobody_is_capped(
        quantity in 1u64..1_000, profits in prop::collection::vec(1i128..1_000, 1..20),
    ) {
        let ranked: Vec<_> = profits.iter().map(|p| (1_000_000u64, *p)).collect();
        let given = allocate(quantity, u32::MAX, &ranked);
        let total: i128 = profits.iter().sum();
        for (give, profit) in given.iter().zip(&profits) {
            let exact = i128::from(quantity) * profit;
            prop_assert!((i128::from(*give) * total - exact).abs() <= total * (profits.len() as i128 + 1));
        }
    }
}

const LEVEL: Policy = Policy {
    score: ScoreKind::Leverage,
    breadth: 10_000,
    protect_principal: true,
    min_fill: Lots(1),
};

#[test]
fn levelling_brings_the_most_levered_down_to_a_common_level() {
    // Equity per lot 1, 2, 4: leverage 4, 2 and 1 times that of the last. Ten lots each.
    let book = [(10, 1), (10, 2), (10, 4)];
    // Down to the leverage of the second: the first keeps 5 lots on an equity of 10.
    assert_eq!(level(&LEVEL, 5, &book), [5, 0, 0]);
    // Six more bring both to 3 + 6 lots on equities of 10 and 20.
    assert_eq!(level(&LEVEL, 11, &book), [7, 4, 0]);
    // All three: 1, 2 and 4 lots stay.
    assert_eq!(level(&LEVEL, 23, &book), [9, 8, 6]);
    assert_eq!(level(&LEVEL, 30, &book), [10, 10, 10]);
    // Who has no equity keeps nothing.
    assert_eq!(level(&LEVEL, 4, &[(3, 0), (10, 2)]), [3, 1]);
    assert_eq!(level(&LEVEL, 4, &[(3, 0), (10, 0)]), [3, 1]);
    // And does not end the set of those behind it, who share what it leaves.
    assert_eq!(level(&LEVEL, 14, &[(3, 0), (10, 1), (10, 2)]), [3, 7, 4]);
}

#[test]
fn who_has_nothing_to_share_by_ends_a_set_by_profit_and_stands_before_one_by_leverage() {
    let offer = |kind, profit, collateral| {
        let policy = policy(kind, 5);
        let mut walk = SetWalk::new(Lots(10), 5);
        let next = score(kind, profit, collateral);
        walk.offer(&policy, Lots(10), (Lots(3), &next))
            .expect("in range")
    };
    for kind in [ScoreKind::ProfitLeverage, ScoreKind::Profit] {
        assert_eq!(offer(kind, 0, 9), Offer::Full);
        let inside = Share {
            lots: Lots(3),
            weight: 6,
        };
        assert_eq!(offer(kind, 2, 9), Offer::Inside(inside));
    }
    assert_eq!(offer(ScoreKind::Leverage, -9, 9), Offer::Outside);
    assert!(matches!(
        offer(ScoreKind::Leverage, -8, 9),
        Offer::Inside(_)
    ));
}

#[test]
fn levelling_at_breadth_one_closes_the_most_levered_whole() {
    let one = Policy {
        breadth: 1,
        ..LEVEL
    };
    assert_eq!(level(&one, 11, &[(10, 1), (10, 2), (10, 4)]), [10, 1, 0]);
    let two = Policy {
        breadth: 2,
        ..LEVEL
    };
    // A set of 22 lots: the third is in it by two of its ten.
    assert_eq!(
        level(&two, 11, &[(10, 1), (10, 2), (10, 4)])
            .iter()
            .sum::<u64>(),
        11
    );
}

#[test]
fn nobody_is_touched_for_less_than_the_least_fill() {
    let with = |score, min_fill| Policy {
        score,
        breadth: 100,
        min_fill: Lots(min_fill),
        ..Policy::default()
    };
    let kind = ScoreKind::ProfitLeverage;
    let book: Vec<_> = (0..10).map(|_| (100, score(kind, 5, 1))).collect();
    assert_eq!(share_out(&with(kind, 1), 10, &book), [1; 10]);
    assert_eq!(
        share_out(&with(kind, 4), 10, &book),
        [4, 4, 2, 0, 0, 0, 0, 0, 0, 0]
    );
    // A smaller position is closed whole, and who keeps everything is not touched at all.
    let small = [(3, score(kind, 5, 1)), (100, score(kind, 5, 1))];
    assert_eq!(share_out(&with(kind, 4), 10, &small), [3, 7]);
    let levelled = Policy {
        min_fill: Lots(4),
        ..LEVEL
    };
    assert_eq!(level(&levelled, 5, &[(10, 1), (10, 2)]), [5, 0]);
}

fn kinds() -> impl Strategy<Value = ScoreKind> {
    prop::sample::select(ScoreKind::ALL.to_vec())
}

proptest! {
    /// Lots are exact under every policy, and nobody gives more than it has.
    #[test]
    fn exactly_the_lots_under_every_policy(
        kind in kinds(), quantity in 1u64..100_000, breadth in 1u32..50, min_fill in 1u64..40,
        book in prop::collection::vec((1u64..10_000, -(1i128 << 60)..(1i128 << 72), 1u128..(1 << 90)), 1..60),
    ) {
        let policy = Policy { score: kind, breadth, min_fill: Lots(min_fill), ..Policy::default() };
        let mut book: Vec<_> = book.into_iter().map(|(lots, d, m)| (lots, score(kind, d, m))).collect();
        book.sort_by_key(|(_, score)| std::cmp::Reverse(*score));
        let given = share_out(&policy, quantity, &book);
        let set: u64 = {
            let mut walk = SetWalk::new(Lots(quantity), breadth);
            for (lots, score) in &book {
                let offer = walk.offer(&policy, Lots(quantity), (Lots(*lots), score)).expect("in range");
                if offer == Offer::Full { break; }
            }
            walk.set.lots as u64
        };
        let available: u64 = book.iter().map(|(lots, _)| lots).sum();
        let weighty: u64 = book.iter().filter(|(_, s)| policy.weight_per_lot(s) > 0).map(|(lots, _)| lots).sum();
        prop_assert!(set >= quantity.min(weighty), "the set can take the loss as far as there is weight");
        prop_assert_eq!(given.iter().sum::<u64>(), quantity.min(available));
        let touched = given.iter().filter(|lots| **lots > 0).count();
        let full = given.iter().zip(&book).filter(|(give, (lots, _))| {
            **give > 0 && **give < min_fill.min(*lots)
        }).count();
        prop_assert!(full <= 1 || touched == 0, "one crumb at the most: the last");
        for (give, (lots, _)) in given.iter().zip(&book) {
            prop_assert!(give <= lots);
        }
    }

    /// Water-filling: in units of lots per equity nobody who gave is more than a lot off the common
    /// level, and nobody who did not is above it.
    #[test]
    fn levelled_to_the_lot(part in 1u64..100, book in prop::collection::vec((1u64..10_000, 1i128..1_000), 1..40)) {
        let mut book = book;
        book.sort_by_key(|(_, equity)| *equity);
        let all: u64 = book.iter().map(|(lots, _)| lots).sum();
        let quantity = (all * part / 100).max(1);
        let given = level(&LEVEL, quantity, &book);
        let (mut kept, mut equity) = (0u128, 0u128);
        for (give, (lots, e)) in given.iter().zip(&book).filter(|(give, _)| **give > 0) {
            kept += u128::from(lots - give);
            equity += u128::from(*lots) * e.unsigned_abs();
        }
        for (give, (lots, e)) in given.iter().zip(&book) {
            let own = u128::from(*lots) * e.unsigned_abs();
            let keeps = u128::from(lots - give);
            let slack = equity * (given.len() as u128 + 1);
            if *give > 0 {
                prop_assert!((keeps * equity).abs_diff(kept * own) <= slack, "{keeps} of {own} at {kept}/{equity}");
            } else {
                prop_assert!(keeps * equity <= kept * own + slack, "untouched above the level");
            }
        }
    }
}
