//! One large liquidation took the whole fund. It takes what the cap of one loss allows, however many
//! lots it has and however wide the band.

use perp_interface::params::FundParams;
use perp_interface::Side;
use perp_testkit::chain::Order;
use perp_testkit::Chain;

use crate::situation::{capital, capped, liquidate, list, loss, party, rest, shorts_of, USDC};

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
