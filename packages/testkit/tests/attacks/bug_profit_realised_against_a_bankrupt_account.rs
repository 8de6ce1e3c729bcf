//! A bankrupt account that nobody had liquidated yet could still reduce at the mark: its equity did
//! not fall by it. But the profit that it could not pay was cash on the other side from then on,
//! and gone before the loss was opened: no winner was left to be deleveraged.

use perp_interface::Side;
use perp_testkit::chain::Order;

use crate::situation::{
    cash, equity, liquidate, loss, one_market, orders, party, refused, rest, shorts_of,
};

#[test]
fn a_bankrupt_account_only_liquidates() {
    let mut chain = one_market();
    let pumper = party(&mut chain, "pumper", 100);
    let accomplice = &shorts_of(&mut chain, 1, &pumper, &[("accomplice", 100, 90)])[0];
    let honest = party(&mut chain, "honest", 100_000);
    chain.set_price(1, 30_000_000).expect("pumps");
    assert_eq!(equity(&chain, accomplice), -1_700_000_000);
    // As a taker, as a maker, in part, at any price that it likes.
    for price in [30_000_000, 20_000_000] {
        let ask = Order::limit(1, Side::Short, 90, price).reduce_only();
        let resting = rest(&mut chain, &pumper, ask);
        for lots in [1, 90] {
            let buy = Order::ioc(1, Side::Long, lots, price).reduce_only();
            refused(chain.place(&accomplice.user, buy), "bankrupt");
        }
        chain.cancel(&pumper.user, resting).expect("cancels");
    }
    rest(
        &mut chain,
        accomplice,
        Order::limit(1, Side::Long, 90, 30_000_000).reduce_only(),
    );
    chain
        .place(&pumper.user, Order::ioc(1, Side::Short, 90, 30_000_000))
        .expect("meets nobody");
    assert!(orders(&chain, accomplice).is_empty(), "its order is gone");
    assert_eq!(cash(&chain, &pumper), 100_000_000);

    liquidate(&mut chain, accomplice).expect("liquidates");
    assert_eq!(
        (loss(&chain, 1).adl_taken.0, loss(&chain, 1).bad_debt.0),
        (1_700_000_000, 0)
    );
    assert_eq!(equity(&chain, &pumper), 200_000_000);
    assert_eq!(equity(&chain, &honest), 100_000_000_000);
}
