//! The jobs that 0.1 has left open, and what the market draws under new code.

use perp_interface::fund::{LossQuery, LossRecord, QueryMsg};
use perp_interface::{LossId, Side};
use perp_testkit::chain::Order;
use perp_testkit::{invariants, receipts};

use crate::golden::Golden;

#[test]
fn a_job_that_is_open_half_way_ends_as_0_1_would_have_ended_it() {
    let mut golden = Golden::running();
    let open = golden.jobs();
    assert_eq!(open.len(), 2, "one half-way, one that waits");
    assert!(open[0].lots.0 > 0 && open[0].visited > 0, "{open:?}");
    let (steps, events) = golden.chain.finish_jobs(50).expect("ends");
    assert!(steps > 1);
    assert!(!receipts::of_kind(&events, "adl_fill").is_empty());
    let different = golden.differences(&golden.fixture.answers_after_the_jobs);
    assert!(different.len() <= 1, "{different:?}");
    assert_eq!(different.join(""), "fund {\"config\":{}}");
    invariants::assert_all(&golden.chain);
}

#[test]
fn a_job_ends_while_the_code_is_not_approved() {
    let mut golden = Golden::migrated();
    golden.chain.finish_jobs(50).expect("ends");
    assert!(golden.jobs().is_empty());
    invariants::assert_all(&golden.chain);
}

/// Someone new goes bankrupt in market 1: what the fund has recorded of it.
fn bankrupt(golden: &mut Golden, name: &str, price: u64) -> LossRecord {
    let chain = &mut golden.chain;
    chain.set_price(1, price).expect("sets");
    let [long, short] = [format!("{name}_long"), format!("{name}_short")].map(|n| chain.user(&n));
    // 10 lots with a little more than the initial margin of a tenth.
    let margin = u128::from(price) + u128::from(price) / 50;
    let id = chain.deposit(&long, margin).expect("deposits");
    chain.deposit(&short, 20 * margin).expect("deposits");
    chain
        .place(&short, Order::limit(1, Side::Short, 10, price))
        .expect("rests");
    chain
        .place(&long, Order::ioc(1, Side::Long, 10, price))
        .expect("takes");
    chain.set_price(1, price / 100 * 87).expect("sets");
    let keeper = chain.user("keeper");
    let events = chain.liquidate(&keeper, id).expect("liquidates");
    let [opened] = &receipts::of_kind(&events, "loss_opened")[..] else {
        panic!("one loss: {events:?}");
    };
    let loss_id = opened.number("loss_id") as LossId;
    chain.finish_jobs(50).expect("ends");
    let query = QueryMsg::Loss(LossQuery { loss_id });
    chain
        .query(&chain.addresses.fund, &query)
        .expect("the fund knows it")
}

#[test]
fn a_migrated_market_draws_nothing_until_its_code_is_approved_and_then_does() {
    let mut golden = Golden::migrated();
    golden.chain.finish_jobs(50).expect("ends");
    let unapproved = bankrupt(&mut golden, "first", 9_000_000);
    assert_eq!((unapproved.tranche, unapproved.paid.0), (None, 0));
    assert!(
        unapproved.closed && unapproved.asked.0 > 0,
        "{unapproved:?}"
    );
    golden.approve_code().expect("approves");
    let approved = bankrupt(&mut golden, "second", 9_000_000);
    assert!(
        approved.paid.0 > 0 && approved.paid == approved.asked,
        "{approved:?}"
    );
    assert_eq!(
        approved.tranche,
        Some(perp_interface::fund::Tranche::Shared)
    );
    invariants::assert_all(&golden.chain);
}
