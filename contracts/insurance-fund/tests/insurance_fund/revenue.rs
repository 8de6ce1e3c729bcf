//! `Revenue` and `PayOwed`: where money goes, and how much of it a tranche keeps.

use cosmwasm_std::Addr;
use cw_multi_test::App;
use perp_interface::fund::{Layer, Tranche};
use perp_interface::params::{FundParams, SurplusRule, TargetRule};
use perp_interface::Quote;

use crate::actions::{event, pay_owed, revenue_at};
use crate::suite::{
    give, instantiate, params, register, revenue, update_params, usdc, Suite, DENOM,
};

const SHARED: Tranche = Tranche::Shared;

/// A purse of 50, a target of 1 000.
fn rule(surplus: SurplusRule) -> FundParams {
    FundParams {
        bounty_reserve: Quote(50),
        target: TargetRule::OpenInterest { bps: 500 },
        target_floor: Quote(1_000),
        surplus,
        ..params()
    }
}

fn to(address: &Addr) -> SurplusRule {
    SurplusRule::Address {
        address: address.to_string(),
    }
}

/// The seed has lost 200 of 200, the stakers 150 of 300.
fn holed(surplus: SurplusRule) -> Suite {
    let mut suite = Suite::limited(200, rule(surplus));
    suite.staker("alice", 300);
    assert_eq!(suite.loses(1, 3, 350), 350);
    suite
}

/// Purse, stakers, seed, surplus.
#[track_caller]
fn earns(suite: &mut Suite, amount: u128, parts: [i128; 4], surplus_to: &str) {
    let response = suite.by_market(&revenue(3), &usdc(amount));
    let [purse, staked, seed, surplus] = parts.map(|part| part.to_string());
    response.assert_event(&event(
        "fund_revenue",
        &[
            ("market", "3"),
            ("tranche", "shared"),
            ("amount", &amount.to_string()),
            ("to_bounties", &purse),
            ("to_staked", &staked),
            ("to_seed", &seed),
            ("surplus", &surplus),
            ("surplus_to", surplus_to),
        ],
    ));
}

#[test]
fn revenue_goes_through_the_layers_in_their_order() {
    let mut suite = holed(SurplusRule::Stakers {});
    for (amount, parts) in [
        (30, [30, 0, 0, 0]),
        (25, [20, 5, 0, 0]),
        (150, [0, 145, 5, 0]),
        (200, [0, 2, 198, 0]),
        (497, [0, 249, 248, 0]),
        (40, [0, 40, 0, 0]),
    ] {
        earns(&mut suite, amount, parts, "");
    }
    assert_eq!(suite.layers(SHARED), (451, 591, 300_000));
    assert_eq!(suite.tranche(SHARED).bounties, Quote(50));
}

#[test]
fn in_one_piece_it_goes_the_same_way() {
    let mut suite = holed(SurplusRule::Stakers {});
    earns(&mut suite, 1_000, [50, 500, 450, 0], "");
    let tranche = suite.tranche(SHARED);
    assert_eq!((tranche.seed_hole.0, tranche.staked_hole.0), (0, 0));
    assert_eq!((tranche.seed.0, tranche.staked.0), (450, 650));
}

#[test]
fn without_stakers_their_part_is_the_seeds() {
    let mut suite = Suite::limited(200, rule(SurplusRule::Stakers {}));
    earns(&mut suite, 1_000, [50, 0, 950, 0], "");
    assert_eq!(suite.layers(SHARED), (1_150, 0, 0));
}

#[test]
fn the_stakers_part_is_as_set_and_rounded_down() {
    for (staker_share_bps, staked) in [(0, 0), (1, 0), (3_333, 33), (10_000, 101)] {
        let mut suite = Suite::limited(
            200,
            FundParams {
                staker_share_bps,
                bounty_reserve: Quote(0),
                ..rule(SurplusRule::Stakers {})
            },
        );
        suite.staker("alice", 300);
        earns(&mut suite, 101, [0, staked, 101 - staked, 0], "");
    }
}

#[test]
fn a_surplus_for_an_address_is_booked_and_paid_when_somebody_asks() {
    let mut suite = Suite::new();
    let dao = suite.person("dao");
    let mut suite = holed(to(&dao));
    give(&mut suite.app, &dao);
    earns(&mut suite, 1_000, [50, 400, 450, 100], dao.as_str());
    assert_eq!(suite.layers(SHARED), (450, 550, 300_000));
    earns(&mut suite, 7, [0, 0, 0, 7], dao.as_str());
    assert_eq!(suite.owed(&dao), 107);
    let solvency = suite.solvency();
    assert_eq!((solvency.owed.0, solvency.unbooked.0), (107, 0));
    assert_eq!(suite.tranche(SHARED).sums.surplus, Quote(107));

    let (before, stranger) = (suite.balance(&dao), suite.stranger.clone());
    suite.refused(&stranger, &pay_owed(&stranger), &[], "nothing_owed");
    suite.refused(&stranger, &pay_owed(&dao), &usdc(1), "no_funds_expected");
    let response = suite.send(&stranger, &pay_owed(&dao), &[]).expect("pays");
    response.assert_event(&event(
        "owed_paid",
        &[("to", dao.as_str()), ("amount", "107")],
    ));
    assert_eq!(suite.balance(&dao), before + 107);
    suite.refused(&stranger, &pay_owed(&dao), &[], "nothing_owed");
    assert_eq!((suite.owed(&dao), suite.solvency().owed.0), (0, 0));
}

#[test]
fn what_is_booked_for_an_address_stays_its_own_when_the_rule_changes() {
    let mut suite = Suite::new();
    let (dao, other) = (suite.person("dao"), suite.person("other"));
    let full = |surplus| FundParams {
        target_floor: Quote(0),
        bounty_reserve: Quote(0),
        ..rule(surplus)
    };
    suite.update(full(to(&dao)));
    earns(&mut suite, 9, [0, 0, 0, 9], dao.as_str());
    suite.update(full(to(&other)));
    earns(&mut suite, 5, [0, 0, 0, 5], other.as_str());
    assert_eq!((suite.owed(&dao), suite.owed(&other)), (9, 5));
    assert_eq!(suite.solvency().owed.0, 14);
}

#[test]
fn an_address_that_the_chain_does_not_have_is_refused() {
    let bad = rule(SurplusRule::Address {
        address: "nobody".to_string(),
    });
    let mut suite = Suite::new();
    let authority = suite.authority.clone();
    let before = suite.everything();
    suite
        .send(&authority, &update_params(1, bad.clone()), &[])
        .expect_err("is refused");
    assert_eq!(suite.everything(), before);
    let mut app = App::default();
    let authority = app.api().addr_make("authority");
    instantiate(&mut app, &authority, DENOM, bad, &[]).expect_err("is refused");
}

#[test]
fn the_target_is_a_part_of_what_the_tranche_insures() {
    let mut suite = Suite::new();
    suite.by_authority(&register(8, true));
    suite.update(FundParams {
        bounty_reserve: Quote(0),
        target_floor: Quote(100),
        ..rule(to(&suite.stranger))
    });
    let target = |suite: &Suite| suite.tranche(SHARED).target.0;
    assert_eq!(target(&suite), 100, "the floor");
    // The message that brings the open interest counts with it: 500 of 1 000 stay.
    suite.by_market(&revenue_at(3, 10_000), &usdc(1_000));
    assert_eq!((target(&suite), suite.layers(SHARED).0), (500, 500));
    suite.by_market(&revenue_at(4, 10_001), &usdc(1_000));
    assert_eq!((target(&suite), suite.layers(SHARED).0), (1_001, 1_001));
    suite.by_market(&revenue_at(8, 1_000_000), &usdc(1));
    suite.by_market(&revenue(3), &usdc(1));
    assert_eq!(target(&suite), 1_001, "another tranche; no price");
    suite.by_market(&revenue_at(3, 0), &usdc(1));
    assert_eq!(target(&suite), 501);
    assert_eq!(suite.layers(SHARED).0, 1_001, "nothing leaves a tranche");
    suite.refused_to_market(&revenue_at(3, -1), &usdc(1), "negative_amount");
}

#[test]
fn open_interest_of_a_market_that_may_not_draw_is_not_insured() {
    let mut suite = Suite::new();
    suite.update(FundParams {
        target_floor: Quote(0),
        ..rule(SurplusRule::Stakers {})
    });
    suite.by_market(&revenue_at(77, 10_000), &usdc(10));
    assert_eq!(suite.tranche(SHARED).target, Quote(0));
    assert_eq!(suite.tranche(SHARED).sums.revenue, Quote(10));
    suite.by_authority(&register(77, false));
    assert_eq!(suite.tranche(SHARED).target, Quote(500));
    assert_eq!(suite.registration(77).paid_in, Quote(10));
}

#[test]
fn the_target_may_be_a_multiple_of_the_last_losses() {
    let mut suite = Suite::new();
    suite.by_authority(&register(8, true));
    suite.gives(Tranche::Market(8), Layer::Seed, 10_000);
    let var = |quantile_bps, multiple_bps| FundParams {
        target: TargetRule::ValueAtRisk {
            losses: 3,
            quantile_bps,
            multiple_bps,
        },
        target_floor: Quote(25),
        ..params()
    };
    suite.update(var(10_000, 20_000));
    let target = |suite: &Suite| suite.tranche(SHARED).target.0;
    assert_eq!(target(&suite), 25, "no loss yet");
    for (loss_id, asked) in [(1, 90), (2, 40), (3, 20), (4, 30)] {
        assert_eq!(suite.loses(loss_id, 3, asked), 0, "asked is what counts");
    }
    suite.loses(5, 8, 900);
    assert_eq!(target(&suite), 80, "twice the largest of the last three");
    suite.update(var(5_000, 15_001));
    assert_eq!(target(&suite), 46, "45.003 of the second of three");
    suite.update(var(1, 10_000));
    assert_eq!(target(&suite), 25, "the floor is more than the smallest");
    assert_eq!(suite.tranche(Tranche::Market(8)).target.0, 900);
}
