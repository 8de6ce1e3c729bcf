//! When money may leave, and when it may come in for shares.

use cosmwasm_std::Addr;
use perp_interface::fund::{Layer, Tranche};

use crate::actions::{cancel, claim, request, stake, withdraw_from, COOLDOWN};
use crate::suite::{loss_closed, register, usdc, Suite};

const SHARED: Tranche = Tranche::Shared;
const OWN: Tranche = Tranche::Market(8);
const EMERGENCY: u64 = 86_400;

/// Seed of 500 and a stake of 500 in the shared tranche and in that of market 8, half of each stake asked
/// for; nothing is left of the cooldown.
fn situation() -> (Suite, Addr) {
    let mut suite = Suite::new();
    suite.by_authority(&register(8, true));
    let alice = suite.person("alice");
    for tranche in [SHARED, OWN] {
        suite.gives(tranche, Layer::Seed, 500);
        suite.stakes(&alice, tranche, 500);
        suite.requests(&alice, tranche, 250_000);
    }
    suite.wait(COOLDOWN);
    suite.market_leaves(1, 0, 0);
    (suite, alice)
}

#[track_caller]
fn both_are_refused(suite: &mut Suite, alice: &Addr, tranche: Tranche, code: &str) {
    suite.refused(alice, &claim(tranche, 0), &[], code);
    let authority = suite.authority.clone();
    let msg = withdraw_from(tranche, 1, &authority);
    suite.refused(&authority, &msg, &[], code);
}

#[track_caller]
fn both_pass(suite: &mut Suite, alice: &Addr, tranche: Tranche) {
    assert_eq!(suite.claims(alice, tranche, 0), 250);
    let authority = suite.authority.clone();
    suite.by_authority(&withdraw_from(tranche, 1, &authority));
}

#[test]
fn without_a_loss_money_leaves() {
    let (mut suite, alice) = situation();
    both_pass(&mut suite, &alice, SHARED);
    both_pass(&mut suite, &alice, OWN);
}

#[test]
fn a_known_open_loss_keeps_money_in_and_newcomers_out() {
    let (mut suite, alice) = situation();
    suite.draws(1, 3, 0);
    suite.draws(2, 4, 0);
    for closing in [1, 2] {
        both_are_refused(&mut suite, &alice, SHARED, "loss_open");
        suite.refused(&alice, &stake(SHARED, None), &usdc(5), "loss_open");
        suite.by_market(&loss_closed(closing), &[]);
    }
    suite.stakes(&alice, SHARED, 5);
    both_pass(&mut suite, &alice, SHARED);
}

#[test]
fn what_only_announces_or_gives_passes_while_a_loss_is_open() {
    let (mut suite, alice) = situation();
    suite.draws(1, 3, 0);
    suite.requests(&alice, SHARED, 1_000);
    for number in [0, 1] {
        suite
            .send(&alice, &cancel(SHARED, number), &[])
            .expect("cancels");
    }
    suite.gives(SHARED, Layer::Staked, 5);
    suite.gives(SHARED, Layer::Seed, 5);
    suite
        .send(&alice, &request(OWN, 1_000), &[])
        .expect("requests");
}

#[test]
fn a_loss_holds_its_own_tranche_only() {
    for (market, held, free) in [(3, SHARED, OWN), (8, OWN, SHARED)] {
        let (mut suite, alice) = situation();
        suite.draws(1, market, 0);
        both_are_refused(&mut suite, &alice, held, "loss_open");
        suite.stakes(&alice, free, 5);
        both_pass(&mut suite, &alice, free);
    }
}

#[test]
fn after_the_emergency_time_stakers_leave_and_the_protocol_does_not() {
    let (mut suite, alice) = situation();
    suite.draws(1, 3, 0);
    suite.wait(EMERGENCY - 1);
    both_are_refused(&mut suite, &alice, SHARED, "loss_open");
    suite.wait(1);
    let authority = suite.authority.clone();
    let msg = withdraw_from(SHARED, 1, &authority);
    suite.refused(&authority, &msg, &[], "loss_open");
    suite.refused(&alice, &stake(SHARED, None), &usdc(5), "loss_open");
    assert_eq!(suite.claims(&alice, SHARED, 0), 250);
}

#[test]
fn the_emergency_time_runs_from_when_losses_began_to_be_open_without_a_break() {
    let (mut suite, alice) = situation();
    suite.draws(1, 3, 0);
    suite.wait(EMERGENCY / 2);
    suite.draws(2, 4, 0);
    suite.by_market(&loss_closed(1), &[]);
    suite.wait(EMERGENCY / 2);
    assert_eq!(
        suite.claims(&alice, SHARED, 0),
        250,
        "another loss began it"
    );

    let (mut suite, alice) = situation();
    suite.draws(1, 3, 0);
    suite.wait(EMERGENCY / 2);
    suite.by_market(&loss_closed(1), &[]);
    suite.draws(2, 4, 0);
    suite.wait(EMERGENCY / 2);
    both_are_refused(&mut suite, &alice, SHARED, "loss_open");
    suite.wait(EMERGENCY / 2);
    assert_eq!(suite.claims(&alice, SHARED, 0), 250);
}

#[test]
fn a_loss_that_the_fund_does_not_know_keeps_money_in_where_its_market_draws() {
    for (market, held, free) in [(3, SHARED, OWN), (8, OWN, SHARED)] {
        let (mut suite, alice) = situation();
        suite.gated(Some(&[77, market]));
        both_are_refused(&mut suite, &alice, held, "loss_not_booked");
        both_pass(&mut suite, &alice, free);
        // Newcomers would pay for it.
        let stake = stake(held, None);
        suite.refused(&alice, &stake, &usdc(100), "loss_not_booked");
        suite.wait(EMERGENCY - 1);
        both_are_refused(&mut suite, &alice, held, "loss_not_booked");
        // Whatever becomes of it: not for ever.
        suite.wait(1);
        assert_eq!(suite.claims(&alice, held, 0), 250);
        let authority = suite.authority.clone();
        let msg = withdraw_from(held, 1, &authority);
        suite.refused(&authority, &msg, &[], "loss_not_booked");
        suite.gated(Some(&[]));
        suite.send(&authority, &msg, &[]).expect("withdraws");
    }
}

#[test]
fn beside_a_known_loss_that_has_lasted_long_an_unknown_one_holds() {
    let (mut suite, alice) = situation();
    suite.draws(1, 3, 0);
    suite.wait(EMERGENCY - 1);
    suite.gated(Some(&[4]));
    both_are_refused(&mut suite, &alice, SHARED, "loss_open");
    suite.wait(1);
    // The emergency exit of the known one and the end of patience with the unknown one come together here.
    assert_eq!(suite.claims(&alice, SHARED, 0), 250);
}

#[test]
fn a_market_with_unapproved_code_is_not_believed() {
    let (mut suite, alice) = situation();
    suite.gated(Some(&[]));
    suite.migrates();
    both_are_refused(&mut suite, &alice, SHARED, "market_silent");
    let stake = stake(SHARED, None);
    suite.refused(&alice, &stake, &usdc(100), "market_silent");
    suite.wait(EMERGENCY);
    assert_eq!(suite.claims(&alice, SHARED, 0), 250);
}

#[test]
fn a_gated_market_that_may_not_draw_holds_nobody() {
    let (mut suite, alice) = situation();
    suite.by_authority(&crate::actions::remove(3));
    suite.gated(Some(&[3, 77]));
    both_pass(&mut suite, &alice, SHARED);
}

#[test]
fn a_market_that_does_not_answer_holds_stakers_for_the_emergency_time_after_their_cooldown() {
    let (mut suite, alice) = situation();
    suite.gated(None);
    both_are_refused(&mut suite, &alice, SHARED, "market_silent");
    suite.wait(EMERGENCY - 1);
    both_are_refused(&mut suite, &alice, OWN, "market_silent");
    suite.wait(1);
    assert_eq!(suite.claims(&alice, SHARED, 0), 250);
    let authority = suite.authority.clone();
    let msg = withdraw_from(SHARED, 1, &authority);
    suite.refused(&authority, &msg, &[], "market_silent");
    suite.gated(Some(&[]));
    suite.by_authority(&msg);
}
