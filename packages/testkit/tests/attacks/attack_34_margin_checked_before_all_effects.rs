//! The margin check must see fees, slippage, funding and every fill of the message.

use perp_interface::params::MarketParams;
use perp_interface::Side;
use perp_testkit::chain::Order;
use perp_testkit::Chain;

use crate::situation::{lots, party, refused, rest, ENTRY};

fn with_fee() -> Chain {
    let mut chain = Chain::builder().check_every(1).build();
    let params = MarketParams {
        taker_fee_bps: 10,
        ..MarketParams::default()
    };
    chain.list(1, ENTRY, params).expect("lists");
    chain
}

#[test]
fn one_unit_short_of_requirement_fee_and_slippage_is_refused() {
    // 100 lots: initial 100 USDC, fee 0.1 % of 1 010, slippage 10.
    let exact = 100_000_000 + 1_010_000 + 10_000_000;
    for (deposit, enough) in [(exact - 1, false), (exact, true)] {
        let mut chain = with_fee();
        let maker = party(&mut chain, "maker", 1_000);
        let taker = chain.user("taker");
        chain.deposit(&taker, deposit).expect("deposits");
        for lots in [40, 60] {
            rest(
                &mut chain,
                &maker,
                Order::limit(1, Side::Short, lots, 10_100_000),
            );
        }
        let order = Order::ioc(1, Side::Long, 100, 10_100_000);
        let answer = chain.place(&taker, order);
        assert_eq!(answer.is_ok(), enough, "{answer:?}");
        if !enough {
            refused(answer, "insufficient_margin");
        }
    }
}

#[test]
fn a_reduction_that_turns_into_an_opening_is_one() {
    let mut chain = with_fee();
    let maker = party(&mut chain, "maker", 10_000);
    let taker = party(&mut chain, "taker", 102);
    rest(&mut chain, &maker, Order::limit(1, Side::Short, 100, ENTRY));
    chain
        .place(&taker.user, Order::ioc(1, Side::Long, 100, ENTRY))
        .expect("opens");
    rest(&mut chain, &maker, Order::limit(1, Side::Long, 300, ENTRY));
    let flip = Order::ioc(1, Side::Short, 300, ENTRY);
    refused(chain.place(&taker.user, flip), "insufficient_margin");
    chain
        .place(&taker.user, flip.reduce_only())
        .expect("only closes");
    assert_eq!(lots(&chain, &taker, 1), 0);
}
