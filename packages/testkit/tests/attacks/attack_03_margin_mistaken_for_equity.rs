//! A solvent cross account whose *cash* is negative is not bankrupt: no money of the fund, and no
//! fee forgiven.

use perp_interface::params::MarketParams;
use perp_interface::Side;
use perp_testkit::chain::Order;
use perp_testkit::{receipts, Chain};

use crate::situation::{
    account, capital, cross, equity, free_market, liquidate, party, refused, rest, ENTRY,
};

#[test]
fn the_fund_pays_only_below_zero_equity() {
    let mut chain = Chain::builder().check_every(1).build();
    let params = MarketParams {
        liquidation_fee_bps: 50,
        ..free_market()
    };
    for market in [1, 2] {
        chain.list(market, ENTRY, params.clone()).expect("lists");
    }
    chain.contribute(1_000_000_000).expect("contributes");
    let cross_account = party(&mut chain, "cross", 210);
    let other = party(&mut chain, "other", 100_000);
    for market in [1, 2] {
        cross(&mut chain, market, (&cross_account, &other), 100, ENTRY);
    }
    // A loss of 500 is realised against 210 of cash; open profit of 400 stands behind it.
    chain.set_price(2, 14_000_000).expect("prices");
    chain.set_price(1, 5_000_000).expect("prices");
    rest(
        &mut chain,
        &other,
        Order::limit(1, Side::Long, 99, 5_000_000),
    );
    chain
        .place(
            &cross_account.user,
            Order::ioc(1, Side::Short, 99, 5_000_000),
        )
        .expect("reduces");
    assert_eq!(
        account(&chain, &cross_account).cash.0,
        210_000_000 - 495_000_000
    );
    assert_eq!(equity(&chain, &cross_account), 110_000_000);
    refused(liquidate(&mut chain, &cross_account), "not_liquidatable");

    // Under maintenance, still solvent: sold on the book, fee and all, without the fund.
    chain.set_price(2, 13_500_000).expect("prices");
    rest(
        &mut chain,
        &other,
        Order::limit(2, Side::Long, 100, 13_500_000),
    );
    let events = liquidate(&mut chain, &cross_account).expect("sells");
    let sold = receipts::of_kind(&events, "liquidation");
    assert!(sold.iter().all(|s| s.number("fee") > 0) && !sold.is_empty());
    let fund = capital(&chain);
    assert_eq!((fund.paid.0, fund.capital.0), (0, 1_000_000_000));
    assert!(equity(&chain, &cross_account) >= 0);
}
