//! Forcing a loss while the queue is alive: what is not silent is not forced, and a job does not
//! outlive what was.

use perp_interface::params::{ExchangeParams, QueueParams};
use perp_interface::{queue, AccountId, Policy};
use perp_testkit::Chain;

use crate::force::force;
use crate::situation::{
    crash, cross, jobs, loss, market, market_of, party, Crash, Party, BOTTOM, ENTRY, USDC,
};

/// One unit of work a call; a loss may be forced after ten blocks of silence.
fn slow_chain(breadth: u32) -> Chain {
    Chain::builder()
        .exchange(ExchangeParams {
            force_after_blocks: 10,
            ..ExchangeParams::default()
        })
        .queue(QueueParams {
            step_limit: 1,
            default_policy: Policy::of_breadth(breadth),
        })
        .check_every(1)
        .build()
}

/// Twenty winners that share 100 lots of a market.
fn twenty_shorts(chain: &mut Chain, whale: &Party) {
    for i in 0..20 {
        let short = party(chain, &format!("s{i}"), 100 * USDC);
        cross(chain, 1, (whale, &short), 5, ENTRY);
    }
}

/// Ten blocks, and a step of the queue in each of them.
fn ten_steps(chain: &mut Chain) {
    let keeper = chain.user("keeper");
    for _ in 0..10 {
        chain.advance(6, 1);
        chain.step(&keeper, 1).expect("the queue is alive");
    }
}

/// The crash, and its loss forced after ten blocks in which nobody made a step.
fn forced_crash(chain: &mut Chain) -> (Crash, Vec<AccountId>) {
    let crash = crash(chain);
    chain.set_price(1, BOTTOM).expect("prices");
    chain
        .liquidate(&crash.keeper, crash.long.id)
        .expect("liquidates");
    chain.advance(60, 10);
    let accounts: Vec<_> = crash.shorts.iter().map(|s| s.id).collect();
    force(chain, 1, &accounts).expect("forces");
    assert!(loss(chain, 1).closed);
    assert_eq!(market_of(chain, 1).deleveraging, None);
    (crash, accounts)
}

/// The second loss of an account waits in line while the first is moved on in every block. Forced,
/// it would have been bad debt beside a winner with four times as much profit.
#[test]
fn bug_a_loss_that_waited_its_turn_was_forced() {
    let mut chain = slow_chain(1);
    market(&mut chain, 1);
    market(&mut chain, 2);
    let long = party(&mut chain, "long", 300 * USDC);
    let whale = party(&mut chain, "whale", 100_000 * USDC);
    twenty_shorts(&mut chain, &whale);
    let winner = party(&mut chain, "winner", 1_000 * USDC);
    let friend = party(&mut chain, "friend", 1_000 * USDC);
    cross(&mut chain, 2, (&whale, &winner), 100, ENTRY);
    cross(&mut chain, 1, (&long, &whale), 100, ENTRY);
    cross(&mut chain, 2, (&long, &whale), 100, ENTRY);
    for id in [1, 2] {
        chain.set_price(id, BOTTOM).expect("prices");
    }
    cross(&mut chain, 2, (&whale, &friend), 100, BOTTOM);
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, long.id).expect("liquidates");
    ten_steps(&mut chain);
    assert!(!loss(&chain, 1).closed);
    let refused = force(&mut chain, 2, &[friend.id]).expect_err("waits its turn");
    assert!(refused.has_code("loss_not_first"), "{refused}");
    chain.finish_jobs(200).expect("ends");
    assert!(loss(&chain, 2).closed);
    assert_eq!(loss(&chain, 2).bad_debt.0, 0, "the winner pays");
}

/// Calls that only sum are steps: the market hears of them.
#[test]
fn bug_a_loss_whose_set_was_summed_was_forced() {
    let mut chain = slow_chain(100);
    market(&mut chain, 1);
    let long = party(&mut chain, "long", 150 * USDC);
    let whale = party(&mut chain, "whale", 100_000 * USDC);
    twenty_shorts(&mut chain, &whale);
    let friend = party(&mut chain, "friend", 1_000 * USDC);
    cross(&mut chain, 1, (&long, &whale), 100, ENTRY);
    chain.set_price(1, BOTTOM).expect("prices");
    cross(&mut chain, 1, (&whale, &friend), 100, BOTTOM);
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, long.id).expect("liquidates");
    ten_steps(&mut chain);
    let refused = force(&mut chain, 1, &[friend.id]).expect_err("is summed");
    assert!(refused.has_code("too_early"), "{refused}");
}

/// The job of a forced loss was still summing: nobody told it, and it held the order of a market
/// that traded again.
#[test]
fn bug_a_forced_loss_left_a_summing_job() {
    for breadth in [1, 100] {
        let mut chain = slow_chain(breadth);
        let (crash, accounts) = forced_crash(&mut chain);
        assert!(jobs(&chain).is_empty(), "breadth {breadth}");
        // The key follows the position, at the latest after a refresh.
        let c = &crash.shorts[2];
        cross(&mut chain, 1, (&crash.whale, c), 7, BOTTOM);
        let msg = queue::ExecuteMsg::Refresh(queue::Refresh { accounts });
        chain.queue(&crash.keeper, msg).expect("refreshes");
        let query = queue::QueryMsg::Key(queue::KeyQuery {
            account: c.id,
            market: 1,
        });
        let key: Option<queue::KeyResponse> = chain
            .query(&chain.addresses.queue, &query)
            .expect("answers");
        let lots = key.map_or(0, |key| i128::from(key.lots.0));
        assert_eq!(lots, -c.lots(&chain, 1), "breadth {breadth}");
    }
}

/// Left behind, it stood first in line, and the losses of other markets waited for it.
#[test]
fn bug_the_job_of_a_forced_loss_held_up_other_markets() {
    for breadth in [1, 100] {
        let mut chain = slow_chain(breadth);
        market(&mut chain, 2);
        let other = party(&mut chain, "other", 15 * USDC);
        let (crash, _) = forced_crash(&mut chain);
        cross(&mut chain, 2, (&other, &crash.whale), 10, ENTRY);
        chain.set_price(2, BOTTOM).expect("prices");
        chain
            .liquidate(&crash.keeper, other.id)
            .expect("liquidates");
        // It is its turn at once: a step of its own transaction reaches the only counterparty.
        let worked = loss(&chain, 2).steps > 0;
        assert!(worked && !jobs(&chain).contains(&1), "breadth {breadth}");
    }
}
