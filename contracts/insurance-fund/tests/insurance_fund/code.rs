//! Which code the market may run.

use cosmwasm_std::Empty;
use cw_multi_test::Executor;
use perp_interface::fund::{ApproveCode, Connect, ExecuteMsg};
use perp_interface::Quote;

use crate::actions::event;
use crate::mocks;
use crate::suite::{cover, loss_closed, register, report, return_cover, revenue, usdc, Suite};

fn approve(code_id: u64) -> ExecuteMsg {
    ExecuteMsg::ApproveCode(ApproveCode { code_id })
}

/// With capital; the market has just been migrated to code that nobody has approved.
fn migrated() -> (Suite, u64) {
    let mut suite = Suite::with_capital(1_000);
    suite.market_leaves(0, 0, 0);
    let code = suite.migrates();
    (suite, code)
}

#[test]
fn the_market_is_connected_only_under_the_code_that_it_runs() {
    let mut suite = Suite::unconnected();
    let authority = suite.authority.clone();
    let code = suite.code_of_market();
    let connect = |suite: &Suite, market: String, market_code_id| {
        ExecuteMsg::Connect(Connect {
            market,
            market_code_id,
            queue: suite.queue.to_string(),
        })
    };
    let market = suite.market.to_string();
    for wrong in [0, code + 1] {
        let msg = connect(&suite, market.clone(), wrong);
        suite.refused(&authority, &msg, &[], "code_mismatch");
    }
    let msg = connect(&suite, suite.stranger.to_string(), code);
    suite
        .send(&authority, &msg, &[])
        .expect_err("no contract at all");
    let msg = connect(&suite, market, code);
    suite.by_authority(&msg);
    assert_eq!(suite.config().market_code_id, Some(code));
}

#[test]
fn a_migrated_market_draws_nothing_until_its_code_is_approved() {
    let (mut suite, code) = migrated();
    let response = suite.by_market(&cover(1, 5, 150, 0), &[]);
    response.assert_event(&event(
        "fund_paid",
        &[("loss_id", "1"), ("tranche", "none"), ("paid", "0")],
    ));
    assert_eq!(suite.reports(), [report(1, 5, 150)], "the queue is told");
    assert_eq!(suite.headroom(3).tranche, None);
    assert_eq!(suite.headroom(3).payable, Quote(0));

    let response = suite.by_authority(&approve(code));
    let text = code.to_string();
    response.assert_event(&event("code_approved", &[("code_id", &text)]));
    assert_eq!(suite.config().market_code_id, Some(code));
    suite.by_market(&cover(1, 5, 150, 0), &[]);
    assert_eq!(suite.loss(1).expect("known").paid, Quote(0), "not later");
    suite.by_market(&cover(2, 5, 150, 0), &[]);
    assert_eq!(suite.loss(2).expect("known").paid, Quote(150));
}

#[test]
fn a_migrated_market_still_brings_money_and_closes() {
    let mut suite = Suite::with_capital(1_000);
    suite.market_leaves(1, 0, 0);
    suite.by_market(&cover(1, 5, 150, 0), &[]);
    let code = suite.app.store_code(mocks::market());
    let (admin, market) = (suite.authority.clone(), suite.market.clone());
    suite
        .app
        .migrate_contract(admin, market, &Empty {}, code)
        .expect("migrates");
    suite.by_market(&return_cover(1), &usdc(50));
    suite.by_market(&revenue(3), &usdc(5));
    suite.by_market(&loss_closed(1), &[]);
    assert_eq!(suite.capital().capital, Quote(905));
    assert_eq!(suite.capital().open_losses, 0);
}

#[test]
fn no_market_is_registered_while_its_code_is_not_approved() {
    let (mut suite, code) = migrated();
    let authority = suite.authority.clone();
    suite.refused(&authority, &register(5, false), &[], "code_mismatch");
    suite.by_authority(&crate::actions::remove(5));
    suite.by_authority(&approve(code));
    suite.by_authority(&register(5, false));
}

#[test]
fn only_the_code_that_the_market_runs_is_approved_and_only_by_the_authority() {
    let (mut suite, code) = migrated();
    let authority = suite.authority.clone();
    let old = suite.config().market_code_id.expect("connected");
    for wrong in [old, 0, code + 1] {
        suite.refused(&authority, &approve(wrong), &[], "code_mismatch");
    }
    for sender in [suite.stranger.clone(), suite.market.clone()] {
        suite.refused(&sender, &approve(code), &[], "unauthorized");
    }
    suite.refused(&authority, &approve(code), &usdc(1), "no_funds_expected");
    let mut suite = Suite::unconnected();
    suite.refused(&authority, &approve(1), &[], "not_connected");
}

#[test]
fn a_code_cannot_be_approved_ahead_of_the_migration() {
    let mut suite = Suite::with_capital(1_000);
    let code = suite.app.store_code(mocks::market());
    let authority = suite.authority.clone();
    suite.refused(&authority, &approve(code), &[], "code_mismatch");
}
