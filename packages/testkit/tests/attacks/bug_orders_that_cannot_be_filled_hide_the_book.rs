//! A taker read the book up to its own size. An order at the front that nobody could fill (its
//! margin was withdrawn, it was the taker's own, there was nothing left to reduce) used that up:
//! the taker got nothing of what stood behind it, and a limit order came to rest across the book.

use perp_interface::Side;
use perp_testkit::chain::Order;

use crate::situation::{book, cross, equity, liquidate, lots, one_market, party, rest, ENTRY};

#[test]
fn a_taker_gets_past_orders_without_margin() {
    let mut chain = one_market();
    let spoofer = party(&mut chain, "spoofer", 1_000);
    let maker = party(&mut chain, "maker", 1_000);
    let taker = party(&mut chain, "taker", 1_000);
    rest(
        &mut chain,
        &spoofer,
        Order::limit(1, Side::Short, 50, ENTRY),
    );
    rest(
        &mut chain,
        &maker,
        Order::limit(1, Side::Short, 50, ENTRY + 1),
    );
    chain
        .withdraw(&spoofer.user, 1_000_000_000)
        .expect("is free");
    chain
        .place(&taker.user, Order::limit(1, Side::Long, 50, ENTRY + 1))
        .expect("trades");
    assert_eq!(lots(&chain, &taker, 1), 50, "filled behind the spoofer");
    assert!(
        book(&chain, 1, Side::Long).is_empty(),
        "nothing rests across the book"
    );
    assert!(book(&chain, 1, Side::Short).is_empty());
}

#[test]
fn a_taker_gets_past_its_own_orders() {
    let mut chain = one_market();
    let maker = party(&mut chain, "maker", 1_000);
    let taker = party(&mut chain, "taker", 1_000);
    rest(&mut chain, &taker, Order::limit(1, Side::Short, 50, ENTRY));
    rest(
        &mut chain,
        &maker,
        Order::limit(1, Side::Short, 20, ENTRY + 1),
    );
    chain
        .place(&taker.user, Order::limit(1, Side::Long, 50, ENTRY + 1))
        .expect("trades");
    assert_eq!(lots(&chain, &taker, 1), 20);
    let bids: Vec<_> = book(&chain, 1, Side::Long)
        .iter()
        .map(|o| o.lots.0)
        .collect();
    assert_eq!(bids, [30]);
}

#[test]
fn a_bankrupt_account_does_not_hide_the_book_with_its_own_bids() {
    let mut chain = one_market();
    let long = party(&mut chain, "long", 200);
    let other = party(&mut chain, "other", 10_000);
    let maker = party(&mut chain, "maker", 10_000);
    cross(&mut chain, 1, (&long, &other), 100, ENTRY);
    rest(
        &mut chain,
        &long,
        Order::limit(1, Side::Long, 100, ENTRY - 1),
    );
    // The bankruptcy price is 8.0, the mark 7.9.
    chain.set_price(1, 7_900_000).expect("prices");
    // Nobody bids below what the bankrupt account pretends to, yet somebody does bid enough.
    rest(
        &mut chain,
        &maker,
        Order::limit(1, Side::Long, 100, 8_000_000),
    );
    liquidate(&mut chain, &long).expect("liquidates");
    assert_eq!(crate::situation::loss(&chain, 1).book_lots.0, 100);
    assert_eq!(lots(&chain, &other, 1), -100, "nobody was deleveraged");
    assert_eq!(equity(&chain, &long), 0);
}
