//! The index against itself, and the slow, obvious order.

use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::{Int256, Order, Storage};
use deleverage_queue::state::{
    class_key, from_class_key, from_place_key, RankingId, CLASS, KEY_OF, OCCUPIED, RANKING,
};
use perp_core::class::{class_floor, class_of};
use perp_core::histogram::Histogram;
use perp_core::score::{base, order_key};
use perp_interface::queue::RankInputs;
use perp_interface::{AccountId, PerLot, Price, ScoreKind, Side};

/// KEY_OF ⇔ RANKING ⇔ CLASS ⇔ OCCUPIED, by a full scan.
#[track_caller]
pub fn check(storage: &dyn Storage) {
    let mut records = BTreeSet::new();
    let mut totals: BTreeMap<u32, Vec<(i128, u64)>> = BTreeMap::new();
    for row in RANKING.range(storage, None, None, Order::Ascending) {
        let ((key, place), record) = row.expect("a record");
        let (ranking, class) = from_class_key(key);
        let (order, account) = from_place_key(&place);
        records.insert((account, ranking, class, order, record.lots));
        totals.entry(key).or_default().push((order, record.lots));
    }
    let keys: BTreeSet<_> = KEY_OF
        .range(storage, None, None, Order::Ascending)
        .map(|row| {
            let (position, key) = row.expect("a key");
            let account = u64::from_be_bytes(position[..8].try_into().expect("8 bytes"));
            let market = u16::from_be_bytes([position[8], position[9]]);
            let side = key.side;
            (
                account,
                RankingId { market, side },
                key.class,
                key.order,
                key.lots,
            )
        })
        .collect();
    assert_eq!(
        records, keys,
        "every key has its record, and no record else"
    );

    let mut stored = BTreeSet::new();
    for row in CLASS.range(storage, 0..=u32::MAX) {
        let (key, class) = row.expect("a class");
        stored.insert(key);
        let scan = totals.get(&key).map_or(&[][..], Vec::as_slice);
        assert_eq!(class.positions, scan.len() as u64);
        let histogram = Histogram::of(class.histogram.shift(), scan.iter().copied());
        assert_eq!(class.histogram, histogram.expect("fits"), "class {key:x}");
    }
    let classes: BTreeSet<u32> = totals.into_keys().collect();
    assert_eq!(stored, classes, "a record for each class of a full scan");

    let mut occupied = BTreeSet::new();
    for row in OCCUPIED.range(storage, None, None, Order::Ascending) {
        let (number, classes) = row.expect("a bitmap");
        assert!(!classes.0.is_empty(), "an empty ranking has no bitmap");
        let ranking = RankingId {
            market: (number >> 1) as u16,
            side: Side::from_bit((number & 1) as u8),
        };
        occupied.extend(classes.0.into_iter().map(|class| class_key(ranking, class)));
    }
    assert_eq!(occupied, classes, "bits are those of a full scan");
}

/// Every score written out as a fraction and sorted: accounts and profits per lot, best first.
pub fn brute_force<'a>(
    kind: ScoreKind,
    side: Side,
    mark: Price,
    index: PerLot,
    positions: impl IntoIterator<Item = (&'a AccountId, &'a RankInputs)>,
) -> Vec<(AccountId, i128)> {
    let base = base(side, mark, index).expect("in range").0;
    let mut all: Vec<_> = positions
        .into_iter()
        .filter(|(_, position)| position.side == side)
        .map(|(account, position)| {
            let class = class_of(position.collateral.0);
            let order = order_key(side, position.entry);
            (base - order, class, order, *account)
        })
        .collect();
    let equity = |row: &(i128, u16, i128, u64)| row.0 + class_floor(row.1).min(1 << 78) as i128;
    all.sort_by(|a, b| {
        let ours = Int256::from(a.0) * Int256::from(class_floor(b.1));
        let theirs = Int256::from(b.0) * Int256::from(class_floor(a.1));
        let keys = (a.2, a.3).cmp(&(b.2, b.3));
        match kind {
            ScoreKind::ProfitLeverage => theirs.cmp(&ours).then(a.1.cmp(&b.1)).then(keys),
            ScoreKind::Leverage => equity(a)
                .cmp(&equity(b))
                .then(a.1.cmp(&b.1))
                .then(keys.reverse()),
            ScoreKind::Profit => b.0.cmp(&a.0).then(a.1.cmp(&b.1)).then(keys),
        }
    });
    all.into_iter().map(|row| (row.3, row.0)).collect()
}
