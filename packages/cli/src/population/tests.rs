use super::*;

const MARK: u64 = 10_500_000;

fn spec(count: u32, total_lots: u64, side: WinningSide) -> PopulationSpec {
    PopulationSpec {
        seed: 7,
        row_index: 3,
        count,
        total_lots,
        mark: MARK,
        side,
        levels: MAX_LEVELS,
    }
}

fn sorted<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.collect();
    values.sort();
    values
}

/// The value below which `ppm` of the sorted values lie.
fn percentile<T: Copy>(sorted: &[T], ppm: usize) -> T {
    sorted[sorted.len() * ppm / 1_000_000]
}

/// Gini coefficient, share of the ten largest, Hill exponents of the largest 10 % and 5 %. Floats: these are only measured.
fn sizes(winners: &[Winner]) -> [f64; 4] {
    let lots = sorted(winners.iter().map(|w| w.lots));
    let n = lots.len() as f64;
    let total: f64 = lots.iter().map(|l| *l as f64).sum();
    let gini = lots
        .iter()
        .enumerate()
        .map(|(i, l)| (2.0 * (i as f64 + 1.0) - n - 1.0) * *l as f64)
        .sum::<f64>()
        / (n * total);
    let top = lots.iter().rev().take(10).map(|l| *l as f64).sum::<f64>() / total;
    let hill = |part: usize| {
        let k = lots.len() / part;
        let threshold = lots[lots.len() - k - 1] as f64;
        let logs: f64 = lots
            .iter()
            .rev()
            .take(k)
            .map(|l| (*l as f64 / threshold).ln())
            .sum();
        k as f64 / logs
    };
    [gini, top, hill(10), hill(20)]
}

#[test]
fn a_seed_and_a_row_give_one_population() {
    let first = spec(50, 100_000, WinningSide::Shorts);
    assert_eq!(winners(&first), winners(&first));
    let other_seed = PopulationSpec { seed: 8, ..first };
    assert_ne!(winners(&first), winners(&other_seed));
    let other_row = PopulationSpec {
        row_index: 4,
        ..first
    };
    assert_ne!(winners(&first), winners(&other_row));
}

/// The figures of this test may never change by themselves: they would change those of every published run.
#[test]
fn a_known_population() {
    let made = winners(&spec(3, 1_000, WinningSide::Shorts)).unwrap();
    let known: Vec<(u64, u64, u128)> = made
        .iter()
        .map(|w| (w.lots, w.entry, w.collateral))
        .collect();
    assert_eq!(known, KNOWN);
}

const KNOWN: [(u64, u64, u128); 3] = [
    (997, 21_428_571, 9_646_054_390),
    (1, 18_421_052, 1_994_394),
    (2, 35_000_000, 770_326_428),
];

#[test]
fn lots_add_up_and_everybody_has_one() {
    for side in [WinningSide::Shorts, WinningSide::Longs] {
        for (count, total) in [
            (1, 1),
            (1, 12_345),
            (20, 20),
            (20, 21),
            (333, 1_000),
            (20, LOTS_BOUND - 1),
            (10_000, 30_705_706),
        ] {
            let made = winners(&spec(count, total, side)).unwrap();
            assert_eq!(made.len(), count as usize);
            assert_eq!(made.iter().map(|w| w.lots).sum::<u64>(), total);
            assert!(made.iter().all(|w| w.lots >= 1));
        }
    }
}

#[test]
fn every_account_could_open_and_is_safe_at_the_mark() {
    for side in [WinningSide::Shorts, WinningSide::Longs] {
        for levels in 1..=MAX_LEVELS {
            for mark in [SMALLEST_MARK, MARK, 104_999_999, PRICE_BOUND - 1] {
                let spec = PopulationSpec {
                    mark,
                    levels,
                    ..spec(500, 1_000_000, side)
                };
                let entries = entry_levels(&spec).unwrap();
                for winner in winners(&spec).unwrap() {
                    assert_eq!(winner.entry, entries[winner.level]);
                    assert!(winner.entry < PRICE_BOUND);
                    assert!(
                        winner.margin() >= ppm_ceil(winner.opening_notional(), INITIAL_MARGIN_PPM)
                    );
                    assert!(winner.leverage_ppm(side, mark) <= 10_000_000);
                }
            }
        }
    }
}

#[test]
fn levels_come_in_the_order_of_opening() {
    for levels in 1..=MAX_LEVELS {
        for (side, rising) in [(WinningSide::Shorts, false), (WinningSide::Longs, true)] {
            let entries = entry_levels(&PopulationSpec {
                levels,
                ..spec(1, 1, side)
            })
            .unwrap();
            assert_eq!(entries.len(), levels);
            assert!(entries
                .windows(2)
                .all(|w| (w[0] < w[1]) == rising && w[0] != w[1]));
        }
    }
    let entries = entry_levels(&spec(1, 1, WinningSide::Shorts)).unwrap();
    let above = entries.iter().filter(|entry| **entry > MARK).count();
    assert_eq!(above, MAX_LEVELS - 1);
}

#[test]
fn ten_thousand_winners_have_the_published_figures() {
    for side in [WinningSide::Shorts, WinningSide::Longs] {
        let made = winners(&spec(10_000, 1 << 40, side)).unwrap();
        let leverage = sorted(made.iter().map(|w| w.leverage_ppm(side, MARK)));
        let profit = sorted(made.iter().map(|w| w.profit_ppm(side, MARK)));

        assert!(percentile(&leverage, 500_000).abs_diff(200_000) <= 4_000);
        assert!(percentile(&leverage, 950_000).abs_diff(5_100_000) <= 100_000);
        assert!((500_000..=520_000).contains(&percentile(&profit, 500_000)));
        assert_eq!(profit.iter().filter(|p| **p > 0).count(), 9_940);

        let [gini, _, hill_10, hill_5] = sizes(&made);
        assert!((gini - 0.98).abs() < 0.01, "{gini}");
        assert!((hill_10 - 0.75).abs() < 0.05, "{hill_10}");
        assert!((hill_5 - 0.75).abs() < 0.05, "{hill_5}");
    }
}

#[test]
fn as_many_winners_as_wallets_have_the_published_concentration() {
    let made = winners(&spec(19_337, 1 << 40, WinningSide::Shorts)).unwrap();
    let [_, top, ..] = sizes(&made);
    assert!((top - 0.46).abs() < 0.04, "{top}");
}

/// `cargo test -p perps-cli calibration -- --ignored --nocapture` prints what the documentation quotes.
#[test]
#[ignore = "prints figures, checks nothing"]
fn calibration() {
    for side in [WinningSide::Shorts, WinningSide::Longs] {
        for count in [20, 200, 10_000, 19_337] {
            let made = winners(&spec(count, 1 << 40, side)).unwrap();
            let leverage = sorted(made.iter().map(|w| w.leverage_ppm(side, MARK)));
            let profit = sorted(made.iter().map(|w| w.profit_ppm(side, MARK)));
            let winning = profit.iter().filter(|p| **p > 0).count();
            let [gini, top, hill_10, hill_5] = sizes(&made);
            println!("{side:?} {count}: leverage ppm p50 {} p95 {} max {}; profit ppm p50 {}; {winning} in profit; Gini {gini:.3}, top ten {top:.3}, Hill {hill_10:.3} (10 %) {hill_5:.3} (5 %)",
                percentile(&leverage, 500_000),
                percentile(&leverage, 950_000),
                percentile(&leverage, 999_999),
                percentile(&profit, 500_000));
        }
    }
}

#[test]
fn what_cannot_be_made_is_refused() {
    let good = spec(20, 100, WinningSide::Shorts);
    for (bad, error) in [
        (
            PopulationSpec { count: 0, ..good },
            PopulationError::TooFewLots {
                count: 0,
                total_lots: 100,
            },
        ),
        (
            PopulationSpec { count: 101, ..good },
            PopulationError::TooFewLots {
                count: 101,
                total_lots: 100,
            },
        ),
        (
            PopulationSpec {
                total_lots: LOTS_BOUND,
                ..good
            },
            PopulationError::TooManyLots {
                total_lots: LOTS_BOUND,
            },
        ),
        (
            PopulationSpec { mark: 999, ..good },
            PopulationError::Mark { mark: 999 },
        ),
        (
            PopulationSpec {
                mark: PRICE_BOUND,
                ..good
            },
            PopulationError::Mark { mark: PRICE_BOUND },
        ),
        (
            PopulationSpec { levels: 0, ..good },
            PopulationError::Levels { levels: 0 },
        ),
        (
            PopulationSpec { levels: 13, ..good },
            PopulationError::Levels { levels: 13 },
        ),
    ] {
        assert_eq!(winners(&bad), Err(error));
    }
}
