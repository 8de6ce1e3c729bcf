//! Without a rule the same account is hit every time. The order is that of the formula, computed
//! here by brute force, and ties are fixed.

use perp_interface::{PerLot, Price, ScoreKind, Side};
use perp_testkit::order::{brute_force, standing};
use perp_testkit::receipts;
use perp_testkit::scan::Scan;

use crate::situation::{cross, liquidate, one_market, party, ENTRY};

#[test]
fn fills_come_in_the_order_of_the_formula() {
    let mut chain = one_market();
    let loser = party(&mut chain, "loser", 1_000);
    // More profit against more collateral, and the other way round.
    let shorts = [
        ("a", 310, 120, 9_000_000),
        ("b", 150, 130, ENTRY),
        ("c", 150, 130, ENTRY),
        ("d", 90, 10, 13_000_000),
        ("e", 291, 90, 8_200_000),
        ("f", 640, 120, 11_000_000),
        ("g", 150, 130, ENTRY),
    ];
    for (name, usdc, lots, price) in shorts {
        let short = party(&mut chain, name, usdc);
        cross(&mut chain, 1, (&loser, &short), lots, price);
    }
    chain.set_price(1, 8_123_457).expect("prices");
    let scan = Scan::take(&chain).expect("scans");
    let expected: Vec<_> = brute_force(
        ScoreKind::ProfitLeverage,
        &scan,
        (1, Side::Short),
        (Price(8_123_457), PerLot(0)),
    )
    .iter()
    .map(|standing| standing.account)
    .collect();
    let classes = order_of_classes(&scan);
    assert_ne!(expected, classes, "collateral alone would be another order");
    let events = liquidate(&mut chain, &loser).expect("liquidates");
    let fills = receipts::of_kind(&events, "adl_fill");
    let order: Vec<_> = fills.iter().map(|f| f.number("account") as u64).collect();
    assert_eq!(order, expected);
    // b, c and g are equal in everything but their number, which is the last to decide.
    let places: Vec<_> = [3, 4, 8]
        .iter()
        .map(|id| order.iter().position(|o| o == id))
        .collect();
    assert!(places.windows(2).all(|pair| pair[0] < pair[1]), "{order:?}");
}

/// Who would come first if only collateral counted.
fn order_of_classes(scan: &Scan) -> Vec<u64> {
    let mut all: Vec<_> = scan
        .positions(1)
        .filter(|(_, p)| p.side == Side::Short)
        .map(|(a, p)| standing(scan, a, p))
        .collect();
    all.sort_by_key(|s| (s.class, s.account));
    all.iter().map(|s| s.account).collect()
}
