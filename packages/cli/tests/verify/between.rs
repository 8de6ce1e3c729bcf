//! Jobs of several transactions with others in between, stale rankings, and forced losses.

use perp_interface::market::{self as messages, ExecuteMsg, ForceLoss};
use perp_interface::params::{ExchangeParams, MarketParams, QueueParams};
use perp_interface::{queue, AccountId, LossId, Side};
use perp_testkit::chain::Order;
use perp_testkit::faulty::{self, Fault};
use perp_testkit::Chain;
use perps_cli::verify::{print_report, Kind, VerifyError};
use proptest::prelude::*;

use crate::course::{check, liquidate, state, try_check, Recorded};
use crate::random::{scattered, Run, Situation};
use crate::situation::{
    crash, cross, free_market, jobs, loss, market, party, Crash, BOTTOM, ENTRY, USDC,
};

fn slow(step_limit: u32) -> QueueParams {
    QueueParams {
        step_limit,
        ..QueueParams::default()
    }
}

#[track_caller]
fn assert_clean(job: &[Recorded]) -> perps_cli::verify::Report {
    let report = check(job);
    assert!(report.is_clean(), "{}", print_report(&report));
    report
}

/// Deposits, prices of all markets and refreshes between the steps. Whoever is bankrupt by then has
/// losses of its own in other markets: their transactions belong to the list.
fn meddle(run: &mut Run, round: usize) -> Vec<Recorded> {
    let party = run.parties[round % run.parties.len()].clone();
    let chain = &mut run.chain;
    // A frozen account is refused.
    let _ = chain.deposit(&party.user, (round as u128 % 7) * 9 * USDC + 1);
    for market in 1..=3 {
        let price =
            6_000_000 + (round as u64 * 1_777_777 + u64::from(market) * 999_999) % 9_000_000;
        chain.set_price(market, price).expect("prices");
    }
    if round % 3 == 1 {
        let accounts = vec![party.id];
        let msg = queue::ExecuteMsg::Refresh(queue::Refresh { accounts });
        chain.queue(&party.user, msg).expect("refreshes");
    }
    chain.advance(30, 5);
    let mut opened = Vec::new();
    for other in run.parties.clone() {
        if run.chain.health(other.id).expect("answers").bankrupt {
            let before = state(&run.chain);
            if let Ok(events) = run.chain.liquidate(&other.user, other.id) {
                opened.push(Recorded { before, events });
            }
        }
    }
    opened
}

/// All transactions of all jobs, with others in between.
fn meddled(s: &Situation, step_limit: u32) -> Vec<Recorded> {
    let mut run = Run::build(s, step_limit, Chain::builder());
    run.attempt(&s.before);
    run.set_prices(&s.middle);
    run.attempt(&s.between);
    run.set_prices(&s.bottom);
    run.add_depth(s);
    let keeper = run.chain.user("keeper");
    let mut all = meddle(&mut run, 0);
    let mut round = 1;
    while let Some(first) = jobs(&run.chain).first().copied() {
        all.extend(meddle(&mut run, round));
        let before = state(&run.chain);
        let events = run.chain.step(&keeper, first).expect("steps");
        all.push(Recorded { before, events });
        round += 1;
        assert!(round < 2_000, "jobs end");
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_others_do_between_the_steps_changes_no_verdict(
        s in scattered(3), step_limit in prop::sample::select(vec![1u32, 2, 5]),
    ) {
        match try_check(&meddled(&s, step_limit)) {
            Ok(report) => prop_assert!(report.is_clean(), "{}", print_report(&report)),
            Err(error) => prop_assert_eq!(error, VerifyError::NoLoss),
        }
    }
}

fn crashed(chain: &mut Chain) -> Crash {
    let crash = crash(chain);
    chain.set_price(1, BOTTOM).expect("prices");
    crash
}

#[test]
fn a_transaction_that_was_left_out_is_bad_input() {
    let mut chain = Chain::builder().queue(slow(1)).build();
    let crash = crashed(&mut chain);
    let job = liquidate(&mut chain, crash.long.id, |_| {});
    assert_eq!(job.len(), 3);
    assert_clean(&job);
    let mut short = job.clone();
    short.remove(1);
    let error = try_check(&short).expect_err("one is missing");
    assert!(
        matches!(
            error,
            VerifyError::LeftOut {
                loss_id: 1,
                transaction: 2,
                ..
            }
        ),
        "{error}"
    );
    let error = try_check(&job[1..]).expect_err("begins late");
    assert_eq!(error, VerifyError::UnderWay(1));
    let error = try_check(&[]).expect_err("nothing");
    assert_eq!(error, VerifyError::NoLoss);
}

#[test]
fn a_deferred_job_can_be_checked_from_its_first_step() {
    // The liquidation only enqueues: the queue refuses to go on in it.
    let (contracts, switches) = faulty::contracts();
    let mut chain = Chain::builder().contracts(contracts).build();
    market(&mut chain, 2);
    let crash = crash(&mut chain);
    cross(&mut chain, 2, (&crash.shorts[2], &crash.whale), 1, ENTRY);
    cross(&mut chain, 2, (&crash.long, &crash.whale), 1, ENTRY);
    chain.set_price(1, BOTTOM).expect("prices");
    switches.queue.set("continue_deleverage", Fault::Fail);
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, crash.long.id).expect("liquidates");
    switches.queue.repair();
    assert_eq!(jobs(&chain), [1, 2]);
    let mut job = Vec::new();
    while let Some(first) = jobs(&chain).first().copied() {
        let before = state(&chain);
        let events = chain.step(&keeper, first).expect("steps");
        job.push(Recorded { before, events });
    }
    let report = assert_clean(&job);
    assert_eq!(report.losses.len(), 2);
    assert!(report.losses.iter().all(|loss| loss.closed));
}

#[test]
fn a_dirty_account_is_ranked_by_its_old_key_and_named() {
    let (contracts, switches) = faulty::contracts();
    let mut chain = Chain::builder().contracts(contracts).build();
    let crash = crashed(&mut chain);
    // The best ranked closes most of its position; the queue is deaf to it.
    switches.queue.set("update", Fault::Fail);
    let first = &crash.shorts[0];
    let ask = Order::limit(1, Side::Short, 30, BOTTOM);
    chain.place(&crash.whale.user, ask).expect("rests");
    chain
        .place(
            &first.user,
            Order::ioc(1, Side::Long, 30, BOTTOM).reduce_only(),
        )
        .expect("reduces");
    switches.queue.repair();
    // The whale is short 10 now and has no key: lots stay open until somebody refreshes it.
    let accounts = vec![crash.whale.id, first.id];
    let mut rounds = 0;
    let job = liquidate(&mut chain, crash.long.id, |chain| {
        rounds += 1;
        if rounds == 3 {
            let accounts = accounts.clone();
            let msg = ExecuteMsg::Refresh(messages::Refresh { accounts });
            chain.market(&crash.keeper, msg).expect("refreshes");
        }
    });
    let incomplete = |tx: &Recorded| tx.events.iter().any(|e| e.ty == "wasm-ranking_incomplete");
    assert!(job.iter().filter(|tx| incomplete(tx)).count() >= 2);
    let report = assert_clean(&job);
    assert!(report.losses[0].closed);
    let notes: Vec<_> = report
        .old_keys
        .iter()
        .map(|n| (n.account, n.reason))
        .collect();
    assert!(
        notes.contains(&(first.id, "waits for a refresh")),
        "{notes:?}"
    );
}

#[test]
fn a_queue_that_is_deaf_during_the_liquidation() {
    for params in [slow(1), slow(1_000)] {
        let (contracts, switches) = faulty::contracts();
        let mut chain = Chain::builder().contracts(contracts).queue(params).build();
        let crash = crashed(&mut chain);
        let bid = Order::limit(1, Side::Long, 15, BOTTOM + 900_000);
        chain.place(&crash.shorts[1].user, bid).expect("rests");
        switches.queue.set("update", Fault::Fail);
        let job = liquidate(&mut chain, crash.long.id, |_| {});
        let report = assert_clean(&job);
        assert_eq!(report.losses[0].book_lots.0, 15);
    }
}

#[test]
fn funding_runs_on_to_the_block_of_the_transaction() {
    let mut chain = Chain::builder().build();
    for id in [1, 2] {
        let params = MarketParams {
            funding_rate: perp_interface::PerLot(1 << 36),
            ..free_market()
        };
        chain.list(id, ENTRY, params).expect("lists");
    }
    let long = party(&mut chain, "long", 120 * USDC);
    let short = party(&mut chain, "short", 500 * USDC);
    let rich = party(&mut chain, "rich", 10_000 * USDC);
    cross(&mut chain, 1, (&long, &short), 100, ENTRY);
    cross(&mut chain, 2, (&rich, &short), 100, ENTRY);
    for id in [1, 2] {
        chain
            .set_price(id, BOTTOM + u64::from(id - 1) * 3_000_000)
            .expect("prices");
    }
    let before = state(&chain);
    chain.advance(20, 4);
    let keeper = chain.user("keeper");
    let events = chain.liquidate(&keeper, long.id).expect("liquidates");
    let time = before.time + 20;
    let verify = |time| {
        let json = perps_cli::verify::events_to_json(&events, time);
        let transaction = perps_cli::verify::Transaction::parse(&json.to_string()).expect("parses");
        let before = before.clone();
        perps_cli::verify::verify([perps_cli::verify::Pair {
            before,
            transaction,
        }])
    };
    assert!(verify(time).expect("verifies").is_clean());
    let late = verify(time + 1).expect("verifies");
    assert!(late
        .deviations
        .iter()
        .any(|d| d.why.contains("block's time")));
    let early = verify(before.time - 1).expect_err("before the state");
    assert!(matches!(early, VerifyError::TimeRunsBack { .. }));
}

fn force(chain: &mut Chain, loss_id: LossId, accounts: &[AccountId]) -> Recorded {
    let before = state(chain);
    let sender = chain.user("anybody");
    let accounts = accounts.to_vec();
    let msg = ExecuteMsg::ForceLoss(ForceLoss { loss_id, accounts });
    let events = chain.market(&sender, msg).expect("forces");
    Recorded { before, events }
}

#[test]
fn a_forced_loss_is_checked_but_for_the_order() {
    let mut chain = Chain::builder()
        .queue(slow(1))
        .exchange(ExchangeParams {
            force_after_blocks: 10,
            ..ExchangeParams::default()
        })
        .build();
    let crash = crashed(&mut chain);
    let keeper = crash.keeper.clone();
    let before = state(&chain);
    let events = chain.liquidate(&keeper, crash.long.id).expect("liquidates");
    let mut job = vec![Recorded { before, events }];
    assert!(!loss(&chain, 1).closed);
    chain.advance(60, 11);
    job.push(force(&mut chain, 1, &[crash.shorts[2].id]));
    assert!(!loss(&chain, 1).closed);
    // The queue comes back to a pass that is over, and then goes on with the rest.
    while let Some(first) = jobs(&chain).first().copied() {
        let before = state(&chain);
        let events = chain.step(&keeper, first).expect("steps");
        job.push(Recorded { before, events });
        assert!(job.len() < 50);
    }
    let report = assert_clean(&job);
    assert!(report.losses[0].forced && report.losses[0].closed);
    let fill = job[1].events.iter_mut().find(|e| e.ty == "wasm-adl_fill");
    for attribute in &mut fill.expect("was filled").attributes {
        if attribute.key == "charge" {
            attribute.value = "1".to_owned();
        }
    }
    let report = check(&job);
    assert_eq!(report.deviations[0].kind, Kind::Charge);
    assert_eq!(report.deviations[0].account, Some(crash.shorts[2].id));
}

#[test]
fn a_loss_that_is_forced_to_its_end() {
    let mut chain = Chain::builder()
        .queue(slow(1))
        .exchange(ExchangeParams {
            force_after_blocks: 10,
            ..ExchangeParams::default()
        })
        .build();
    let crash = crashed(&mut chain);
    let before = state(&chain);
    let keeper = crash.keeper.clone();
    let events = chain.liquidate(&keeper, crash.long.id).expect("liquidates");
    let mut job = vec![Recorded { before, events }];
    chain.advance(60, 11);
    let all = [crash.shorts[2].id, crash.shorts[1].id];
    job.push(force(&mut chain, 1, &all));
    assert!(loss(&chain, 1).closed);
    assert!(assert_clean(&job).losses[0].closed);
}

#[test]
fn a_liquidation_of_somebody_else_in_the_same_transaction_is_bad_input() {
    let mut chain = Chain::builder().build();
    let crash = crash(&mut chain);
    let thin = party(&mut chain, "thin", 22 * USDC);
    cross(&mut chain, 1, (&thin, &crash.whale), 10, ENTRY);
    chain.set_price(1, BOTTOM).expect("prices");
    let bid = Order::limit(1, Side::Long, 10, BOTTOM);
    chain.place(&crash.whale.user, bid).expect("rests");
    let before = state(&chain);
    let keeper = crash.keeper.clone();
    let mut events = chain.liquidate(&keeper, thin.id).expect("sells down");
    assert!(events.iter().any(|e| e.ty == "wasm-liquidation"));
    events.extend(chain.liquidate(&keeper, crash.long.id).expect("liquidates"));
    let error = try_check(&[Recorded { before, events }]).expect_err("cannot be replayed");
    assert_eq!(error, VerifyError::SoldDown(thin.id));
}

#[test]
fn trades_and_deposits_of_the_same_block_are_applied() {
    let mut chain = Chain::builder().build();
    let crash = crash(&mut chain);
    let before = state(&chain);
    let mut events = chain.set_price(1, BOTTOM).expect("prices");
    // The state before does not hold this account: the events open it.
    let late = chain.user("late");
    let denom = perp_testkit::chain::DENOM;
    let deposit = perp_interface::market::Deposit { subaccount: 0 };
    let to = chain.addresses.market.clone();
    for (user, amount) in [(&late, 500 * USDC), (&crash.shorts[2].user, 7 * USDC)] {
        chain.mint(user, amount);
        let coins = [cosmwasm_std::coin(amount, denom)];
        let msg = ExecuteMsg::Deposit(deposit.clone());
        events.extend(chain.send(user, &to, &msg, &coins).expect("deposits"));
    }
    let ask = Order::limit(1, Side::Short, 30, BOTTOM);
    events.extend(chain.place(&late, ask).expect("rests"));
    let bid = Order::ioc(1, Side::Long, 25, BOTTOM);
    let first = &crash.shorts[0].user;
    events.extend(chain.place(first, bid).expect("reduces"));
    events.extend(chain.withdraw(first, 30_000_000).expect("withdraws"));
    events.extend(
        chain
            .liquidate(&crash.keeper, crash.long.id)
            .expect("liquidates"),
    );
    let report = assert_clean(&[Recorded { before, events }]);
    assert!(report.losses[0].closed && report.receipts > 3);
}
