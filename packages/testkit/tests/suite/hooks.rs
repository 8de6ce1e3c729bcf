//! The calls of chains that run contracts in every block.

use cosmwasm_std::Event;
use perp_interface::params::QueueParams;
use perp_interface::queue::SudoMsg;
use perp_testkit::faulty::{self, Fault};
use perp_testkit::receipts::of_kind;
use perp_testkit::Chain;

use crate::situation::{crash, jobs, state, BOTTOM};

const ONE_STEP: u32 = 1;

fn params() -> QueueParams {
    QueueParams {
        step_limit: ONE_STEP,
        ..QueueParams::default()
    }
}

/// The chain's call. It never fails.
fn hook(chain: &mut Chain, msg: &SudoMsg) -> Vec<Event> {
    let to = chain.addresses.queue.clone();
    chain.app.wasm_sudo(to, msg).expect("never fails").events
}

#[test]
fn both_hooks_move_the_first_job() {
    let mut chain = Chain::builder().queue(params()).check_every(1).build();
    let crash = crash(&mut chain);
    let quiet = hook(&mut chain, &SudoMsg::ClockEndBlock {});
    assert!(of_kind(&quiet, "job_step").is_empty(), "there is no job");
    chain.set_price(1, BOTTOM).expect("prices");
    chain
        .liquidate(&crash.keeper, crash.long.id)
        .expect("liquidates");
    assert_eq!(jobs(&chain).len(), 1);
    let mut steps = 0;
    while !jobs(&chain).is_empty() {
        let hooks = [SudoMsg::ClockEndBlock {}, SudoMsg::BeginBlocker {}];
        let events = hook(&mut chain, &hooks[steps % 2]);
        let moved = ["job_step", "job_closed"].map(|kind| of_kind(&events, kind).len());
        assert_ne!(moved, [0, 0], "{events:?}");
        steps += 1;
        assert!(steps < 100);
    }
    assert!(steps > 1, "{steps}");
}

#[test]
fn a_hook_that_fails_inside_leaves_nothing_half_done() {
    let (contracts, switches) = faulty::contracts();
    let builder = Chain::builder().contracts(contracts).queue(params());
    let mut chain = builder.check_every(1).build();
    let crash = crash(&mut chain);
    chain.set_price(1, BOTTOM).expect("prices");
    chain
        .liquidate(&crash.keeper, crash.long.id)
        .expect("liquidates");
    let before = state(&chain);
    let calls = switches.market.calls("deleverage");
    switches.market.set("deleverage", Fault::Fail);
    let events = hook(&mut chain, &SudoMsg::ClockEndBlock {});
    assert_eq!(
        switches.market.calls("deleverage"),
        calls + 1,
        "it was tried"
    );
    let failed = of_kind(&events, "submessage_failed");
    assert_eq!(failed.len(), 1, "{events:?}");
    assert_eq!(
        (
            failed[0].text("kind").to_owned(),
            failed[0].number("subject")
        ),
        ("clock".to_owned(), 1)
    );
    assert_eq!(state(&chain), before);
    switches.market.repair();
    hook(&mut chain, &SudoMsg::ClockEndBlock {});
    assert_ne!(state(&chain), before, "and the job goes on");
}
