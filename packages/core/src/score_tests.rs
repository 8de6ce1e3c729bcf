use proptest::prelude::*;

use super::*;
use crate::position::Position;
use crate::units::Quote;

const KIND: ScoreKind = ScoreKind::ProfitLeverage;

fn score(kind: ScoreKind, profit: i128, collateral: u128) -> Score {
    Score {
        kind,
        profit,
        collateral,
    }
}

#[test]
fn entries_floor_toward_minus_infinity_on_both_sides() {
    let long = Position {
        lots: 3,
        cost: Quote(100),
        index: PerLot(7),
    };
    assert_eq!(entry_floor(&long), Ok(PerLot((100i128 << 32) / 3 - 7)));
    let short = Position {
        lots: -3,
        cost: Quote(-100),
        index: PerLot(7),
    };
    assert_eq!(entry_floor(&short), Ok(PerLot((100i128 << 32) / 3 - 7)));
    // Received funding can turn a cost around.
    let odd = Position {
        lots: -3,
        cost: Quote(100),
        index: PerLot(0),
    };
    assert_eq!(entry_floor(&odd), Ok(PerLot(-((100i128 << 32) / 3) - 1)));
    assert!(entry_floor(&Position::default()).is_err());
}

#[test]
fn what_price_and_funding_give_to_a_side() {
    let price = |quote: i128| quote << 32;
    assert_eq!(
        base(Side::Long, Price(10), PerLot(3)),
        Ok(PerLot(price(10) - 3))
    );
    assert_eq!(
        base(Side::Short, Price(10), PerLot(3)),
        Ok(PerLot(3 - price(10)))
    );
    assert_eq!(
        base(Side::Short, Price(10), PerLot(-3)),
        Ok(PerLot(-3 - price(10)))
    );
    for index in [ENTRY_BOUND, -ENTRY_BOUND] {
        assert!(base(Side::Long, Price(1), PerLot(index + price(1))).is_err());
    }
    assert_eq!(order_key(Side::Long, PerLot(5)), 5);
    assert_eq!(order_key(Side::Short, PerLot(5)), -5);
}

#[test]
fn ppm() {
    let x = Price(1_000);
    let fixed = |quote: i128| quote << 32;
    let ppm = |kind, d: i128, m: i128| score(kind, fixed(d), fixed(m) as u128).ppm_floor(x);
    // 250 of profit on 750 of collateral at a mark of 1 000.
    assert_eq!(ppm(ScoreKind::ProfitLeverage, 250, 750), 250_000);
    assert_eq!(ppm(ScoreKind::Leverage, 250, 750), 1_000_000);
    assert_eq!(ppm(ScoreKind::Profit, 250, 750), 250_000);
    assert_eq!(ppm(ScoreKind::Leverage, -50, 150), 10_000_000);
    // Thirds are floored.
    assert_eq!(ppm(ScoreKind::ProfitLeverage, 1, 2), 333_333);
    // A loss, no equity, and more than fits.
    for kind in [ScoreKind::ProfitLeverage, ScoreKind::Profit] {
        assert_eq!(score(kind, -1, 1).ppm_floor(x), 0);
    }
    assert_eq!(ppm(ScoreKind::Leverage, -150, 150), u32::MAX);
    assert_eq!(ppm(ScoreKind::Leverage, -200, 150), u32::MAX);
    assert_eq!(score(ScoreKind::Leverage, 0, 1).ppm_floor(x), u32::MAX);
    assert_eq!(score(KIND, i128::MAX, 1).ppm_floor(x), 999_999);
}

#[test]
fn kinds_have_numbers() {
    for kind in ScoreKind::ALL {
        assert_eq!(ScoreKind::from_number(kind.number()), kind);
    }
    assert_eq!(ScoreKind::ALL.map(ScoreKind::number), [0, 1, 2]);
    for kind in ScoreKind::ALL {
        let text = format!("\"{kind}\"");
        assert_eq!(cosmwasm_std::to_json_string(&kind).expect("json"), text);
    }
}

#[test]
fn monstrous_collateral_counts_up_to_a_bound() {
    let most = EQUITY_COLLATERAL_MAX;
    let equity = |m| score(ScoreKind::Leverage, 0, m).equity();
    assert_eq!(equity(most - 1), most as i128 - 1);
    assert_eq!(equity(most), most as i128);
    assert_eq!(equity(most + 1), most as i128);
    assert_eq!(equity(u128::MAX), most as i128);
}

proptest! {
    /// The order is that of the fractions d/m̂, and of d/(d+m̂) where both profits are positive.
    #[test]
    fn order_is_that_of_the_fractions(a in -1000i128..1000, m in 1u128..1000, b in -1000i128..1000, n in 1u128..1000) {
        let (x, y) = (score(KIND, a, m), score(KIND, b, n));
        prop_assert_eq!(x.cmp(&y), (a * n as i128).cmp(&(b * m as i128)));
        if a > 0 && b > 0 {
            let left = a * (b + n as i128);
            let right = b * (a + m as i128);
            prop_assert_eq!(x.cmp(&y), left.cmp(&right));
        }
        // Leverage x/(d+m̂): the smaller equity is the more levered one.
        let (x, y) = (score(ScoreKind::Leverage, a, m), score(ScoreKind::Leverage, b, n));
        prop_assert_eq!(x.cmp(&y), (b + n as i128).cmp(&(a + m as i128)));
        let (x, y) = (score(ScoreKind::Profit, a, m), score(ScoreKind::Profit, b, n));
        prop_assert_eq!(x.cmp(&y), a.cmp(&b));
    }

    /// A price or funding move shifts every d of a side alike: the order inside a class never changes.
    #[test]
    fn order_in_a_class_is_the_order_of_entries(
        e1 in 1i128..(1<<70), e2 in 1i128..(1<<70), mark in 1u64..(1<<40), index in -(1i128<<70)..(1i128<<70), short in any::<bool>(),
    ) {
        let side = if short { Side::Short } else { Side::Long };
        let base = base(side, Price(mark), PerLot(index)).expect("in range");
        let (k1, k2) = (order_key(side, PerLot(e1)), order_key(side, PerLot(e2)));
        for kind in ScoreKind::ALL {
            let order = Score::at(kind, base, k1, 77).cmp(&Score::at(kind, base, k2, 77));
            prop_assert_eq!(order, if kind.descends() { k1.cmp(&k2) } else { k2.cmp(&k1) });
        }
    }
}
