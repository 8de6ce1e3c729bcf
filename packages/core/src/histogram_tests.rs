use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::score::ENTRY_BOUND;

/// The slow, obvious histogram.
fn scan(shift: u8, positions: &[(i128, u64)]) -> BTreeMap<i128, u64> {
    let mut buckets = BTreeMap::new();
    for (order, lots) in positions {
        *buckets.entry(order.div_euclid(1 << shift)).or_default() += lots;
    }
    buckets
}

fn stored(histogram: &Histogram) -> Vec<u8> {
    let mut bytes = vec![];
    histogram.write(&mut bytes);
    bytes
}

fn contents(histogram: &Histogram) -> BTreeMap<i128, u64> {
    histogram
        .buckets()
        .map(|bucket| (bucket.low.div_euclid(1 << histogram.shift()), bucket.lots))
        .collect()
}

#[test]
fn few_positions_are_exact_to_the_quote_unit() {
    let orders = (0..16).map(|i| (i * 999_983) << 32);
    let histogram = Histogram::of(FIRST_SHIFT, orders.map(|order| (order, 5))).expect("fits");
    assert_eq!(histogram.shift(), FIRST_SHIFT);
    assert_eq!(histogram.buckets().count(), 16);
    for (i, bucket) in histogram.buckets().enumerate() {
        let ahead = histogram.between(None, Start::AtOrder(bucket.low), false);
        assert_eq!((ahead.min, ahead.max), (5 * i as u64, 5 * i as u64));
    }
}

#[test]
fn one_more_than_fit_merges_pairs() {
    let orders = (0..17).map(|i| ((2 * i) << 32, 1));
    let histogram = Histogram::of(FIRST_SHIFT, orders).expect("fits");
    // 17 even numbers need a width of four for two to share a bucket.
    assert_eq!(histogram.shift(), FIRST_SHIFT + 2);
    let lots: Vec<_> = histogram.buckets().map(|bucket| bucket.lots).collect();
    assert_eq!(lots, [2, 2, 2, 2, 2, 2, 2, 2, 1]);
}

#[test]
fn an_outlier_costs_one_bucket() {
    let crowd = |i: i128| ((1 << 30) + i % 13) << 32;
    let mut histogram =
        Histogram::of(FIRST_SHIFT, (0..1_000).map(|i| (crowd(i), 1))).expect("fits");
    assert_eq!((histogram.shift(), histogram.buckets().count()), (32, 13));
    for outlier in [ENTRY_BOUND - 1, -ENTRY_BOUND, 0] {
        histogram.add(outlier, 1).expect("fits");
        assert_eq!(histogram.shift(), FIRST_SHIFT);
    }
    assert_eq!(histogram.buckets().count(), 16);
}

#[test]
fn any_orders_fit_and_the_last_one_out_starts_it_anew() {
    let mut histogram = Histogram::default();
    // As far apart as orders can be: every width between shares them among other buckets.
    let orders: Vec<_> = (0..79)
        .flat_map(|bit| [1 << bit, -(1 << bit)])
        .chain([ENTRY_BOUND - 1, -ENTRY_BOUND])
        .collect();
    for order in &orders {
        histogram.add(*order, 3).expect("fits");
        assert!(histogram.buckets().count() <= MOST_BUCKETS);
    }
    assert!(histogram.shift() > 64 && histogram.shift() <= LAST_SHIFT);
    assert_eq!(histogram.lots(), 3 * orders.len() as u64);
    for order in &orders {
        histogram.remove(*order, 3).expect("is there");
    }
    assert_eq!(histogram, Histogram::default());
}

#[test]
fn lots_that_are_not_there_and_too_many_are_refused() {
    let mut histogram = Histogram::of(FIRST_SHIFT, [(7 << 32, 4)]).expect("fits");
    let before = histogram.clone();
    assert!(histogram.remove(8 << 32, 1).is_err());
    assert!(histogram.remove(7 << 32, 5).is_err());
    assert!(histogram.add(9 << 32, u64::MAX - 3).is_err());
    assert_eq!(histogram, before);
    histogram.add(7 << 32, 0).expect("nothing");
    histogram.remove(8 << 32, 0).expect("nothing");
    assert_eq!(histogram, before);
}

#[test]
fn a_dense_class_is_stored_in_four_bytes_a_bucket() {
    // A million lots a bucket, entries within 20 % of a price of 10^9.
    let low: i128 = 800_000_000 << 32;
    let scan = (0..16_000).map(|i| (low + i * ((400_000_000 << 32) / 16_000), 1_000));
    let histogram = Histogram::of(FIRST_SHIFT, scan).expect("fits");
    assert!((8..=16).contains(&histogram.buckets().count()));
    assert!(stored(&histogram).len() <= 2 + 4 * histogram.buckets().count());
}

#[test]
fn what_is_not_a_stored_form_is_refused() {
    let histogram = Histogram::of(40, [(-5 << 40, 300), (9 << 40, 1)]).expect("fits");
    let bytes = stored(&histogram);
    assert_eq!(bytes, [40, 9, 0xac, 2, 14, 1]);
    assert_eq!(Histogram::read(&bytes), Some(histogram));
    assert_eq!(Histogram::read(&[]), Some(Histogram::default()));
    let refused: [&[u8]; 8] = [
        &[40],
        &[40, 9],
        &[40, 9, 0xac],
        &[40, 9, 0],
        &[40, 9, 1, 0, 1],
        &[40, 9, 1, 14],
        &[81, 0, 1],
        &[255, 0, 1],
    ];
    for bytes in refused {
        assert_eq!(Histogram::read(bytes), None, "{bytes:?}");
    }
    // One bucket more than there may be, and lots beyond 64 bits.
    let many: Vec<u8> = [40, 2].into_iter().chain([1; 33]).collect();
    assert_eq!(Histogram::read(&many), None);
    let mut lots = vec![40, 2];
    for _ in 0..2 {
        varint::write(&mut lots, u128::from(u64::MAX));
        lots.push(1);
    }
    lots.pop();
    assert_eq!(Histogram::read(&lots), None);
    // A number that no shift leads to.
    let mut far = vec![80];
    varint::write_signed(&mut far, 1 << 60);
    far.push(1);
    assert_eq!(Histogram::read(&far), None);
}

fn order() -> impl Strategy<Value = i128> {
    prop_oneof![
        -40i128..40,
        (-40i128..40).prop_map(|o| o << 32),
        (0u32..79, any::<bool>()).prop_map(|(bit, minus)| if minus { -1 << bit } else { 1 << bit }),
        -ENTRY_BOUND..ENTRY_BOUND,
    ]
}

/// What happens to a class: a position comes, goes, or moves.
#[derive(Clone, Copy, Debug)]
enum Change {
    Add(i128, u64),
    Remove(usize),
    Move(usize, i128, u64),
}

fn change() -> impl Strategy<Value = Change> {
    let lots = || prop_oneof![1u64..9, 1u64..1 << 48];
    prop_oneof![
        4 => (order(), lots()).prop_map(|(order, lots)| Change::Add(order, lots)),
        2 => any::<usize>().prop_map(Change::Remove),
        3 => (any::<usize>(), order(), lots()).prop_map(|(i, order, lots)| Change::Move(i, order, lots)),
    ]
}

proptest! {
    /// Whatever happened, a histogram is that of a scan at its shift; nothing is lost and nothing is
    /// coarser than it must have been at some time.
    #[test]
    fn equals_a_scan_after_any_changes(changes in prop::collection::vec(change(), 0..120)) {
        let mut histogram = Histogram::default();
        let mut positions: Vec<(i128, u64)> = vec![];
        for change in changes {
            let shift = histogram.shift();
            let (leaves, comes) = match change {
                Change::Add(order, lots) => (None, Some((order, lots))),
                Change::Remove(i) => (Some(i), None),
                Change::Move(i, order, lots) => (Some(i), Some((order, lots))),
            };
            if let Some(i) = leaves.filter(|_| !positions.is_empty()) {
                let (order, lots) = positions.swap_remove(i % positions.len());
                histogram.remove(order, lots).expect("is there");
            }
            let emptied = positions.is_empty();
            if let Some((order, lots)) = comes {
                positions.push((order, lots));
                histogram.add(order, lots).expect("fits");
            }
            prop_assert_eq!(contents(&histogram), scan(histogram.shift(), &positions));
            prop_assert!(histogram.buckets().count() <= MOST_BUCKETS);
            prop_assert_eq!(histogram.lots(), positions.iter().map(|p| p.1).sum::<u64>());
            let from = if emptied { FIRST_SHIFT } else { shift };
            prop_assert!(histogram.shift() >= from || positions.is_empty());
            if histogram.shift() > from {
                prop_assert!(scan(histogram.shift() - 1, &positions).len() > MOST_BUCKETS);
            }
            prop_assert_eq!(Histogram::read(&stored(&histogram)), Some(histogram.clone()));
        }
    }

    /// The order in which positions come does not matter.
    #[test]
    fn equals_a_histogram_of_the_scan(list in prop::collection::vec((order(), 1u64..9), 0..80), seed in any::<u64>()) {
        let one = Histogram::of(FIRST_SHIFT, list.iter().copied()).expect("fits");
        let mut shuffled = list;
        shuffled.sort_by_key(|(order, lots)| (*order as u64 ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ lots);
        prop_assert_eq!(&one, &Histogram::of(FIRST_SHIFT, shuffled.iter().copied()).expect("fits"));
        prop_assert_eq!(&one, &Histogram::of(one.shift(), shuffled).expect("fits"));
    }

    /// The truth lies within the bound, and a point that cuts no bucket has none.
    #[test]
    fn lots_before_a_point_lie_within_the_bound(
        list in prop::collection::vec((order(), 1u64..9), 0..80), point in order(), behind in any::<bool>(), descends in any::<bool>(),
    ) {
        let histogram = Histogram::of(FIRST_SHIFT, list.iter().copied()).expect("fits");
        // No account is told from another here: behind the last one of an order, or the first.
        let start = if behind { Start::Behind(point, 7) } else { Start::AtOrder(point) };
        let sum = |with_point: bool| -> u64 {
            let passed = |order: i128| if descends { order > point } else { order < point };
            let before = list.iter().filter(|(order, _)| passed(*order) || with_point && *order == point);
            before.map(|(_, lots)| lots).sum()
        };
        let Ahead { min, max } = histogram.between(None, start, descends);
        prop_assert!(min <= sum(false) && sum(behind) <= max, "{min} {} {max}", sum(false));
        let cut = |b: Bucket| b.low <= point && point <= b.high && (behind || b.ends(descends).0 != point);
        let cut_lots: u64 = histogram.buckets().filter(|b| cut(*b)).map(|b| b.lots).sum();
        prop_assert_eq!(max - min, cut_lots);
    }

    /// The same for a walk that begins somewhere on its way.
    #[test]
    fn lots_between_two_points_lie_within_the_bound(
        list in prop::collection::vec((order(), 1u64..9), 0..80), from in order(), to in order(), descends in any::<bool>(),
    ) {
        let histogram = Histogram::of(FIRST_SHIFT, list.iter().copied()).expect("fits");
        let passed = |order: i128, at: i128| if descends { order > at } else { order < at };
        let between = list.iter().filter(|(order, _)| passed(*order, to) && !passed(*order, from));
        let truth: u64 = between.map(|(_, lots)| lots).sum();
        let Ahead { min, max } = histogram.between(Some(Start::AtOrder(from)), Start::AtOrder(to), descends);
        prop_assert!(min <= truth && truth <= max, "{min} {truth} {max}");
        let cut = |b: &Bucket| [from, to].iter().any(|at| b.low <= *at && *at <= b.high && b.ends(descends).0 != *at);
        let cut_lots: u64 = histogram.buckets().filter(cut).map(|b| b.lots).sum();
        prop_assert!(max - min <= cut_lots);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        if let Some(histogram) = Histogram::read(&bytes) {
            prop_assert!(histogram.buckets().count() <= MOST_BUCKETS);
            prop_assert_eq!(Histogram::read(&stored(&histogram)), Some(histogram));
        }
    }
}
