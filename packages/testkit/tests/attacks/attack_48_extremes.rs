//! Signed comparisons, squares and wrapped integers at the ends of every range: the largest sizes
//! and prices, the smallest, the steepest fall, the fastest funding. Everything settles, or is
//! refused with a typed error.

use perp_interface::params::MarketParams;
use perp_interface::{Lots, PerLot, Quote, Side};
use perp_testkit::chain::Order;
use perp_testkit::Chain;

use crate::situation::{
    free_market, liquidate, list, loss, one_market, party, refused, Party, ENTRY, USDC,
};

const MOST: u64 = (1 << 48) - 1;
const TOP: u64 = (1 << 40) - 1;

fn enormous(rate: i128) -> (Chain, Party, Party) {
    let mut chain = Chain::builder().check_every(1).build();
    let params = MarketParams {
        max_open_interest: Lots(MOST),
        funding_rate: PerLot(rate),
        min_notional: Quote(0),
        bounty_per_fill: Quote(0),
        ..free_market()
    };
    chain.list(1, TOP, params).expect("lists");
    let usdc = (1u128 << 87) / USDC;
    let long = party(&mut chain, "long", usdc);
    let short = party(&mut chain, "short", usdc);
    (chain, long, short)
}

#[test]
fn the_largest_position_at_the_largest_price_falls_to_one() {
    for rate in [0, 1 << 40, -(1 << 40)] {
        let (mut chain, long, short) = enormous(rate);
        crate::situation::cross(&mut chain, 1, (&long, &short), MOST, TOP);
        refused(
            chain.place(&long.user, Order::ioc(1, Side::Long, MOST + 1, TOP)),
            "math_lots_out_of_range",
        );
        chain.advance(50, 10);
        chain.set_price(1, 1).expect("falls");
        liquidate(&mut chain, &long).expect("liquidates");
        chain.finish_jobs(20).expect("ends");
        assert!(loss(&chain, 1).closed);
    }
}

#[test]
fn the_smallest_position_rises_to_the_largest_price() {
    let mut chain = one_market();
    let short = party(&mut chain, "short", 2);
    let long = party(&mut chain, "long", 2);
    crate::situation::cross(&mut chain, 1, (&long, &short), 1, ENTRY);
    chain.set_price(1, TOP).expect("rises");
    liquidate(&mut chain, &short).expect("liquidates");
    assert!(loss(&chain, 1).closed);
}

#[test]
fn out_of_range_is_an_error_not_a_panic() {
    let mut chain = Chain::builder().check_every(1).build();
    list(&mut chain, &[1]);
    let user = party(&mut chain, "user", 100);
    for (lots, price, code) in [
        (0, 1, "math_lots_out_of_range"),
        (1 << 48, 1, "math_lots_out_of_range"),
        (u64::MAX, 1, "math_lots_out_of_range"),
        (1, 0, "math_price_out_of_range"),
        (1, 1 << 40, "math_price_out_of_range"),
        (1, u64::MAX, "math_price_out_of_range"),
    ] {
        let order = Order::limit(1, Side::Long, lots, price);
        refused(chain.place(&user.user, order), code);
        let order = Order::limit(1, Side::Short, lots, price);
        refused(chain.place(&user.user, order), code);
    }
    let whole = Order::limit(1, Side::Long, MOST, TOP);
    refused(chain.place(&user.user, whole), "insufficient_margin");
    let whole = Order::limit(1, Side::Short, MOST, 1);
    refused(chain.place(&user.user, whole), "insufficient_margin");
}

#[test]
fn a_century_of_the_fastest_funding_does_not_stop_a_liquidation() {
    let mut chain = Chain::builder().check_every(1).build();
    let params = MarketParams {
        funding_rate: PerLot(1 << 40),
        ..free_market()
    };
    chain.list(1, ENTRY, params).expect("lists");
    let long = party(&mut chain, "long", 200);
    let short = party(&mut chain, "short", 200);
    crate::situation::cross(&mut chain, 1, (&long, &short), 100, ENTRY);
    chain.advance(100 * 365 * 86_400, 500_000_000);
    chain.set_price(1, ENTRY).expect("prices");
    liquidate(&mut chain, &long).expect("liquidates");
    chain.finish_jobs(20).expect("ends");
    assert!(loss(&chain, 1).closed);
}
