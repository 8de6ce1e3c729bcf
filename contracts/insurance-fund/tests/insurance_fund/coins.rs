//! What comes in, and what may not.

use cosmwasm_std::{Coin, Event};
use cw_multi_test::Executor;
use perp_interface::Quote;

use crate::suite::{
    contribute, cover, loss_closed, params, return_cover, revenue, update_params, usdc, withdraw,
    Suite,
};

#[test]
fn anybody_contributes() {
    let mut suite = Suite::unconnected();
    let stranger = suite.stranger.clone();
    for _ in 0..2 {
        suite
            .send(&stranger, &contribute(), &usdc(70))
            .expect("contributes");
    }
    let response = suite
        .send(&stranger, &contribute(), &usdc(1))
        .expect("contributes");
    response.assert_event(
        &Event::new("wasm-fund_contributed")
            .add_attribute("from", stranger.to_string())
            .add_attribute("tranche", "shared")
            .add_attribute("layer", "seed")
            .add_attribute("amount", "1")
            .add_attribute("capital", "141"),
    );
    assert_eq!(suite.capital().contributed, Quote(141));
    assert_eq!(suite.balance(&suite.fund), 141);
}

#[test]
fn the_market_brings_revenue() {
    let mut suite = Suite::with_capital(100);
    let response = suite.by_market(&revenue(9), &usdc(40));
    response.assert_event(
        &Event::new("wasm-fund_revenue")
            .add_attribute("market", "9")
            .add_attribute("tranche", "shared")
            .add_attribute("amount", "40")
            .add_attribute("to_bounties", "0")
            .add_attribute("to_staked", "0")
            .add_attribute("to_seed", "40")
            .add_attribute("surplus", "0")
            .add_attribute("surplus_to", "")
            .add_attribute("capital", "140"),
    );
    assert_eq!(suite.capital().revenue, Quote(40));
    assert_eq!(suite.capital().capital, Quote(140));
}

#[test]
fn only_one_coin_of_the_denom_is_taken() {
    let mut suite = Suite::with_capital(1_000);
    suite.market_leaves(0, 0, 0);
    suite.by_market(&cover(1, 0, 100, 0), &[]);
    let atom = Coin::new(5u128, "uatom");
    let both = vec![atom.clone(), usdc(5).remove(0)];
    for msg in [contribute(), revenue(1), return_cover(1)] {
        suite.refused_to_market(&msg, &[], "missing_funds");
        suite.refused_to_market(&msg, std::slice::from_ref(&atom), "wrong_denom");
        suite.refused_to_market(&msg, &both, "extra_funds");
    }
}

#[test]
fn a_coin_of_amount_zero_changes_nothing() {
    let mut suite = Suite::with_capital(1_000);
    suite.market_leaves(0, 0, 0);
    suite.by_market(&cover(1, 0, 100, 0), &[]);
    let before = suite.everything();
    let market = suite.market.clone();
    for msg in [contribute(), revenue(1), return_cover(1)] {
        // The bank refuses it before the fund can; the fund's own answer is tabled in src/coins.rs.
        suite.send(&market, &msg, &usdc(0)).expect_err("is refused");
        assert_eq!(suite.everything(), before);
    }
}

#[test]
fn messages_that_take_no_coins_refuse_them() {
    let mut suite = Suite::with_capital(1_000);
    suite.market_leaves(0, 0, 0);
    suite.by_market(&cover(1, 0, 100, 0), &[]);
    for msg in [cover(2, 1, 1, 0), loss_closed(1)] {
        suite.refused_to_market(&msg, &usdc(5), "no_funds_expected");
    }
    let authority = suite.authority.clone();
    let messages = [
        suite.connect_msg(),
        withdraw(1, &authority),
        update_params(1, params()),
    ];
    for msg in messages {
        suite.refused(&authority, &msg, &usdc(5), "no_funds_expected");
    }
}

#[test]
fn coins_sent_without_a_message_are_not_capital() {
    let mut suite = Suite::with_capital(100);
    let (stranger, fund) = (suite.stranger.clone(), suite.fund.clone());
    suite
        .app
        .send_tokens(stranger, fund, &usdc(50))
        .expect("sends");
    assert_eq!(suite.capital().capital, Quote(100));
    suite.market_leaves(0, 0, 0);
    suite.by_market(&cover(1, 0, 120, 0), &[]);
    assert_eq!(suite.loss(1).expect("known").paid, Quote(100));
    assert_eq!(suite.balance(&suite.fund), 50);
}
