//! `WithdrawCapital`.

use cosmwasm_std::Event;
use cw_multi_test::Executor;
use perp_interface::Quote;

use crate::suite::{cover, loss_closed, usdc, withdraw, Suite};

#[test]
fn the_authority_takes_capital_out_to_whom_it_names() {
    let mut suite = Suite::with_capital(1_000);
    let (authority, to) = (suite.authority.clone(), suite.stranger.clone());
    let before = suite.balance(&to);
    let response = suite
        .send(&authority, &withdraw(400, &to), &[])
        .expect("withdraws");
    response.assert_event(
        &Event::new("wasm-fund_withdrawn")
            .add_attribute("tranche", "shared")
            .add_attribute("to", to.to_string())
            .add_attribute("amount", "400")
            .add_attribute("capital", "600"),
    );
    suite
        .send(&authority, &withdraw(600, &to), &[])
        .expect("withdraws all");
    assert_eq!(suite.balance(&to), before + 1_000);
    assert_eq!(suite.balance(&suite.fund), 0);
    assert_eq!(suite.capital().withdrawn, Quote(1_000));
}

#[test]
fn an_amount_of_nothing_or_beyond_the_capital_is_refused() {
    let mut suite = Suite::with_capital(1_000);
    let (authority, stranger, fund) = (
        suite.authority.clone(),
        suite.stranger.clone(),
        suite.fund.clone(),
    );
    // More coins than capital: what is not booked cannot be withdrawn.
    suite
        .app
        .send_tokens(stranger, fund, &usdc(50))
        .expect("sends");
    for amount in [0, -1, i128::MIN, 1_001, i128::MAX] {
        let msg = withdraw(amount, &authority);
        suite.refused(&authority, &msg, &[], "amount_out_of_range");
    }
}

#[test]
fn nobody_but_the_authority_takes_capital_out() {
    let mut suite = Suite::with_capital(1_000);
    for sender in [suite.stranger.clone(), suite.market.clone()] {
        let msg = withdraw(1, &sender);
        suite.refused(&sender, &msg, &[], "unauthorized");
    }
}

#[test]
fn capital_stays_while_a_loss_is_open() {
    let mut suite = Suite::with_capital(1_000);
    suite.market_leaves(4, 0, 0);
    suite.by_market(&cover(1, 5, 100, 0), &[]);
    suite.by_market(&cover(2, 5, 100, 0), &[]);
    let authority = suite.authority.clone();
    let msg = withdraw(800, &authority);
    suite.refused(&authority, &msg, &[], "loss_open");
    suite.by_market(&loss_closed(1), &[]);
    suite.refused(&authority, &msg, &[], "loss_open");
    suite.by_market(&loss_closed(2), &[]);
    suite.send(&authority, &msg, &[]).expect("withdraws");
}
