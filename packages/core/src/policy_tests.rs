use super::*;
use crate::class::{class_floor, class_of};
use crate::score::order_key;
use crate::units::Side;
use proptest::prelude::*;

fn policy(score: ScoreKind, protect_principal: bool) -> Policy {
    Policy {
        score,
        protect_principal,
        ..Policy::default()
    }
}

const PASSES: [Pass; 6] = [
    Pass::Profit,
    Pass::Rest,
    Pass::Hedged,
    Pass::Equity,
    Pass::AtMark,
    Pass::Haircut,
];

#[test]
fn who_takes_part() {
    use Part::{Ends, Sits, Takes};
    use ScoreKind::{Leverage, Profit, ProfitLeverage};
    let at = |kind, profit, collateral| Score {
        kind,
        profit,
        collateral,
    };
    // (kind, profit, collateral) -> protected P1, unprotected P1, at the mark, haircut.
    let table = [
        ((ProfitLeverage, 5, 9), [Takes, Takes, Takes, Takes]),
        ((ProfitLeverage, 0, 9), [Takes, Takes, Takes, Takes]),
        ((ProfitLeverage, -5, 9), [Ends, Takes, Takes, Ends]),
        ((ProfitLeverage, -9, 9), [Ends, Takes, Takes, Ends]),
        ((Profit, -5, 9), [Ends, Takes, Takes, Ends]),
        ((Profit, -9, 9), [Ends, Takes, Takes, Ends]),
        ((Leverage, 0, 9), [Takes, Takes, Takes, Takes]),
        ((Leverage, -5, 9), [Sits, Takes, Takes, Sits]),
        ((Leverage, -9, 9), [Sits, Takes, Takes, Sits]),
    ];
    for ((kind, profit, collateral), [protected, open, at_mark, haircut]) in table {
        let score = at(kind, profit, collateral);
        let part = |protect, pass| policy(kind, protect).part(pass, &score);
        for pass in [Pass::Profit, Pass::Rest, Pass::Hedged, Pass::Equity] {
            assert_eq!(part(true, pass), protected, "{kind:?} {profit} {pass:?}");
            assert_eq!(part(false, pass), open, "{kind:?} {profit} {pass:?}");
        }
        for protect in [true, false] {
            assert_eq!(part(protect, Pass::AtMark), at_mark);
            assert_eq!(part(protect, Pass::Haircut), haircut);
        }
    }
}

#[test]
fn what_is_shared() {
    let classic = Policy::default();
    let broad = Policy {
        breadth: 2,
        ..classic
    };
    for pass in PASSES {
        assert!(!classic.shares(pass));
        assert_eq!(broad.shares(pass), pass == Pass::Profit);
    }
}

#[test]
fn weights_are_profit_or_equity_and_never_negative() {
    let weight = |kind, profit, collateral| {
        policy(kind, true).weight_per_lot(&Score {
            kind,
            profit,
            collateral,
        })
    };
    assert_eq!(weight(ScoreKind::ProfitLeverage, 7, 3), 7);
    assert_eq!(weight(ScoreKind::Profit, 7, 3), 7);
    assert_eq!(weight(ScoreKind::Leverage, 7, 3), 10);
    assert_eq!(weight(ScoreKind::ProfitLeverage, -7, 30), 0);
    assert_eq!(weight(ScoreKind::Leverage, -7, 3), 0);
}

proptest! {
    /// A pass of the leverage order begins exactly where the first position stands that takes part.
    #[test]
    fn a_pass_begins_where_somebody_takes_part(
        entry in -40i128..40, collateral in -3i128..40, base in -40i128..40, protect in any::<bool>(), pass in prop::sample::select(PASSES.to_vec()),
    ) {
        let policy = policy(ScoreKind::Leverage, protect);
        let class = class_of(collateral);
        let order = order_key(Side::Long, PerLot(entry));
        let score = Score::at(policy.score, PerLot(base), order, class_floor(class));
        let inside = match policy.first(pass, PerLot(base)) {
            None => true,
            Some(Start::AtOrder(first)) => order <= first,
            Some(Start::Behind(..)) => unreachable!("a pass begins at an order"),
        };
        prop_assert_eq!(inside, policy.part(pass, &score) == Part::Takes);
    }

    /// Behind any position of the pass, it goes on only with positions that take part.
    #[test]
    fn a_paused_pass_never_falls_back_to_those_who_sit(
        orders in prop::collection::vec((-40i128..40, 0i128..40), 1..6), at in 0usize..6, base in -40i128..40,
        kind in prop::sample::select(ScoreKind::ALL.to_vec()), protect in any::<bool>(), pass in prop::sample::select(PASSES.to_vec()),
    ) {
        let policy = policy(kind, protect);
        let score = |(order, m): (i128, i128)| Score::at(kind, PerLot(base), order, class_floor(class_of(m)));
        let last = orders[at % orders.len()];
        prop_assume!(policy.part(pass, &score(last)) == Part::Takes);
        let cursor = Cursor { class: class_of(last.1), order: last.0, account: 7 };
        for (order, m) in orders {
            let class = class_of(m);
            if let Start::AtOrder(from) = policy.start_in(pass, cursor, class, PerLot(base)) {
                let is_reached = if kind.descends() { order <= from } else { order >= from };
                prop_assert!(!is_reached || policy.part(pass, &score((order, m))) != Part::Sits);
            }
        }
    }
}
