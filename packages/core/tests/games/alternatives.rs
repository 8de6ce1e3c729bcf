//! What other ways of choosing counterparties get wrong: the figures of `docs/adr/0005`.
//!
//! `cargo test -p perp-core --test games alternatives -- --nocapture` prints the table. The books are
//! synthetic: shorts that were opened along a random walk, with leverages from 0.2 to 25.6, before the
//! price falls at once.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use perp_core::class::{class_floor, class_of};
use perp_core::merge::{Entry, Merge};
use perp_core::score::{base, order_key, Score, ScoreKind};
use perp_core::units::{PerLot, Price, Side};

const START: f64 = 10_000_000.0;
const STEPS: usize = 240;
const HOLDERS: usize = 4_000;
const BOOKS: u64 = 40;

/// Part of all lots that goes bankrupt, and the charge per notional: that of half of the notional of
/// 10 October 2025.
const LOSS: f64 = 0.01;
const CHARGE: f64 = 0.0059;

/// SplitMix64: the same books on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0..1.
    fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.part() * bound as f64) as usize
    }

    /// From here so many octaves up, each of them alike. No logarithm: those differ between machines.
    fn octaves(&mut self, from: f64, octaves: u32) -> f64 {
        let place = self.part() * f64::from(octaves);
        from * f64::from(1 << place as u32) * (1.0 + place.fract())
    }
}

/// A short position.
#[derive(Clone, Copy)]
struct Short {
    lots: u64,
    entry: i128,
    collateral: i128,
    /// Price at its last touch, at which a stored score would have been worked out.
    touched_at: i128,
}

impl Short {
    fn profit(&self, mark: i128) -> i128 {
        self.entry - mark
    }

    fn class(&self) -> u16 {
        class_of(self.collateral << 32)
    }

    fn equity(&self, mark: i128) -> i128 {
        self.profit(mark) + self.collateral
    }
}

struct Book {
    mark: i128,
    shorts: Vec<Short>,
}

fn book(seed: u64, fall: f64) -> Book {
    let mut random = Random(seed);
    let mut path = vec![START];
    for _ in 0..STEPS {
        // The sum of four is close enough to a bell; 0.6 % a step.
        let bell = (0..4).map(|_| random.part()).sum::<f64>() - 2.0;
        path.push(path.last().expect("begins") * (1.0 + bell * 0.01));
    }
    let mark = (path.last().expect("ends") * (1.0 - fall)) as i128;
    let mut shorts = Vec::with_capacity(HOLDERS);
    while shorts.len() < HOLDERS {
        let opened = random.below(STEPS + 1);
        let touched = opened + random.below(STEPS + 1 - opened);
        let entry = path[opened];
        let short = Short {
            lots: random.octaves(1.0, 10) as u64 + 1,
            entry: entry as i128,
            collateral: (entry / random.octaves(0.2, 7)) as i128,
            touched_at: path[touched] as i128,
        };
        // Who is bankrupt is nobody's counterparty.
        if short.equity(mark) > 0 {
            shorts.push(short);
        }
    }
    Book { mark, shorts }
}

impl Book {
    /// Those with a profit in the order of `d/m`, for whatever these are taken for.
    fn by_score(
        &self,
        profit: impl Fn(&Short) -> i128,
        collateral: impl Fn(&Short) -> u128,
    ) -> Vec<usize> {
        let score = |i: usize| Score {
            kind: ScoreKind::ProfitLeverage,
            profit: profit(&self.shorts[i]) << 32,
            collateral: collateral(&self.shorts[i]).max(1),
        };
        let mut order = self.winners();
        order.sort_by_key(|i| {
            (
                Reverse(score(*i)),
                self.shorts[*i].class(),
                Reverse(self.shorts[*i].entry),
                *i,
            )
        });
        order
    }

    fn winners(&self) -> Vec<usize> {
        let has_profit = |i: &usize| self.shorts[*i].profit(self.mark) > 0;
        (0..self.shorts.len()).filter(has_profit).collect()
    }

    /// The exact order at the mark, by sorting everybody.
    fn exact(&self) -> Vec<usize> {
        self.by_score(|s| s.profit(self.mark), |s| class_floor(s.class()))
    }

    /// The order of the index: a merge of the classes. With it, the records that were read for the
    /// first `k`, and the number of classes.
    fn index(&self, k: usize) -> (Vec<usize>, u64, u64) {
        let mark = Price(self.mark as u64);
        let base = base(Side::Short, mark, PerLot::ZERO).expect("fits");
        let mut classes: BTreeMap<u16, Vec<Entry>> = BTreeMap::new();
        for (i, short) in self.shorts.iter().enumerate() {
            classes.entry(short.class()).or_default().push(Entry {
                order: order_key(Side::Short, PerLot(short.entry << 32)),
                account: i as u64,
                lots: short.lots,
                stamp: 0,
            });
        }
        let count = classes.len() as u64;
        let sources = classes.into_iter().map(|(class, mut entries)| {
            entries.sort_by_key(|e| (e.order, e.account));
            (class, entries.into_iter().map(Ok::<_, ()>))
        });
        let mut merge =
            Merge::new(ScoreKind::ProfitLeverage, base, sources.collect()).expect("reads");
        let mut order = Vec::new();
        let mut reads = 0;
        while let Some(ranked) = merge.next_ranked().expect("reads") {
            if ranked.score.profit <= 0 {
                break;
            }
            order.push(ranked.entry.account as usize);
            if order.len() == k {
                reads = merge.reads();
            }
        }
        (order, reads, count)
    }
}

/// Lots and money taken from each position.
struct Taken {
    lots: Vec<u64>,
    money: Vec<i128>,
    need_left: i128,
}

impl Book {
    fn all_lots(&self) -> u64 {
        self.shorts.iter().map(|s| s.lots).sum()
    }

    fn loss(&self) -> (u64, i128) {
        let lots = (self.all_lots() as f64 * LOSS) as u64;
        (lots, (self.mark as f64 * lots as f64 * CHARGE) as i128)
    }

    /// Whole positions in this order, each charged the same per lot and no more than its profit.
    fn close(&self, order: &[usize]) -> Taken {
        let (mut left, mut need) = self.loss();
        let mut taken = self.nothing();
        for i in order {
            let lots = self.shorts[*i].lots.min(left);
            if lots == 0 {
                break;
            }
            let profit = self.shorts[*i].profit(self.mark) * i128::from(lots);
            let share = (need * i128::from(lots) + i128::from(left) - 1) / i128::from(left);
            taken.lots[*i] = lots;
            taken.money[*i] = share.min(profit.max(0));
            left -= lots;
            need -= taken.money[*i];
        }
        taken.need_left = need;
        taken
    }

    /// Everybody of the side gives the same part, at the same price.
    fn shrink(&self) -> Taken {
        let (lots, need) = self.loss();
        let all = u128::from(self.all_lots());
        let mut taken = self.nothing();
        for (i, short) in self.shorts.iter().enumerate() {
            let part = u128::from(lots) * u128::from(short.lots);
            taken.lots[i] = ((part + all / 2) / all) as u64;
            taken.money[i] = need * i128::from(short.lots) / all as i128;
        }
        taken
    }

    fn nothing(&self) -> Taken {
        Taken {
            lots: vec![0; self.shorts.len()],
            money: vec![0; self.shorts.len()],
            need_left: 0,
        }
    }
}

/// What a rule gets wrong, in parts of one.
#[derive(Clone, Copy, Debug, Default)]
struct Wrong {
    /// Lots that the exact order would not have taken there.
    lots: f64,
    /// Of the need: charged to whom the exact order would not have charged it.
    money: f64,
    /// Of the need: beyond the profit of the lots that were closed.
    unpaid: f64,
    /// How far back in the exact order the lots that were closed stood, on average, as a part of the
    /// lots of all winners; whoever is no winner stands behind them.
    place: f64,
    /// Leverage of the lots that were closed, together.
    leverage: f64,
}

/// Where each position stands in an order: the middle of its lots, as a part of all lots in it.
fn places(book: &Book, order: &[usize]) -> Vec<f64> {
    let all: u64 = order.iter().map(|i| book.shorts[*i].lots).sum();
    let mut places = vec![1.0; book.shorts.len()];
    let mut before = 0;
    for i in order {
        let lots = book.shorts[*i].lots;
        places[*i] = (before as f64 + lots as f64 / 2.0) / all as f64;
        before += lots;
    }
    places
}

fn wrong(book: &Book, (order, exact): (&[usize], &Taken), taken: &Taken) -> Wrong {
    let (all, need) = book.loss();
    let places = places(book, order);
    let (mut same, mut charged, mut closed) = (0, 0, 0);
    let (mut place, mut equity) = (0.0, 0.0);
    for (i, short) in book.shorts.iter().enumerate() {
        same += exact.lots[i].min(taken.lots[i]);
        charged += (taken.money[i] - exact.money[i]).max(0);
        closed += taken.lots[i];
        place += places[i] * taken.lots[i] as f64;
        equity += taken.lots[i] as f64 * short.equity(book.mark) as f64;
    }
    Wrong {
        lots: 1.0 - same as f64 / all as f64,
        money: charged as f64 / need as f64,
        unpaid: taken.need_left as f64 / need as f64,
        place: place / closed as f64,
        leverage: closed as f64 * book.mark as f64 / equity,
    }
}

const RULES: [&str; 7] = [
    "this index",
    "same, collateral not in classes",
    "score stored at the last touch",
    "entry price",
    "random start, winners only",
    "keeper that spares its friends",
    "everybody shrinks alike",
];

fn measure(fall: f64) -> [Wrong; 7] {
    let mut sums = [Wrong::default(); 7];
    for seed in 0..BOOKS {
        let book = book(seed, fall);
        let mut random = Random(seed + 1_000_000);
        let exact_order = book.exact();
        let exact = book.close(&exact_order);
        let by_collateral =
            book.by_score(|s| s.profit(book.mark), |s| (s.collateral << 32) as u128);
        let stored = book.by_score(|s| s.profit(s.touched_at), |s| class_floor(s.class()));
        let mut by_entry = book.winners();
        by_entry.sort_by_key(|i| (Reverse(book.shorts[*i].entry), *i));
        let mut from_anywhere = book.winners();
        let start = random.below(from_anywhere.len());
        from_anywhere.rotate_left(start);
        let friends: Vec<usize> = exact_order.iter().rev().copied().collect();
        let taken = [
            book.close(&book.index(20).0),
            book.close(&by_collateral),
            book.close(&stored),
            book.close(&by_entry),
            book.close(&from_anywhere),
            book.close(&friends),
            book.shrink(),
        ];
        for (sum, taken) in sums.iter_mut().zip(&taken) {
            let one = wrong(&book, (&exact_order, &exact), taken);
            sum.lots += one.lots / BOOKS as f64;
            sum.money += one.money / BOOKS as f64;
            sum.unpaid += one.unpaid / BOOKS as f64;
            sum.place += one.place / BOOKS as f64;
            sum.leverage += one.leverage / BOOKS as f64;
        }
    }
    sums
}

/// Rows as they stand in the decision record.
fn rows() -> Vec<String> {
    let mut rows = Vec::new();
    for fall in [2, 10, 30] {
        for (rule, w) in RULES.iter().zip(measure(f64::from(fall) / 100.0)) {
            rows.push(format!(
                "| {fall} % | {rule} | {:.0} % | {:.0} % | {:.0} % | {:.1} % | {:.1} |",
                w.lots * 100.0,
                w.money * 100.0,
                w.unpaid * 100.0,
                w.place * 100.0,
                w.leverage
            ));
        }
    }
    rows
}

#[test]
fn table() {
    let record = include_str!("../../../../docs/adr/0005-alternatives.md");
    let rows = rows();
    rows.iter().for_each(|row| println!("{row}"));
    let missing: Vec<_> = rows.iter().filter(|row| !record.contains(*row)).collect();
    assert_eq!(missing, [""; 0], "the record does not say so");
}

#[test]
fn the_index_is_the_sort_and_reads_little() {
    for seed in 0..BOOKS {
        let book = book(seed, 0.1);
        let (order, reads, classes) = book.index(20);
        assert_eq!(order, book.exact());
        assert!(reads <= classes + 20, "{reads} for {classes} classes");
    }
}

/// What the record claims, as inequalities that other books would have to break.
#[test]
fn claims() {
    for fall in [0.02, 0.10, 0.30] {
        let [index, unquantised, stored, entry, random, keeper, shrink] = measure(fall);
        assert_eq!((index.lots, index.money), (0.0, 0.0));
        // Classes swap neighbours, and nobody else.
        assert!(unquantised.lots < 0.25);
        assert!(unquantised.place < index.place + 0.002);
        // A stored score is about the wrong price: most lots are others, from far behind.
        assert!(stored.lots > 0.5 && stored.place > 4.0 * index.place);
        // Entries alone do not see leverage.
        assert!(entry.lots > 0.8 && entry.place > 0.3);
        assert!(entry.leverage < index.leverage / 3.0 + 0.1);
        for blind in [random, keeper, shrink] {
            assert!(blind.lots > 0.9 && blind.place > 0.45);
            assert!(blind.leverage < index.leverage / 2.0);
        }
        assert!(keeper.place > 0.98, "a keeper may take the very last");
    }
}
