use std::collections::BTreeMap;

use perp_interface::queue::{QueryMsg, RankInputs, Top, TopResponse};
use perp_interface::{Lots, Pass, PerLot, Price, ScoreKind, Side};
use proptest::prelude::*;

use crate::audit::brute_force;
use crate::suite::{per_lot, position, Suite, PARAMS};

fn top(suite: &Suite, side: Side, mark: u64, index: PerLot, limit: Option<u32>) -> TopResponse {
    suite.ask(&QueryMsg::Top(Top {
        market: 1,
        side,
        mark: Price(mark),
        index,
        score: None,
        pass: None,
        limit,
    }))
}

#[test]
fn a_ranked_position_shows_all_that_its_place_follows_from() {
    let mut suite = Suite::new(PARAMS);
    suite.open(
        1,
        &[
            (1, position(Side::Short, 3, 1200, 9)),
            (2, position(Side::Short, 4, 1100, 1)),
            (3, position(Side::Short, 5, 900, 4)),
            (4, position(Side::Long, 6, 900, 4)),
        ],
    );
    let answer = top(&suite, Side::Short, 1000, per_lot(-10), None);
    let accounts: Vec<_> = answer.positions.iter().map(|p| p.account).collect();
    // 190 on 9, 90 on 1, and a loss. Who has the least behind its profit comes first.
    assert_eq!(accounts, [2, 1, 3]);
    let best = &answer.positions[0];
    assert_eq!((best.rank, best.lots), (1, Lots(4)));
    assert_eq!(best.entry, per_lot(1100));
    assert_eq!(best.profit_per_lot, per_lot(90));
    assert_eq!(best.collateral, per_lot(1));
    assert_eq!(best.score_ppm, 989_010);
    assert_eq!(answer.positions[2].profit_per_lot, per_lot(-110));
    assert_eq!(answer.positions[2].score_ppm, 0);
}

#[test]
fn an_empty_ranking_has_no_top() {
    let suite = Suite::new(PARAMS);
    let answer = top(&suite, Side::Long, 1000, PerLot(0), None);
    assert_eq!((answer.positions.len(), answer.reads), (0, 0));
}

#[test]
fn no_more_is_read_than_classes_and_the_limit() {
    let mut suite = Suite::new(PARAMS);
    let positions: Vec<_> = (0u64..300)
        .map(|i| {
            let entry = i128::from(i * 7919 % 1009);
            (i, position(Side::Short, 1, entry, 1 << (i % 5)))
        })
        .collect();
    suite.open(1, &positions);
    for limit in [0, 1, 20, 300, 1000] {
        let answer = top(&suite, Side::Short, 500, PerLot(0), Some(limit));
        assert_eq!(answer.positions.len(), 300.min(limit as usize));
        assert!(answer.reads <= 5 + u64::from(limit), "{limit}");
    }
    assert_eq!(
        top(&suite, Side::Short, 500, PerLot(0), None)
            .positions
            .len(),
        20
    );
    let prices = [0, 1 << 40];
    for mark in prices {
        let query = QueryMsg::Top(Top {
            market: 1,
            side: Side::Long,
            mark: Price(mark),
            index: PerLot(0),
            score: None,
            pass: None,
            limit: None,
        });
        let answer: Result<TopResponse, _> =
            suite.app.wrap().query_wasm_smart(&suite.queue, &query);
        let error = answer.expect_err("is refused").to_string();
        assert!(error.contains("price_out_of_range"), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// At any price and funding, on both sides, the top is the head of a brute-force sort.
    #[test]
    fn the_top_is_the_head_of_a_sort(
        list in prop::collection::vec(
            (any::<bool>(), prop_oneof![0i128..6, (0i128..40).prop_map(|e| e << 33), -(1i128 << 70)..(1i128 << 70)],
             prop_oneof![-2i128..12, (0i128..60).prop_map(|m| m << 34), 1i128..(1i128 << 90)]), 0..60),
        asked in prop::collection::vec(
            (any::<bool>(), prop_oneof![1u64..12, 1u64..(1 << 40)], prop_oneof![-3i128..3, -(1i128 << 70)..(1i128 << 70)], 0u32..70), 1..6),
    ) {
        let mut suite = Suite::new(PARAMS);
        let positions: BTreeMap<u64, RankInputs> = list
            .into_iter()
            .enumerate()
            .map(|(i, (short, entry, collateral))| (i as u64 * 7 % 1009, RankInputs {
                side: Side::from_bit(short.into()),
                lots: Lots(i as u64 + 1),
                entry: PerLot(entry),
                collateral: PerLot(collateral),
            }))
            .collect();
        suite.open(1, &positions.iter().map(|(account, position)| (*account, *position)).collect::<Vec<_>>());
        for (short, mark, index, limit) in asked {
            let side = Side::from_bit(short.into());
            let kind = ScoreKind::ALL[limit as usize % 3];
            let mut expected = brute_force(kind, side, Price(mark), PerLot(index), &positions);
            let winners = expected.iter().copied().filter(|(_, profit)| *profit >= 0).take(limit as usize);
            let winners: Vec<_> = winners.collect();
            expected.truncate(limit as usize);
            let query = |pass| QueryMsg::Top(Top {
                market: 1, side, mark: Price(mark), index: PerLot(index), score: Some(kind), pass, limit: Some(limit),
            });
            let answer: TopResponse = suite.ask(&query(Some(Pass::Profit)));
            let found = answer.positions.iter().map(|p| (p.account, p.profit_per_lot.0));
            // Who sits behind those that take part may follow them, never come before.
            prop_assert!(found.clone().take(winners.len()).eq(winners.iter().copied()), "{kind:?}");
            let answer: TopResponse = suite.ask(&query(None));
            prop_assert_eq!(answer.score, kind);
            let found: Vec<_> = answer.positions.iter().map(|p| (p.account, p.profit_per_lot.0)).collect();
            prop_assert_eq!(found, expected);
            for (i, ranked) in answer.positions.iter().enumerate() {
                prop_assert_eq!(ranked.rank, i as u32 + 1);
                prop_assert_eq!(ranked.entry, positions[&ranked.account].entry);
                prop_assert_eq!(ranked.lots, positions[&ranked.account].lots);
            }
        }
    }
}
