use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::class::class_of;
use crate::histogram::FIRST_SHIFT;
use crate::merge::{compare, Entry, Ranked};
use crate::score::ScoreKind;
use crate::MathError;

#[derive(Clone, Copy, Debug)]
struct Position {
    point: Point,
    lots: u64,
}

/// The true order: accounts are places in the list.
fn sorted(view: View, list: &[Position]) -> Vec<Ranked> {
    let mut all: Vec<_> = (0..)
        .zip(list)
        .map(|(account, position)| Ranked {
            class: position.point.class,
            entry: Entry {
                order: position.point.order,
                account,
                lots: position.lots,
                stamp: 0,
            },
            score: view.score(position.point),
        })
        .collect();
    all.sort_by(compare);
    all
}

fn classes(list: &[Position]) -> Vec<Result<(u16, Histogram), MathError>> {
    let mut classes: BTreeMap<u16, Histogram> = BTreeMap::new();
    for position in list {
        let class = classes.entry(position.point.class).or_default();
        class
            .add(position.point.order, position.lots)
            .expect("fits");
    }
    classes.into_iter().map(Ok).collect()
}

fn place(ranked: &Ranked) -> (Cursor, u64) {
    let cursor = Cursor {
        class: ranked.class,
        order: ranked.entry.order,
        account: ranked.entry.account,
    };
    (cursor, ranked.entry.lots)
}

fn point(ranked: &Ranked) -> Point {
    Point {
        class: ranked.class,
        order: ranked.entry.order,
    }
}

const VIEW: View = View {
    policy: Policy::of_breadth(1),
    base: PerLot(1_000 << 32),
};

fn kinds() -> impl Strategy<Value = Policy> {
    let kinds = prop::sample::select(&ScoreKind::ALL[..]);
    (kinds, any::<bool>()).prop_map(|(score, protect_principal)| Policy {
        score,
        protect_principal,
        ..Policy::default()
    })
}

/// Ten positions of ten lots, of one class, a quote unit apart.
fn ladder() -> Vec<Position> {
    let at = |i: i128| Position {
        point: Point {
            class: 300,
            order: (900 + i) << 32,
        },
        lots: 10,
    };
    (0..10).map(at).collect()
}

#[test]
fn each_light_is_a_fifth_of_the_lots() {
    let list = ladder();
    let thresholds = Thresholds::of(VIEW, classes(&list))
        .expect("fits")
        .expect("lots");
    assert_eq!(thresholds.total, 100);
    let ranked = sorted(VIEW, &list);
    let lights: Vec<_> = ranked
        .iter()
        .map(|r| {
            let standing = Standing::of(VIEW, place(r), classes(&list)).expect("fits");
            assert_eq!(standing.ahead.min, standing.ahead.max);
            assert_eq!(standing.percentile_floor(), standing.percentile_ceil());
            assert_eq!(standing.fifth(), thresholds.fifth(VIEW, point(r)));
            (standing.percentile_floor() / 10_000, standing.fifth())
        })
        .collect();
    assert_eq!(
        lights,
        [
            (0, 5),
            (10, 5),
            (20, 4),
            (30, 4),
            (40, 3),
            (50, 3),
            (60, 2),
            (70, 2),
            (80, 1),
            (90, 1)
        ]
    );
}

#[test]
fn one_large_position_ends_several_fifths() {
    let mut list = ladder();
    list[3].lots = 1_000;
    let thresholds = Thresholds::of(VIEW, classes(&list))
        .expect("fits")
        .expect("lots");
    let lights: Vec<_> = list
        .iter()
        .map(|p| thresholds.fifth(VIEW, p.point))
        .collect();
    assert_eq!(lights, [5, 5, 5, 5, 1, 1, 1, 1, 1, 1]);
}

#[test]
fn without_a_profit_there_is_no_light() {
    let mut list = ladder();
    list[8].point.order = 1_000 << 32;
    list[9].point.order = (1_000 << 32) + 1;
    let thresholds = Thresholds::of(VIEW, classes(&list))
        .expect("fits")
        .expect("lots");
    let lights: Vec<_> = list
        .iter()
        .map(|p| thresholds.light(VIEW, p.point))
        .collect();
    assert_eq!(lights, [5, 5, 4, 4, 3, 3, 2, 2, 1, 0]);
}

#[test]
fn a_side_without_lots_has_no_thresholds() {
    let none = Thresholds::of::<MathError>(VIEW, []).expect("nothing to add up");
    assert_eq!(none, None);
    let empty = Standing::default();
    assert_eq!(
        (
            empty.percentile_floor(),
            empty.percentile_ceil(),
            empty.fifth()
        ),
        (0, 0, 5)
    );
}

#[test]
fn more_lots_than_can_be_counted_are_refused() {
    let full = || Ok::<_, MathError>(Histogram::of(FIRST_SHIFT, [(5, u64::MAX)]).expect("fits"));
    let two = || [full().map(|h| (7, h)), full().map(|h| (9, h))];
    assert!(Thresholds::of(VIEW, two()).is_err());
    let cursor = Cursor {
        class: 7,
        order: 5,
        account: 0,
    };
    assert!(Standing::of(VIEW, (cursor, u64::MAX), two()).is_err());
}

fn position() -> impl Strategy<Value = Position> {
    let order = prop_oneof![
        -9i128..9,
        (-90i128..90).prop_map(|e| e << 32),
        -(1i128 << 70)..1i128 << 70,
    ];
    let collateral = prop_oneof![-1i128..20, (0i128..9).prop_map(|m| m << 34), 1i128..1 << 90];
    (order, collateral, 1u64..50).prop_map(|(order, collateral, lots)| Position {
        point: Point {
            class: class_of(collateral),
            order,
        },
        lots,
    })
}

proptest! {
    /// The truth lies within the bound; the light is never lower than the true one, and the published
    /// thresholds give the same. For every kind of score, with and without protection.
    #[test]
    fn standings_of_a_sort(
        list in prop::collection::vec(position(), 1..150), policy in kinds(),
        base in prop_oneof![-9i128..9, (-90i128..90).prop_map(|b| b << 32), -(1i128 << 70)..1i128 << 70],
    ) {
        let view = View { policy, base: PerLot(base) };
        let thresholds = Thresholds::of(view, classes(&list)).expect("fits").expect("lots");
        let total: u64 = list.iter().map(|p| p.lots).sum();
        prop_assert_eq!(thresholds.total, total);
        let mut ahead = 0;
        for ranked in sorted(view, &list) {
            let standing = Standing::of(view, place(&ranked), classes(&list)).expect("fits");
            let Ahead { min, max } = standing.ahead;
            prop_assert!(min <= ahead && ahead <= max, "{min} {ahead} {max}");
            prop_assert_eq!(standing.total, total);
            let takes = policy.part(Pass::Profit, &ranked.score) == Part::Takes;
            let true_fifth = 5 - (5 * ahead / total) as u8;
            let point = point(&ranked);
            let (fifth, light) = (standing.fifth(), view.light(point, standing.fifth()));
            prop_assert!(fifth >= true_fifth);
            prop_assert_eq!(light, if takes { fifth } else { 0 });
            prop_assert_eq!(thresholds.light(view, point), light);
            prop_assert!(standing.percentile_floor() <= standing.percentile_ceil());
            prop_assert!(standing.percentile_ceil() <= 1_000_000);
            // By leverage, the walk of each class begins behind those who give nothing; otherwise
            // it passes them.
            ahead += if takes || !policy.score.descends() { ranked.entry.lots } else { 0 };
        }
    }

    /// Up to sixteen places a class at whole quote units: nothing is cut but by equals.
    #[test]
    fn few_places_are_exact(
        places in prop::collection::btree_set((0u16..3, -40i128..40), 1..17), base in -50i128..50,
    ) {
        let view = View { base: PerLot(base << 32), ..VIEW };
        let list: Vec<_> = places
            .into_iter()
            .map(|(class, unit)| Position { point: Point { class: 200 + 9 * class, order: unit << 32 }, lots: 7 })
            .collect();
        let mut ahead = 0;
        for ranked in sorted(view, &list) {
            let standing = Standing::of(view, place(&ranked), classes(&list)).expect("fits");
            let cut = list.iter().any(|other| {
                let start = place(&ranked).0.start_in(other.point.class, ScoreKind::ProfitLeverage, view.base);
                matches!(start, Start::AtOrder(at) if at > other.point.order && at <= other.point.order + u32::MAX as i128)
            });
            if !cut {
                prop_assert_eq!((standing.ahead.min, standing.ahead.max), (ahead, ahead));
            }
            prop_assert!(standing.ahead.max >= ahead && standing.ahead.min <= ahead);
            ahead += 7;
        }
    }
}

#[test]
fn errors_are_those_of_the_items() {
    #[derive(Debug, PartialEq)]
    struct Broken;
    impl From<MathError> for Broken {
        fn from(_: MathError) -> Self {
            Broken
        }
    }
    assert_eq!(Thresholds::of(VIEW, [Err(Broken)]), Err(Broken));
}
