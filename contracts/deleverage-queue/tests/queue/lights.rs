use cw_multi_test::AppResponse;
use perp_interface::queue::{
    ExecuteMsg, LightsQuery, LightsResponse, PublishLights, QueryMsg, RankChange, RankQuery,
    RankResponse, Update,
};
use perp_interface::{AccountId, Lots, PerLot, Price, Side};
use proptest::prelude::*;

use crate::market::{change, closed};
use crate::suite::{events, per_lot, position, Suite, PARAMS};

const SHORT: PublishLights = PublishLights {
    market: 1,
    side: Side::Short,
};

/// Ten shorts with 10 lots each and profits of 100 to 10 at a mark of 1000.
fn ten() -> Suite {
    let mut suite = Suite::new(PARAMS);
    let positions: Vec<_> = (0..10)
        .map(|i| (i, position(Side::Short, 10, 1100 - 10 * i as i128, 64)))
        .collect();
    suite.open(1, &positions);
    set_mark(&mut suite, 1000);
    suite
}

fn set_mark(suite: &mut Suite, mark: u64) {
    suite.change_world(|world| {
        world.marks.insert(1, (mark, 0));
    });
}

fn publish(suite: &mut Suite) -> AppResponse {
    let stranger = suite.stranger.clone();
    suite
        .send(&stranger, &ExecuteMsg::PublishLights(SHORT))
        .expect("publishes")
}

fn published(suite: &Suite) -> Option<LightsResponse> {
    let PublishLights { market, side } = SHORT;
    suite.ask(&QueryMsg::Lights(LightsQuery { market, side }))
}

/// From and to of each `light_changed`, with its account.
fn changed(suite: &mut Suite, changes: Vec<RankChange>) -> Vec<[String; 3]> {
    let response = suite.try_update(changes, None).expect("updates");
    let get = |attributes: &[(String, String)], key: &str| {
        let found = attributes.iter().find(|(name, _)| name == key);
        found.expect("an attribute").1.clone()
    };
    events(&response, "light_changed")
        .iter()
        .map(|attributes| ["account", "from", "to"].map(|key| get(attributes, key)))
        .collect()
}

fn short_at(account: AccountId, entry: i128) -> RankChange {
    change(account, 1, &position(Side::Short, 10, entry, 64))
}

#[test]
fn published_lights_are_four_places_of_the_ranking() {
    let mut suite = ten();
    assert_eq!(published(&suite), None);
    let response = publish(&mut suite);
    let answer = published(&suite).expect("published");
    assert_eq!(
        (answer.mark, answer.index, answer.lots),
        (Price(1000), PerLot(0), Lots(100))
    );
    assert_eq!(answer.height, suite.app.block_info().height);
    let rows: Vec<_> = answer
        .thresholds
        .iter()
        .map(|t| (t.light, t.profit_per_lot.0 >> 32, t.score_ppm))
        .collect();
    // The second, fourth, sixth and eighth: a bucket ends just before the next quote unit.
    assert_eq!(
        rows,
        [
            (4, 89, 581_699),
            (3, 69, 518_796),
            (2, 49, 433_628),
            (1, 29, 311_827)
        ]
    );
    let event = &events(&response, "lights_published")[0];
    let scores: Vec<_> = event[6..].iter().map(|(_, value)| value.as_str()).collect();
    assert_eq!(scores, ["581699", "518796", "433628", "311827"]);
}

#[test]
fn who_crosses_a_light_is_told() {
    let mut suite = ten();
    assert!(changed(&mut suite, vec![short_at(9, 1095)]).is_empty());
    suite.update(vec![short_at(9, 1010)]);
    publish(&mut suite);
    // The last comes first, the first comes third; another one keeps its light.
    let crossed = changed(
        &mut suite,
        vec![short_at(9, 1200), short_at(0, 1079), short_at(5, 1051)],
    );
    assert_eq!(crossed, [["9", "1", "5"], ["0", "5", "4"]]);
    // Back, and out of profit.
    let crossed = changed(&mut suite, vec![short_at(9, 1010), short_at(0, 999)]);
    assert_eq!(crossed, [["9", "5", "1"], ["0", "4", "0"]]);
}

#[test]
fn less_collateral_leads_to_a_higher_light() {
    let mut suite = ten();
    publish(&mut suite);
    let riskier = change(9, 1, &position(Side::Short, 10, 1010, 4));
    assert_eq!(changed(&mut suite, vec![riskier]), [["9", "1", "5"]]);
}

#[test]
fn opening_closing_and_turning_around_are_no_crossings() {
    let mut suite = ten();
    publish(&mut suite);
    let turned = change(3, 1, &position(Side::Long, 10, 1, 64));
    let other_market = change(0, 2, &position(Side::Short, 10, 1, 64));
    let smaller = change(1, 1, &position(Side::Short, 9, 1090, 64));
    let changes = vec![
        short_at(77, 1200),
        closed(0, 1),
        turned,
        other_market,
        smaller,
    ];
    assert!(changed(&mut suite, changes).is_empty());
}

#[test]
fn lights_are_compared_at_the_published_price() {
    let mut suite = ten();
    publish(&mut suite);
    // At the price of now nobody has a profit.
    set_mark(&mut suite, 2000);
    assert_eq!(
        changed(&mut suite, vec![short_at(9, 1200)]),
        [["9", "1", "5"]]
    );
    publish(&mut suite);
    assert_eq!(published(&suite).expect("published").mark, Price(2000));
    assert!(changed(&mut suite, vec![short_at(9, 1010)]).is_empty());
}

#[test]
fn lights_of_nobody_and_of_no_market_are_refused() {
    let mut suite = ten();
    let stranger = suite.stranger.clone();
    let publish = |market, side| ExecuteMsg::PublishLights(PublishLights { market, side });
    let error = suite.refused(&stranger, &publish(1, Side::Long), "nothing_ranked");
    assert!(error.contains("market 1 long"), "{error}");
    let error = suite.refused(&stranger, &publish(2, Side::Short), "market_unanswered");
    assert!(error.contains("market 2"), "{error}");
    set_mark(&mut suite, 0);
    suite.refused(&stranger, &publish(1, Side::Short), "price_out_of_range");
    let mut suite = Suite::unconnected(PARAMS);
    suite.refused(&stranger, &publish(1, Side::Short), "not_connected");
}

#[test]
fn the_record_is_read_only_where_something_moved() {
    let mut suite = ten();
    publish(&mut suite);
    // Spoiled: whoever reads it fails.
    let number = 3u32;
    let key = deleverage_queue::state::LIGHTS.key(number).to_vec();
    let queue = suite.queue.clone();
    cosmwasm_std::Storage::set(
        &mut *suite.app.contract_storage_mut(&queue),
        &key,
        b"nothing",
    );
    suite.update(vec![
        short_at(77, 1200),
        closed(0, 1),
        change(1, 1, &position(Side::Short, 9, 1090, 64)),
        change(5, 2, &position(Side::Short, 9, 1090, 64)),
    ]);
    suite.update(vec![change(5, 2, &position(Side::Short, 9, 1091, 64))]);
    let market = suite.market.clone();
    let moves = ExecuteMsg::Update(Update {
        changes: vec![short_at(2, 1200)],
        job: None,
    });
    suite.refused(&market, &moves, "std");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// At the published price `Rank` shows the light that an `Update` would compare with.
    #[test]
    fn published_lights_are_those_of_the_ranks(
        list in prop::collection::vec((1i128..2000, prop_oneof![0i128..40, 1i128..4000], 1u64..60), 1..80), mark in 1u64..2000,
    ) {
        let mut suite = Suite::new(PARAMS);
        let positions: Vec<_> = (0..)
            .zip(&list)
            .map(|(i, (entry, collateral, lots))| (i, position(Side::Short, *lots, *entry, *collateral)))
            .collect();
        suite.open(1, &positions);
        set_mark(&mut suite, mark);
        publish(&mut suite);
        let ranks: Vec<u8> = positions
            .iter()
            .map(|(account, _)| {
                let query = QueryMsg::Rank(RankQuery { account: *account, market: 1, mark: None, index: None });
                suite.ask::<Option<RankResponse>>(&query).expect("is ranked").light
            })
            .collect();
        // From far behind everybody, each goes to where it stands now.
        let far = |account: AccountId| change(account, 1, &position(Side::Short, 1, -9000, 1));
        for ((account, position), light) in positions.iter().zip(ranks) {
            suite.update(vec![far(*account)]);
            let crossed = changed(&mut suite, vec![change(*account, 1, position)]);
            let expected: Vec<[String; 3]> = if light == 0 {
                vec![]
            } else {
                vec![[account.to_string(), "0".to_string(), light.to_string()]]
            };
            prop_assert_eq!(crossed, expected);
        }
    }
}

#[test]
fn entries_of_thresholds_are_signed_like_entries() {
    let mut suite = ten();
    publish(&mut suite);
    let answer = published(&suite).expect("published");
    // A short's order is the negative of its entry: the bucket of 1090 ends just above 1089.
    assert_eq!(answer.thresholds[0].entry, PerLot(per_lot(1089).0 + 1));
}
