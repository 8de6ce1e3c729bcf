//! An order whose account also holds a position in a market with a stale price was skipped and left
//! where it was, in front of everybody, and counted as one of the orders that a message matches:
//! a few of them in front of a book shut it as long as the other market's price was stale.

use perp_interface::params::ExchangeParams;
use perp_interface::Side;
use perp_testkit::chain::Order;
use perp_testkit::Chain;

use crate::situation::{book, cross, list, lots, party, rest, ENTRY};

#[test]
fn a_stale_maker_stands_in_the_way_once() {
    let mut chain = Chain::builder()
        .check_every(1)
        .exchange(ExchangeParams {
            max_fills: 2,
            ..ExchangeParams::default()
        })
        .build();
    list(&mut chain, &[1, 2]);
    let stale = party(&mut chain, "stale", 1_000);
    let other = party(&mut chain, "other", 1_000);
    let maker = party(&mut chain, "maker", 1_000);
    let taker = party(&mut chain, "taker", 1_000);
    cross(&mut chain, 2, (&stale, &other), 10, ENTRY);
    for _ in 0..2 {
        rest(&mut chain, &stale, Order::limit(1, Side::Short, 10, ENTRY));
    }
    rest(&mut chain, &maker, Order::limit(1, Side::Short, 10, ENTRY));
    chain.advance(601, 100);
    chain.set_price(1, ENTRY).expect("prices one of the two");
    for _ in 0..2 {
        chain
            .place(&taker.user, Order::ioc(1, Side::Long, 10, ENTRY))
            .expect("trades or not");
    }
    assert_eq!(
        lots(&chain, &taker, 1),
        10,
        "the book behind them is reached"
    );
    assert!(book(&chain, 1, Side::Short).is_empty());
}
