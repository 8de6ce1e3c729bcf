//! What goes on after the migration: traders, stakers, governance.

use perp_interface::fund::{PayOwed, StakeQuery, StakeResponse, Tranche, UnstakeRequest};
use perp_interface::governance::{ApplyPending, PendingResponse};
use perp_interface::market::{OrdersQuery, OrdersResponse};
use perp_interface::{fund, market, queue, Quote, Side};
use perp_testkit::chain::Order;
use perp_testkit::{invariants, receipts};
use serde_json::{json, Value};

use crate::golden::{Golden, NOTICE};

#[test]
fn a_staker_claims_what_it_has_asked_for_before_the_migration() {
    let mut golden = Golden::running();
    let alice = golden.user("alice");
    let claim = fund::ExecuteMsg::ClaimUnstake(UnstakeRequest {
        tranche: Tranche::Shared,
        request: request_of(&golden, "alice").request,
    });
    let early = golden
        .chain
        .fund(&alice, claim.clone())
        .expect_err("cooldown");
    assert!(early.has_code("cooling_down"), "{early}");
    golden.chain.finish_jobs(50).expect("ends");
    golden.chain.advance(86_400, 10);
    let payable = request_of(&golden, "alice").payable;
    golden.chain.fund(&alice, claim).expect("claims");
    assert!(payable.0 > 0);
    assert_eq!(golden.chain.balance(&alice), payable.0 as u128);
    let keeper = golden.user("keeper");
    let to = keeper.to_string();
    let pay = fund::ExecuteMsg::PayOwed(PayOwed { to });
    golden
        .chain
        .fund(&alice, pay)
        .expect("pays the bounty of before");
    assert!(golden.chain.balance(&keeper) > 0);
    invariants::assert_all(&golden.chain);
}

fn request_of(golden: &Golden, name: &str) -> fund::RequestRecord {
    let query = StakeQuery {
        tranche: Tranche::Shared,
        staker: golden.user(name).to_string(),
    };
    let stake: StakeResponse = golden
        .chain
        .query(&golden.chain.addresses.fund, &fund::QueryMsg::Stake(query))
        .expect("answers");
    stake.requests[0].clone()
}

#[test]
fn orders_of_before_trade_and_are_cancelled() {
    let mut golden = Golden::running();
    let calm = golden.user("calm");
    let taken = golden
        .chain
        .place(&calm, Order::ioc(1, Side::Short, 4, 7_500_000))
        .expect("takes the bid of before");
    let [trade] = &receipts::of_kind(&taken, "trade")[..] else {
        panic!("one trade: {taken:?}");
    };
    assert_eq!(trade.number("maker") as u64, golden.account("maker"));
    let account = golden.account("maker");
    let query = market::QueryMsg::Orders(OrdersQuery { account });
    let orders: OrdersResponse = golden
        .chain
        .query(&golden.chain.addresses.market, &query)
        .expect("answers");
    let maker = golden.user("maker");
    for order in &orders.orders {
        golden
            .chain
            .cancel(&maker, order.order_id)
            .expect("cancels");
    }
    assert!(orders.orders.len() >= 5);
    golden.chain.deposit(&calm, 1_000_000).expect("deposits");
    golden.chain.finish_jobs(50).expect("ends");
    golden.chain.withdraw(&calm, 1_000_000).expect("withdraws");
    invariants::assert_all(&golden.chain);
}

/// A field of each contract's parameters with a value that waits for its notice.
pub const LOOSER: [(&str, &str, u64); 4] = [
    ("market", "max_orders", 40),
    ("fund", "max_requests", 7),
    ("queue", "step_limit", 100),
    ("feed", "max_age", 90),
];

/// The parameters of a contract, and their version.
pub fn params(golden: &Golden, name: &str) -> (Value, u64) {
    let config: Value = golden
        .chain
        .query(&golden.address(name), &json!({"config": {}}))
        .expect("answers");
    let version = config["version"].as_u64().expect("is a number");
    (config["params"].clone(), version)
}

fn pending(golden: &Golden, name: &str, market: Option<u16>) -> PendingResponse {
    let query = json!({"pending_params": {"market": market}});
    golden
        .chain
        .query(&golden.address(name), &query)
        .expect("answers")
}

#[test]
fn what_does_not_tighten_waits_for_the_notice_of_the_migration() {
    let mut golden = Golden::running();
    let governance = golden.chain.governance.clone();
    let anybody = golden.chain.user("anybody");
    for (name, field, to) in LOOSER {
        let address = golden.address(name);
        let (before, expected_version) = params(&golden, name);
        let mut wanted = before.clone();
        assert_ne!(wanted[field], json!(to));
        wanted[field] = json!(to);
        let msg =
            json!({"update_params": {"expected_version": expected_version, "params": wanted}});
        let due = golden.chain.app.block_info().time.seconds() + NOTICE.notice_seconds;
        golden
            .chain
            .send(&governance, &address, &msg, &[])
            .expect("is announced");
        assert_eq!(params(&golden, name).0, before, "{name} waits");
        assert_eq!(pending(&golden, name, None).due, Some(due));
        let apply = json!({"apply_pending": ApplyPending { market: None }});
        let early = golden
            .chain
            .send(&anybody, &address, &apply, &[])
            .expect_err("is early");
        assert!(early.has_code("not_due"), "{early}");
        golden.chain.advance(NOTICE.notice_seconds, 10);
        golden
            .chain
            .send(&anybody, &address, &apply, &[])
            .expect("is due");
        assert_eq!(params(&golden, name).0, wanted, "{name}");
        assert_eq!(pending(&golden, name, None).steps, []);
    }
}

#[test]
fn the_guardian_of_the_migration_tightens_at_once_and_pauses() {
    let mut golden = Golden::running();
    let guardian = golden.chain.user("guardian");
    let (mut wanted, expected_version) = params(&golden, "fund");
    wanted["per_loss_cap"] = json!("5000000");
    let address = golden.address("fund");
    let msg = json!({"update_params": {"expected_version": expected_version, "params": wanted}});
    golden
        .chain
        .send(&guardian, &address, &msg, &[])
        .expect("tightens");
    assert_eq!(params(&golden, "fund").0, wanted);
    let pause = json!({"set_pause": {"operation": "opening", "paused": true}});
    let address = golden.address("market");
    golden
        .chain
        .send(&guardian, &address, &pause, &[])
        .expect("stops opening");
    let calm = golden.user("calm");
    golden
        .chain
        .place(&calm, Order::ioc(1, Side::Long, 4, 12_000_000))
        .expect_err("would increase");
    golden
        .chain
        .place(
            &calm,
            Order::ioc(1, Side::Short, 4, 7_500_000).reduce_only(),
        )
        .expect("reduces");
}

#[test]
fn the_policy_of_a_market_of_0_1_changes_by_notice_from_version_0() {
    let mut golden = Golden::running();
    let governance = golden.chain.governance.clone();
    let msg = queue::SetPolicy {
        market: 2,
        expected_version: Some(0),
        policy: Some(perp_interface::Policy::of_breadth(5)),
    };
    let msg = queue::ExecuteMsg::SetPolicy(msg);
    golden
        .chain
        .queue(&governance, msg.clone())
        .expect("is announced");
    let stale = golden.chain.queue(&governance, msg).expect_err("is stale");
    assert!(stale.has_code("version_mismatch"), "{stale}");
    assert_eq!(pending(&golden, "queue", Some(2)).steps.len(), 1);
    golden.chain.advance(NOTICE.notice_seconds, 10);
    let apply = queue::ExecuteMsg::ApplyPending(ApplyPending { market: Some(2) });
    golden.chain.queue(&governance, apply).expect("is due");
    let query = queue::QueryMsg::Policy(queue::PolicyQuery { market: 2 });
    let policy: perp_interface::Policy = golden
        .chain
        .query(&golden.chain.addresses.queue, &query)
        .expect("answers");
    assert_eq!(policy.breadth, 5);
    // The job that was open keeps the policy that 0.1 froze.
    assert_eq!(golden.jobs()[0].policy.breadth, 3);
    golden.chain.finish_jobs(50).expect("ends");
}

#[test]
fn a_market_of_0_1_takes_new_parameters() {
    let mut golden = Golden::running();
    let governance = golden.chain.governance.clone();
    let query = market::QueryMsg::Market(market::MarketQuery { market: 3 });
    let read = |golden: &Golden| -> market::MarketResponse {
        golden
            .chain
            .query(&golden.chain.addresses.market, &query)
            .expect("answers")
    };
    let mut params = read(&golden).params;
    params.min_notional = Quote(2 * params.min_notional.0);
    let update = market::UpdateMarket {
        market: 3,
        expected_version: 2,
        params: params.clone(),
    };
    golden
        .chain
        .market(&governance, market::ExecuteMsg::UpdateMarket(update))
        .expect("tightens");
    let now = read(&golden);
    assert_eq!((now.version, now.params), (3, params));
}
