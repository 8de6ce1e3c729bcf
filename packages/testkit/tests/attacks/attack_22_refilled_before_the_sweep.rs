//! An account that was bankrupt, was refilled, and is swept all the same. Equity is what it is when
//! the loss is opened; from then on the account is locked until its losses are closed.

use cosmwasm_std::coin;
use perp_interface::market::{Deposit, ExecuteMsg, ResumeLoss};
use perp_testkit::chain::{Order, DENOM};
use perp_testkit::faulty::{self, Fault};
use perp_testkit::Chain;

use crate::situation::{
    account, capital, equity, liquidate, list, loss, party, refused, shorts_of, steps_of, USDC,
};

#[test]
fn a_refill_counts_until_the_loss_is_opened_and_never_after() {
    let mut chain = Chain::builder().check_every(1).queue(steps_of(1)).build();
    list(&mut chain, &[1]);
    chain.contribute(USDC).expect("contributes");
    let loser = party(&mut chain, "loser", 120);
    shorts_of(&mut chain, 1, &loser, &[("a", 1_000, 60), ("b", 300, 40)]);
    chain.set_price(1, 8_000_000).expect("prices");
    assert_eq!(equity(&chain, &loser), -80_000_000);
    chain.deposit(&loser.user, 130 * USDC).expect("refills");
    refused(liquidate(&mut chain, &loser), "not_liquidatable");
    assert_eq!(capital(&chain).paid.0, 0);

    chain.set_price(1, 7_000_000).expect("prices");
    liquidate(&mut chain, &loser).expect("opens");
    assert_eq!(
        loss(&chain, 1).need.0,
        50_000_000,
        "of the refilled account"
    );
    chain.mint(&loser.user, USDC);
    let (market, user) = (chain.addresses.market.clone(), loser.user.clone());
    let refill = ExecuteMsg::Deposit(Deposit { subaccount: 0 });
    let coins = [coin(USDC, DENOM)];
    refused(
        chain.send(&user, &market, &refill, &coins),
        "account_locked",
    );
    let order = Order::limit(1, perp_interface::Side::Long, 10, 7_000_000);
    refused(chain.place(&user, order), "account_locked");
    refused(chain.withdraw(&user, 1), "account_locked");
    chain.finish_jobs(20).expect("ends");
    assert_eq!(
        (
            account(&chain, &loser).cash.0,
            account(&chain, &loser).locked
        ),
        (0, false)
    );
    chain
        .send(&user, &market, &refill, &coins)
        .expect("a new beginning");
}

/// The account cannot be refilled either while the fund could not be told: what it is told in the end is
/// what was missing when the loss was opened.
#[test]
fn nothing_changes_between_the_opening_and_a_booking_that_comes_late() {
    let (contracts, switches) = faulty::contracts();
    let mut chain = Chain::builder().contracts(contracts).check_every(1).build();
    list(&mut chain, &[1]);
    chain.contribute(1_000 * USDC).expect("contributes");
    let loser = party(&mut chain, "loser", 120);
    shorts_of(&mut chain, 1, &loser, &[("a", 1_000, 60), ("b", 300, 40)]);
    chain.set_price(1, 8_000_000).expect("prices");
    switches.fund.set("cover_deficit", Fault::Fail);
    liquidate(&mut chain, &loser).expect("opens");
    refused(chain.deposit(&loser.user, 200 * USDC), "account_locked");
    assert_eq!(capital(&chain).paid.0, 0);

    switches.fund.repair();
    chain.set_price(1, 12_000_000).expect("prices");
    let resume = ExecuteMsg::ResumeLoss(ResumeLoss { loss_id: 1 });
    chain.market(&loser.user.clone(), resume).expect("tells it");
    chain.finish_jobs(20).expect("ends");
    let loss = loss(&chain, 1);
    assert_eq!((loss.need.0, loss.fund_used.0), (80_000_000, 80_000_000));
    assert_eq!(account(&chain, &loser).cash.0, 0);
}
