//! A reduce-only order that was placed for a larger position. It is clamped to what is left at every
//! fill, and leaves the book when there is nothing.

use perp_interface::Side;
use perp_testkit::chain::Order;

use crate::situation::{liquidate, lots, one_market, orders, party, rest, shorts_of};

#[test]
fn it_never_turns_the_position_around() {
    for (deleveraged, left) in [(60, -40), (100, 0)] {
        let mut chain = one_market();
        let winner = party(&mut chain, "winner", 60);
        let loser = party(&mut chain, "loser", u128::from(deleveraged) + 1);
        let bystander = party(&mut chain, "bystander", 10_000);
        chain.deposit(&winner.user, 41_000_000).expect("deposits");
        crate::situation::cross(&mut chain, 1, (&loser, &winner), deleveraged, 10_000_000);
        if deleveraged < 100 {
            let rest = 100 - deleveraged;
            crate::situation::cross(&mut chain, 1, (&bystander, &winner), rest, 10_000_000);
        }
        chain.set_price(1, 8_000_000).expect("prices");
        for price in [7_900_000, 7_800_000] {
            rest(
                &mut chain,
                &winner,
                Order::limit(1, Side::Long, 100, price).reduce_only(),
            );
        }
        liquidate(&mut chain, &loser).expect("liquidates");
        assert_eq!(lots(&chain, &winner, 1), left);
        let seller = party(&mut chain, "seller", 10_000);
        chain
            .place(&seller.user, Order::ioc(1, Side::Short, 200, 7_700_000))
            .expect("sells what it can");
        assert_eq!(
            (lots(&chain, &winner, 1), lots(&chain, &seller, 1)),
            (0, left)
        );
        assert!(
            orders(&chain, &winner).is_empty(),
            "nothing is left to reduce"
        );
    }
}

#[test]
fn a_fill_shrinks_its_siblings() {
    let mut chain = one_market();
    let long = party(&mut chain, "long", 1_000);
    shorts_of(&mut chain, 1, &long, &[("other", 1_000, 40)]);
    for price in [10_000_001, 10_000_002, 10_000_003] {
        rest(
            &mut chain,
            &long,
            Order::limit(1, Side::Short, 30, price).reduce_only(),
        );
    }
    let buyer = party(&mut chain, "buyer", 1_000);
    chain
        .place(&buyer.user, Order::ioc(1, Side::Long, 90, 10_000_003))
        .expect("buys what there is");
    assert_eq!((lots(&chain, &long, 1), lots(&chain, &buyer, 1)), (0, 40));
    assert!(orders(&chain, &long).is_empty());
}
