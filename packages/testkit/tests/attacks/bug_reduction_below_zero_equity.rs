//! A solvent account under maintenance sold to its accomplice far below the mark. Its health did
//! not fall by it, because the maintenance requirement was gone, but its equity fell below zero:
//! the accomplice kept the difference and the fund paid it.

use perp_interface::Side;
use perp_testkit::chain::Order;

use crate::situation::{cross, equity, one_market, party, refused, rest, ENTRY};

#[test]
fn reducing_never_makes_an_account_bankrupt() {
    let mut chain = one_market();
    let victim = party(&mut chain, "victim", 100);
    let other = party(&mut chain, "other", 10_000);
    let accomplice = party(&mut chain, "accomplice", 10_000);
    cross(&mut chain, 1, (&victim, &other), 100, ENTRY);
    // Equity 20 of 100, maintenance 46.
    chain.set_price(1, 9_200_000).expect("prices");
    assert_eq!(equity(&chain, &victim), 20_000_000);
    rest(
        &mut chain,
        &accomplice,
        Order::limit(1, Side::Long, 100, 8_950_000),
    );
    let sale = Order::ioc(1, Side::Short, 100, 8_950_000).reduce_only();
    refused(chain.place(&victim.user, sale), "reduces_to_bankruptcy");
    assert_eq!(equity(&chain, &victim), 20_000_000);

    // The same as a resting order that the accomplice takes: it leaves the book instead.
    for order in crate::situation::orders(&chain, &accomplice) {
        chain
            .cancel(&accomplice.user, order.order_id)
            .expect("cancels");
    }
    rest(
        &mut chain,
        &victim,
        Order::limit(1, Side::Short, 100, 8_950_000).reduce_only(),
    );
    chain
        .place(&accomplice.user, Order::ioc(1, Side::Long, 100, 8_950_000))
        .expect("nothing to take");
    assert_eq!(equity(&chain, &victim), 20_000_000);
    assert!(crate::situation::orders(&chain, &victim).is_empty());
}
