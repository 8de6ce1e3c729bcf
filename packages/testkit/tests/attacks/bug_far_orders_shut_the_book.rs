//! Orders far off the mark, which never fill and need no margin to speak of, used up the room of a
//! side. From then on nobody could rest an order there, and nobody could be sold down.

use perp_interface::params::ExchangeParams;
use perp_interface::Side;
use perp_testkit::chain::Order;
use perp_testkit::{receipts, Chain};

use crate::situation::{book, list, party, refused, rest, ENTRY};

#[test]
fn a_full_side_keeps_its_best_orders() {
    let mut chain = Chain::builder()
        .check_every(1)
        .exchange(ExchangeParams {
            max_side_orders: 3,
            ..ExchangeParams::default()
        })
        .build();
    list(&mut chain, &[1]);
    let stuffer = party(&mut chain, "stuffer", 1);
    let maker = party(&mut chain, "maker", 1_000);
    for price in [1, 2, 2] {
        rest(&mut chain, &stuffer, Order::limit(1, Side::Long, 1, price));
    }
    let events = chain
        .place(&maker.user, Order::limit(1, Side::Long, 5, ENTRY - 1))
        .expect("rests");
    let removed = receipts::of_kind(&events, "order_removed");
    assert_eq!(removed[0].text("reason"), "evicted");
    let prices: Vec<_> = book(&chain, 1, Side::Long)
        .iter()
        .map(|o| o.price.0)
        .collect();
    assert_eq!(prices, [ENTRY - 1, 2, 2]);
    // Nobody is pushed out for an order that is no better.
    let equal = Order::limit(1, Side::Long, 1, 2);
    refused(chain.place(&stuffer.user, equal), "book_full");

    for price in [u64::from(u32::MAX), 1 << 39, (1 << 39) + 1] {
        rest(&mut chain, &stuffer, Order::limit(1, Side::Short, 1, price));
    }
    rest(&mut chain, &maker, Order::limit(1, Side::Short, 5, ENTRY));
    let prices: Vec<_> = book(&chain, 1, Side::Short)
        .iter()
        .map(|o| o.price.0)
        .collect();
    assert_eq!(prices, [ENTRY, u64::from(u32::MAX), 1 << 39]);
}
