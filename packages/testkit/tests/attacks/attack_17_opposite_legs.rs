//! Opposite legs in two wallets: one wins what the other cannot pay, and the fund pays it. Joint
//! profit is never more than what the fund may pay for one loss, and nothing without the fund.

use perp_interface::params::FundParams;
use perp_interface::{Quote, Side};
use perp_testkit::chain::Order;
use perp_testkit::Chain;

use crate::situation::{
    capital, capped, cross, equity, liquidate, list, loss, party, rest, Party, ENTRY, USDC,
};

fn joint(chain: &Chain, legs: [&Party; 2]) -> i128 {
    legs.iter().map(|leg| equity(chain, leg)).sum()
}

/// Joint profit and what the fund has paid, after a gap with every exit that the two have.
fn attack(gap: u64, up: bool, cap: i128, with_bid: bool) -> (i128, i128) {
    let mut chain = Chain::builder().check_every(1).fund(capped(cap)).build();
    list(&mut chain, &[1]);
    chain.contribute(10_000 * USDC).expect("contributes");
    let long = party(&mut chain, "long", 101);
    let short = party(&mut chain, "short", 101);
    let honest = [
        party(&mut chain, "h1", 10_000),
        party(&mut chain, "h2", 10_000),
    ];
    cross(&mut chain, 1, (&honest[0], &honest[1]), 300, ENTRY);
    cross(&mut chain, 1, (&long, &short), 100, ENTRY);
    let before = joint(&chain, [&long, &short]);
    let price = if up { ENTRY + gap } else { ENTRY - gap };
    chain.set_price(1, price).expect("gaps");
    let (loser, winner) = if up { (&short, &long) } else { (&long, &short) };
    if with_bid {
        // The winner offers to take the loser's lots as far from the mark as the band allows.
        let (side, at) = match up {
            true => (Side::Short, price + price / 200),
            false => (Side::Long, price - price / 200),
        };
        rest(&mut chain, winner, Order::limit(1, side, 100, at));
    }
    let _ = liquidate(&mut chain, loser);
    chain.finish_jobs(20).expect("ends");
    let fund = capital(&chain);
    (
        joint(&chain, [&long, &short]) - before,
        fund.paid.0 - fund.returned.0,
    )
}

#[test]
fn joint_profit_is_at_most_the_cap_of_one_loss() {
    for gap in [300_000, 700_000, 1_100_000, 1_500_000, 3_000_000, 9_000_000] {
        for (up, with_bid) in [(false, false), (false, true), (true, false), (true, true)] {
            let (profit, paid) = attack(gap, up, 0, with_bid);
            assert!(profit <= 0 && paid == 0, "{profit} out of nothing at {gap}");
            let cap = 5 * USDC as i128;
            let (profit, paid) = attack(gap, up, cap, with_bid);
            assert!(profit <= paid && paid <= cap, "{profit} of {paid} at {gap}");
        }
    }
}

#[test]
fn nor_by_selling_to_each_other_on_the_way() {
    // The losing leg leaves its lots to the winner far below the mark, at every stage.
    for price in [9_600_000u64, 9_300_000, 9_100_000, 8_900_000] {
        let mut chain = Chain::builder().check_every(1).build();
        list(&mut chain, &[1]);
        chain.contribute(10_000 * USDC).expect("contributes");
        let long = party(&mut chain, "long", 101);
        let short = party(&mut chain, "short", 101);
        cross(&mut chain, 1, (&long, &short), 100, ENTRY);
        chain.set_price(1, price).expect("prices");
        for off in [1_000_000, 500_000, 300_000, 100_000, 0] {
            let _ = chain.place(&short.user, Order::limit(1, Side::Long, 100, price - off));
            let _ = chain.place(&long.user, Order::ioc(1, Side::Short, 100, price - off));
            assert!(equity(&chain, &long) >= 0 || price == 8_900_000);
        }
        assert_eq!(joint(&chain, [&long, &short]), 202 * USDC as i128);
        let _ = liquidate(&mut chain, &long);
        let used = if price < 9_000_000 {
            loss(&chain, 1).fund_used.0
        } else {
            0
        };
        let profit = joint(&chain, [&long, &short]) - 202 * USDC as i128;
        assert!(
            profit <= used && used <= 9 * USDC as i128,
            "{profit} of {used}"
        );
    }
}

#[test]
fn further_pairs_of_wallets_draw_no_more_than_the_caps_of_block_and_window() {
    let usdc = |amount: i128| Quote(amount * USDC as i128);
    let params = FundParams {
        per_loss_cap: usdc(5),
        per_block_cap: usdc(8),
        window_cap: usdc(12),
        market_window_cap: usdc(12),
        ..FundParams::default()
    };
    let mut chain = Chain::builder().check_every(1).fund(params).build();
    list(&mut chain, &[1]);
    chain.contribute(10_000 * USDC).expect("contributes");
    let pairs: Vec<[Party; 2]> = (0..6)
        .map(|i| {
            let pair = ["long", "short"].map(|leg| party(&mut chain, &format!("{leg}{i}"), 101));
            cross(&mut chain, 1, (&pair[0], &pair[1]), 100, ENTRY);
            pair
        })
        .collect();
    let all = |chain: &Chain| -> i128 {
        let joints = pairs
            .iter()
            .map(|[long, short]| joint(chain, [long, short]));
        joints.sum()
    };
    let before = all(&chain);
    chain.set_price(1, 8_000_000).expect("gaps");
    let mut paid = vec![];
    for (i, [long, _]) in pairs.iter().enumerate() {
        if i == 3 {
            chain.advance(6, 1);
        }
        liquidate(&mut chain, long).expect("liquidates");
        chain.finish_jobs(20).expect("ends");
        paid.push(capital(&chain).paid.0 / USDC as i128);
    }
    assert_eq!(paid, [5, 8, 8, 12, 12, 12]);
    assert!(
        all(&chain) - before <= usdc(12).0,
        "{}",
        all(&chain) - before
    );
}
