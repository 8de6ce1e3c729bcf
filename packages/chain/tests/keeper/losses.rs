//! From a crash to closed losses.

use perp_interface::params::{ExchangeParams, QueueParams};
use perp_testkit::faulty::{self, Fault};
use perp_testkit::{invariants, Chain, ChainBuilder};
use perps_chain::keeper::plan::Config;
use perps_chain::keeper::work::{Kind, Work};

use crate::situation::{crash, jobs, loss, Crash, BOTTOM};
use crate::world::{exactly, rounds, Net, Way};

/// A crash that nobody has looked at yet.
fn crashed(mut chain: Chain) -> (Net, Crash) {
    let situation = crash(&mut chain);
    chain.set_price(1, BOTTOM).expect("sets");
    (Net::new(chain, &situation.keeper), situation)
}

/// A chain whose queue visits so few candidates in one call that a job needs several.
fn slow() -> ChainBuilder {
    Chain::builder().queue(QueueParams {
        step_limit: 1,
        ..QueueParams::default()
    })
}

fn small_steps() -> Config {
    Config {
        step_limit: Some(1),
        ..Config::default()
    }
}

fn assert_over(net: &Net) {
    net.with(|chain| {
        assert!(loss(chain, 1).closed);
        assert_eq!(jobs(chain), [] as [u64; 0]);
        invariants::assert_all(chain);
    });
}

#[test]
fn a_crash_is_liquidated_and_worked_off_in_small_steps() {
    let (net, situation) = crashed(slow().check_every(1).build());
    let mut keeper = net.keeper(small_steps());
    rounds(&mut keeper, 200);
    assert_over(&net);
    let first = net.0.borrow().sent.first().cloned();
    assert_eq!(first, Some(Work::Liquidate(situation.long.id)));
    let steps = net.sent(Kind::ContinueDeleverage);
    assert!(steps >= 2, "{steps} steps");
    assert_eq!(net.sent(Kind::Liquidate), 1);
    assert!(net.with(|chain| situation.long.lots(chain, 1)) == 0);
    let text = keeper.metrics().text();
    for line in [
        format!("perps_keeper_work_succeeded_total{{kind=\"continue_deleverage\"}} {steps}"),
        "perps_keeper_open_losses 0".to_owned(),
        "perps_keeper_liquidatable_accounts 0".to_owned(),
        "perps_keeper_balance 77.0".to_owned(),
    ] {
        assert!(text.contains(&line), "{line} in\n{text}");
    }
}

#[test]
fn nothing_is_sent_twice_whatever_becomes_of_it() {
    let all = [Way::Silent, Way::Late, Way::Lost, Way::Gone, Way::OutOfGas];
    for turn in 0..all.len() {
        let (net, _) = crashed(slow().check_every(1).build());
        let mut ways: Vec<Way> = all.iter().cycle().skip(turn).take(20).copied().collect();
        ways.extend([Way::Open; 4]);
        // The network panics at a work whose fate is open.
        net.ways(&ways);
        let mut keeper = net.keeper(small_steps());
        exactly(&mut keeper, 400);
        assert_over(&net);
        assert!(keeper.memory().in_flight().is_empty());
    }
}

#[test]
fn a_step_that_is_swallowed_is_not_paid_for_again_and_again() {
    let (contracts, switches) = faulty::contracts();
    let (net, _) = crashed(slow().contracts(contracts).build());
    switches.market.set_after("deleverage", 1, Fault::Fail);
    let mut keeper = net.keeper(Config::default());
    exactly(&mut keeper, 60);
    let steps = net.sent(Kind::ContinueDeleverage);
    assert!((3..=8).contains(&steps), "{steps} steps in 60 blocks");
    switches.market.repair();
    exactly(&mut keeper, 120);
    assert_over(&net);
}

#[test]
fn a_loss_that_the_queue_was_not_told_of_is_resumed() {
    let (contracts, switches) = faulty::contracts();
    let (net, _) = crashed(Chain::builder().contracts(contracts).build());
    switches.queue.set("report_shortfall", Fault::Fail);
    let mut keeper = net.keeper(Config::default());
    exactly(&mut keeper, 30);
    let resumed = net.sent(Kind::ResumeLoss);
    assert!((2..=6).contains(&resumed), "{resumed} times in 30 blocks");
    switches.queue.repair();
    exactly(&mut keeper, 60);
    assert_over(&net);
}

#[test]
fn the_fund_is_told_of_a_closed_loss_it_did_not_hear_of() {
    let (contracts, switches) = faulty::contracts();
    let (net, _) = crashed(Chain::builder().contracts(contracts).build());
    switches.fund.set("loss_closed", Fault::Fail);
    let mut keeper = net.keeper(Config::default());
    exactly(&mut keeper, 20);
    assert!(net.with(|chain| loss(chain, 1).closed));
    let untold = switches.fund.calls("loss_closed");
    switches.fund.repair();
    exactly(&mut keeper, 40);
    assert!(switches.fund.calls("loss_closed") > untold);
    assert_eq!(
        net.with(|chain| crate::situation::capital(chain).open_losses),
        0
    );
}

#[test]
fn a_loss_is_forced_only_if_asked_and_only_after_its_time() {
    for force in [false, true] {
        let (contracts, switches) = faulty::contracts();
        let exchange = ExchangeParams {
            force_after_blocks: 10,
            ..ExchangeParams::default()
        };
        let chain = slow().contracts(contracts).exchange(exchange);
        let (net, _) = crashed(chain.build());
        switches.queue.set("continue_deleverage", Fault::Fail);
        let mut keeper = net.keeper(Config {
            force,
            ..Config::default()
        });
        exactly(&mut keeper, 9);
        assert_eq!(net.sent(Kind::ForceLoss), 0);
        exactly(&mut keeper, 40);
        assert_eq!(net.sent(Kind::ForceLoss) > 0, force);
        assert_eq!(net.with(|chain| loss(chain, 1).closed), force);
    }
}

/// `ForceLoss` is for a queue that does not answer; its counterparties are then the largest positions.
#[test]
fn bug_a_queue_that_answers_nothing_stopped_everything() {
    let exchange = ExchangeParams {
        force_after_blocks: 10,
        ..ExchangeParams::default()
    };
    let (contracts, switches) = faulty::contracts();
    let chain = slow().contracts(contracts).exchange(exchange);
    let (net, situation) = crashed(chain.build());
    switches.queue.set("continue_deleverage", Fault::Fail);
    net.0.borrow_mut().is_queue_down = true;
    let mut keeper = net.keeper(Config {
        force: true,
        ..Config::default()
    });
    exactly(&mut keeper, 40);
    assert_eq!(net.kinds(), [Kind::Liquidate, Kind::ForceLoss]);
    assert!(net.with(|chain| loss(chain, 1).closed));
    assert_eq!(net.with(|chain| situation.long.lots(chain, 1)), 0);
}
