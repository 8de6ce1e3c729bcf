//! What can be stopped, and what goes on meanwhile.

use cosmwasm_std::Addr;
use perp_interface::governance::{Operation, SetPause};
use perp_interface::market::{ExecuteMsg, OrderResponse, OrdersQuery, OrdersResponse, QueryMsg};
use perp_interface::params::FundParams;
use perp_interface::{fund, AccountId, Side};
use perp_testkit::chain::{ChainResult, Order};
use perp_testkit::Chain;

use crate::governance::{chain, guardian, refused, NOTICE};
use crate::situation::{crash, jobs, party, BOTTOM, ENTRY, USDC};

fn pause(chain: &mut Chain, sender: &Addr, operation: Operation, paused: bool) -> ChainResult<()> {
    let msg = ExecuteMsg::SetPause(SetPause { operation, paused });
    chain.market(sender, msg).map(|_| ())
}

#[test]
fn a_pause_stops_opening_and_nothing_that_reduces() {
    for operation in [Operation::Opening, Operation::Market(1)] {
        let mut chain = Chain::builder().notice(NOTICE).check_every(1).build();
        let situation = crash(&mut chain);
        let (guardian, authority) = (guardian(&chain), chain.governance.clone());
        let trader = party(&mut chain, "trader", 1_000 * USDC);
        let other = party(&mut chain, "other", 1_000 * USDC);
        let ask = Order::limit(1, Side::Short, 5, ENTRY);
        chain.place(&other.user, ask).expect("rests");
        chain
            .place(&trader.user, Order::ioc(1, Side::Long, 5, ENTRY))
            .expect("opens");
        refused(
            pause(&mut chain, &trader.user, operation, true),
            "unauthorized",
        );
        pause(&mut chain, &guardian, operation, true).expect("stops");
        let buy = Order::limit(1, Side::Long, 1, ENTRY);
        refused(chain.place(&trader.user, buy), "opening_paused");
        // To sell more than one has would open the other side.
        let turn = Order::ioc(1, Side::Short, 6, 1);
        refused(chain.place(&trader.user, turn), "opening_paused");
        // What rests now may outlive the position that it was meant to reduce: it only ever reduces.
        if operation == Operation::Opening {
            let ask = Order::limit(1, Side::Short, 5, ENTRY + 1);
            let rested = chain
                .place(&trader.user, ask)
                .expect("no more than the position");
            let resting = orders(&chain, trader.id);
            assert!(resting.iter().all(|order| order.reduce_only), "{rested:?}");
            chain
                .cancel(&trader.user, resting[0].order_id)
                .expect("cancels");
        }
        // Reducing: resting what only reduces, and taking it.
        let bid = Order::limit(1, Side::Long, 5, ENTRY).reduce_only();
        chain.place(&other.user, bid).expect("rests");
        chain
            .place(&trader.user, Order::ioc(1, Side::Short, 5, ENTRY))
            .expect("reduces");
        assert_eq!((trader.lots(&chain, 1), other.lots(&chain, 1)), (0, 0));
        chain
            .withdraw(&trader.user, USDC as i128)
            .expect("takes free collateral out");
        // A bankruptcy goes its whole way.
        chain.set_price(1, BOTTOM).expect("prices");
        chain
            .liquidate(&situation.keeper, situation.long.id)
            .expect("liquidates");
        chain.finish_jobs(50).expect("deleverages");
        assert!(jobs(&chain).is_empty());
        refused(
            pause(&mut chain, &guardian, operation, false),
            "unauthorized",
        );
        pause(&mut chain, &authority, operation, false).expect("goes on");
        chain.set_price(1, ENTRY).expect("prices");
        chain
            .place(&trader.user, Order::limit(1, Side::Long, 1, ENTRY))
            .expect("opens again");
    }
}

fn orders(chain: &Chain, account: AccountId) -> Vec<OrderResponse> {
    let query = QueryMsg::Orders(OrdersQuery { account });
    let answer: OrdersResponse = chain
        .query(&chain.addresses.market, &query)
        .expect("answers");
    answer.orders
}

#[test]
fn a_pause_of_resting_lets_orders_trade_and_reductions_rest() {
    let mut chain = chain();
    let guardian = guardian(&chain);
    let maker = party(&mut chain, "maker", 1_000 * USDC);
    let taker = party(&mut chain, "taker", 1_000 * USDC);
    let ask = |lots| Order::limit(1, Side::Short, lots, ENTRY);
    chain.place(&maker.user, ask(3)).expect("rests");
    pause(&mut chain, &guardian, Operation::Resting, true).expect("stops");
    refused(chain.place(&maker.user, ask(3)), "resting_paused");
    // What meets the book trades; the rest of it does not rest.
    let buy = Order::limit(1, Side::Long, 5, ENTRY);
    chain.place(&taker.user, buy).expect("trades");
    assert_eq!(taker.lots(&chain, 1), 3);
    assert!(orders(&chain, taker.id).is_empty());
    let out = Order::limit(1, Side::Short, 3, ENTRY + 1).reduce_only();
    chain.place(&taker.user, out).expect("rests");
    assert_eq!(orders(&chain, taker.id).len(), 1);
}

#[test]
fn what_a_contract_does_not_have_cannot_be_paused() {
    let mut chain = chain();
    let authority = chain.governance.clone();
    for operation in [Operation::Staking, Operation::Market(7)] {
        refused(
            pause(&mut chain, &authority, operation, true),
            "unknown_operation",
        );
    }
    let msg = fund::ExecuteMsg::SetPause(SetPause {
        operation: Operation::Opening,
        paused: true,
    });
    refused(chain.fund(&authority, msg), "unknown_operation");
}

#[test]
fn a_pause_of_staking_lets_stakers_out() {
    let mut chain = chain();
    let guardian = guardian(&chain);
    let staker = chain.user("staker");
    chain
        .stake(&staker, fund::Tranche::Shared, 100 * USDC)
        .expect("stakes");
    let msg = |paused| {
        fund::ExecuteMsg::SetPause(SetPause {
            operation: Operation::Staking,
            paused,
        })
    };
    chain.fund(&guardian, msg(true)).expect("stops");
    refused(
        chain.stake(&staker, fund::Tranche::Shared, 100 * USDC),
        "paused",
    );
    let query = fund::QueryMsg::Stake(fund::StakeQuery {
        tranche: fund::Tranche::Shared,
        staker: staker.to_string(),
    });
    let stake: fund::StakeResponse = chain.query(&chain.addresses.fund, &query).expect("answers");
    let shares = stake.shares;
    let ask = fund::ExecuteMsg::RequestUnstake(fund::RequestUnstake {
        tranche: fund::Tranche::Shared,
        shares,
    });
    chain.fund(&staker, ask).expect("asks");
    let weeks = FundParams::default().cooldown_seconds;
    chain.advance(weeks, 1);
    let claim = fund::ExecuteMsg::ClaimUnstake(fund::UnstakeRequest {
        tranche: fund::Tranche::Shared,
        request: 0,
    });
    chain.fund(&staker, claim).expect("claims");
}
