//! Tranches: their layers, their limits, and which market draws from which.

use perp_interface::fund::{ExecuteMsg, Layer, Tranche};
use perp_interface::params::{FundParams, TargetRule};
use perp_interface::Quote;

use crate::actions::{event, register_with, remove, revenue_at, stake, withdraw_from, COOLDOWN};
use crate::suite::{
    deficit, loss_closed, params, register, report, return_cover, revenue, terms, usdc, Suite,
};

const SHARED: Tranche = Tranche::Shared;
const OWN: Tranche = Tranche::Market(8);

/// Market 8 has a tranche of its own; both have a seed of 10 000. The market keeps all that it is paid.
fn isolated(params: FundParams) -> Suite {
    let mut suite = Suite::limited(10_000, params);
    suite.by_authority(&register(8, true));
    suite.gives(OWN, Layer::Seed, 10_000);
    suite.market_leaves(0, 0, 0);
    suite
}

#[test]
fn a_loss_never_touches_another_tranche() {
    let free = FundParams::without_limits();
    for (market, own, other) in [(8, OWN, SHARED), (3, SHARED, OWN)] {
        let mut suite = isolated(free.clone());
        let before = suite.tranche(other);
        assert_eq!(suite.draws(1, market, 50_000), 10_000, "all of its own");
        assert_eq!(suite.draws(2, market, 50_000), 0);
        assert_eq!(suite.loss(1).expect("known").tranche, Some(own));
        assert_eq!(suite.tranche(other), before);
        suite.by_market(&return_cover(1), &usdc(7));
        suite.by_market(&loss_closed(1), &[]);
        suite.by_market(&revenue(market), &usdc(9));
        assert_eq!(suite.tranche(other), before);
        assert_eq!(suite.layers(own), (16, 0, 0));
    }
}

#[test]
fn the_caps_of_a_block_and_a_window_hold_for_each_tranche() {
    let block = FundParams {
        per_block_cap: Quote(150),
        ..params()
    };
    let window = FundParams {
        window_cap: Quote(150),
        ..params()
    };
    for params in [block, window] {
        let mut suite = isolated(params);
        assert_eq!(suite.draws(1, 3, 100), 100);
        assert_eq!(suite.draws(2, 4, 100), 50, "the same tranche");
        assert_eq!(suite.draws(3, 8, 200), 150, "its own");
        assert_eq!(suite.draws(4, 8, 200), 0);
        assert_eq!(suite.headroom(3).payable, Quote(0));
    }
}

#[test]
fn each_tranche_stops_at_its_own_drawdown() {
    let mut suite = isolated(FundParams {
        trip_bps: 500,
        resume_bps: 400,
        ..params()
    });
    let mut msg = deficit(1, 1, 600, 0);
    msg.terms = terms(1, 8);
    let response = suite.by_market(&ExecuteMsg::CoverDeficit(msg), &[]);
    response.assert_event(&event(
        "fund_trigger",
        &[
            ("tranche", "market-8"),
            ("tripped", "true"),
            ("capital", "9500"),
            ("peak", "10000"),
            ("line", "9500"),
        ],
    ));
    assert!(suite.headroom(8).tripped && !suite.headroom(3).tripped);
    assert_eq!(suite.draws(2, 3, 100), 100);
    let stranger = suite.stranger.clone();
    let msg = crate::suite::contribute();
    let response = suite.send(&stranger, &msg, &usdc(500)).expect("gives");
    assert!(
        !response.has_event(&event("fund_trigger", &[])),
        "not of that tranche"
    );
    let response = suite.gives(OWN, Layer::Seed, 100);
    response.assert_event(&event(
        "fund_trigger",
        &[("tranche", "market-8"), ("tripped", "false")],
    ));
}

#[test]
fn a_market_may_have_a_window_cap_of_its_own() {
    let mut suite = isolated(FundParams {
        market_window_cap: Quote(150),
        ..params()
    });
    suite.by_authority(&register_with(3, false, Some(50), None));
    suite.by_authority(&register_with(4, false, Some(500), None));
    assert_eq!(suite.registration(3).window_cap, Some(Quote(50)));
    assert_eq!(suite.draws(1, 3, 1_000), 50);
    assert_eq!(suite.draws(2, 4, 1_000), 500);
    assert_eq!(suite.draws(3, 5, 1_000), 150);
    suite.by_authority(&register_with(3, false, None, None));
    assert_eq!(suite.draws(4, 3, 1_000), 100, "what it drew stays drawn");
}

#[test]
fn the_seed_is_lost_first_and_a_return_goes_to_stakers_first() {
    let mut suite = Suite::with_capital(100);
    suite.staker("alice", 100);
    suite.market_leaves(0, 0, 0);
    assert_eq!(suite.draws(1, 3, 60), 60);
    assert_eq!(suite.layers(SHARED), (40, 100, 100_000));
    let mut msg = deficit(2, 1, 90, 0);
    msg.terms = terms(2, 3);
    let response = suite.by_market(&ExecuteMsg::CoverDeficit(msg), &[]);
    response.assert_event(&event(
        "fund_paid",
        &[
            ("loss_id", "2"),
            ("paid", "90"),
            ("from_seed", "40"),
            ("from_staked", "50"),
            ("capital", "50"),
        ],
    ));
    let holes = |suite: &Suite| {
        let tranche = suite.tranche(SHARED);
        (tranche.seed_hole.0, tranche.staked_hole.0)
    };
    assert_eq!(holes(&suite), (100, 50));
    suite.by_market(&return_cover(2), &usdc(30));
    assert_eq!(suite.layers(SHARED), (0, 80, 100_000));
    let response = suite.by_market(&return_cover(2), &usdc(35));
    response.assert_event(&event(
        "fund_returned",
        &[
            ("loss_id", "2"),
            ("tranche", "shared"),
            ("amount", "35"),
            ("to_seed", "15"),
            ("to_staked", "20"),
            ("capital", "115"),
        ],
    ));
    assert_eq!(suite.layers(SHARED), (15, 100, 100_000));
    assert_eq!(holes(&suite), (85, 0));
    let record = suite.loss(2).expect("known");
    assert_eq!((record.from_seed.0, record.from_staked.0), (25, 0));
}

#[test]
fn bug_a_return_without_stakers_says_that_it_went_to_the_seed() {
    let mut suite = Suite::new();
    let alice = suite.staker("alice", 100);
    suite.requests(&alice, SHARED, 100_000);
    suite.wait(COOLDOWN);
    suite.market_leaves(1, 0, 0);
    assert_eq!(suite.draws(1, 3, 60), 60);
    suite.wait(86_400);
    assert_eq!(suite.claims(&alice, SHARED, 0), 40, "the emergency exit");
    let response = suite.by_market(&return_cover(1), &usdc(60));
    assert_eq!(suite.layers(SHARED), (60, 0, 0));
    response.assert_event(&event(
        "fund_returned",
        &[("amount", "60"), ("to_seed", "60"), ("to_staked", "0")],
    ));
}

#[test]
fn the_authority_takes_out_seed_only_and_of_one_tranche() {
    let mut suite = isolated(params());
    let alice = suite.staker("alice", 500);
    suite.stakes(&alice, OWN, 500);
    suite.gives(OWN, Layer::Bounties, 50);
    let authority = suite.authority.clone();
    for tranche in [SHARED, OWN] {
        let too_much = withdraw_from(tranche, 10_001, &authority);
        suite.refused(&authority, &too_much, &[], "amount_out_of_range");
        suite.by_authority(&withdraw_from(tranche, 10_000, &authority));
        let more = withdraw_from(tranche, 1, &authority);
        suite.refused(&authority, &more, &[], "amount_out_of_range");
        assert_eq!(suite.layers(tranche).1, 500);
    }
    let nowhere = withdraw_from(Tranche::Market(77), 1, &authority);
    suite.refused(&authority, &nowhere, &[], "unknown_tranche");
}

fn by_open_interest() -> FundParams {
    FundParams {
        target: TargetRule::OpenInterest { bps: 500 },
        target_floor: Quote(0),
        ..params()
    }
}

#[test]
fn registered_anew_a_market_takes_its_open_interest_along() {
    let mut suite = isolated(by_open_interest());
    suite.by_market(&revenue_at(3, 1_000), &usdc(10));
    suite.by_market(&revenue_at(4, 400), &usdc(10));
    assert_eq!(suite.draws(1, 3, 30), 30);
    let target = |suite: &Suite, tranche| suite.tranche(tranche).target.0;
    assert_eq!(target(&suite, SHARED), 70);
    let response = suite
        .send(&suite.authority.clone(), &register(3, true), &[])
        .expect("moves");
    response.assert_event(&event(
        "market_registered",
        &[("market", "3"), ("tranche", "market-3")],
    ));
    let own = Tranche::Market(3);
    assert_eq!((target(&suite, SHARED), target(&suite, own)), (20, 50));
    let row = suite.registration(3);
    assert_eq!(
        (row.paid_in.0, row.drawn.0, row.open_interest.0),
        (10, 30, 1_000)
    );
    assert_eq!(suite.draws(2, 3, 30), 0, "its own has nothing yet");
    // Repeated, nothing moves twice.
    suite.by_authority(&register(3, true));
    assert_eq!((target(&suite, SHARED), target(&suite, own)), (20, 50));
    suite.by_authority(&register(3, false));
    assert_eq!((target(&suite, SHARED), target(&suite, own)), (70, 0));
}

#[test]
fn an_open_loss_stays_with_the_tranche_that_paid_it() {
    let mut suite = isolated(params());
    assert_eq!(suite.draws(1, 3, 30), 30);
    suite.by_authority(&register(3, true));
    suite.by_market(&return_cover(1), &usdc(10));
    assert_eq!(suite.layers(SHARED).0, 9_980);
    assert_eq!(suite.tranche(SHARED).open_losses, 1);
    suite.by_market(&loss_closed(1), &[]);
    assert_eq!(suite.tranche(SHARED).open_losses, 0);
    assert_eq!(suite.tranche(Tranche::Market(3)).open_losses, 0);
}

#[test]
fn a_removed_market_draws_nothing_and_its_tranche_stays() {
    let mut suite = isolated(by_open_interest());
    suite.by_market(&revenue_at(8, 1_000), &usdc(10));
    let response = suite.by_authority(&remove(8));
    response.assert_event(&event("market_removed", &[("market", "8")]));
    assert_eq!(suite.tranche(OWN).target, Quote(0));
    assert_eq!(suite.layers(OWN).0, 10_010);
    assert_eq!(suite.draws(1, 8, 100), 0);
    assert_eq!(suite.loss(1).expect("known").tranche, None);
    suite.by_market(&revenue(8), &usdc(5));
    assert_eq!(suite.layers(OWN).0, 10_015, "its fees still repair its own");
    let authority = suite.authority.clone();
    suite.by_authority(&withdraw_from(OWN, 10_015, &authority));
    suite.refused(&authority, &remove(8), &[], "not_registered");
    suite.by_authority(&register(8, true));
    assert_eq!(suite.tranche(OWN).target, Quote(50), "and it comes back");
}

#[test]
fn a_market_that_was_never_registered_gets_nothing_then_or_later() {
    let mut suite = isolated(params());
    let mut msg = deficit(1, 5, 100, 20);
    msg.terms = terms(1, 77);
    let cover = ExecuteMsg::CoverDeficit(msg);
    let response = suite.by_market(&cover, &[]);
    response.assert_event(&event(
        "fund_paid",
        &[
            ("loss_id", "1"),
            ("market", "77"),
            ("tranche", "none"),
            ("asked", "120"),
            ("insurable", "0"),
            ("paid", "0"),
            ("from_seed", "0"),
            ("from_staked", "0"),
            ("capital", "0"),
        ],
    ));
    let mut whole = report(1, 5, 100);
    whole.terms = terms(1, 77);
    assert_eq!(suite.reports(), [whole.clone()]);
    assert_eq!(suite.capital().open_losses, 0, "it holds nobody's money");
    assert_eq!(suite.headroom(77).tranche, None);

    suite.by_authority(&register(77, false));
    suite.by_market(&cover, &[]);
    assert_eq!(suite.reports(), [whole.clone(), whole]);
    let record = suite.loss(1).expect("known");
    assert_eq!((record.tranche, record.paid), (None, Quote(0)));
    suite.refused_to_market(&return_cover(1), &usdc(1), "return_exceeds_payment");
    suite.by_market(&loss_closed(1), &[]);
    assert!(suite.loss(1).expect("known").closed);
    assert_eq!(suite.draws(2, 77, 100), 100, "the next one is insured");
}

#[test]
fn only_the_authority_registers_and_removes() {
    let mut suite = isolated(params());
    for sender in [suite.stranger.clone(), suite.market.clone()] {
        for msg in [register(5, true), remove(5)] {
            suite.refused(&sender, &msg, &[], "unauthorized");
        }
    }
    let authority = suite.authority.clone();
    for msg in [register(5, true), remove(5)] {
        suite.refused(&authority, &msg, &usdc(1), "no_funds_expected");
    }
    let mut suite = Suite::unconnected();
    suite.refused(&authority, &register(5, true), &[], "not_connected");
    suite.refused(&authority, &remove(5), &[], "not_registered");
}

#[test]
fn a_stake_ends_no_stop() {
    let stops = FundParams {
        trip_bps: 3_000,
        resume_bps: 2_000,
        ..params()
    };
    let mut suite = isolated(stops);
    let alice = suite.stranger.clone();
    suite.draws(1, 3, 1_000);
    suite.draws(2, 3, 1_000);
    suite.draws(3, 3, 1_000);
    assert!(suite.headroom(3).tripped, "{:?}", suite.headroom(3));
    for loss in 1..=3 {
        suite.by_market(&loss_closed(loss), &[]);
    }
    for _ in 0..3 {
        let stake = stake(SHARED, None);
        suite.send(&alice, &stake, &usdc(5_000)).expect("stakes");
        assert!(suite.headroom(3).tripped, "money that may leave again");
        assert_eq!(suite.headroom(3).payable, Quote(0));
    }
    suite.gives(SHARED, Layer::Seed, 5_000);
    assert!(!suite.headroom(3).tripped, "a gift does");
}
