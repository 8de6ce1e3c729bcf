//! What an audit finds: nothing in a clean state, and every kind of corruption.

use cosmwasm_std::Storage;
use deleverage_queue::state::{
    class_key, place_key, position_key, ClassRecord, Occupied, RankKey, RankingId, Record, CLASS,
    KEY_OF, OCCUPIED, RANKING,
};
use perp_interface::queue::{
    AuditClasses, AuditCursor, AuditFinding, AuditQuery, AuditRecords, AuditResponse, AuditedClass,
    HistogramBucket, QueryMsg, RankInputs, ReportShortfall,
};
use perp_interface::{AccountId, Lots, PerLot, Side};
use proptest::prelude::*;

use crate::market::change;
use crate::suite::{per_lot, position, terms, Suite, PARAMS};

const LONG: RankingId = RankingId {
    market: 1,
    side: Side::Long,
};

fn page(suite: &Suite, cursor: Option<AuditCursor>, limit: Option<u32>) -> AuditResponse {
    suite.ask(&QueryMsg::Audit(AuditQuery {
        market: 1,
        cursor,
        limit,
    }))
}

fn findings(suite: &Suite, limit: Option<u32>) -> Vec<AuditFinding> {
    let (mut all, mut cursor) = (vec![], None);
    for _ in 0..1_000 {
        let page = page(suite, cursor, limit);
        assert_eq!(page.height, suite.app.block_info().height);
        all.extend(page.findings);
        cursor = page.next;
        if cursor.is_none() {
            return all;
        }
    }
    panic!("never ends: {cursor:?}");
}

/// Three longs in two classes, a short, and a position in another market.
fn clean() -> Suite {
    let mut suite = Suite::new(PARAMS);
    suite.open(
        1,
        &[
            (2, position(Side::Long, 5, 900, 8)),
            (4, position(Side::Long, 6, 910, 8)),
            (6, position(Side::Long, 7, 920, 64)),
            (8, position(Side::Short, 9, 930, 64)),
        ],
    );
    suite.open(2, &[(4, position(Side::Long, 5, 900, 8))]);
    suite
}

fn class(collateral: i128) -> u16 {
    perp_core::class::class_of(per_lot(collateral).0)
}

fn key(suite: &mut Suite, account: AccountId) -> RankKey {
    let queue = suite.queue.clone();
    let storage = suite.app.contract_storage(&queue);
    let key = KEY_OF.load(&*storage, position_key(account, 1));
    key.expect("a key")
}

/// What is found after raw bytes were changed, whatever the size of a page.
fn found_after(spoil: impl Fn(&mut Suite)) -> Vec<AuditFinding> {
    let mut suite = clean();
    assert_eq!(findings(&suite, None), []);
    spoil(&mut suite);
    let found = findings(&suite, None);
    for limit in 1..5 {
        assert_eq!(findings(&suite, Some(limit)), found, "pages of {limit}");
    }
    found
}

fn raw(suite: &mut Suite, write: impl FnOnce(&mut dyn Storage)) {
    let queue = suite.queue.clone();
    write(&mut *suite.app.contract_storage_mut(&queue));
}

fn put_record(suite: &mut Suite, account: AccountId, order: i128, lots: u64) {
    let place = place_key(order, account).expect("in range");
    let record = Record { lots, stamp: 0 };
    raw(suite, |storage| {
        RANKING
            .save(storage, (class_key(LONG, class(8)), place), &record)
            .expect("saves");
    });
}

#[test]
fn a_key_that_is_missing_leaves_its_record_alone() {
    let found = found_after(|suite| {
        raw(suite, |storage| KEY_OF.remove(storage, position_key(2, 1)));
    });
    let stray = AuditFinding::StrayRecord {
        account: 2,
        class: class(8),
        entry: per_lot(900),
    };
    assert_eq!(found, [AuditFinding::MissingKey { account: 2 }, stray]);
}

#[test]
fn keys_of_nobody_are_found_between_accounts_and_behind_the_last() {
    for account in [0, 3, 99] {
        let found = found_after(|suite| {
            let key = key(suite, 2);
            raw(suite, |storage| {
                KEY_OF
                    .save(storage, position_key(account, 1), &key)
                    .expect("saves");
            });
        });
        assert_eq!(found, [AuditFinding::StrayKey { account }]);
    }
}

#[test]
fn a_key_of_a_closed_position_is_stray() {
    let found = found_after(|suite| {
        suite.change_world(|world| {
            let gone = world.positions.get_mut(&1).expect("listed").remove(&6);
            // The account is still there, in another market.
            let other = world.positions.get_mut(&2).expect("listed");
            other.insert(6, gone.expect("was there"));
        });
    });
    assert_eq!(found, [AuditFinding::StrayKey { account: 6 }]);
}

#[test]
fn a_position_that_the_queue_was_not_told_of_differs_from_its_key() {
    let changes: [fn(&mut RankInputs); 3] = [
        |p| p.lots = Lots(4),
        |p| p.entry.0 += 1,
        |p| p.side = Side::Short,
    ];
    for change in changes {
        let found = found_after(|suite| {
            suite.change_world(|world| {
                let positions = world.positions.get_mut(&1).expect("listed");
                change(positions.get_mut(&4).expect("a position"));
            });
        });
        let [AuditFinding::KeyDiffers {
            account: 4,
            stored,
            expected,
        }] = &found[..]
        else {
            panic!("{found:?}");
        };
        assert_ne!(stored, expected);
    }
}

#[test]
fn collateral_that_has_changed_since_is_told_apart() {
    let found = found_after(|suite| {
        suite.change_world(|world| {
            let positions = world.positions.get_mut(&1).expect("listed");
            positions.get_mut(&4).expect("a position").collateral = per_lot(64);
        });
    });
    let expected = AuditFinding::CollateralSinceTouch {
        account: 4,
        class: class(8),
        now: class(64),
    };
    assert_eq!(found, [expected]);
}

#[test]
fn who_waits_for_a_refresh_is_told_apart() {
    // The market could not tell the queue.
    let found = found_after(|suite| {
        suite.change_world(|world| {
            world.dirty.extend([2, 77]);
            let positions = world.positions.get_mut(&1).expect("listed");
            positions.get_mut(&2).expect("a position").lots = Lots(1);
        });
    });
    let dirty = |account| AuditFinding::Dirty { account };
    assert_eq!(found, [dirty(2), dirty(77)]);
    // A job holds the order still.
    let mut suite = clean();
    let report = suite.lose(&terms(7, 1), 3, 0);
    suite.report(&ReportShortfall {
        defer: true,
        ..report
    });
    let moved = position(Side::Short, 9, 999, 64);
    suite.change_world(|world| {
        world
            .positions
            .get_mut(&1)
            .expect("listed")
            .insert(8, moved);
    });
    suite.update(vec![change(8, 1, &moved)]);
    assert_eq!(findings(&suite, None), [dirty(8)]);
}

#[test]
fn a_record_that_is_missing_is_missed_by_its_key_and_its_class() {
    let found = found_after(|suite| {
        let key = key(suite, 4);
        let place = place_key(key.order, 4).expect("in range");
        raw(suite, |storage| {
            RANKING.remove(storage, (class_key(LONG, key.class), place));
        });
    });
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(found[0], AuditFinding::MissingRecord { account: 4 });
    let counts = AuditFinding::PositionsDiffer {
        side: Side::Long,
        class: class(8),
        stored: 2,
        counted: 1,
    };
    assert_eq!(found[1], counts);
    let bucket = |price, lots| HistogramBucket {
        low: per_lot(price),
        lots: Lots(lots),
    };
    let histograms = AuditFinding::HistogramDiffers {
        side: Side::Long,
        class: class(8),
        stored: vec![bucket(900, 5), bucket(910, 6)],
        counted: vec![bucket(900, 5)],
    };
    assert_eq!(found[2], histograms);
}

#[test]
fn a_record_of_another_size_differs_from_its_key_and_its_class() {
    let found = found_after(|suite| {
        let order = key(suite, 4).order;
        put_record(suite, 4, order, 7);
    });
    let differs = AuditFinding::RecordDiffers {
        account: 4,
        lots: Lots(7),
        expected: Lots(6),
    };
    assert_eq!(found[0], differs);
    assert!(matches!(found[1], AuditFinding::HistogramDiffers { .. }));
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn a_second_record_of_a_position_is_stray() {
    let found = found_after(|suite| put_record(suite, 4, 77 << 32, 6));
    let stray = AuditFinding::StrayRecord {
        account: 4,
        class: class(8),
        entry: per_lot(77),
    };
    assert!(found.contains(&stray), "{found:?}");
    assert_eq!(found.len(), 3);
}

#[test]
fn classes_are_compared_with_their_records() {
    let side = Side::Long;
    let (low, high, other) = (class(8), class(64), 700);
    let missing = found_after(|suite| {
        raw(suite, |storage| {
            CLASS.remove(storage, class_key(LONG, high))
        });
    });
    let class = high;
    assert_eq!(missing, [AuditFinding::MissingClass { side, class }]);

    let stray = found_after(|suite| {
        let record = ClassRecord::default();
        raw(suite, |storage| {
            CLASS.save(storage, class_key(LONG, other), &record);
        });
    });
    let class = other;
    assert_eq!(stray, [AuditFinding::StrayClass { side, class }]);

    let unreadable = found_after(|suite| {
        let key = CLASS.key(class_key(LONG, low));
        raw(suite, |storage| storage.set(&key, &[0xff]));
    });
    let class = low;
    assert_eq!(unreadable, [AuditFinding::UnreadableClass { side, class }]);
}

#[test]
fn positions_and_histograms_are_compared_with_the_records() {
    let spoiled = |spoil: fn(&mut ClassRecord)| {
        found_after(|suite| {
            let key = class_key(LONG, class(8));
            raw(suite, |storage| {
                let mut record = CLASS
                    .may_load(storage, key)
                    .expect("reads")
                    .expect("is there");
                spoil(&mut record);
                CLASS.save(storage, key, &record);
            });
        })
    };
    let found = spoiled(|record| record.positions = 3);
    assert!(
        matches!(
            found[..],
            [AuditFinding::PositionsDiffer {
                stored: 3,
                counted: 2,
                ..
            }]
        ),
        "{found:?}"
    );
    // The same lots, but not where they are.
    let found = spoiled(|record| {
        record.histogram.remove(900 << 32, 1).expect("is there");
        record.histogram.add(910 << 32, 1).expect("fits");
    });
    assert!(
        matches!(found[..], [AuditFinding::HistogramDiffers { .. }]),
        "{found:?}"
    );
}

#[test]
fn bits_are_compared_with_the_records() {
    let side = Side::Long;
    let bits = |change: fn(&mut Occupied)| {
        found_after(|suite| {
            raw(suite, |storage| {
                let mut bits = OCCUPIED.load(storage, LONG.number()).expect("a bitmap");
                change(&mut bits);
                OCCUPIED.save(storage, LONG.number(), &bits).expect("saves");
            });
        })
    };
    let missing = bits(|bits| assert!(bits.0.remove(&class(64))));
    let class_64 = class(64);
    let class = class_64;
    assert_eq!(missing, [AuditFinding::MissingBit { side, class }]);
    let stray = bits(|bits| assert!(bits.0.insert(700)));
    let class = 700;
    assert_eq!(stray, [AuditFinding::StrayBit { side, class }]);
    // Neither totals nor a bit.
    let both = found_after(|suite| {
        raw(suite, |storage| {
            CLASS.remove(storage, class_key(LONG, class_64));
            let bits = Occupied([self::class(8)].into());
            OCCUPIED.save(storage, LONG.number(), &bits).expect("saves");
        });
    });
    let class = class_64;
    let expected = [
        AuditFinding::MissingClass { side, class },
        AuditFinding::MissingBit { side, class },
    ];
    assert_eq!(both, expected);
}

#[test]
fn an_audit_of_one_market_leaves_the_others_alone() {
    let mut suite = clean();
    raw(&mut suite, |storage| {
        KEY_OF.remove(storage, position_key(4, 2));
        OCCUPIED.remove(storage, RankingId { market: 2, ..LONG }.number());
    });
    assert_eq!(findings(&suite, None), []);
}

#[test]
fn pages_hold_no_more_than_was_asked_for() {
    let suite = clean();
    let first = page(&suite, None, Some(3));
    assert_eq!(first.checked, 3);
    // A page of nothing would come again and again.
    assert_eq!(page(&suite, None, Some(0)).checked, 1);
    let first = AuditCursor::Records(AuditRecords {
        side: Side::Long,
        last: None,
    });
    let half = page(&suite, Some(first), Some(2));
    let Some(AuditCursor::Records(AuditRecords {
        last: Some(last), ..
    })) = half.next
    else {
        panic!("{:?}", half.next);
    };
    // Both records of the first class.
    assert_eq!(
        (last.positions, last.account, last.entry),
        (2, 4, per_lot(910))
    );
    assert_eq!(last.buckets.len(), 2);
}

#[test]
fn what_cannot_be_a_cursor_is_refused() {
    let suite = clean();
    let last = |entry, lots| {
        let low = PerLot(5);
        let bucket = |lots| HistogramBucket {
            low,
            lots: Lots(lots),
        };
        AuditedClass {
            class: u16::MAX,
            entry: PerLot(entry),
            account: 1,
            positions: 1,
            shift: u8::MAX,
            buckets: vec![bucket(lots), bucket(u64::MAX)],
        }
    };
    for (side, last) in [
        (Side::Short, last(i128::MIN, 0)),
        (Side::Long, last(i128::MAX, 0)),
        (Side::Long, last(7, 1)),
    ] {
        let last = Some(last);
        let query = QueryMsg::Audit(AuditQuery {
            market: 1,
            cursor: Some(AuditCursor::Records(AuditRecords { side, last })),
            limit: None,
        });
        let answer: Result<AuditResponse, _> =
            suite.app.wrap().query_wasm_smart(&suite.queue, &query);
        let error = answer.expect_err("is refused").to_string();
        assert!(error.contains("overflow: "), "{error}");
    }
    let side = Side::Short;
    let last = AuditCursor::Classes(AuditClasses { side });
    assert_eq!(page(&suite, Some(last), None).next, None);
}

#[test]
fn an_unconnected_queue_has_no_market_to_ask() {
    let suite = Suite::unconnected(PARAMS);
    let query = QueryMsg::Audit(AuditQuery {
        market: 1,
        cursor: None,
        limit: None,
    });
    let answer: Result<AuditResponse, _> = suite.app.wrap().query_wasm_smart(&suite.queue, &query);
    let error = answer.expect_err("is refused").to_string();
    assert!(error.contains("not_connected: "), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever was traded, in pages of any size: nothing is found.
    #[test]
    fn a_clean_state_has_no_findings(
        rounds in prop::collection::vec(prop::collection::vec(
            (0u64..30, any::<bool>(), 1u64..99, 800i128..1200, prop_oneof![0i128..40, 1i128..4000]), 1..40), 1..4),
        limit in 1u32..40,
    ) {
        let mut suite = Suite::new(PARAMS);
        for round in rounds {
            for (account, short, lots, entry, collateral) in round {
                let side = Side::from_bit(short.into());
                suite.open(1, &[(account, position(side, lots, entry, collateral))]);
            }
            prop_assert_eq!(findings(&suite, Some(limit)), []);
        }
    }
}
