//! Privileged messages from the wrong sender, and messages of one contract to another sent again.

use cosmwasm_std::{coin, Addr};
use perp_interface::loss::LossTerms;
use perp_interface::market::{Cover, Deleverage, ExecuteMsg};
use perp_interface::params::{FundParams, QueueParams};
use perp_interface::{fund, queue, Lots, MarketId, Pass, Quote};
use perp_testkit::chain::{ChainResult, DENOM};
use perp_testkit::faulty::{self, Fault};
use perp_testkit::Chain;

use crate::messages::{all, Sender};
use crate::situation::{capital, crash, jobs, loss, state, BOTTOM, USDC};

#[test]
fn every_privileged_message_is_refused_to_everybody_else() {
    let mut chain = Chain::builder().check_every(1).build();
    crash(&mut chain);
    let stranger = chain.user("stranger");
    let a = chain.addresses.clone();
    let senders = [
        (None, stranger),
        (Some(Sender::Authority), chain.governance.clone()),
        (Some(Sender::Market), a.market),
        (Some(Sender::Fund), a.fund),
        (Some(Sender::Queue), a.queue),
    ];
    // The market has coins; whoever else sends one must have it first.
    chain.contribute(5).expect("contributes");
    for (role, sender) in &senders {
        if !matches!(role, Some(Sender::Market | Sender::Fund)) {
            chain.mint(sender, 1);
        }
    }
    let mut tried = 0;
    for sample in all(&mut chain) {
        if sample.sender == Sender::Anybody {
            continue;
        }
        for (role, sender) in &senders {
            if *role == Some(sample.sender) {
                continue;
            }
            let before = state(&chain);
            let funds = if sample.coin {
                vec![coin(1, DENOM)]
            } else {
                vec![]
            };
            let refused = chain
                .send(sender, &sample.to, &sample.message, &funds)
                .expect_err("not its to send");
            assert!(
                refused.has_code("unauthorized"),
                "{role:?} {sample:?}: {refused}"
            );
            assert_eq!(state(&chain), before);
            tried += 1;
        }
    }
    assert_eq!(tried, 35 * 4, "35 privileged messages");
}

/// Sends as one of the contracts would.
fn impersonate(
    chain: &mut Chain,
    sender: &Addr,
    to: &Addr,
    msg: &impl serde::Serialize,
    funds: u128,
) -> ChainResult<Vec<cosmwasm_std::Event>> {
    let funds = if funds > 0 {
        vec![coin(funds, DENOM)]
    } else {
        vec![]
    };
    chain.send(sender, to, msg, &funds)
}

fn cover_deficit(terms: LossTerms) -> fund::ExecuteMsg {
    fund::ExecuteMsg::CoverDeficit(fund::CoverDeficit {
        terms,
        lots: Lots(60),
        need: Quote(48_000_000),
        slippage_allowance: Quote(1_000_000),
        same_owner_lots: Lots(0),
        defer: true,
    })
}

fn report(terms: LossTerms) -> queue::ExecuteMsg {
    queue::ExecuteMsg::ReportShortfall(queue::ReportShortfall {
        terms,
        lots: Lots(60),
        need: Quote(48_000_000),
        defer: true,
    })
}

fn deleverage(loss_id: u64) -> ExecuteMsg {
    ExecuteMsg::Deleverage(Deleverage {
        loss_id,
        pass: Pass::Profit,
        policy: perp_interface::Policy::default(),
        set: None,
        candidates: vec![],
        exhausted: true,
        limit: 10,
        keeper: None,
    })
}

#[test]
fn an_open_loss_is_not_paid_twice_and_its_job_is_not_opened_twice() {
    let params = QueueParams {
        step_limit: 1,
        ..QueueParams::default()
    };
    let mut chain = Chain::builder()
        .queue(params)
        .fund(FundParams::without_limits())
        .check_every(1)
        .build();
    let crash = crash(&mut chain);
    chain.contribute(30 * USDC).expect("contributes");
    chain.set_price(1, BOTTOM).expect("prices");
    chain
        .liquidate(&crash.keeper, crash.long.id)
        .expect("liquidates");
    chain.contribute(500 * USDC).expect("contributes");
    let terms = loss(&chain, 1).terms;
    let a = chain.addresses.clone();
    let before = state(&chain);
    impersonate(
        &mut chain,
        &a.market,
        &a.fund,
        &cover_deficit(terms.clone()),
        0,
    )
    .expect("reports again, pays nothing");
    assert_eq!(state(&chain), before);
    let other = LossTerms {
        market: 2 as MarketId,
        ..terms.clone()
    };
    let refused = impersonate(
        &mut chain,
        &a.market,
        &a.fund,
        &cover_deficit(other.clone()),
        0,
    )
    .expect_err("another market");
    assert!(refused.has_code("loss_market_mismatch"), "{refused}");
    impersonate(&mut chain, &a.fund, &a.queue, &report(terms), 0).expect("knows it");
    let refused = impersonate(&mut chain, &a.fund, &a.queue, &report(other), 0)
        .expect_err("terms are frozen");
    assert!(refused.has_code("terms_differ"), "{refused}");
    let cover = ExecuteMsg::Cover(Cover { loss_id: 1 });
    let refused = impersonate(&mut chain, &a.fund, &a.market, &cover, 1_000_000)
        .expect_err("has been covered");
    assert!(refused.has_code("already_covered"), "{refused}");
    assert_eq!(state(&chain), before);
    assert_eq!(jobs(&chain), [1]);
    chain.finish_jobs(20).expect("ends");
    assert_eq!(capital(&chain).paid.0, 30_000_000);
}

#[test]
fn a_closed_loss_is_neither_paid_nor_covered_nor_deleveraged_again() {
    let mut chain = Chain::builder().check_every(1).build();
    let crash = crash(&mut chain);
    chain.contribute(30 * USDC).expect("contributes");
    chain.set_price(1, BOTTOM).expect("prices");
    chain
        .liquidate(&crash.keeper, crash.long.id)
        .expect("liquidates");
    chain.contribute(500 * USDC).expect("contributes");
    let terms = loss(&chain, 1).terms;
    let a = chain.addresses.clone();
    let before = state(&chain);
    let refused = impersonate(
        &mut chain,
        &a.market,
        &a.fund,
        &cover_deficit(terms.clone()),
        0,
    )
    .expect_err("closed");
    assert!(refused.has_code("loss_closed"), "{refused}");
    let cover = ExecuteMsg::Cover(Cover { loss_id: 1 });
    let refused =
        impersonate(&mut chain, &a.fund, &a.market, &cover, 1_000_000).expect_err("closed");
    assert!(refused.has_code("loss_closed"), "{refused}");
    // More than was paid never comes back under its name.
    let back = fund::ExecuteMsg::ReturnCover(fund::ReturnCover { loss_id: 1 });
    let refused = impersonate(&mut chain, &a.market, &a.fund, &back, 30_000_001).expect_err("more");
    assert!(refused.has_code("return_exceeds_payment"), "{refused}");
    impersonate(&mut chain, &a.queue, &a.market, &deleverage(1), 0).expect("is told so");
    let closed = fund::ExecuteMsg::LossClosed(fund::LossClosed { loss_id: 1 });
    impersonate(&mut chain, &a.market, &a.fund, &closed, 0).expect("idempotent");
    assert_eq!(state(&chain), before);
    // A job of it ends at its first step and touches nobody.
    impersonate(&mut chain, &a.fund, &a.queue, &report(terms), 0).expect("opens");
    chain.finish_jobs(3).expect("ends");
    assert_eq!(state(&chain), before);
}

#[test]
fn messages_of_an_unknown_loss_are_refused() {
    let mut chain = Chain::builder().check_every(1).build();
    let crash = crash(&mut chain);
    let a = chain.addresses.clone();
    chain.contribute(30 * USDC).expect("contributes");
    let before = state(&chain);
    let cover = ExecuteMsg::Cover(Cover { loss_id: 7 });
    let refused = impersonate(&mut chain, &a.fund, &a.market, &cover, 1).expect_err("unknown");
    assert!(refused.has_code("unknown_loss"), "{refused}");
    let refused =
        impersonate(&mut chain, &a.queue, &a.market, &deleverage(7), 0).expect_err("unknown");
    assert!(refused.has_code("unknown_loss"), "{refused}");
    let back = fund::ExecuteMsg::ReturnCover(fund::ReturnCover { loss_id: 7 });
    let refused = impersonate(&mut chain, &a.market, &a.fund, &back, 1).expect_err("unknown");
    assert!(refused.has_code("unknown_loss"), "{refused}");
    let refused = chain.step(&crash.keeper, 7).expect_err("unknown");
    assert!(refused.has_code("unknown_job"), "{refused}");
    assert_eq!(state(&chain), before);
}

#[test]
fn a_step_of_the_wrong_pass_or_against_the_bankrupt_itself_is_refused() {
    let (contracts, switches) = faulty::contracts();
    let mut chain = Chain::builder().contracts(contracts).check_every(1).build();
    let crash = crash(&mut chain);
    chain.set_price(1, BOTTOM).expect("prices");
    switches.queue.set("report_shortfall", Fault::Fail);
    chain
        .liquidate(&crash.keeper, crash.long.id)
        .expect("liquidates");
    let a = chain.addresses.clone();
    let candidate = |account| perp_interface::loss::Candidate {
        account,
        rank: 1,
        profit_per_lot: perp_interface::PerLot(0),
        class: 0,
        share: None,
    };
    let step = |pass, candidates| {
        ExecuteMsg::Deleverage(Deleverage {
            loss_id: 1,
            pass,
            policy: perp_interface::Policy::default(),
            set: None,
            candidates,
            exhausted: false,
            limit: 10,
            keeper: None,
        })
    };
    let before = state(&chain);
    let shorts = crash.shorts.each_ref().map(|s| s.id);
    for (message, code) in [
        (
            step(Pass::AtMark, vec![candidate(shorts[0])]),
            "pass_mismatch",
        ),
        (
            step(
                Pass::Profit,
                vec![candidate(shorts[0]), candidate(shorts[0])],
            ),
            "bad_candidate",
        ),
        (step(Pass::Profit, vec![candidate(999)]), "unknown_account"),
    ] {
        let refused =
            impersonate(&mut chain, &a.queue, &a.market, &message, 0).expect_err("refused");
        assert!(refused.has_code(code), "{refused}");
    }
    assert_eq!(state(&chain), before);
    // One on the wrong side gives nothing, nor does the bankrupt under a key that is out of date,
    // and nothing is undone because of them.
    let message = step(
        Pass::Profit,
        vec![
            candidate(crash.whale.id),
            candidate(crash.long.id),
            candidate(shorts[0]),
        ],
    );
    impersonate(&mut chain, &a.queue, &a.market, &message, 0).expect("skips two");
    assert_eq!(loss(&chain, 1).adl_lots.0, 40);
}
