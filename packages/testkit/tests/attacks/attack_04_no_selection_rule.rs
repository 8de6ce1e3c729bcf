//! Without a rule the same account is hit every time. The order is that of the formula, computed
//! here by brute force, and ties are fixed.

use perp_interface::{PerLot, Price, Side};
use perp_testkit::order::brute_force;
use perp_testkit::receipts;
use perp_testkit::scan::Scan;

use crate::situation::{liquidate, one_market, party, shorts_of};

#[test]
fn fills_come_in_the_order_of_the_formula() {
    let mut chain = one_market();
    let loser = party(&mut chain, "loser", 900);
    let shorts = [
        ("a", 310, 120),
        ("b", 150, 130),
        ("c", 150, 130),
        ("d", 2_000, 10),
        ("e", 91, 90),
        ("f", 640, 120),
        ("g", 150, 130),
    ];
    shorts_of(&mut chain, 1, &loser, &shorts);
    chain.set_price(1, 8_123_457).expect("prices");
    let scan = Scan::take(&chain).expect("scans");
    let expected: Vec<_> = brute_force(&scan, (1, Side::Short), Price(8_123_457), PerLot(0))
        .iter()
        .map(|standing| standing.account)
        .collect();
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
