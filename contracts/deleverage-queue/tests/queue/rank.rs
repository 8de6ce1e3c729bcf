use std::collections::BTreeMap;

use perp_interface::queue::{QueryMsg, RankInputs, RankQuery, RankResponse};
use perp_interface::{AccountId, Lots, PerLot, Policy, Price, ScoreKind, Side};
use proptest::prelude::*;

use crate::audit::brute_force;
use crate::market::change;
use crate::suite::{per_lot, position, terms, Suite, PARAMS};

fn query(account: AccountId, mark: Option<u64>, index: Option<PerLot>) -> QueryMsg {
    QueryMsg::Rank(RankQuery {
        account,
        market: 1,
        mark: mark.map(Price),
        index,
    })
}

fn rank(suite: &Suite, account: AccountId, mark: u64) -> RankResponse {
    suite
        .ask::<Option<RankResponse>>(&query(account, Some(mark), Some(PerLot(0))))
        .expect("is ranked")
}

fn refusal(suite: &Suite, query: &QueryMsg) -> String {
    let answer: Result<Option<RankResponse>, _> =
        suite.app.wrap().query_wasm_smart(&suite.queue, query);
    answer.expect_err("is refused").to_string()
}

/// Five shorts with 10 lots each: profits of 500 to 100 on the same collateral.
fn five(suite: &mut Suite) {
    let positions: Vec<_> = (0..5)
        .map(|i| (i, position(Side::Short, 10, 1500 - 100 * i as i128, 64)))
        .collect();
    suite.open(1, &positions);
}

#[test]
fn a_rank_shows_all_that_it_follows_from() {
    let mut suite = Suite::new(PARAMS);
    five(&mut suite);
    let third = rank(&suite, 2, 1000);
    let expected = RankResponse {
        side: Side::Short,
        lots: Lots(10),
        entry: per_lot(1300),
        class: perp_core::class::class_of(64 << 32),
        collateral: per_lot(64),
        mark: Price(1000),
        index: PerLot(0),
        profit_per_lot: per_lot(300),
        score: ScoreKind::ProfitLeverage,
        // 300/364.
        score_ppm: 824_175,
        lots_ahead_min: Lots(20),
        lots_ahead_max: Lots(20),
        lots_total: Lots(50),
        percentile_min_ppm: 400_000,
        percentile_max_ppm: 400_000,
        light: 3,
        dirty: false,
    };
    assert_eq!(third, expected);
    let lights: Vec<_> = (0..5).map(|i| rank(&suite, i, 1000).light).collect();
    assert_eq!(lights, [5, 4, 3, 2, 1]);
}

#[test]
fn who_has_no_profit_has_no_light() {
    let mut suite = Suite::new(PARAMS);
    five(&mut suite);
    let lights = |mark| -> Vec<_> { (0..5).map(|i| rank(&suite, i, mark).light).collect() };
    assert_eq!(lights(1250), [5, 4, 3, 0, 0]);
    assert_eq!(lights(2000), [0; 5]);
}

#[test]
fn a_rank_is_that_of_the_policy_in_force() {
    let mut suite = Suite::new(PARAMS);
    // The least profit has the least collateral, and one short has a loss.
    let positions: Vec<_> = (0..5)
        .map(|i| {
            (
                i,
                position(Side::Short, 10, 1301 - 100 * i as i128, 800 >> i),
            )
        })
        .chain([(5, position(Side::Short, 10, 950, 60))])
        .collect();
    suite.open(1, &positions);
    let mut lights = |score, protect_principal| -> Vec<_> {
        let policy = Policy {
            score,
            protect_principal,
            ..Policy::default()
        };
        suite.set_policy(1, policy);
        let ranks = (0..6).map(|i| rank(&suite, i, 1000));
        ranks
            .map(|r| (r.light, r.lots_ahead_min.0, r.lots_ahead_max.0))
            .collect()
    };
    // 301 on 768, 201 on 384, 101 on 192 and 1 on 96; then -99 on 48 and -50 on 60.
    let found = lights(ScoreKind::ProfitLeverage, true);
    assert_eq!(found[3], (3, 30, 30));
    assert_eq!(found[1], (5, 0, 10));
    assert_eq!((found[4].0, found[5].0), (0, 0));
    // Where principal is not protected everybody is asked.
    let found: Vec<_> = lights(ScoreKind::Profit, false)
        .iter()
        .map(|r| r.0)
        .collect();
    assert_eq!(found, [5, 5, 4, 3, 1, 2]);
    // By leverage: -51, 10, 97, 293, 585 and 1069 of equity; those with a loss come first, and only count
    // where principal is not protected.
    let found = lights(ScoreKind::Leverage, true);
    assert_eq!((found[3], found[4].0, found[5].0), ((5, 0, 0), 0, 0));
    assert_eq!(found[0], (3, 30, 30));
    let found = lights(ScoreKind::Leverage, false);
    assert_eq!(
        (found[5], found[3].1, found[0]),
        ((5, 10, 10), 20, (1, 50, 50))
    );
}

#[test]
fn mark_and_funding_are_those_of_the_market_unless_given() {
    let mut suite = Suite::new(PARAMS);
    five(&mut suite);
    suite.change_world(|world| {
        world.marks.insert(1, (1200, -(50 << 32)));
    });
    let ask = |mark, index| {
        suite
            .ask::<Option<RankResponse>>(&query(1, mark, index))
            .expect("is ranked")
    };
    // A short at 1400; funding of -50 has cost it 50.
    assert_eq!(ask(None, None).profit_per_lot, per_lot(150));
    assert_eq!(ask(Some(1000), None).profit_per_lot, per_lot(350));
    assert_eq!(ask(None, Some(PerLot(0))).profit_per_lot, per_lot(200));
    let now = ask(None, None);
    assert_eq!((now.mark, now.index), (Price(1200), per_lot(-50)));
}

#[test]
fn what_is_not_ranked_has_no_rank() {
    let mut suite = Suite::new(PARAMS);
    five(&mut suite);
    let none: Option<RankResponse> = suite.ask(&query(9, None, None));
    assert_eq!(none, None);
}

#[test]
fn what_cannot_be_a_price_is_refused() {
    let mut suite = Suite::new(PARAMS);
    five(&mut suite);
    let zero = Some(PerLot(0));
    for mark in [0, 1 << 40] {
        let error = refusal(&suite, &query(1, Some(mark), zero));
        assert!(error.contains("price_out_of_range: "), "{error}");
    }
    let error = refusal(&suite, &query(1, Some(7), Some(PerLot(i128::MIN))));
    assert!(error.contains("overflow: "), "{error}");
    // The scripted market has no mark yet.
    let error = refusal(&suite, &query(1, Some(7), None));
    assert!(error.contains("market_unanswered: market 1: "), "{error}");
}

#[test]
fn a_rank_says_when_its_key_is_out_of_date() {
    let mut suite = Suite::new(PARAMS);
    five(&mut suite);
    let report = suite.lose(&terms(7, 1), 10, 0);
    let deferred = perp_interface::queue::ReportShortfall {
        defer: true,
        ..report
    };
    suite.report(&deferred);
    suite.update(vec![change(2, 1, &position(Side::Short, 10, 1999, 64))]);
    // The order stands still while the job is open.
    let third = rank(&suite, 2, 1000);
    assert_eq!((third.entry, third.dirty), (per_lot(1300), true));
    assert!(!rank(&suite, 1, 1000).dirty);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// At any price and funding, on both sides, by every kind of score: the true lots ahead lie within
    /// the bound.
    #[test]
    fn the_truth_lies_within_the_bound(
        list in prop::collection::vec(
            (any::<bool>(), prop_oneof![0i128..6, (0i128..900).prop_map(|e| e << 32), -(1i128 << 70)..(1i128 << 70)],
             prop_oneof![-2i128..12, (0i128..60).prop_map(|m| m << 34), Just(7i128 << 32)], 1u64..200), 0..90),
        mark in prop_oneof![1u64..12, 1u64..900, 1u64..(1 << 40)],
        index in prop_oneof![-3i128..3, -(1i128 << 70)..(1i128 << 70)],
        score in prop::sample::select(&ScoreKind::ALL[..]), protect_principal in any::<bool>(),
    ) {
        let mut suite = Suite::new(PARAMS);
        let policy = Policy { score, protect_principal, ..Policy::default() };
        suite.set_policy(1, policy);
        let positions: BTreeMap<u64, RankInputs> = list
            .into_iter()
            .enumerate()
            .map(|(i, (short, entry, collateral, lots))| (i as u64 * 7 % 1009, RankInputs {
                side: Side::from_bit(short.into()),
                lots: Lots(lots),
                entry: PerLot(entry),
                collateral: PerLot(collateral),
            }))
            .collect();
        suite.open(1, &positions.iter().map(|(account, position)| (*account, *position)).collect::<Vec<_>>());
        for side in [Side::Long, Side::Short] {
            let order = brute_force(score, side, Price(mark), PerLot(index), &positions);
            let total: u64 = order.iter().map(|(account, _)| positions[account].lots.0).sum();
            let mut ahead = 0;
            for (account, profit) in order {
                let answer: Option<RankResponse> = suite.ask(&query(account, Some(mark), Some(PerLot(index))));
                let answer = answer.expect("is ranked");
                prop_assert!(answer.lots_ahead_min.0 <= ahead && ahead <= answer.lots_ahead_max.0);
                prop_assert_eq!(answer.profit_per_lot.0, profit);
                prop_assert_eq!((answer.side, answer.lots_total), (side, Lots(total)));
                let ppm = u128::from(ahead) * 1_000_000;
                prop_assert!(u128::from(answer.percentile_min_ppm) <= ppm / u128::from(total));
                prop_assert!(u128::from(answer.percentile_max_ppm) * u128::from(total) >= ppm);
                let takes = !protect_principal || profit >= 0;
                let light = if takes { 5 - (5 * ahead / total) as u8 } else { 0 };
                prop_assert!(answer.light >= light && (answer.light == 0) == (light == 0));
                // By leverage, who gives nothing is not walked.
                ahead += if takes || score != ScoreKind::Leverage { answer.lots.0 } else { 0 };
            }
        }
    }
}
