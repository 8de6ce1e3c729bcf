//! A fund that is missing, empty, poor or broken: the loss waits or goes on, and stays exact.

use cosmwasm_std::coin;
use cw_multi_test::{App, Executor};
use perp_interface::market::{Deposit, ExecuteMsg, InstantiateMsg, ResumeLoss};
use perp_interface::params::{ExchangeParams, FundParams};
use perp_interface::{fund, Quote, Side};
use perp_testkit::chain::{Order, DENOM};
use perp_testkit::faulty::{self, Fault, Switches};
use perp_testkit::scan::{self, Scan};
use perp_testkit::{receipts, Chain, ContractSet};

use crate::situation::{capital, crash, jobs, loss, market_of, state, Crash, BOTTOM, ENTRY, USDC};

/// A chain with switches, the crash set up and a fund of `capital`.
fn broken_chain(capital: u128) -> (Chain, Switches, Crash) {
    let (contracts, switches) = faulty::contracts();
    let mut chain = Chain::builder().contracts(contracts).check_every(1).build();
    let crash = crash(&mut chain);
    if capital > 0 {
        chain.contribute(capital).expect("contributes");
    }
    chain.set_price(1, BOTTOM).expect("prices");
    (chain, switches, crash)
}

/// The same liquidation with nothing broken: what every detour must end in.
fn undisturbed(capital: u128) -> Scan {
    let (mut chain, _, crash) = broken_chain(capital);
    chain
        .liquidate(&crash.keeper, crash.long.id)
        .expect("liquidates");
    Scan::take(&chain).expect("scans")
}

fn resume(chain: &mut Chain, crash: &Crash, loss_id: u64) {
    let msg = ExecuteMsg::ResumeLoss(ResumeLoss { loss_id });
    chain.market(&crash.keeper, msg).expect("resumes");
}

/// Accounts, markets and the fund's money, without how many steps it took.
fn assert_same_end(chain: &Chain, expected: &Scan) {
    let got = Scan::take(chain).expect("scans");
    assert_eq!(got.accounts, expected.accounts);
    assert_eq!(got.markets, expected.markets);
    assert_eq!(got.capital, expected.capital);
}

#[test]
fn a_market_that_knows_no_fund_takes_no_deposit() {
    let mut app = App::default();
    let user = app.api().addr_make("user");
    let code = app.store_code(ContractSet::default().market);
    let msg = InstantiateMsg {
        authority: user.to_string(),
        denom: DENOM.to_owned(),
        params: ExchangeParams::default(),
        guardian: None,
        notice: perp_interface::governance::NoticeParams {
            notice_seconds: 0,
            step_seconds: 0,
        },
        links: None,
    };
    let market = app
        .instantiate_contract(code, user.clone(), &msg, &[], "market", None)
        .expect("instantiates");
    let mint = cw_multi_test::BankSudo::Mint {
        to_address: user.to_string(),
        amount: vec![coin(5, DENOM)],
    };
    app.sudo(mint.into()).expect("mints");
    let deposit = ExecuteMsg::Deposit(Deposit { subaccount: 0 });
    let refused = app
        .execute_contract(user, market, &deposit, &[coin(5, DENOM)])
        .expect_err("nobody to tell of a loss");
    assert!(
        format!("{refused:?}").contains("not_connected:"),
        "{refused:?}"
    );
}

#[test]
fn a_fund_that_refuses_leaves_the_loss_open_and_the_market_gated_until_it_is_resumed() {
    let (mut chain, switches, crash) = broken_chain(30 * USDC);
    switches.fund.set("cover_deficit", Fault::Fail);
    let events = chain
        .liquidate(&crash.keeper, crash.long.id)
        .expect("goes on without the fund");
    let failed = receipts::of_kind(&events, "submessage_failed");
    assert_eq!(failed.len(), 1);
    assert_eq!(
        (failed[0].text("kind"), failed[0].number("subject")),
        ("cover", 1)
    );
    let open = loss(&chain, 1);
    assert!(!open.closed);
    assert_eq!((open.lots_left.0, open.need_left), (100, Quote(80_000_000)));
    assert_eq!(market_of(&chain, 1).deleveraging, Some(crash.long.id));

    let before = state(&chain);
    let order = Order::ioc(1, Side::Long, 1, ENTRY);
    let refused = chain
        .place(&crash.shorts[0].user, order)
        .expect_err("gated");
    assert!(refused.has_code("market_deleveraging"), "{refused}");
    let refused = chain.withdraw(&crash.whale.user, 1).expect_err("gated");
    assert!(refused.has_code("market_deleveraging"), "{refused}");
    let refused = chain.withdraw(&crash.long.user, 1).expect_err("locked");
    assert!(refused.has_code("account_locked"), "{refused}");
    assert_eq!(state(&chain), before);

    resume(&mut chain, &crash, 1);
    assert!(!loss(&chain, 1).closed, "still broken");
    switches.fund.repair();
    resume(&mut chain, &crash, 1);
    assert!(loss(&chain, 1).closed);
    assert_same_end(&chain, &undisturbed(30 * USDC));
}

#[test]
fn a_fund_that_forgets_the_call_is_asked_again() {
    let (mut chain, switches, crash) = broken_chain(30 * USDC);
    switches.fund.set("cover_deficit", Fault::Swallow);
    chain
        .liquidate(&crash.keeper, crash.long.id)
        .expect("liquidates");
    assert!(!loss(&chain, 1).closed);
    switches.fund.repair();
    resume(&mut chain, &crash, 1);
    assert_same_end(&chain, &undisturbed(30 * USDC));
}

#[test]
fn an_empty_fund_pays_nothing_and_the_queue_takes_all() {
    let (mut chain, _, crash) = broken_chain(0);
    chain
        .liquidate(&crash.keeper, crash.long.id)
        .expect("liquidates");
    let loss = loss(&chain, 1);
    assert!(loss.closed);
    assert_eq!((loss.fund_used.0, loss.adl_taken.0), (0, 80_000_000));
}

#[test]
fn a_cap_of_nothing_keeps_the_fund_whole() {
    let (contracts, _) = faulty::contracts();
    let params = FundParams {
        per_loss_cap: Quote(0),
        ..FundParams::default()
    };
    let mut chain = Chain::builder()
        .contracts(contracts)
        .fund(params)
        .check_every(1)
        .build();
    let crash = crash(&mut chain);
    chain.contribute(1_000 * USDC).expect("contributes");
    chain.set_price(1, BOTTOM).expect("prices");
    chain
        .liquidate(&crash.keeper, crash.long.id)
        .expect("liquidates");
    assert_eq!(loss(&chain, 1).adl_taken.0, 80_000_000);
    assert_eq!(capital(&chain).capital.0, 1_000_000_000);
    assert_eq!(capital(&chain).open_losses, 0);
}

#[test]
fn a_cap_below_the_need_is_paid_in_full_and_the_queue_takes_the_rest() {
    let params = FundParams {
        per_loss_cap: Quote(30_000_001),
        ..FundParams::default()
    };
    let mut chain = Chain::builder().fund(params).check_every(1).build();
    let crash = crash(&mut chain);
    chain.contribute(1_000 * USDC).expect("contributes");
    chain.set_price(1, BOTTOM).expect("prices");
    chain
        .liquidate(&crash.keeper, crash.long.id)
        .expect("liquidates");
    let loss = loss(&chain, 1);
    assert_eq!(
        (loss.fund_used.0, loss.adl_taken.0),
        (30_000_001, 49_999_999)
    );
}

#[test]
fn a_fund_that_does_not_take_money_back_undoes_the_whole_cover() {
    let (mut chain, switches, crash) = broken_chain(1_000 * USDC);
    switches.fund.set("return_cover", Fault::Fail);
    let market_coins = chain.balance(&chain.addresses.market);
    chain
        .liquidate(&crash.keeper, crash.long.id)
        .expect("liquidates");
    let open = loss(&chain, 1);
    assert!(!open.closed, "need is 80, paid were 84, nobody takes 4");
    assert_eq!((open.fund_used.0, open.need_left.0), (0, 80_000_000));
    assert_eq!(capital(&chain).paid.0, 0);
    assert_eq!(chain.balance(&chain.addresses.market), market_coins);
    assert_eq!(switches.fund.calls("return_cover"), 1);

    switches.fund.repair();
    resume(&mut chain, &crash, 1);
    let closed = loss(&chain, 1);
    assert!(closed.closed);
    assert_eq!((closed.fund_used.0, closed.adl_taken.0), (80_000_000, 0));
    assert_same_end(&chain, &undisturbed(1_000 * USDC));
}

#[test]
fn a_fund_that_does_not_hear_of_the_close_does_not_stop_it() {
    let (mut chain, switches, crash) = broken_chain(30 * USDC);
    switches.fund.set("loss_closed", Fault::Fail);
    let events = chain
        .liquidate(&crash.keeper, crash.long.id)
        .expect("liquidates");
    let failed = receipts::of_kind(&events, "submessage_failed");
    assert!(
        failed.iter().any(|f| f.text("kind") == "closed"),
        "{failed:?}"
    );
    assert!(loss(&chain, 1).closed);
    assert_eq!(market_of(&chain, 1).deleveraging, None);
    assert!(jobs(&chain).is_empty());
    assert_eq!(
        scan::accounts(&chain).expect("scans"),
        undisturbed(30 * USDC).accounts
    );
}

#[test]
fn regression_capital_stayed_blocked_when_the_fund_missed_a_close() {
    let (mut chain, switches, crash) = broken_chain(30 * USDC);
    chain.contribute(5 * USDC).expect("contributes");
    switches.fund.set("loss_closed", Fault::Fail);
    chain
        .liquidate(&crash.keeper, crash.long.id)
        .expect("liquidates");
    switches.fund.repair();
    chain.contribute(5 * USDC).expect("contributes");
    let (authority, fund) = (chain.governance.clone(), chain.addresses.fund.clone());
    let withdraw = fund::ExecuteMsg::WithdrawCapital(fund::WithdrawCapital {
        tranche: fund::Tranche::Shared,
        amount: Quote(1),
        to: authority.to_string(),
    });
    let refused = chain
        .send(&authority, &fund, &withdraw, &[])
        .expect_err("the fund believes that a loss is open");
    assert!(refused.has_code("loss_open"), "{refused}");
    // The loss is closed: resuming it only tells the fund again.
    resume(&mut chain, &crash, 1);
    assert_eq!(capital(&chain).open_losses, 0);
    chain
        .send(&authority, &fund, &withdraw, &[])
        .expect("withdraws");
}
