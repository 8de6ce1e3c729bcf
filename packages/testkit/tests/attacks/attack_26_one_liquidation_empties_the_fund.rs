//! One large liquidation took the whole fund. It takes what the cap of one loss allows, however many
//! lots it has and however wide the band.

use perp_interface::fund::{Layer, RegisterMarket, Tranche};
use perp_interface::params::{FundParams, MarketParams};
use perp_interface::Side;
use perp_testkit::chain::Order;
use perp_testkit::Chain;

use crate::situation::{
    capital, capped, cash, equity, free_market, liquidate, list, loss, party, rest, shorts_of,
    tranche, ENTRY, USDC,
};

#[test]
fn a_whale_draws_one_cap() {
    let cap = 25 * USDC as i128;
    let mut chain = Chain::builder().check_every(1).fund(capped(cap)).build();
    list(&mut chain, &[1]);
    chain.contribute(1_000 * USDC).expect("contributes");
    let whale = party(&mut chain, "whale", 10_000);
    shorts_of(
        &mut chain,
        1,
        &whale,
        &[("a", 100_000, 9_000), ("b", 1_500, 1_000)],
    );
    chain.set_price(1, 7_000_000).expect("prices");
    let friend = party(&mut chain, "friend", 100_000);
    rest(
        &mut chain,
        &friend,
        Order::limit(1, Side::Long, 10_000, 6_965_000),
    );
    liquidate(&mut chain, &whale).expect("liquidates");
    chain.finish_jobs(20).expect("ends");
    assert!(loss(&chain, 1).closed);
    let fund = capital(&chain);
    assert!(fund.paid.0 - fund.returned.0 <= cap);
    assert!(fund.capital.0 >= 975 * USDC as i128);
}

#[test]
fn nor_do_many_of_them_while_a_peak_counts() {
    let params = FundParams {
        trip_bps: 3_000,
        resume_bps: 2_000,
        ..FundParams::without_limits()
    };
    let mut chain = Chain::builder().check_every(1).fund(params).build();
    list(&mut chain, &[1]);
    chain.contribute(1_000 * USDC).expect("contributes");
    let whales: Vec<_> = (0..4)
        .map(|i| party(&mut chain, &format!("whale{i}"), 120))
        .collect();
    for (i, whale) in whales.iter().enumerate() {
        shorts_of(&mut chain, 1, whale, &[(&format!("short{i}"), 10_000, 100)]);
    }
    // Each leaves a hole of 180.
    chain.set_price(1, 7_000_000).expect("prices");
    let mut left = vec![];
    for whale in &whales {
        liquidate(&mut chain, whale).expect("liquidates");
        chain.finish_jobs(20).expect("ends");
        left.push(capital(&chain).capital.0 / USDC as i128);
        chain.advance(6, 1);
    }
    assert_eq!(left, [820, 700, 700, 700]);
    assert!((1..=4).all(|loss_id| loss(&chain, loss_id).closed));
}

#[test]
fn a_market_takes_no_more_than_its_own_cap_of_what_all_share() {
    let fund = FundParams::without_limits();
    let mut chain = Chain::builder().check_every(1).fund(fund).build();
    list(&mut chain, &[1, 2]);
    let terms = RegisterMarket {
        market: 2,
        isolated: false,
        window_cap: Some(perp_interface::Quote(100 * USDC as i128)),
        paid_in_cap: None,
    };
    chain.register(terms).expect("registers");
    chain
        .contribute_to(Tranche::Shared, Layer::Seed, 1_000 * USDC)
        .expect("gives");
    for i in 0..3 {
        let whale = party(&mut chain, &format!("whale{i}"), 120);
        chain.set_price(2, ENTRY).expect("prices");
        shorts_of(
            &mut chain,
            2,
            &whale,
            &[(&format!("short{i}"), 10_000, 100)],
        );
        chain.set_price(2, 8_000_000).expect("prices");
        liquidate(&mut chain, &whale).expect("liquidates");
        chain.finish_jobs(20).expect("ends");
    }
    assert_eq!(
        tranche(&chain, Tranche::Shared).seed.0,
        900 * USDC as i128,
        "of 240 that were missing"
    );
}

/// A market whose liquidation fee is more than what accounts near their end still have.
fn dear() -> Chain {
    let mut chain = Chain::builder().check_every(1).build();
    let params = MarketParams {
        liquidation_fee_bps: 400,
        ..free_market()
    };
    chain.list(1, ENTRY, params).expect("lists");
    chain.contribute(1_000 * USDC).expect("contributes");
    chain
}

/// The check for bad debt saw the account before the fee was taken. Here the fee takes what is left at most,
/// so it makes no hole that the fund would have to fill.
#[test]
fn a_liquidation_fee_makes_no_bad_debt() {
    for left in [0, 1, 1_000_000, 20_000_000] {
        let mut chain = dear();
        let loser = party(&mut chain, "loser", 120);
        shorts_of(&mut chain, 1, &loser, &[("a", 10_000, 100)]);
        let price = 8_800_000 + left as u64 / 100;
        chain.set_price(1, price).expect("prices");
        let before = equity(&chain, &loser);
        let bidder = party(&mut chain, "bidder", 10_000);
        rest(&mut chain, &bidder, Order::limit(1, Side::Long, 100, price));
        liquidate(&mut chain, &loser).expect("liquidates");
        chain.finish_jobs(20).expect("ends");
        assert_eq!(capital(&chain).paid.0, capital(&chain).returned.0, "{left}");
        let after = equity(&chain, &loser);
        assert!((0..=before).contains(&after), "{before} became {after}");
    }
}

#[test]
fn nor_does_a_bankrupt_account_pay_one_out_of_the_fund() {
    let mut chain = dear();
    let loser = party(&mut chain, "loser", 120);
    shorts_of(&mut chain, 1, &loser, &[("a", 10_000, 100)]);
    chain.set_price(1, 8_000_000).expect("prices");
    let keeper = party(&mut chain, "keeper", 1);
    chain.liquidate(&keeper.user, loser.id).expect("liquidates");
    chain.finish_jobs(20).expect("ends");
    let loss = loss(&chain, 1);
    assert_eq!((loss.need.0, loss.fund_used.0), (80_000_000, 80_000_000));
    assert_eq!(cash(&chain, &keeper), USDC as i128, "no share of a fee");
    assert_eq!(capital(&chain).capital.0, 920_000_000);
}
