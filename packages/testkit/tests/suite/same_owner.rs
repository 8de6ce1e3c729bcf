//! Two legs of one owner are no loss of theirs: the fund does not cover it.

use cosmwasm_std::coin;
use perp_interface::fund::{LossQuery, LossRecord, QueryMsg};
use perp_interface::market::{Deposit, ExecuteMsg, OrderKind, PlaceOrder};
use perp_interface::params::{ExchangeParams, FundParams};
use perp_interface::{Lots, Price, Quote, Side};
use perp_testkit::chain::DENOM;
use perp_testkit::{Chain, ChainError};

use crate::situation::{cross, loss, market, party, Party, BOTTOM, ENTRY, USDC};

fn deposit(
    chain: &mut Chain,
    owner: &Party,
    subaccount: u32,
    amount: u128,
) -> Result<(), ChainError> {
    chain.mint(&owner.user, amount);
    let to = chain.addresses.market.clone();
    let msg = ExecuteMsg::Deposit(Deposit { subaccount });
    chain
        .send(&owner.user, &to, &msg, &[coin(amount, DENOM)])
        .map(|_| ())
}

fn place(chain: &mut Chain, owner: &Party, subaccount: u32, order: (Side, u64, OrderKind)) {
    let (side, lots, kind) = order;
    let msg = ExecuteMsg::PlaceOrder(PlaceOrder {
        subaccount,
        market: 1,
        side,
        lots: Lots(lots),
        price: Price(ENTRY),
        kind,
        reduce_only: false,
    });
    chain.market(&owner.user, msg).expect("trades");
}

/// The owner is long 100 lots and bankrupt at the bottom; `opposite` lots of the other side are in its own
/// subaccount 7, the rest with others. What the fund paid, and what it was asked for.
fn paid_with(opposite: u64) -> (i128, i128, Chain) {
    let mut chain = Chain::builder()
        .fund(FundParams::without_limits())
        .check_every(1)
        .build();
    market(&mut chain, 1);
    chain.contribute(10_000 * USDC).expect("contributes");
    let owner = party(&mut chain, "owner", 120 * USDC);
    let other = party(&mut chain, "other", 10_000 * USDC);
    if opposite > 0 {
        deposit(&mut chain, &owner, 7, 10_000 * USDC).expect("deposits");
        place(
            &mut chain,
            &owner,
            7,
            (Side::Short, opposite, OrderKind::Limit),
        );
        place(
            &mut chain,
            &owner,
            0,
            (Side::Long, opposite, OrderKind::Ioc),
        );
    }
    if opposite < 100 {
        cross(&mut chain, 1, (&owner, &other), 100 - opposite, ENTRY);
    }
    chain.set_price(1, BOTTOM).expect("falls");
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, owner.id).expect("liquidates");
    let query = QueryMsg::Loss(LossQuery { loss_id: 1 });
    let record: LossRecord = chain
        .query(&chain.addresses.fund, &query)
        .expect("the fund knows it");
    assert!(loss(&chain, 1).closed);
    (record.paid.0, record.asked.0, chain)
}

#[test]
fn lots_against_the_owners_own_other_side_get_no_cover() {
    let (paid, asked, _) = paid_with(0);
    assert_eq!(paid, asked, "nothing of its own stands against it");
    for opposite in [1, 33, 50, 99] {
        let (paid, asked, chain) = paid_with(opposite);
        let insured = asked * i128::from(100 - opposite) / 100;
        assert_eq!(paid, insured, "{opposite} lots");
        let done = loss(&chain, 1);
        assert_eq!(done.bad_debt, Quote(0), "the queue takes the rest");
        assert!(done.adl_taken.0 + done.haircut.0 > 0 || done.need.0 <= paid);
    }
    assert_eq!(paid_with(100).0, 0, "fully opposed");
}

#[test]
fn an_owner_has_a_bounded_number_of_accounts_and_keeps_those_that_it_has() {
    let mut chain = Chain::builder()
        .exchange(ExchangeParams {
            max_subaccounts: 2,
            ..ExchangeParams::default()
        })
        .build();
    market(&mut chain, 1);
    let owner = party(&mut chain, "owner", USDC);
    deposit(&mut chain, &owner, 9, USDC).expect("a second one");
    let refused = deposit(&mut chain, &owner, 3, USDC).expect_err("a third one");
    assert!(refused.has_code("too_many_accounts"), "{refused}");
    deposit(&mut chain, &owner, 9, USDC).expect("into one that is there");
    let other = party(&mut chain, "other", USDC);
    deposit(&mut chain, &other, 3, USDC).expect("another owner");
}
