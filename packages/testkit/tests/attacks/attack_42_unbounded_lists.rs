//! Lists that grow until nobody can pay for walking them. Each has its bound, and the worst account
//! that the bounds allow is liquidated.

use perp_interface::market::{ExecuteMsg, ForceLoss, Refresh};
use perp_interface::params::ExchangeParams;
use perp_interface::Side;
use perp_testkit::chain::Order;
use perp_testkit::{receipts, Chain};

use crate::situation::{
    account, book, cross, liquidate, list, one_market, orders, party, refused, rest, ENTRY,
};

#[test]
fn markets_orders_and_lists_are_bounded() {
    let mut chain = Chain::builder()
        .check_every(1)
        .exchange(ExchangeParams {
            max_positions: 2,
            max_orders: 3,
            ..ExchangeParams::default()
        })
        .build();
    list(&mut chain, &[1, 2, 3]);
    let user = party(&mut chain, "user", 10_000);
    let other = party(&mut chain, "other", 10_000);
    for market in [1, 2] {
        cross(&mut chain, market, (&user, &other), 5, ENTRY);
    }
    let third = party(&mut chain, "third", 10_000);
    rest(&mut chain, &third, Order::limit(3, Side::Short, 5, ENTRY));
    let open = Order::ioc(3, Side::Long, 5, ENTRY);
    refused(chain.place(&user.user, open), "too_many_positions");
    for price in [1, 2, 3] {
        rest(&mut chain, &user, Order::limit(1, Side::Long, 1, price));
    }
    let more = Order::limit(1, Side::Long, 1, 4);
    refused(chain.place(&user.user, more), "too_many_orders");
    let accounts = (0..51).collect::<Vec<_>>();
    let refresh = ExecuteMsg::Refresh(Refresh { accounts });
    refused(chain.market(&user.user, refresh), "bad_list");
    let force = ForceLoss {
        loss_id: 1,
        accounts: (0..101).collect(),
    };
    refused(
        chain.market(&user.user, ExecuteMsg::ForceLoss(force)),
        "bad_list",
    );
}

#[test]
fn the_worst_account_is_liquidated_in_bounded_steps() {
    for price in [9_400_000, 8_000_000] {
        let mut chain = Chain::builder().build();
        let markets: Vec<u16> = (1..=8).collect();
        list(&mut chain, &markets);
        let worst = party(&mut chain, "worst", 820);
        let other = party(&mut chain, "other", 1_000_000);
        for market in &markets {
            cross(&mut chain, *market, (&worst, &other), 100, ENTRY);
        }
        for i in 0..20 {
            let order = Order::limit(1 + i % 8, Side::Long, 1, 1 + u64::from(i));
            rest(&mut chain, &worst, order);
        }
        // Sixty makers of one lot before every book.
        for i in 0..60 {
            let maker = party(&mut chain, &format!("maker {i}"), 1_000);
            for market in &markets {
                rest(
                    &mut chain,
                    &maker,
                    Order::limit(*market, Side::Long, 2, 9_400_000),
                );
            }
        }
        for market in &markets {
            chain.set_price(*market, price).expect("prices");
        }
        let mut fills = 0;
        for _ in 0..40 {
            match liquidate(&mut chain, &worst) {
                Ok(events) => {
                    let sold = receipts::of_kind(&events, "liquidation").len();
                    let met = receipts::of_kind(&events, "loss_book_fill").len();
                    assert!(sold + met <= 50, "{sold} and {met}");
                    fills += sold + met;
                }
                Err(_) => break,
            }
        }
        chain.finish_jobs(200).expect("ends");
        assert!(fills > 0 && orders(&chain, &worst).is_empty());
        assert!(!chain.health(worst.id).expect("answers").liquidatable);
        assert!(!account(&chain, &worst).locked);
        perp_testkit::invariants::assert_all(&chain);
    }
}

#[test]
fn one_message_meets_a_bounded_number_of_orders() {
    let mut chain = one_market();
    let taker = party(&mut chain, "taker", 10_000);
    for i in 0..4 {
        let maker = party(&mut chain, &format!("maker {i}"), 1_000);
        for _ in 0..16 {
            rest(&mut chain, &maker, Order::limit(1, Side::Short, 1, ENTRY));
        }
    }
    let events = chain
        .place(&taker.user, Order::limit(1, Side::Long, 64, ENTRY))
        .expect("trades");
    assert_eq!(receipts::of_kind(&events, "trade").len(), 50);
    assert!(
        book(&chain, 1, Side::Long).is_empty(),
        "nothing rests across the book"
    );
}
