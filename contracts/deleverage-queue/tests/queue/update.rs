use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::Record;
use perp_interface::queue::{
    ClassTotals, ClassesQuery, ClassesResponse, ExecuteMsg, HistogramsQuery, HistogramsResponse,
    IndexEntry, IndexQuery, IndexResponse, KeyResponse, QueryMsg, RankInputs, Update,
};
use perp_interface::{Lots, PerLot, Side};
use proptest::prelude::*;

use crate::market::{change, closed};
use crate::suite::{per_lot, position, Suite, PARAMS};

const LONG: RankInputs = position(Side::Long, 5, 900, 8);

fn classes(suite: &Suite, market: u16, side: Side) -> Vec<ClassTotals> {
    suite
        .ask::<ClassesResponse>(&QueryMsg::Classes(ClassesQuery { market, side }))
        .classes
}

fn page(
    suite: &Suite,
    side: Side,
    start_after: Option<IndexEntry>,
    limit: Option<u32>,
) -> Vec<IndexEntry> {
    let query = QueryMsg::Index(IndexQuery {
        market: 1,
        side,
        start_after,
        limit,
    });
    suite.ask::<IndexResponse>(&query).entries
}

/// Stored bytes that differ, as namespaces: the third byte of a key, behind its length.
fn written(before: &[Record], after: &[Record]) -> String {
    let (before, after): (BTreeMap<_, _>, BTreeMap<_, _>) = (
        before.iter().cloned().collect(),
        after.iter().cloned().collect(),
    );
    let mut keys: Vec<_> = before.keys().chain(after.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter()
        .filter(|key| before.get(*key) != after.get(*key))
        .map(|key| char::from(key[2]))
        .collect()
}

/// What an update of account 1 writes, when it and another position of its class are there.
fn writes(position: Option<RankInputs>) -> String {
    let mut suite = Suite::new(PARAMS);
    suite.update(vec![change(1, 1, &LONG), change(2, 1, &LONG)]);
    let before = suite.dump();
    suite.update(vec![perp_interface::queue::RankChange {
        account: 1,
        market: 1,
        position,
    }]);
    written(&before, &suite.dump())
}

#[test]
fn only_the_market_updates() {
    let mut suite = Suite::new(PARAMS);
    let (fund, market) = (suite.fund.clone(), suite.market.clone());
    let msg = ExecuteMsg::Update(Update {
        changes: vec![change(1, 1, &LONG)],
        job: None,
    });
    let refusal = suite.refused(&fund, &msg, "unauthorized");
    assert!(refusal.contains(fund.as_str()) && refusal.contains(market.as_str()));
}

#[test]
fn a_new_position_gets_its_key() {
    let mut suite = Suite::new(PARAMS);
    suite.update(vec![change(7, 1, &LONG)]);
    let class = perp_core::class::class_of(LONG.collateral.0);
    assert_eq!(
        suite.key(7, 1),
        Some(KeyResponse {
            side: Side::Long,
            class,
            entry: LONG.entry,
            lots: Lots(5),
        })
    );
    assert_eq!(
        classes(&suite, 1, Side::Long),
        [ClassTotals {
            class,
            collateral: per_lot(8),
            positions: 1,
            lots: Lots(5),
        }]
    );
    assert_eq!((suite.key(7, 2), suite.key(8, 1)), (None, None));
    assert_eq!(classes(&suite, 1, Side::Short), []);
    assert_eq!(classes(&suite, 2, Side::Long), []);
}

#[test]
fn what_did_not_change_is_not_written() {
    assert_eq!(writes(Some(LONG)), "");
    // Collateral counts by its class only.
    let mut richer = LONG;
    richer.collateral.0 += 1 << 31;
    assert_eq!(writes(Some(richer)), "");
}

#[test]
fn what_changed_is_written_and_nothing_else() {
    let with = |change: fn(&mut RankInputs)| {
        let mut position = LONG;
        change(&mut position);
        Some(position)
    };
    // Record in place, key, and totals of the class.
    assert_eq!(writes(with(|p| p.lots = Lots(4))), "krt");
    // Two records, and the key; the bucket has as many lots as before.
    assert_eq!(writes(with(|p| p.entry.0 += 1)), "krr");
    // To another bucket of its class.
    assert_eq!(writes(with(|p| p.entry.0 += 1 << 32)), "krrt");
    // A class fills: its bit, and both totals.
    assert_eq!(writes(with(|p| p.collateral.0 *= 2)), "korrtt");
    // The class is not empty without it.
    assert_eq!(writes(None), "krt");
}

#[test]
fn a_position_that_changes_sides_moves_to_the_other_ranking() {
    let mut suite = Suite::new(PARAMS);
    suite.update(vec![change(1, 1, &LONG)]);
    let side = Side::Short;
    suite.update(vec![change(1, 1, &RankInputs { side, ..LONG })]);
    assert_eq!(suite.key(1, 1).map(|key| key.side), Some(side));
    assert_eq!(classes(&suite, 1, Side::Long), []);
    assert_eq!(classes(&suite, 1, side).len(), 1);
}

#[test]
fn closing_the_last_position_leaves_nothing_behind() {
    let mut suite = Suite::new(PARAMS);
    let before = suite.dump();
    suite.update(vec![change(1, 1, &LONG), change(1, 2, &LONG)]);
    suite.update(vec![closed(1, 1), closed(1, 2), closed(9, 9)]);
    assert_eq!(suite.dump(), before);
}

#[test]
fn the_last_of_several_changes_of_a_position_counts() {
    let mut suite = Suite::new(PARAMS);
    let later = position(Side::Short, 2, 7, 3);
    suite.update(vec![
        change(1, 1, &LONG),
        closed(1, 1),
        change(1, 1, &later),
        change(2, 1, &later),
        closed(2, 1),
    ]);
    assert_eq!(suite.key(1, 1).map(|key| key.entry), Some(later.entry));
    assert_eq!(suite.key(2, 1), None);
}

#[test]
fn positions_that_cannot_be_are_refused() {
    let mut suite = Suite::new(PARAMS);
    let market = suite.market.clone();
    for (lots, entry, code) in [
        (Lots(0), PerLot(0), "lots_out_of_range"),
        (Lots(1 << 48), PerLot(0), "lots_out_of_range"),
        (Lots(1), PerLot(1 << 79), "overflow"),
        (Lots(1), PerLot(-(1 << 79) - 1), "overflow"),
    ] {
        let position = RankInputs {
            lots,
            entry,
            ..LONG
        };
        // The good one before it is not kept either.
        let changes = vec![change(1, 1, &LONG), change(2, 1, &position)];
        let msg = ExecuteMsg::Update(Update { changes, job: None });
        suite.refused(&market, &msg, code);
    }
}

#[test]
fn bug_a_page_behind_an_absurd_entry_panicked() {
    let suite = Suite::new(PARAMS);
    for (side, entry) in [
        (Side::Long, i128::MIN),
        (Side::Short, i128::MIN),
        (Side::Short, i128::MAX),
    ] {
        let start_after = Some(IndexEntry {
            class: 3,
            entry: PerLot(entry),
            account: 1,
            lots: Lots(1),
        });
        let query = QueryMsg::Index(IndexQuery {
            market: 1,
            side,
            start_after,
            limit: None,
        });
        let answer: Result<IndexResponse, _> =
            suite.app.wrap().query_wasm_smart(&suite.queue, &query);
        let error = answer.expect_err("is refused").to_string();
        assert!(error.contains("overflow"), "{error}");
    }
}

#[test]
fn the_index_is_read_page_by_page() {
    let mut suite = Suite::new(PARAMS);
    let at = |account, entry, collateral| {
        change(
            account,
            1,
            &position(Side::Short, account, entry, collateral),
        )
    };
    // Ascending class, then best entry first, then account; neighbours must not show.
    suite.update(vec![
        at(1, 50, 8),
        at(2, 70, 8),
        at(3, 70, 8),
        at(4, 90, 2),
        at(5, 10, 100),
        change(6, 1, &LONG),
        change(7, 2, &position(Side::Short, 1, 1, 1)),
        change(8, 0, &position(Side::Short, 1, 1, 1)),
    ]);
    let all = page(&suite, Side::Short, None, None);
    let accounts: Vec<_> = all.iter().map(|e| e.account).collect();
    assert_eq!(accounts, [4, 2, 3, 1, 5]);
    assert_eq!(all[1].entry, per_lot(70));
    assert_eq!(all[1].lots, Lots(2));
    for size in 1..=6 {
        let mut pages = Vec::new();
        loop {
            let next = page(&suite, Side::Short, pages.last().cloned(), Some(size));
            assert!(next.len() <= size as usize);
            if next.is_empty() {
                break;
            }
            pages.extend(next);
        }
        assert_eq!(pages, all);
    }
}

fn inputs() -> impl Strategy<Value = RankInputs> {
    let entry = prop_oneof![-3i128..3, -(1i128 << 78)..(1i128 << 78)];
    let collateral = prop_oneof![-1i128..20, (0u32..100).prop_map(|octave| 1i128 << octave)];
    (any::<bool>(), 1u64..6, entry, collateral).prop_map(|(short, lots, entry, collateral)| {
        RankInputs {
            side: Side::from_bit(short.into()),
            lots: Lots(lots),
            entry: PerLot(entry),
            collateral: PerLot(collateral),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// After any updates the index holds what the model holds; that keys, records, totals and
    /// bits agree is checked with every message.
    #[test]
    fn the_index_follows_every_change(
        messages in prop::collection::vec(
            prop::collection::vec((0u64..6, 0u16..3, prop::option::weighted(0.7, inputs())), 1..8), 1..20,
        ),
    ) {
        let mut suite = Suite::new(PARAMS);
        let mut model = BTreeMap::new();
        for changes in messages {
            for (account, market, position) in &changes {
                match position {
                    Some(position) => model.insert((*account, *market), *position),
                    None => model.remove(&(*account, *market)),
                };
            }
            suite.update(
                changes
                    .into_iter()
                    .map(|(account, market, position)| perp_interface::queue::RankChange { account, market, position })
                    .collect(),
            );
        }
        for account in 0..6 {
            for market in 0..3 {
                let expected = model.get(&(account, market)).map(|position| KeyResponse {
                    side: position.side,
                    class: perp_core::class::class_of(position.collateral.0),
                    entry: position.entry,
                    lots: position.lots,
                });
                prop_assert_eq!(suite.key(account, market), expected);
            }
        }
    }
}

#[test]
fn histograms_come_in_pages_and_hold_every_lot() {
    let mut suite = Suite::new(PARAMS);
    let positions: Vec<_> = (0u64..170)
        .map(|i| {
            let entry = 500 + i128::from(i * 31 % 97);
            (i, position(Side::Short, 1 + i, entry, 1 << (i % 5)))
        })
        .collect();
    suite.open(1, &positions);
    let page = |start_after, limit| {
        let query = HistogramsQuery {
            market: 1,
            side: Side::Short,
            start_after,
            limit,
        };
        let answer = suite.ask::<HistogramsResponse>(&QueryMsg::Histograms(query));
        answer.classes
    };
    let all = page(None, None);
    assert_eq!(all.len(), 5);
    assert_eq!(page(Some(u16::MAX), None), []);
    assert_eq!(page(None, Some(2)), all[..2]);
    assert_eq!(page(Some(all[1].class), Some(1_000)), all[2..]);
    for (class, totals) in all.iter().zip(classes(&suite, 1, Side::Short)) {
        assert_eq!(class.class, totals.class);
        let lots: u64 = class.buckets.iter().map(|bucket| bucket.lots.0).sum();
        assert_eq!(Lots(lots), totals.lots);
        let of_class =
            |(i, _): &&(u64, RankInputs)| i % 5 == u64::from(class.class - all[0].class) / 8;
        let buckets = |shift| {
            let orders = positions.iter().filter(of_class).map(|(_, p)| -p.entry.0);
            orders
                .map(|order| order >> shift)
                .collect::<BTreeSet<i128>>()
                .len()
        };
        // Just as wide as it must be.
        assert_eq!(class.buckets.len(), buckets(class.shift));
        assert!(buckets(class.shift) <= 16 && buckets(class.shift - 1) > 16);
    }
}
