//! Input that the market refuses: a typed error with its stable code, and nothing changes.

use cosmwasm_std::{coin, Addr, Coin};
use perp_interface::market::{
    CancelOrder, CollectFees, Deposit, ExecuteMsg, ListMarket, PlaceOrder, Refresh, UpdateMarket,
    UpdateParams, Withdraw,
};
use perp_interface::params::{ExchangeParams, MarketParams};
use perp_interface::{Lots, Price, Quote, Side};
use perp_testkit::chain::{Order, DENOM};
use perp_testkit::Chain;
use serde_json::json;

use crate::messages::all;
use crate::situation::{
    cross, free_market, loss, market, party, state, Party, BOTTOM, ENTRY, USDC,
};

/// Sends what must be refused.
fn refused(
    chain: &mut Chain,
    sender: &Addr,
    msg: impl serde::Serialize,
    funds: &[Coin],
    code: &str,
) {
    let to = chain.addresses.market.clone();
    let before = state(chain);
    let error = chain.send(sender, &to, &msg, funds).expect_err(code);
    assert!(error.has_code(code), "expected {code}: {error}");
    assert_eq!(state(chain), before, "{code}");
}

fn order(chain: &mut Chain, user: &Addr, order: Order, code: &str) {
    let msg = ExecuteMsg::PlaceOrder(PlaceOrder {
        subaccount: 0,
        market: order.market,
        side: order.side,
        lots: Lots(order.lots),
        price: Price(order.price),
        kind: order.kind,
        reduce_only: order.reduce_only,
    });
    refused(chain, user, msg, &[], code);
}

fn withdrawal(amount: i128) -> ExecuteMsg {
    ExecuteMsg::Withdraw(Withdraw {
        subaccount: 0,
        amount: Quote(amount),
    })
}

/// Market 1 with two accounts, long and short 10 lots.
fn pair(exchange: ExchangeParams, params: MarketParams) -> (Chain, Party, Party) {
    let mut chain = Chain::builder().exchange(exchange).check_every(1).build();
    chain.list(1, ENTRY, params).expect("lists");
    let long = party(&mut chain, "x", 1_000 * USDC);
    let short = party(&mut chain, "y", 1_000 * USDC);
    cross(&mut chain, 1, (&long, &short), 10, ENTRY);
    (chain, long, short)
}

fn usual() -> (Chain, Party, Party) {
    pair(ExchangeParams::default(), free_market())
}

#[test]
fn coins_of_another_denom_missing_extra_or_unasked_ones() {
    let (mut chain, long, _) = usual();
    for denom in [DENOM, "uatom"] {
        let mint = cw_multi_test::BankSudo::Mint {
            to_address: long.user.to_string(),
            amount: vec![coin(1 << 110, denom)],
        };
        chain.app.sudo(mint.into()).expect("mints");
    }
    let deposit = ExecuteMsg::Deposit(Deposit { subaccount: 0 });
    let user = long.user.clone();
    let (usdc, atom) = (coin(5, DENOM), coin(5, "uatom"));
    for (funds, code) in [
        (vec![], "wrong_funds"),
        (vec![atom.clone()], "wrong_funds"),
        (vec![atom, usdc.clone()], "wrong_funds"),
        (vec![coin(1 << 100, DENOM)], "amount_out_of_range"),
    ] {
        refused(&mut chain, &user, &deposit, &funds, code);
    }
    // No other message of the market takes coins, whoever sends it.
    let market = chain.addresses.market.clone();
    for sample in all(&mut chain) {
        if sample.to == market && !sample.coin && sample.message.get("deleverage").is_none() {
            refused(
                &mut chain,
                &user,
                &sample.message,
                std::slice::from_ref(&usdc),
                "no_funds_expected",
            );
        }
    }
}

#[test]
fn amounts_of_zero_and_beyond_every_bound() {
    let (mut chain, long, _) = usual();
    let user = long.user;
    for amount in [0, -1, 1 << 100, i128::MAX, i128::MIN] {
        refused(
            &mut chain,
            &user,
            withdrawal(amount),
            &[],
            "amount_out_of_range",
        );
    }
    refused(
        &mut chain,
        &user,
        withdrawal((1 << 100) - 1),
        &[],
        "exceeds_withdrawable",
    );
    // 1 000 less the initial requirement of 10.
    refused(
        &mut chain,
        &user,
        withdrawal(990_000_001),
        &[],
        "exceeds_withdrawable",
    );
    for lots in [0, 1 << 48, u64::MAX] {
        order(
            &mut chain,
            &user,
            Order::ioc(1, Side::Long, lots, ENTRY),
            "lots_out_of_range",
        );
    }
    for price in [0, 1 << 40, u64::MAX] {
        order(
            &mut chain,
            &user,
            Order::limit(1, Side::Long, 1, price),
            "price_out_of_range",
        );
    }
    let most = Order::limit(1, Side::Long, (1 << 48) - 11, (1 << 40) - 1);
    order(&mut chain, &user, most, "insufficient_margin");
}

#[test]
fn unknown_markets_accounts_orders_and_losses() {
    let (mut chain, long, short) = usual();
    let (user, other, stranger) = (long.user, short.user, chain.user("stranger"));
    order(
        &mut chain,
        &user,
        Order::ioc(2, Side::Long, 1, ENTRY),
        "unknown_market",
    );
    order(
        &mut chain,
        &stranger,
        Order::ioc(1, Side::Long, 1, ENTRY),
        "unknown_account",
    );
    refused(&mut chain, &stranger, withdrawal(1), &[], "unknown_account");
    let cancel = |order_id| {
        ExecuteMsg::CancelOrder(CancelOrder {
            subaccount: 0,
            order_id,
        })
    };
    refused(&mut chain, &user, cancel(99), &[], "unknown_order");
    refused(&mut chain, &stranger, cancel(1), &[], "unknown_account");
    chain
        .place(&user, Order::limit(1, Side::Long, 1, 9_000_000))
        .expect("rests");
    refused(&mut chain, &other, cancel(2), &[], "unknown_order");
    chain.cancel(&user, 2).expect("its own");
    let msg = ExecuteMsg::CollectFees(CollectFees { market: 2 });
    refused(&mut chain, &user, msg, &[], "unknown_market");
    let msg = ExecuteMsg::CollectFees(CollectFees { market: 1 });
    refused(&mut chain, &user, msg, &[], "no_fees");
    for (accounts, code) in [
        (vec![], "bad_list"),
        (vec![1, 1], "bad_list"),
        ((1..=51).collect(), "bad_list"),
        (vec![77], "unknown_account"),
    ] {
        refused(
            &mut chain,
            &user,
            ExecuteMsg::Refresh(Refresh { accounts }),
            &[],
            code,
        );
    }
    let msg = json!({"liquidate": {"account": 77}});
    refused(&mut chain, &user, msg, &[], "unknown_account");
    let msg = json!({"resume_loss": {"loss_id": 1}});
    refused(&mut chain, &user, msg, &[], "unknown_loss");
}

#[test]
fn strict_prices_for_opening_and_withdrawing_loose_ones_for_reducing() {
    let (mut chain, long, short) = usual();
    chain
        .place(&short.user, Order::limit(1, Side::Long, 10, ENTRY))
        .expect("rests");
    chain.advance(61, 10);
    let user = long.user.clone();
    order(
        &mut chain,
        &user,
        Order::ioc(1, Side::Long, 1, ENTRY),
        "stale_price",
    );
    order(
        &mut chain,
        &user,
        Order::ioc(1, Side::Short, 11, ENTRY),
        "stale_price",
    );
    refused(&mut chain, &user, withdrawal(1), &[], "stale_price");
    chain
        .place(&user, Order::ioc(1, Side::Short, 1, ENTRY))
        .expect("reduces at a loose price");
    chain.advance(540, 90);
    order(
        &mut chain,
        &user,
        Order::ioc(1, Side::Short, 1, ENTRY),
        "stale_price",
    );
    let msg = json!({"liquidate": {"account": long.id}});
    refused(&mut chain, &user, msg, &[], "stale_price");
    chain.deposit(&user, 1).expect("needs no price");
    chain.set_price(1, ENTRY).expect("prices");
    chain
        .place(&user, Order::ioc(1, Side::Short, 1, ENTRY))
        .expect("reduces");
}

#[test]
fn full_books_and_too_many_orders_or_positions() {
    let exchange = ExchangeParams {
        max_side_orders: 3,
        max_orders: 2,
        max_positions: 2,
        ..ExchangeParams::default()
    };
    let (mut chain, long, short) = pair(exchange, free_market());
    let bid = |n: u64| Order::limit(1, Side::Long, 1, 9_000_000 + n);
    for n in 0..2 {
        chain.place(&long.user, bid(n)).expect("rests");
    }
    order(&mut chain, &long.user, bid(2), "too_many_orders");
    chain.place(&short.user, bid(2)).expect("rests");
    let worse = Order::limit(1, Side::Long, 1, 8_999_999);
    order(&mut chain, &short.user, worse, "book_full");
    chain
        .place(&short.user, Order::limit(1, Side::Short, 1, 11_000_000))
        .expect("the other side has room");
    chain.cancel(&short.user, 4).expect("cancels");
    chain
        .place(&short.user, bid(3))
        .expect("there is room again");
    for id in [2, 3] {
        market(&mut chain, id);
    }
    chain.cancel(&long.user, 2).expect("cancels");
    chain.cancel(&long.user, 3).expect("cancels");
    let third = party(&mut chain, "z", 1_000 * USDC);
    cross(&mut chain, 2, (&long, &third), 1, ENTRY);
    chain
        .place(&third.user, Order::limit(3, Side::Short, 1, ENTRY))
        .expect("rests");
    order(
        &mut chain,
        &long.user,
        Order::ioc(3, Side::Long, 1, ENTRY),
        "too_many_positions",
    );
}

#[test]
fn dust_open_interest_and_reductions_of_nothing() {
    let params = MarketParams {
        min_notional: Quote(30_000_000),
        max_open_interest: Lots(12),
        ..free_market()
    };
    let (mut chain, long, short) = pair(ExchangeParams::default(), params);
    let third = party(&mut chain, "z", 1_000 * USDC);
    order(
        &mut chain,
        &third.user,
        Order::limit(1, Side::Long, 2, ENTRY),
        "below_min_notional",
    );
    chain
        .place(&short.user, Order::limit(1, Side::Short, 3, ENTRY))
        .expect("rests");
    order(
        &mut chain,
        &third.user,
        Order::ioc(1, Side::Long, 3, ENTRY),
        "open_interest_exceeded",
    );
    let reduce = Order::ioc(1, Side::Long, 1, ENTRY).reduce_only();
    order(&mut chain, &third.user, reduce, "nothing_to_reduce");
    order(&mut chain, &long.user, reduce, "nothing_to_reduce");
    chain
        .place(
            &short.user,
            Order::ioc(1, Side::Long, 1, ENTRY).reduce_only(),
        )
        .expect("reduces its short, its own ask is taken off");
}

#[test]
fn opening_without_margin_and_liquidating_the_healthy_or_the_locked() {
    let (mut chain, long, short) = usual();
    let poor = party(&mut chain, "poor", 9 * USDC);
    chain
        .place(&short.user, Order::limit(1, Side::Short, 10, ENTRY))
        .expect("rests");
    order(
        &mut chain,
        &poor.user,
        Order::ioc(1, Side::Long, 10, ENTRY),
        "insufficient_margin",
    );
    order(
        &mut chain,
        &poor.user,
        Order::limit(1, Side::Long, 10, 9_950_000),
        "insufficient_margin",
    );
    let msg = json!({"liquidate": {"account": long.id}});
    refused(&mut chain, &poor.user, msg, &[], "not_liquidatable");
    let msg = json!({"liquidate": {"account": poor.id}});
    refused(&mut chain, &long.user, msg, &[], "not_liquidatable");
}

#[test]
fn a_locked_account_does_nothing() {
    use perp_interface::params::QueueParams;
    let queue = QueueParams {
        step_limit: 1,
        ..QueueParams::default()
    };
    let mut chain = Chain::builder().queue(queue).check_every(1).build();
    let crash = crate::situation::crash(&mut chain);
    chain.set_price(1, BOTTOM).expect("prices");
    chain
        .liquidate(&crash.keeper, crash.long.id)
        .expect("liquidates");
    assert!(!loss(&chain, 1).closed);
    let user = crash.long.user.clone();
    chain.mint(&user, 5);
    refused(&mut chain, &user, withdrawal(1), &[], "account_locked");
    order(
        &mut chain,
        &user,
        Order::ioc(1, Side::Short, 1, ENTRY),
        "account_locked",
    );
    let deposit = ExecuteMsg::Deposit(Deposit { subaccount: 0 });
    refused(
        &mut chain,
        &user,
        deposit,
        &[coin(5, DENOM)],
        "account_locked",
    );
    let msg = json!({"liquidate": {"account": crash.long.id}});
    refused(&mut chain, &user, msg, &[], "account_locked");
    let msg = json!({"liquidate": {"account": crash.shorts[1].id}});
    refused(&mut chain, &user, msg, &[], "market_deleveraging");
}

#[test]
fn governance_with_old_versions_and_values_out_of_bounds() {
    let (mut chain, _, _) = usual();
    let authority = chain.governance.clone();
    let params = ExchangeParams {
        max_orders: 0,
        ..ExchangeParams::default()
    };
    let update = |expected_version, params| {
        ExecuteMsg::UpdateParams(UpdateParams {
            expected_version,
            params,
        })
    };
    refused(
        &mut chain,
        &authority,
        update(1, params),
        &[],
        "param_out_of_bounds",
    );
    let msg = update(2, ExchangeParams::default());
    refused(&mut chain, &authority, msg, &[], "version_mismatch");
    let update = |market, expected_version| {
        ExecuteMsg::UpdateMarket(UpdateMarket {
            market,
            expected_version,
            params: free_market(),
        })
    };
    refused(
        &mut chain,
        &authority,
        update(1, 2),
        &[],
        "version_mismatch",
    );
    refused(&mut chain, &authority, update(2, 1), &[], "unknown_market");
    let list = |market, symbol: &str| {
        ExecuteMsg::ListMarket(ListMarket {
            market,
            symbol: symbol.to_owned(),
            params: free_market(),
        })
    };
    refused(
        &mut chain,
        &authority,
        list(1, "again"),
        &[],
        "market_exists",
    );
    refused(&mut chain, &authority, list(2, ""), &[], "symbol_length");
    refused(
        &mut chain,
        &authority,
        list(2, &"x".repeat(33)),
        &[],
        "symbol_length",
    );
    refused(&mut chain, &authority, list(2, "no price"), &[], "feed");
    chain.set_price(2, 9_999_999).expect("prices");
    refused(&mut chain, &authority, list(2, "low"), &[], "price_too_low");
}

#[test]
fn a_market_below_the_least_price_only_takes_reductions() {
    let (mut chain, long, short) = usual();
    chain.set_price(1, 999).expect("prices");
    chain.deposit(&long.user, 1_000 * USDC).expect("deposits");
    order(
        &mut chain,
        &short.user,
        Order::ioc(1, Side::Short, 1, 999),
        "price_too_low",
    );
    chain
        .place(
            &short.user,
            Order::limit(1, Side::Long, 10, 999).reduce_only(),
        )
        .expect("rests");
    chain
        .place(&long.user, Order::ioc(1, Side::Short, 10, 999))
        .expect("closes");
    assert_eq!((long.lots(&chain, 1), short.lots(&chain, 1)), (0, 0));
}
