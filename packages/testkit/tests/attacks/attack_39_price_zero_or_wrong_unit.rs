//! A price of zero, or in the wrong unit, liquidates a whole venue. Zero and more than 2^40 never
//! come in; a market is not opened at a price whose unit cannot be right, and below a thousand
//! units it only takes reductions.

use perp_interface::market::{ExecuteMsg, ListMarket};
use perp_interface::Side;
use perp_testkit::chain::Order;

use crate::situation::{
    equity, free_market, liquidate, lots, one_market, party, refused, rest, shorts_of,
};

#[test]
fn zero_and_overlarge_prices_do_not_come_in() {
    let mut chain = one_market();
    let user = party(&mut chain, "user", 100);
    shorts_of(&mut chain, 1, &user, &[("other", 1_000, 50)]);
    let before = equity(&chain, &user);
    for price in [0, 1 << 40, u64::MAX] {
        refused(chain.set_price(1, price), "price_out_of_range");
    }
    assert_eq!(equity(&chain, &user), before);
    refused(liquidate(&mut chain, &user), "not_liquidatable");
    let stranger = chain.user("stranger");
    chain.governance = stranger;
    refused(chain.set_price(1, 5), "unauthorized");
}

#[test]
fn a_market_is_not_listed_in_the_wrong_unit() {
    let mut chain = one_market();
    chain.set_price(7, 9_999_999).expect("prices");
    let governance = chain.governance.clone();
    let msg = ExecuteMsg::ListMarket(ListMarket {
        market: 7,
        symbol: "CENTS".to_owned(),
        params: free_market(),
    });
    refused(chain.market(&governance, msg), "price_too_low");
}

#[test]
fn next_to_nothing_only_reduces() {
    let mut chain = one_market();
    let user = party(&mut chain, "user", 10_000);
    shorts_of(&mut chain, 1, &user, &[("other", 1_000, 100)]);
    let maker = party(&mut chain, "maker", 100);
    rest(&mut chain, &maker, Order::limit(1, Side::Long, 10, 900));
    chain.set_price(1, 999).expect("prices");
    let open = Order::ioc(1, Side::Long, 1_000_000, 999);
    refused(chain.place(&user.user, open), "price_too_low");
    chain
        .place(&user.user, Order::ioc(1, Side::Short, 10, 900))
        .expect("reduces");
    assert_eq!(lots(&chain, &user, 1), 90);
}
