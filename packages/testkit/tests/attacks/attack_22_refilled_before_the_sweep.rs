//! An account that was bankrupt, was refilled, and is swept all the same. Equity is what it is when
//! the loss is opened; from then on the account is locked until its losses are closed.

use cosmwasm_std::coin;
use perp_interface::market::{Deposit, ExecuteMsg};
use perp_testkit::chain::{Order, DENOM};
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
