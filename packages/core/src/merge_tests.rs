use std::cell::Cell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::Bound;

use proptest::prelude::*;

use super::*;
use crate::class::class_of;
use crate::score::{base, order_key};
use crate::units::{Price, Side};

/// A book as a storage would hold it: class → sorted records.
type Book = BTreeMap<u16, BTreeMap<(i128, u64), u64>>;

#[derive(Clone, Copy, Debug)]
struct Holding {
    entry: i128,
    collateral: i128,
    account: u64,
    lots: u64,
}

fn book(side: Side, holdings: &[Holding]) -> Book {
    let mut book = Book::new();
    for h in holdings {
        book.entry(class_of(h.collateral))
            .or_default()
            .insert((order_key(side, PerLot(h.entry)), h.account), h.lots);
    }
    book
}

/// The slow, obvious order: every score written out as a fraction and sorted.
fn brute_force(kind: ScoreKind, side: Side, base: PerLot, holdings: &[Holding]) -> Vec<u64> {
    let mut all: Vec<_> = holdings
        .iter()
        .map(|h| {
            let class = class_of(h.collateral);
            let profit = base.0 - side.sign() * h.entry;
            (
                profit,
                class_floor(class),
                class,
                side.sign() * h.entry,
                h.account,
            )
        })
        .collect();
    let wide = |n: i128| cosmwasm_std::Int256::from(n);
    all.sort_by(|a, b| {
        let keys = (a.3, a.4).cmp(&(b.3, b.4));
        match kind {
            ScoreKind::ProfitLeverage => (wide(b.0) * cosmwasm_std::Int256::from(a.1))
                .cmp(&(wide(a.0) * cosmwasm_std::Int256::from(b.1)))
                .then(a.2.cmp(&b.2))
                .then(keys),
            // The smallest equity is the most levered; inside of a class the largest key is first.
            ScoreKind::Leverage => (a.0 + a.1.min(1 << 78) as i128)
                .cmp(&(b.0 + b.1.min(1 << 78) as i128))
                .then(a.2.cmp(&b.2))
                .then(keys.reverse()),
            ScoreKind::Profit => b.0.cmp(&a.0).then(a.2.cmp(&b.2)).then(keys),
        }
    });
    all.into_iter().map(|h| h.4).collect()
}

type Run<'a> = Box<dyn Iterator<Item = Result<Entry, Infallible>> + 'a>;

fn entries<'a>(
    book: &'a Book,
    reads: &'a Cell<u64>,
    (kind, base): (ScoreKind, PerLot),
    cursor: Option<Cursor>,
) -> Merge<Run<'a>> {
    let sources = book.iter().map(|(class, run)| {
        let start = cursor.map(|c| c.start_in(*class, kind, base));
        let entry = move |((order, account), lots): (&(i128, u64), &u64)| {
            reads.set(reads.get() + 1);
            Ok(Entry {
                order: *order,
                account: *account,
                lots: *lots,
                stamp: 0,
            })
        };
        let iterator: Run<'a> = if kind.descends() {
            let to = match start {
                None => Bound::Unbounded,
                Some(Start::AtOrder(order)) => Bound::Included((order, u64::MAX)),
                Some(Start::Behind(order, account)) => Bound::Excluded((order, account)),
            };
            Box::new(run.range((Bound::Unbounded, to)).rev().map(entry))
        } else {
            let from = match start {
                None => Bound::Unbounded,
                Some(Start::AtOrder(order)) => Bound::Included((order, 0)),
                Some(Start::Behind(order, account)) => Bound::Excluded((order, account)),
            };
            Box::new(run.range((from, Bound::Unbounded)).map(entry))
        };
        (*class, iterator)
    });
    let Ok(merge) = Merge::new(kind, base, sources.collect());
    merge
}

fn walk(
    book: &Book,
    at: (ScoreKind, PerLot),
    cursor: Option<Cursor>,
    limit: usize,
) -> (Vec<Ranked>, u64) {
    let reads = Cell::new(0);
    let mut merge = entries(book, &reads, at, cursor);
    let mut out = Vec::new();
    while out.len() < limit {
        let Ok(next) = merge.next_ranked();
        match next {
            Some(ranked) => out.push(ranked),
            None => break,
        }
    }
    assert_eq!(merge.reads(), reads.get());
    (out, reads.get())
}

fn kinds() -> impl Strategy<Value = ScoreKind> {
    prop::sample::select(ScoreKind::ALL.to_vec())
}

fn holdings(max: usize) -> impl Strategy<Value = Vec<Holding>> {
    // Few distinct values, so that ties in entry, class and score are common; some far apart.
    let entry = prop_oneof![
        0i128..6,
        (0i128..40).prop_map(|e| e << 33),
        -(1i128 << 70)..(1i128 << 70)
    ];
    let collateral = prop_oneof![
        -2i128..12,
        (0i128..60).prop_map(|m| m << 34),
        1i128..(1i128 << 90)
    ];
    prop::collection::vec((entry, collateral, 1u64..1000), 0..max).prop_map(|list| {
        list.into_iter()
            .enumerate()
            .map(|(i, (entry, collateral, lots))| Holding {
                entry,
                collateral,
                account: i as u64 * 7 % 1009,
                lots,
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// The merge equals a brute-force sort on 10 000 random books of both sides, ties included.
    #[test]
    fn merge_equals_brute_force(list in holdings(60), mark in prop_oneof![1u64..12, 1u64..(1 << 40)],
        index in prop_oneof![-3i128..3, -(1i128 << 70)..(1i128 << 70)], short in any::<bool>(), kind in kinds()) {
        let side = if short { Side::Short } else { Side::Long };
        let base = base(side, Price(mark), PerLot(index)).expect("in range");
        let book = book(side, &list);
        let (ranked, _) = walk(&book, (kind, base), None, usize::MAX);
        let accounts: Vec<_> = ranked.iter().map(|r| r.entry.account).collect();
        prop_assert_eq!(accounts, brute_force(kind, side, base, &list));
        for pair in ranked.windows(2) {
            prop_assert_eq!(compare(&pair[0], &pair[1]), Ordering::Less);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// A walk that stops after any position goes on exactly behind it, with only that position
    /// remembered.
    #[test]
    fn walk_resumes_anywhere(list in holdings(40), mark in prop_oneof![1u64..12, 1u64..(1 << 40)],
        short in any::<bool>(), step in 1usize..5, kind in kinds()) {
        let side = if short { Side::Short } else { Side::Long };
        let base = base(side, Price(mark), PerLot(0)).expect("in range");
        let book = book(side, &list);
        let (whole, _) = walk(&book, (kind, base), None, usize::MAX);
        let (mut parts, mut cursor) = (Vec::new(), None);
        loop {
            let (part, _) = walk(&book, (kind, base), cursor, step);
            let Some(last) = part.last() else { break };
            cursor = Some(Cursor { class: last.class, order: last.entry.order, account: last.entry.account });
            parts.extend(part);
        }
        prop_assert_eq!(parts, whole);
    }
}

/// The top k of 100 000 positions reads occupied classes + k records at most, also on books built
/// to make it read more: all in one class, spread over every class, all tied, and a class whose
/// best record loses to every record of another.
#[test]
fn top_k_of_100_000_reads_classes_plus_k() {
    let side = Side::Short;
    let base = base(side, Price(1_000_000), PerLot(0)).expect("in range");
    let spread = |f: &dyn Fn(u64) -> (i128, i128)| -> Vec<Holding> {
        (0..100_000u64)
            .map(|account| {
                let (entry, collateral) = f(account);
                Holding {
                    entry,
                    collateral,
                    account,
                    lots: 1,
                }
            })
            .collect()
    };
    let lcg = |n: u64| n.wrapping_mul(6_364_136_223_846_793_005).rotate_left(17) as i128;
    let books: [(&str, Vec<Holding>); 5] = [
        (
            "one class",
            spread(&|n| (lcg(n) & ((1 << 60) - 1), 1 << 40)),
        ),
        (
            "all classes",
            spread(&|n| (lcg(n) & ((1 << 60) - 1), 1i128 << (lcg(n + 1) & 63))),
        ),
        ("all tied", spread(&|_| (1 << 53, 1 << 45))),
        (
            "dust at the head",
            spread(&|n| {
                if n < 10_000 {
                    ((1 << 60) + n as i128, (n % 9) as i128)
                } else {
                    (lcg(n) & ((1 << 55) - 1), 1 << 50)
                }
            }),
        ),
        (
            "scores interleave",
            spread(&|n| {
                (
                    (1_000_000i128 << 32) + (n as i128 + 1) * (8 + (n % 8) as i128),
                    (8 + (n % 8) as i128) << 20,
                )
            }),
        ),
    ];
    for (name, list) in books {
        let book = book(side, &list);
        for (kind, k) in ScoreKind::ALL
            .into_iter()
            .flat_map(|s| [(s, 1usize), (s, 20), (s, 500)])
        {
            let expected = brute_force(kind, side, base, &list);
            let (top, reads) = walk(&book, (kind, base), None, k);
            assert!(
                reads <= (book.len() + k) as u64,
                "{name}: {reads} reads for top {k} of {} classes",
                book.len()
            );
            let accounts: Vec<_> = top.iter().map(|r| r.entry.account).collect();
            assert_eq!(accounts, expected[..k], "{name}");
        }
    }
}
