//! `Stake`, `RequestUnstake`, `CancelUnstake`, `ClaimUnstake`.

use perp_interface::fund::{Layer, Tranche};
use perp_interface::params::FundParams;
use perp_interface::{Quote, Shares};

use crate::actions::{cancel, claim, contribute_to, event, request, stake, COOLDOWN};
use crate::suite::{params, register, usdc, Suite};

const SHARED: Tranche = Tranche::Shared;
const CLAIM: u64 = 259_200;

#[test]
fn a_stake_buys_shares_at_the_price_of_the_moment_rounded_down() {
    let mut suite = Suite::with_capital(1_000);
    let alice = suite.person("alice");
    let response = suite.stakes(&alice, SHARED, 100);
    response.assert_event(&event(
        "staked",
        &[
            ("tranche", "shared"),
            ("staker", alice.as_str()),
            ("amount", "100"),
            ("shares", "100000"),
            ("capital", "1100"),
        ],
    ));
    suite.gives(SHARED, Layer::Staked, 100);
    assert_eq!(suite.tranche(SHARED).share_price_ppm.u128(), 1_990_099);
    let bob = suite.staker("bob", 100);
    let own = |who| {
        let own = suite.stake_of(who, SHARED);
        (own.shares.0, own.value.0)
    };
    assert_eq!(own(&bob), (50_248, 99), "100·101 000/201, and back");
    assert_eq!(own(&alice), (100_000, 199));
    assert_eq!(suite.layers(SHARED), (1_000, 300, 150_248));
}

#[test]
fn who_stakes_says_how_few_shares_are_enough() {
    let mut suite = Suite::new();
    suite.staker("alice", 100);
    suite.gives(SHARED, Layer::Staked, 100);
    let bob = suite.person("bob");
    let msg = |min| stake(SHARED, Some(min));
    suite.refused(&bob, &msg(50_249), &usdc(100), "too_few_shares");
    suite
        .send(&bob, &msg(50_248), &usdc(100))
        .expect("as many as it gets");
}

#[test]
fn a_stake_below_the_least_or_too_small_for_a_share_is_refused() {
    let mut suite = Suite::new();
    let min_stake = Quote(10);
    suite.update(FundParams {
        min_stake,
        ..params()
    });
    let alice = suite.person("alice");
    suite.refused(&alice, &stake(SHARED, None), &usdc(9), "stake_too_small");
    suite.stakes(&alice, SHARED, 10);
    suite.update(params());
    // A share is worth more than one unit: 1·11 000/11 001.
    suite.gives(SHARED, Layer::Staked, 10_990);
    suite.refused(&alice, &stake(SHARED, None), &usdc(1), "stake_too_small");
    suite.stakes(&alice, SHARED, 2);
    assert_eq!(suite.stake_of(&alice, SHARED).shares, Shares(10_001));
}

#[test]
fn stakes_take_one_coin_of_the_denom_and_other_messages_none() {
    let mut suite = Suite::new();
    let alice = suite.staker("alice", 100);
    let atom = [cosmwasm_std::Coin::new(5u128, "uatom")];
    suite.refused(&alice, &stake(SHARED, None), &[], "missing_funds");
    suite.refused(&alice, &stake(SHARED, None), &atom, "wrong_denom");
    suite.requests(&alice, SHARED, 1);
    for msg in [request(SHARED, 1), cancel(SHARED, 0), claim(SHARED, 0)] {
        suite.refused(&alice, &msg, &usdc(1), "no_funds_expected");
    }
    let nowhere = Tranche::Market(77);
    suite.refused(&alice, &stake(nowhere, None), &usdc(1), "unknown_tranche");
    for msg in [request(nowhere, 1), cancel(nowhere, 0), claim(nowhere, 0)] {
        suite.refused(&alice, &msg, &[], "unknown_tranche");
    }
}

#[test]
fn a_request_names_its_value_and_when_it_may_be_claimed() {
    let mut suite = Suite::new();
    let alice = suite.staker("alice", 100);
    let now = suite.now().time.seconds();
    let response = suite.requests(&alice, SHARED, 40_000);
    response.assert_event(&event(
        "unstake_requested",
        &[
            ("tranche", "shared"),
            ("staker", alice.as_str()),
            ("request", "0"),
            ("shares", "40000"),
            ("value", "40"),
            ("claimable_from", &(now + COOLDOWN).to_string()),
            ("claimable_until", &(now + COOLDOWN + CLAIM).to_string()),
        ],
    ));
    let own = suite.stake_of(&alice, SHARED);
    assert_eq!((own.shares.0, own.value.0), (60_000, 60));
    let tranche = suite.tranche(SHARED);
    assert_eq!(
        (tranche.requested.0, tranche.shares.0, tranche.staked.0),
        (40_000, 100_000, 100),
        "still in the pool"
    );
}

#[test]
fn only_shares_that_are_there_and_not_asked_for_can_be_asked_for() {
    let mut suite = Suite::new();
    let alice = suite.staker("alice", 100);
    suite.requests(&alice, SHARED, 40_000);
    for shares in [0, 60_001, u128::MAX] {
        suite.refused(&alice, &request(SHARED, shares), &[], "shares_out_of_range");
    }
    let bob = suite.person("bob");
    suite.refused(&bob, &request(SHARED, 1), &[], "shares_out_of_range");
    suite.requests(&alice, SHARED, 60_000);
}

#[test]
fn open_requests_are_bounded_and_their_numbers_never_come_again() {
    let mut suite = Suite::new();
    let alice = suite.staker("alice", 100);
    for _ in 0..5 {
        suite.requests(&alice, SHARED, 10);
    }
    suite.refused(&alice, &request(SHARED, 10), &[], "too_many_requests");
    let response = suite
        .send(&alice, &cancel(SHARED, 1), &[])
        .expect("cancels");
    response.assert_event(&event(
        "unstake_cancelled",
        &[
            ("tranche", "shared"),
            ("staker", alice.as_str()),
            ("request", "1"),
            ("shares", "10"),
        ],
    ));
    suite.requests(&alice, SHARED, 20);
    let own = suite.stake_of(&alice, SHARED);
    let open: Vec<_> = own
        .requests
        .iter()
        .map(|r| (r.request, r.shares.0))
        .collect();
    assert_eq!(open, [(0, 10), (2, 10), (3, 10), (4, 10), (5, 20)]);
    assert_eq!(own.shares.0, 100_000 - 60);
    assert_eq!(suite.tranche(SHARED).requested.0, 60);
    suite.wait(COOLDOWN);
    suite.claims(&alice, SHARED, 0);
    suite.requests(&alice, SHARED, 10);
    suite.refused(&alice, &request(SHARED, 10), &[], "too_many_requests");
}

#[test]
fn a_claim_waits_for_the_last_second_of_the_cooldown() {
    let mut suite = Suite::with_capital(1_000);
    let alice = suite.staker("alice", 100);
    suite.requests(&alice, SHARED, 40_000);
    suite.wait(COOLDOWN - 1);
    suite.refused(&alice, &claim(SHARED, 0), &[], "cooling_down");
    suite.wait(1);
    let before = suite.balance(&alice);
    let response = suite.send(&alice, &claim(SHARED, 0), &[]).expect("claims");
    response.assert_event(&event(
        "unstaked",
        &[
            ("tranche", "shared"),
            ("staker", alice.as_str()),
            ("request", "0"),
            ("shares", "40000"),
            ("paid", "40"),
            ("to_seed", "0"),
            ("capital", "1060"),
        ],
    ));
    assert_eq!(suite.balance(&alice), before + 40);
    assert_eq!(suite.layers(SHARED), (1_000, 60, 60_000));
    assert_eq!(suite.tranche(SHARED).requested, Shares(0));
    suite.refused(&alice, &claim(SHARED, 0), &[], "unknown_request");
}

#[test]
fn what_is_not_claimed_in_time_has_to_be_asked_for_again() {
    let mut suite = Suite::new();
    let alice = suite.staker("alice", 100);
    suite.requests(&alice, SHARED, 40_000);
    suite.requests(&alice, SHARED, 60_000);
    suite.wait(COOLDOWN + CLAIM);
    assert_eq!(suite.claims(&alice, SHARED, 0), 40, "in the last second");
    suite.wait(1);
    suite.refused(&alice, &claim(SHARED, 1), &[], "request_expired");
    suite
        .send(&alice, &cancel(SHARED, 1), &[])
        .expect("cancels");
    suite.requests(&alice, SHARED, 60_000);
    suite.refused(&alice, &claim(SHARED, 2), &[], "cooling_down");
    suite.wait(COOLDOWN);
    assert_eq!(suite.claims(&alice, SHARED, 2), 60);
}

#[test]
fn a_request_is_its_owners_and_of_its_tranche() {
    let mut suite = Suite::new();
    suite.by_authority(&register(8, true));
    let (alice, bob) = (suite.staker("alice", 100), suite.staker("bob", 100));
    suite.stakes(&alice, Tranche::Market(8), 100);
    suite.requests(&alice, SHARED, 100_000);
    suite.wait(COOLDOWN);
    for msg in [claim(SHARED, 0), cancel(SHARED, 0)] {
        suite.refused(&bob, &msg, &[], "unknown_request");
    }
    for msg in [claim(Tranche::Market(8), 0), claim(SHARED, 1)] {
        suite.refused(&alice, &msg, &[], "unknown_request");
    }
    assert_eq!(suite.claims(&alice, SHARED, 0), 100);
}

#[test]
fn a_loss_after_the_request_is_borne() {
    let mut suite = Suite::new();
    let (alice, bob) = (suite.staker("alice", 100), suite.staker("bob", 100));
    suite.requests(&alice, SHARED, 100_000);
    assert_eq!(suite.loses(1, 3, 50), 50);
    let open = &suite.stake_of(&alice, SHARED).requests[0];
    assert_eq!((open.value.0, open.payable.0), (100, 75));
    suite.wait(COOLDOWN);
    assert_eq!(suite.claims(&alice, SHARED, 0), 75, "100 000·151/201 000");
    assert_eq!(suite.stake_of(&bob, SHARED).value.0, 75);
    assert_eq!(
        suite.tranche(SHARED).staked_hole.0,
        25,
        "what those who stay have lost"
    );
}

#[test]
fn a_gain_after_the_request_goes_to_the_seed() {
    let mut suite = Suite::new();
    let (alice, bob) = (suite.staker("alice", 100), suite.staker("bob", 100));
    suite.requests(&alice, SHARED, 100_000);
    suite.gives(SHARED, Layer::Staked, 100);
    assert_eq!(suite.stake_of(&bob, SHARED).value.0, 149);
    suite.wait(COOLDOWN);
    assert_eq!(suite.claims(&alice, SHARED, 0), 100);
    // Left in the pool, it would fall to whoever bought shares a moment before the claim.
    assert_eq!(suite.tranche(SHARED).seed.0, 49);
    assert_eq!(suite.stake_of(&bob, SHARED).value.0, 150);
}

#[test]
fn when_the_last_staker_leaves_the_rest_goes_to_the_seed() {
    let mut suite = Suite::with_capital(1_000);
    let alice = suite.staker("alice", 100);
    suite.requests(&alice, SHARED, 100_000);
    suite.gives(SHARED, Layer::Staked, 70);
    suite.wait(COOLDOWN);
    let response = suite.send(&alice, &claim(SHARED, 0), &[]).expect("claims");
    response.assert_event(&event(
        "unstaked",
        &[
            ("tranche", "shared"),
            ("staker", alice.as_str()),
            ("request", "0"),
            ("shares", "100000"),
            ("paid", "100"),
            ("to_seed", "70"),
            ("capital", "1070"),
        ],
    ));
    assert_eq!(suite.layers(SHARED), (1_070, 0, 0));
    let bob = suite.staker("bob", 100);
    assert_eq!(
        suite.stake_of(&bob, SHARED).shares.0,
        100_000,
        "the first price again"
    );
}

#[test]
fn a_wiped_pool_takes_no_stakes_until_somebody_gives() {
    let mut suite = Suite::new();
    let alice = suite.staker("alice", 1_000);
    assert_eq!(suite.loses(1, 3, 999), 999);
    assert!(!suite.tranche(SHARED).wiped);
    assert_eq!(suite.loses(2, 3, 10), 1);
    let tranche = suite.tranche(SHARED);
    assert_eq!((tranche.wiped, tranche.share_price_ppm.u128()), (true, 999));
    let bob = suite.person("bob");
    suite.refused(&bob, &stake(SHARED, None), &usdc(1_000), "pool_wiped");
    suite.gives(SHARED, Layer::Seed, 1_000);
    suite.refused(&bob, &stake(SHARED, None), &usdc(1_000), "pool_wiped");
    suite.gives(SHARED, Layer::Staked, 1);
    suite.stakes(&bob, SHARED, 1);
    assert_eq!(suite.stake_of(&bob, SHARED).shares.0, 500_500);
    assert_eq!(suite.stake_of(&alice, SHARED).value.0, 1);
}

#[test]
fn shares_that_are_worth_nothing_leave_without_a_payment() {
    let mut suite = Suite::new();
    let alice = suite.staker("alice", 1_000);
    assert_eq!(suite.loses(1, 3, 1_000), 1_000);
    suite.requests(&alice, SHARED, 1_000_000);
    suite.wait(COOLDOWN);
    assert_eq!(suite.claims(&alice, SHARED, 0), 0);
    assert_eq!(suite.layers(SHARED), (0, 0, 0));
    assert_eq!(suite.tranche(SHARED).staked_hole.0, 0, "nobody is owed it");
    suite.staker("bob", 1);
}

#[test]
fn nobody_gives_to_stakers_who_are_not_there() {
    let mut suite = Suite::new();
    let stranger = suite.stranger.clone();
    let msg = contribute_to(SHARED, Layer::Staked);
    suite.refused(&stranger, &msg, &usdc(5), "no_stakers");
    suite.staker("alice", 1);
    suite.gives(SHARED, Layer::Staked, 5);
}
