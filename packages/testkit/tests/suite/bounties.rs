//! Who executes fills of a loss is paid by the fund: a flat amount each, never from capital.

use cosmwasm_std::Addr;
use perp_interface::fund::{
    Layer, LossQuery, LossRecord, OwedQuery, OwedResponse, QueryMsg, Tranche,
};
use perp_interface::market::{ExecuteMsg, ForceLoss};
use perp_interface::params::{ExchangeParams, FundParams, MarketParams, QueueParams};
use perp_interface::{LossId, Quote};
use perp_testkit::faulty::{self, Fault};
use perp_testkit::{receipts, Chain, ChainBuilder};

use crate::situation::{cross, jobs, loss, party, Party, BOTTOM, ENTRY, USDC};

const PER_FILL: i128 = 2_000;

/// What the fund pays for losses is not the subject here.
fn params() -> FundParams {
    FundParams {
        per_loss_cap: Quote(0),
        bounty_per_loss_cap: Quote(1_000 * USDC as i128),
        ..FundParams::without_limits()
    }
}

fn builder(step_limit: u32) -> ChainBuilder {
    Chain::builder()
        .fund(params())
        .queue(QueueParams {
            step_limit,
            ..QueueParams::default()
        })
        .check_every(1)
}

/// A long of 100 lots in market 1 that is bankrupt at the bottom, against three shorts of 30 and one of 10.
fn situation(chain: &mut Chain, market: MarketParams, purse: u128) -> Party {
    chain.list(1, ENTRY, market).expect("lists");
    if purse > 0 {
        chain
            .contribute_to(Tranche::Shared, Layer::Bounties, purse)
            .expect("fills the purse");
    }
    let long = party(chain, "long", 120 * USDC);
    for (name, lots) in [("a", 30), ("b", 30), ("c", 30), ("d", 10)] {
        let short = party(chain, name, 200 * USDC);
        cross(chain, 1, (&long, &short), lots, ENTRY);
    }
    chain.set_price(1, BOTTOM).expect("falls");
    long
}

fn owed(chain: &Chain, to: &Addr) -> i128 {
    let query = QueryMsg::Owed(OwedQuery { to: to.to_string() });
    let owed: OwedResponse = chain
        .query(&chain.addresses.fund, &query)
        .expect("the fund answers");
    owed.amount.0
}

fn bounties(chain: &Chain, loss_id: LossId) -> i128 {
    let query = QueryMsg::Loss(LossQuery { loss_id });
    let record: LossRecord = chain
        .query(&chain.addresses.fund, &query)
        .expect("the fund knows it");
    record.bounties.0
}

#[test]
fn who_liquidates_earns_the_fills_of_that_transaction_and_takes_them_out() {
    let mut chain = builder(100).build();
    let long = situation(&mut chain, MarketParams::default(), USDC);
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, long.id).expect("liquidates");
    let done = loss(&chain, 1);
    assert!(done.closed && done.fills == 4, "{done:?}");
    assert_eq!(owed(&chain, &keeper), 4 * PER_FILL);
    assert_eq!(bounties(&chain, 1), 4 * PER_FILL);
    let pay = perp_interface::fund::PayOwed {
        to: keeper.to_string(),
    };
    let anybody = chain.user("anybody");
    let msg = perp_interface::fund::ExecuteMsg::PayOwed(pay);
    chain.fund(&anybody, msg.clone()).expect("pays");
    assert_eq!(chain.balance(&keeper), 4 * PER_FILL as u128);
    let refused = chain.fund(&anybody, msg).expect_err("only once");
    assert!(refused.has_code("nothing_owed"), "{refused}");
}

#[test]
fn who_continues_earns_its_own_steps() {
    let mut chain = builder(1).build();
    let long = situation(&mut chain, MarketParams::default(), USDC);
    let [first, second, third] = ["first", "second", "third"].map(|name| chain.user(name));
    chain.liquidate(&first, long.id).expect("liquidates");
    let mut earned = vec![(first.clone(), loss(&chain, 1).fills)];
    for keeper in [&second, &third, &third, &second] {
        let before = loss(&chain, 1).fills;
        if jobs(&chain).is_empty() {
            break;
        }
        chain.step(keeper, 1).expect("steps");
        earned.push((keeper.clone(), loss(&chain, 1).fills - before));
    }
    chain.finish_jobs(20).expect("ends");
    for keeper in [&first, &second, &third] {
        let own = earned.iter().filter(|(who, _)| who == keeper);
        let fills: u32 = own.map(|(_, fills)| fills).sum();
        assert_eq!(owed(&chain, keeper), i128::from(fills) * PER_FILL);
    }
    let steps = earned.iter().filter(|(_, fills)| *fills > 0).count();
    assert!(steps >= 3, "several earned something: {earned:?}");
    assert_eq!(bounties(&chain, 1), 4 * PER_FILL, "as in one step");
}

#[test]
fn fills_of_the_book_count_too_and_a_loss_that_the_book_closes_never_meets_the_fund() {
    let mut chain = builder(100).build();
    let long = situation(&mut chain, MarketParams::default(), USDC);
    let maker = party(&mut chain, "maker", 10_000 * USDC);
    let order =
        perp_testkit::chain::Order::limit(1, perp_interface::Side::Long, 100, BOTTOM + 2_000_000);
    chain.place(&maker.user, order).expect("rests");
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, long.id).expect("liquidates");
    let done = loss(&chain, 1);
    assert!(done.closed && done.fills == 0 && done.book_lots.0 == 100);
    let query = QueryMsg::Loss(LossQuery { loss_id: 1 });
    let unknown = chain.query::<LossRecord>(&chain.addresses.fund, &query);
    assert!(unknown.expect_err("never asked").has_code("unknown_loss"));
    assert_eq!(owed(&chain, &keeper), PER_FILL);
}

#[test]
fn all_fills_of_a_loss_bring_no_more_than_its_position_has_paid_in_fees() {
    let mut chain = builder(100).build();
    // The bounty is 2 basis points of 100 USDC, as much as it may be.
    let market = MarketParams {
        min_notional: Quote(100 * USDC as i128),
        bounty_per_fill: Quote(20_000),
        maker_fee_bps: 2,
        ..MarketParams::default()
    };
    let long = situation(&mut chain, market, USDC);
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, long.id).expect("liquidates");
    assert_eq!(loss(&chain, 1).fills, 4);
    assert_eq!(owed(&chain, &keeper), 80_000, "below what it has paid");

    for step_limit in [100, 1] {
        let mut chain = builder(step_limit).build();
        let market = MarketParams {
            min_notional: Quote(300 * USDC as i128),
            bounty_per_fill: Quote(60_000),
            ..MarketParams::default()
        };
        chain.list(1, ENTRY, market).expect("lists");
        chain
            .contribute_to(Tranche::Shared, Layer::Bounties, USDC)
            .expect("fills the purse");
        let long = party(&mut chain, "long", 120 * USDC);
        for name in ["a", "b", "c"] {
            let short = party(&mut chain, name, 200 * USDC);
            cross(&mut chain, 1, (&long, &short), 33, ENTRY);
        }
        chain.set_price(1, BOTTOM).expect("falls");
        chain.liquidate(&keeper, long.id).expect("liquidates");
        chain.finish_jobs(20).expect("ends");
        assert_eq!(loss(&chain, 1).fills, 3);
        // 99 lots at the mark of 8 USDC, which is less than the entry of 10: 2 basis points of 792.
        assert_eq!(bounties(&chain, 1), 158_400, "not 180 000");
    }
}

#[test]
fn an_empty_purse_and_a_deaf_fund_stop_nothing() {
    let mut chain = builder(100).build();
    let long = situation(&mut chain, MarketParams::default(), 0);
    let keeper = chain.user("keeper");
    chain
        .contribute(1_000 * USDC)
        .expect("capital, but no purse");
    chain.liquidate(&keeper, long.id).expect("liquidates");
    assert!(loss(&chain, 1).closed);
    assert_eq!(owed(&chain, &keeper), 0);

    let (contracts, switches) = faulty::contracts();
    let mut chain = builder(100).contracts(contracts).build();
    let long = situation(&mut chain, MarketParams::default(), USDC);
    switches.fund.set("book_bounty", Fault::Fail);
    let events = chain.liquidate(&keeper, long.id).expect("liquidates");
    assert!(loss(&chain, 1).closed);
    assert_eq!(owed(&chain, &keeper), 0);
    let failed = receipts::of_kind(&events, "submessage_failed");
    assert!(
        failed.iter().any(|event| event.text("kind") == "bounty"),
        "{failed:?}"
    );
}

#[test]
fn who_forces_a_loss_earns_its_fills() {
    let (contracts, switches) = faulty::contracts();
    let exchange = ExchangeParams {
        force_after_blocks: 10,
        ..ExchangeParams::default()
    };
    let mut chain = builder(1).contracts(contracts).exchange(exchange).build();
    let long = situation(&mut chain, MarketParams::default(), USDC);
    let [first, second] = ["first", "second"].map(|name| chain.user(name));
    switches.queue.set("report_shortfall", Fault::Fail);
    chain.liquidate(&first, long.id).expect("liquidates");
    assert_eq!((loss(&chain, 1).fills, owed(&chain, &first)), (0, 0));
    chain.advance(60, 10);
    chain.set_price(1, BOTTOM).expect("prices");
    let accounts = ["a", "b", "c", "d"].map(|name| {
        let user = chain.user(name);
        chain.account(&user).expect("is there").account
    });
    let msg = ExecuteMsg::ForceLoss(ForceLoss {
        loss_id: 1,
        accounts: accounts.into(),
    });
    chain.market(&second, msg).expect("forces");
    let done = loss(&chain, 1);
    assert!(done.closed && done.fills == 4, "{done:?}");
    assert_eq!(owed(&chain, &second), 4 * PER_FILL);
}

#[test]
fn fills_of_a_chains_hook_are_those_of_whoever_liquidated() {
    let mut chain = builder(1).build();
    let long = situation(&mut chain, MarketParams::default(), USDC);
    let keeper = chain.user("first");
    chain.liquidate(&keeper, long.id).expect("liquidates");
    let queue = chain.addresses.queue.clone();
    let mut calls = 0;
    while !loss(&chain, 1).closed {
        let hook = perp_interface::queue::SudoMsg::ClockEndBlock {};
        chain
            .app
            .wasm_sudo(queue.clone(), &hook)
            .expect("never fails");
        calls += 1;
        assert!(calls < 100);
    }
    let fills = i128::from(loss(&chain, 1).fills);
    assert!(calls > 1 && fills > 1, "{calls} {fills}");
    assert_eq!(owed(&chain, &keeper), fills * PER_FILL);
    assert_eq!(owed(&chain, &queue), 0);
}
