//! Deleveraging while a winner has orders on the book: what they were meant to close is gone. They
//! are filled as what they are by then, at their account's margin, or not at all.

use perp_interface::Side;
use perp_testkit::chain::Order;

use crate::situation::{
    book, cash, equity, liquidate, lots, one_market, orders, party, rest, shorts_of,
};

#[test]
fn pending_orders_of_a_deleveraged_account() {
    let mut chain = one_market();
    let loser = party(&mut chain, "loser", 120);
    let shorts = shorts_of(&mut chain, 1, &loser, &[("winner", 120, 100)]);
    let winner = &shorts[0];
    let seller = party(&mut chain, "seller", 10_000);
    chain.set_price(1, 8_000_000).expect("prices");
    rest(
        &mut chain,
        winner,
        Order::limit(1, Side::Long, 100, 7_500_000).reduce_only(),
    );
    rest(
        &mut chain,
        winner,
        Order::limit(1, Side::Long, 100, 7_400_000),
    );
    liquidate(&mut chain, &loser).expect("liquidates");
    assert_eq!(
        (lots(&chain, winner, 1), orders(&chain, winner).len()),
        (0, 2)
    );

    let (before, wealth) = (cash(&chain, winner), equity(&chain, &seller));
    chain
        .place(&seller.user, Order::ioc(1, Side::Short, 50, 7_500_000))
        .expect("meets nothing");
    assert_eq!(
        lots(&chain, winner, 1),
        0,
        "a reduce-only order opens nothing"
    );
    chain
        .place(&seller.user, Order::ioc(1, Side::Short, 50, 7_400_000))
        .expect("meets the plain order");
    assert_eq!(
        (lots(&chain, winner, 1), cash(&chain, winner)),
        (50, before)
    );
    assert_eq!(equity(&chain, &seller), wealth - 50 * 600_000);
    assert_eq!(book(&chain, 1, Side::Long)[0].lots.0, 50);
}
