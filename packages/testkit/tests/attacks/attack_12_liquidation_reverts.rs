//! A fee above the collateral, an underflow, no collateral at all, dust: whatever is liquidatable
//! can be liquidated, at every price on the way down, and afterwards it is not bankrupt any more.

use perp_interface::params::MarketParams;
use perp_interface::Side;
use perp_testkit::chain::Order;
use perp_testkit::Chain;

use crate::situation::{
    account, cross, equity, free_market, liquidate, party, place_for, rest, shorts_of, Party, ENTRY,
};

fn dear() -> MarketParams {
    MarketParams {
        taker_fee_bps: 100,
        maker_fee_bps: 100,
        liquidation_fee_bps: 500,
        liquidation_spread_bps: 1_000,
        ..MarketParams::default()
    }
}

fn open(params: MarketParams) -> (Chain, Party, Party) {
    let mut chain = Chain::builder().check_every(1).build();
    for market in [1, 2] {
        chain.list(market, ENTRY, params.clone()).expect("lists");
    }
    let weak = party(&mut chain, "weak", 230);
    let other = party(&mut chain, "other", 100_000);
    for market in [1, 2] {
        cross(&mut chain, market, (&weak, &other), 100, ENTRY);
    }
    (chain, weak, other)
}

#[test]
fn at_every_price_on_the_way_down_with_and_without_a_book() {
    for with_book in [false, true] {
        for step in 0..40 {
            let (mut chain, weak, other) = open(dear());
            let price = 9_600_000 - step * 150_000;
            chain.set_price(1, price).expect("prices");
            chain.set_price(2, price + 77_777).expect("prices");
            if with_book {
                rest(&mut chain, &other, Order::limit(1, Side::Long, 3, price));
                rest(
                    &mut chain,
                    &other,
                    Order::limit(2, Side::Long, 500, price - 10_000),
                );
            }
            let health = chain.health(weak.id).expect("answers");
            let answer = liquidate(&mut chain, &weak);
            assert_eq!(
                answer.is_ok(),
                health.liquidatable,
                "at {price}: {answer:?}"
            );
            assert!(
                !chain.health(weak.id).expect("answers").bankrupt,
                "at {price}"
            );
        }
    }
}

#[test]
fn one_whose_only_remainder_is_a_debt() {
    let (mut chain, weak, other) = open(free_market());
    // A realised loss of 500, held up by open profit of 400 elsewhere, which then goes.
    chain.set_price(2, 14_000_000).expect("prices");
    chain.set_price(1, 5_000_000).expect("prices");
    rest(
        &mut chain,
        &other,
        Order::limit(1, Side::Long, 100, 5_000_000),
    );
    chain
        .place(&weak.user, Order::ioc(1, Side::Short, 100, 5_000_000))
        .expect("reduces");
    assert_eq!(account(&chain, &weak).debts[0].amount.0, 270_000_000);
    chain.set_price(2, 11_000_000).expect("prices");
    assert_eq!(equity(&chain, &weak), -170_000_000);
    liquidate(&mut chain, &weak).expect("liquidates");
    chain.finish_jobs(20).expect("ends");
    let left = account(&chain, &weak);
    assert_eq!((left.cash.0, left.debts.len(), left.locked), (0, 0, false));
}

#[test]
fn one_that_is_too_small_for_the_market() {
    let mut chain = Chain::builder().check_every(1).build();
    chain.list(1, ENTRY, dear()).expect("lists");
    let weak = party(&mut chain, "weak", 12);
    shorts_of(&mut chain, 1, &weak, &[("other", 1_000, 10)]);
    // One lot of ten is left, a tenth of the least notional from here on.
    chain.set_price(1, 9_900_000).expect("prices");
    let other = chain.user("other");
    place_for(
        &mut chain,
        (&other, 0),
        Order::limit(1, Side::Long, 9, 9_900_000),
    )
    .expect("rests");
    chain
        .place(
            &weak.user,
            Order::ioc(1, Side::Short, 9, 9_900_000).reduce_only(),
        )
        .expect("reduces");
    for price in [5_000_000, 2_000_000, 1_000, 1] {
        chain.set_price(1, price).expect("prices");
        let health = chain.health(weak.id).expect("answers");
        assert_eq!(
            liquidate(&mut chain, &weak).is_ok(),
            health.liquidatable,
            "at {price}"
        );
    }
}
