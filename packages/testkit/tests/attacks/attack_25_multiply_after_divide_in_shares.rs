//! A quotient that is multiplied loses what its division cut off. Shares and their value are one product
//! divided once, rounded down for whoever comes or goes, at every size and every price.

use cosmwasm_std::Addr;
use perp_interface::fund::{Layer, Tranche};
use perp_interface::params::FundParams;
use perp_interface::Quote;
use perp_testkit::chain::DENOM;
use perp_testkit::Chain;

use crate::situation::{claim, request_all, stake_of, tranche};

const SHARED: Tranche = Tranche::Shared;

/// Sizes from one unit to a trillion, none of them a divisor of much.
const SIZES: [u128; 12] = [
    1,
    2,
    3,
    7,
    999,
    1_000,
    1_001,
    65_537,
    1_000_003,
    987_654_321,
    10_000_000_019,
    1_000_000_000_039,
];

/// A pool of one staker whose share is worth more or less than at first.
fn pool(staked: u128, gift: u128) -> (Chain, Addr) {
    let fund = FundParams::without_limits();
    let mut chain = Chain::builder().fund(fund).check_every(1).build();
    let alice = chain.user("alice");
    chain.stake(&alice, SHARED, staked).expect("stakes");
    if gift > 0 {
        chain
            .contribute_to(SHARED, Layer::Staked, gift)
            .expect("gives");
    }
    (chain, alice)
}

#[test]
fn shares_are_one_product_divided_once() {
    for (staked, gift) in [(1_000_003, 0), (1_000_003, 777), (13, 999_983)] {
        for (i, size) in SIZES.into_iter().enumerate() {
            let (mut chain, alice) = pool(staked, gift);
            let before = tranche(&chain, SHARED);
            let alices = stake_of(&chain, &alice, SHARED).value;
            let (assets, shares) = (before.staked.0 as u128 + 1, before.shares.0 + 1_000);
            let bob = chain.user(&format!("bob{i}"));
            let exact = size * shares / assets;
            let answer = chain.stake(&bob, SHARED, size);
            if exact == 0 {
                let refusal = answer.expect_err("no share");
                assert!(refusal.has_code("stake_too_small"), "{refusal}");
                continue;
            }
            answer.expect("stakes");
            let own = stake_of(&chain, &bob, SHARED);
            assert_eq!(own.shares.0, exact, "{size} into {staked} and {gift}");
            // Down, and by less than one share and one unit.
            let all = tranche(&chain, SHARED);
            let worth = own.shares.0 * (all.staked.0 as u128 + 1) / (all.shares.0 + 1_000);
            assert_eq!(own.value, Quote(worth as i128));
            let one_share = assets.div_ceil(shares) + 1;
            assert!(
                worth <= size && worth + one_share >= size,
                "{size}: {worth}"
            );
            assert!(stake_of(&chain, &alice, SHARED).value >= alices);
        }
    }
}

#[test]
fn in_and_out_again_never_pays_and_never_costs_those_who_stay() {
    let (mut chain, alice) = pool(1_000_003, 777);
    let mut before = stake_of(&chain, &alice, SHARED).value;
    let mut asked = vec![];
    for (i, size) in SIZES.into_iter().enumerate() {
        let bob = chain.user(&format!("bob{i}"));
        if chain.stake(&bob, SHARED, size).is_err() {
            assert!(size < 3, "{size} gets a share");
            continue;
        }
        request_all(&mut chain, &bob).expect("asks");
        let now = stake_of(&chain, &alice, SHARED).value;
        assert!(now >= before, "a stake of {size} took {before} to {now}");
        before = now;
        asked.push((bob, size));
    }
    chain.advance(604_800, 100_000);
    for (bob, size) in asked {
        let paid = claim(&mut chain, &bob).expect("claims");
        assert!(paid <= size, "{size} brought {paid}");
        let now = stake_of(&chain, &alice, SHARED).value;
        assert!(now >= before, "a claim of {paid} took {before} to {now}");
        before = now;
    }
    let coins = chain.app.wrap().query_balance(&chain.addresses.fund, DENOM);
    let held = coins.expect("answers").amount.to_string();
    let held: i128 = held.parse().expect("fits");
    assert!(before.0 <= held, "{before} of {held}");
}
