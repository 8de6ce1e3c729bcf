//! Whoever calls first chooses nothing: neither who is deleveraged nor when the gate closes.

use perp_interface::loss::Candidate;
use perp_interface::market::{Deleverage, ExecuteMsg};
use perp_interface::queue::{ContinueDeleverage, ExecuteMsg as QueueMsg, ReportShortfall, Update};
use perp_interface::{Lots, Pass, PerLot, Quote};
use perp_testkit::chain::Order;
use perp_testkit::{receipts, Chain};

use crate::situation::{jobs, list, loss, lots, party, refused, shorts_of, steps_of, Party, ENTRY};

fn crash(step_limit: u32) -> (Chain, Party, Vec<Party>) {
    let mut chain = Chain::builder()
        .check_every(1)
        .queue(steps_of(step_limit))
        .build();
    list(&mut chain, &[1]);
    let loser = party(&mut chain, "loser", 120);
    let shorts = shorts_of(&mut chain, 1, &loser, &[("a", 600, 50), ("b", 60, 50)]);
    chain.set_price(1, 8_000_000).expect("prices");
    (chain, loser, shorts)
}

#[test]
fn the_same_fills_whoever_calls() {
    let run = |caller: &str| {
        let (mut chain, loser, _) = crash(500);
        let caller = chain.user(caller);
        let events = chain.liquidate(&caller, loser.id).expect("liquidates");
        receipts::of_kind(&events, "adl_fill")
    };
    assert_eq!(run("keeper"), run("a"));
    assert_eq!(run("keeper"), run("loser"));
}

#[test]
fn nobody_names_candidates_or_losses() {
    let (mut chain, loser, shorts) = crash(1);
    let caller = shorts[1].user.clone();
    chain.liquidate(&caller, loser.id).expect("liquidates");
    let terms = jobs(&chain).jobs[0].terms.clone();
    let candidate = Candidate {
        account: shorts[0].id,
        rank: 1,
        profit_per_lot: PerLot(1),
        class: 0,
        share: None,
    };
    let named = Deleverage {
        loss_id: 1,
        pass: Pass::Profit,
        policy: perp_interface::Policy::default(),
        set: None,
        candidates: vec![candidate],
        exhausted: false,
        limit: 0,
        keeper: None,
    };
    refused(
        chain.market(&caller, ExecuteMsg::Deleverage(named)),
        "unauthorized",
    );
    let update = Update {
        changes: vec![],
        job: None,
    };
    refused(
        chain.queue(&caller, QueueMsg::Update(update)),
        "unauthorized",
    );
    let report = ReportShortfall {
        terms,
        lots: Lots(1),
        need: Quote(1),
        defer: false,
    };
    refused(
        chain.queue(&caller, QueueMsg::ReportShortfall(report)),
        "unauthorized",
    );
    let skip = ContinueDeleverage {
        loss_id: 2,
        limit: None,
    };
    refused(
        chain.queue(&caller, QueueMsg::ContinueDeleverage(skip)),
        "unknown_job",
    );
}

#[test]
fn the_gate_closes_in_the_transaction_that_opens_the_loss() {
    let (mut chain, loser, shorts) = crash(1);
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, loser.id).expect("liquidates");
    assert!(!loss(&chain, 1).closed);
    let waiting = shorts
        .iter()
        .find(|s| lots(&chain, s, 1) != 0)
        .expect("one is left");
    refused(chain.withdraw(&waiting.user, 1), "market_deleveraging");
    let close = Order::ioc(1, perp_interface::Side::Long, 50, ENTRY).reduce_only();
    refused(chain.place(&waiting.user, close), "market_deleveraging");
    chain.finish_jobs(20).expect("ends");
    chain.withdraw(&waiting.user, 1).expect("open again");
}
