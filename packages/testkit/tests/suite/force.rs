//! A loss whose queue is dead is closed at the mark by anybody, late, and the queue may come back.

use perp_interface::market::{ExecuteMsg, ForceLoss};
use perp_interface::params::{ExchangeParams, QueueParams};
use perp_interface::{queue, AccountId};
use perp_testkit::chain::ChainResult;
use perp_testkit::faulty::{self, Fault, Switches};
use perp_testkit::{receipts, Chain};

use crate::situation::{
    crash, cross, jobs, loss, market, market_of, party, state, Crash, BOTTOM, ENTRY, USDC,
};

fn slow_chain() -> (Chain, Switches) {
    let (contracts, switches) = faulty::contracts();
    let chain = Chain::builder()
        .contracts(contracts)
        .exchange(ExchangeParams {
            force_after_blocks: 10,
            ..ExchangeParams::default()
        })
        .queue(QueueParams {
            step_limit: 1,
            ..QueueParams::default()
        })
        .check_every(1)
        .build();
    (chain, switches)
}

fn kill(switches: &Switches) {
    for message in [
        "update",
        "report_shortfall",
        "continue_deleverage",
        "refresh",
    ] {
        switches.queue.set(message, Fault::Fail);
    }
}

pub fn force(
    chain: &mut Chain,
    loss_id: u64,
    accounts: &[AccountId],
) -> ChainResult<Vec<cosmwasm_std::Event>> {
    let sender = chain.user("anybody");
    let accounts = accounts.to_vec();
    chain.market(
        &sender,
        ExecuteMsg::ForceLoss(ForceLoss { loss_id, accounts }),
    )
}

/// The crash with a queue that died after the first fill.
fn stuck(chain: &mut Chain, switches: &Switches) -> Crash {
    let crash = crash(chain);
    chain.set_price(1, BOTTOM).expect("prices");
    chain
        .liquidate(&crash.keeper, crash.long.id)
        .expect("liquidates");
    assert_eq!(loss(chain, 1).lots_left.0, 60);
    kill(switches);
    crash
}

#[test]
fn forcing_too_early_or_with_a_bad_list_is_refused() {
    let (mut chain, switches) = slow_chain();
    let crash = stuck(&mut chain, &switches);
    let ids = [crash.shorts[1].id, crash.shorts[2].id];
    chain.advance(60, 9);
    let before = state(&chain);
    let refused = force(&mut chain, 1, &ids).expect_err("one block too early");
    assert!(refused.has_code("too_early"), "{refused}");
    chain.advance(6, 1);
    let many: Vec<_> = (1..=101).collect();
    for (list, code) in [
        (&[][..], "bad_list"),
        (&[ids[0], ids[0]][..], "bad_list"),
        (&many[..], "bad_list"),
        (&[crash.long.id][..], "bad_candidate"),
        (&[999][..], "unknown_account"),
    ] {
        let refused = force(&mut chain, 1, list).expect_err("bad list");
        assert!(refused.has_code(code), "{refused}");
    }
    let refused = force(&mut chain, 2, &ids).expect_err("no such loss");
    assert!(refused.has_code("unknown_loss"), "{refused}");
    assert_eq!(state(&chain), before);
}

#[test]
fn a_dead_queue_is_replaced_by_the_mark_and_kept_profit() {
    let (mut chain, switches) = slow_chain();
    let crash = stuck(&mut chain, &switches);
    chain.advance(60, 10);
    let accounts: Vec<_> = crash.shorts.iter().map(|s| s.id).collect();
    let before: Vec<_> = crash.shorts.iter().map(|s| s.equity(&chain)).collect();
    let events = force(&mut chain, 1, &accounts[1..]).expect("forces");
    let fills = receipts::of_kind(&events, "adl_fill");
    assert!(fills
        .iter()
        .all(|f| f.number("pass") == 3 && f.number("charge") == 0));
    assert_eq!(fills.iter().map(|f| f.number("lots")).sum::<i128>(), 60);
    let haircuts = receipts::of_kind(&events, "adl_haircut");
    for (short, before) in crash.shorts.iter().zip(before) {
        let paid: i128 = haircuts
            .iter()
            .filter(|h| h.number("account") == short.id as i128)
            .map(|h| h.number("amount"))
            .sum();
        assert_eq!(before - short.equity(&chain), paid, "closing costs nothing");
    }
    let closed = loss(&chain, 1);
    assert!(closed.closed);
    assert_eq!((closed.adl_taken.0, closed.bad_debt.0), (80_000_000, 0));
    assert_eq!(market_of(&chain, 1).deleveraging, None);
    assert_eq!(crash.long.cash(&chain), 0);
    let refused = force(&mut chain, 1, &accounts).expect_err("closed");
    assert!(refused.has_code("loss_closed"), "{refused}");

    // The queue comes back with a job of a loss that is over.
    switches.queue.repair();
    assert_eq!(jobs(&chain), [1]);
    let events = chain.step(&crash.keeper, 1).expect("is told");
    assert_eq!(receipts::of_kind(&events, "job_closed").len(), 1);
    assert!(jobs(&chain).is_empty());
    let msg = queue::ExecuteMsg::Refresh(queue::Refresh {
        accounts: accounts.iter().copied().chain([crash.long.id]).collect(),
    });
    chain.queue(&crash.keeper, msg).expect("refreshes");
    // The market is as good as new.
    cross(&mut chain, 1, (&crash.whale, &crash.shorts[0]), 3, BOTTOM);
}

#[test]
fn what_kept_profit_cannot_bear_is_bad_debt() {
    let (mut chain, switches) = slow_chain();
    market(&mut chain, 1);
    let long = party(&mut chain, "long", 100 * USDC);
    let winner = party(&mut chain, "winner", 200 * USDC);
    let rich = party(&mut chain, "rich", 10_000 * USDC);
    let late = party(&mut chain, "late", 1_000 * USDC);
    let open = party(&mut chain, "open", 1_000 * USDC);
    cross(&mut chain, 1, (&rich, &late), 60, 7_900_000);
    cross(&mut chain, 1, (&long, &rich), 60, ENTRY);
    cross(&mut chain, 1, (&long, &winner), 40, ENTRY);
    cross(&mut chain, 1, (&rich, &open), 10, ENTRY);
    chain.set_price(1, BOTTOM).expect("prices");
    kill(&switches);
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, long.id).expect("liquidates");
    chain.advance(60, 10);
    let before = open.equity(&chain);
    let events = force(&mut chain, 1, &[late.id, winner.id]).expect("forces");
    assert_eq!(
        receipts::of_kind(&events, "bad_debt")[0].number("amount"),
        20_000_000
    );
    let closed = loss(&chain, 1);
    assert_eq!(
        (
            closed.need.0,
            closed.adl_taken.0,
            closed.haircut.0,
            closed.bad_debt.0
        ),
        (100_000_000, 80_000_000, 0, 20_000_000)
    );
    assert_eq!(open.equity(&chain), before, "open profit is left alone");
    assert_eq!(winner.cash(&chain), 200_000_000);
}

#[test]
fn a_forced_loss_with_lots_left_waits_for_more_names() {
    let (mut chain, switches) = slow_chain();
    let crash = stuck(&mut chain, &switches);
    chain.advance(60, 10);
    force(&mut chain, 1, &[crash.shorts[1].id, crash.whale.id]).expect("a part");
    let open = loss(&chain, 1);
    assert!(!open.closed);
    assert_eq!((open.lots_left.0, open.need_left.0), (20, 48_000_000));
    force(&mut chain, 1, &[crash.shorts[2].id]).expect("the rest, at once");
    assert!(loss(&chain, 1).closed);
}

#[test]
fn a_revived_queue_goes_on_with_a_loss_that_was_forced_in_part() {
    let (mut chain, switches) = slow_chain();
    let crash = stuck(&mut chain, &switches);
    chain.advance(60, 10);
    force(&mut chain, 1, &[crash.shorts[1].id]).expect("a part");
    assert_eq!(loss(&chain, 1).lots_left.0, 20);
    switches.queue.repair();
    let (_, events) = chain.finish_jobs(20).expect("goes on where the market is");
    let fills = receipts::of_kind(&events, "adl_fill");
    assert!(fills.iter().all(|f| f.number("pass") == 3));
    assert!(loss(&chain, 1).closed);
    assert!(jobs(&chain).is_empty());
    let accounts = crash.shorts.iter().map(|s| s.id).chain([crash.long.id]);
    let msg = queue::ExecuteMsg::Refresh(queue::Refresh {
        accounts: accounts.collect(),
    });
    chain.queue(&crash.keeper, msg).expect("refreshes");
}
