//! Positions of minimum notional at the head of the queue: the most of them that there can be. They
//! must not stop a job, and not make its lots dearer than one fill for each of them.

use perp_interface::params::{MarketParams, QueueParams};
use perp_interface::{Policy, Quote};
use perp_testkit::{receipts, Chain};

use crate::situation::{cross, free_market, liquidate, loss, party, ENTRY};

/// Lots of the least position: 50 USDC.
const LEAST: u64 = 5;

/// Lots that stand in front of everybody else.
const HEAD: u64 = 200;

/// What a job came to: fills, candidates that were looked at, units charged, calls of the queue.
#[derive(Debug, PartialEq)]
struct Job {
    fills: usize,
    candidates: i128,
    charged: i128,
    calls: u32,
}

/// A loss of 150 lots, with the 200 lots at the head in positions of this size.
fn job(policy: Policy, size: u64, step_limit: u32) -> Job {
    let queue = QueueParams {
        step_limit,
        default_policy: policy,
    };
    let mut chain = Chain::builder().queue(queue).build();
    let params = MarketParams {
        min_notional: Quote(i128::from(LEAST * ENTRY)),
        ..free_market()
    };
    chain.list(1, ENTRY, params).expect("lists");
    let whale = party(&mut chain, "whale", 1_000_000);
    for i in 0..HEAD / size {
        let dust = party(&mut chain, &format!("dust {i}"), u128::from(size) * 2);
        cross(&mut chain, 1, (&whale, &dust), size, ENTRY);
    }
    let calm = party(&mut chain, "calm", 100_000);
    cross(&mut chain, 1, (&whale, &calm), 1_000, ENTRY);
    let loser = party(&mut chain, "loser", 200);
    cross(&mut chain, 1, (&loser, &whale), 150, ENTRY);
    chain.set_price(1, 8_000_000).expect("prices");
    let mut events = liquidate(&mut chain, &loser).expect("liquidates");
    let (calls, more) = chain.finish_jobs(1_000).expect("ends");
    events.extend(more);
    perp_testkit::invariants::assert_all(&chain);
    let done = loss(&chain, 1);
    assert!(done.closed);
    assert_eq!((done.adl_lots.0, done.adl_taken.0), (150, 100_000_000));
    let steps = receipts::of_kind(&events, "job_step");
    Job {
        fills: receipts::of_kind(&events, "adl_fill").len(),
        candidates: steps.iter().map(|s| s.number("candidates")).sum(),
        charged: done.adl_taken.0,
        calls: calls + 1,
    }
}

#[test]
fn it_costs_a_fill_for_each_minimum_notional_and_nothing_more() {
    let whole = job(Policy::default(), HEAD, 500);
    let dust = job(Policy::default(), LEAST, 500);
    println!("one position: {whole:?}, the same in dust: {dust:?}");
    assert_eq!((whole.fills, whole.candidates), (1, 1));
    // At most one fill for each minimum notional of the loss, and nobody is looked at in vain.
    assert_eq!(dust.fills as u64, 150 / LEAST);
    assert_eq!(dust.candidates, dust.fills as i128);
    assert_eq!(dust.charged, whole.charged, "not a unit dearer");
    assert_eq!(dust.calls, 1);
}

#[test]
fn a_job_of_small_steps_goes_through_it_at_the_same_pace() {
    for step_limit in [1, 7, 50] {
        let dust = job(Policy::default(), LEAST, step_limit);
        assert_eq!(dust.fills, 30);
        let most = 30u32.div_ceil(step_limit) + 1;
        assert!(dust.calls <= most, "{dust:?} in more than {most} calls");
    }
}

/// Pro-rata touches everybody in the set, but never more accounts than there are lots to close; a
/// least fill bounds it further.
#[test]
fn spreading_touches_no_more_accounts_than_lots() {
    let wide = job(Policy::of_breadth(10_000), LEAST, 5_000);
    let floored = Policy {
        min_fill: perp_interface::Lots(LEAST),
        ..Policy::of_breadth(10_000)
    };
    let least = job(floored, LEAST, 5_000);
    println!("spread: {wide:?}, with a least fill: {least:?}");
    assert_eq!(wide.fills, 41, "all of the dust, and the calm one");
    assert!(least.fills <= 150 / LEAST as usize);
}
