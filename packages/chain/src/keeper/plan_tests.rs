//! What is sent, from views written by hand.

use std::collections::BTreeSet;

use perp_interface::feed::PriceUpdate;
use perp_interface::loss::LossTerms;
use perp_interface::market::LossResponse;
use perp_interface::queue::JobResponse;
use perp_interface::{LossId, Lots, Pass, PerLot, Policy, Price, Quote, Side};

use super::fate::{Fate, Included, Reason, Ticket};
use super::memory::Memory;
use super::plan::{plan, Config, Planned};
use super::view::{Lights, Liquidatable, OpenLoss, Pending, View};
use super::work::{Contract, Kind, Work};

fn terms(loss_id: LossId) -> LossTerms {
    LossTerms {
        loss_id,
        market: 1,
        side: Side::Long,
        mark: Price(10_000_000),
        index: PerLot(0),
    }
}

fn job(loss_id: LossId) -> JobResponse {
    JobResponse {
        terms: terms(loss_id),
        lots: Lots(10),
        need: Quote(100),
        pass: Pass::Profit,
        set_is_known: true,
        visited: 0,
        steps_left: 1,
        positions: 5,
        policy: Policy::default(),
    }
}

fn loss(loss_id: LossId) -> OpenLoss {
    OpenLoss {
        loss: LossResponse {
            terms: terms(loss_id),
            account: 9,
            need: Quote(100),
            lots: Lots(10),
            slippage: Quote(0),
            fund_used: Quote(0),
            adl_taken: Quote(0),
            haircut: Quote(0),
            bad_debt: Quote(0),
            book_lots: Lots(0),
            adl_lots: Lots(0),
            lots_left: Lots(10),
            need_left: Quote(100),
            fills: 0,
            steps: 0,
            pass: Pass::Profit,
            closed: false,
        },
        since: Some(40),
        counterparties: vec![3, 4],
    }
}

fn below(account: u64, gated: bool) -> Liquidatable {
    Liquidatable {
        account,
        equity: Quote(1),
        maintenance: Quote(2),
        gated,
        holdings: "5 [1]".to_owned(),
    }
}

/// Something to do of every kind but the fees, which need a market.
fn busy() -> View {
    let pending = |contract, market, due| Pending {
        contract,
        market,
        due,
        version: 1,
    };
    View {
        height: 100,
        time: 1_000,
        queue_answers: true,
        new_prices: vec![PriceUpdate {
            market: 1,
            price: Price(7),
            publish_time: 999,
        }],
        losses: vec![loss(5), loss(6), loss(8)],
        untold: vec![2],
        jobs: vec![job(5), job(6)],
        step_limit: 500,
        force_after: 20,
        liquidatable: vec![below(7, false), below(3, true), below(4, false)],
        pending: vec![
            pending(Contract::Market, None, 1_000),
            pending(Contract::Queue, Some(1), 1_001),
        ],
        lights: vec![
            Lights {
                market: 1,
                side: Side::Long,
                published: Some(50),
            },
            Lights {
                market: 1,
                side: Side::Short,
                published: Some(51),
            },
        ],
        me: Some("me".to_owned()),
        owed: Quote(2_000_000),
        ..View::default()
    }
}

fn works(view: &View, config: &Config, memory: &Memory) -> Vec<Work> {
    let planned = plan(view, config, memory);
    planned.into_iter().map(|planned| planned.work).collect()
}

fn all() -> Config {
    Config {
        lights_blocks: Some(50),
        ..Config::default()
    }
}

fn step(loss_id: LossId, limit: Option<u32>) -> Work {
    Work::ContinueDeleverage { loss_id, limit }
}

#[test]
fn the_most_urgent_comes_first_and_what_must_wait_is_left_out() {
    let view = busy();
    let expected = vec![
        Work::SetPrices(view.new_prices.clone()),
        step(5, None),
        Work::ResumeLoss(8),
        Work::ResumeLoss(2),
        Work::Liquidate(7),
        Work::Liquidate(4),
        Work::ApplyPending {
            contract: Contract::Market,
            market: None,
        },
        Work::PublishLights(1, Side::Long),
        Work::PayOwed("me".to_owned()),
    ];
    assert_eq!(works(&view, &all(), &Memory::default()), expected);
    let few = Config { works: 2, ..all() };
    assert_eq!(works(&view, &few, &Memory::default()), expected[..2]);
    let config = Config {
        skip: [Kind::SetPrices, Kind::PayOwed].into(),
        ..all()
    };
    assert_eq!(works(&view, &config, &Memory::default()), expected[1..8]);
}

#[test]
fn accounts_are_refreshed_when_no_job_holds_the_order() {
    let mut view = View {
        dirty: (1..=60).collect(),
        queue_answers: true,
        jobs: vec![job(5)],
        ..View::default()
    };
    let config = all();
    let refreshed = |view: &View, memory: &Memory| {
        let works = works(view, &config, memory);
        works.into_iter().find(|work| work.kind() == Kind::Refresh)
    };
    assert_eq!(refreshed(&view, &Memory::default()), None);
    view.jobs.clear();
    let first: Vec<u64> = (1..=50).collect();
    let expected = Some(Work::Refresh(first));
    assert_eq!(refreshed(&view, &Memory::default()), expected);
}

#[test]
fn what_is_under_way_is_not_planned_and_the_rest_is() {
    let view = busy();
    let mut memory = Memory::default();
    let before = works(&view, &all(), &memory);
    memory.sending(step(5, None).key(), Ticket::default());
    memory.sending(Work::Liquidate(7).key(), Ticket::default());
    let ticket = Ticket::default();
    let unknown = Fate::Unknown(ticket, String::new());
    memory.settle(Work::Liquidate(7).key(), Some("5 [1]"), &unknown, 100);
    let after = works(&view, &all(), &memory);
    let left: Vec<_> = before
        .into_iter()
        .filter(|work| *work != step(5, None) && *work != Work::Liquidate(7))
        .collect();
    assert_eq!(after, left);
}

#[test]
fn a_step_counts_if_the_market_made_it_or_the_walk_goes_on() {
    let mut view = busy();
    let first = |view: &View, memory: &Memory| -> Option<Planned> {
        let planned = plan(view, &all(), memory);
        planned
            .into_iter()
            .find(|p| p.work.kind() == Kind::ContinueDeleverage)
    };
    let mut memory = Memory::default();
    let planned = first(&view, &memory).expect("there is a job");
    let done = Fate::Done(Included {
        height: 100,
        gas_used: 1,
    });
    memory.settle(planned.work.key(), Some(&planned.from), &done, 100);
    assert_eq!(first(&view, &memory), None, "it was in vain");
    view.losses[0].loss.steps = 1;
    assert!(
        first(&view, &memory).is_some(),
        "it took nothing, but moved"
    );
    view.losses[0].loss.steps = 0;
    view.jobs[0].set_is_known = false;
    assert!(first(&view, &memory).is_some(), "the walk shows nowhere");
}

#[test]
fn without_gas_the_next_step_is_half_as_large() {
    let mut view = busy();
    let mut memory = Memory::default();
    memory.at_most(Kind::ContinueDeleverage, 500);
    let failed = Fate::Failed {
        reason: Reason::OutOfGas,
        what: String::new(),
        included: None,
    };
    memory.settle(step(5, None).key(), Some("a"), &failed, 100);
    view.height += 1_000;
    let works = works(&view, &all(), &memory);
    assert!(works.contains(&step(5, Some(250))), "{works:?}");
}

#[test]
fn only_the_first_loss_is_forced_when_it_was_still_for_long() {
    let mut view = busy();
    let config = Config {
        force: true,
        ..all()
    };
    let mut memory = Memory::default();
    let forced = |view: &View, memory: &Memory| {
        let works = works(view, &config, memory);
        works
            .into_iter()
            .find(|work| work.kind() == Kind::ForceLoss)
    };
    memory.note(Some(&view.losses[0].loss), view.height);
    view.height += 19;
    memory.note(Some(&view.losses[0].loss), view.height);
    assert_eq!(forced(&view, &memory), None);
    view.height += 1;
    let expected = Work::ForceLoss {
        loss_id: 5,
        accounts: vec![3, 4],
    };
    assert_eq!(forced(&view, &memory), Some(expected));
    view.losses[0].loss.steps += 1;
    memory.note(Some(&view.losses[0].loss), view.height);
    assert_eq!(forced(&view, &memory), None, "it moved");
}

#[test]
fn a_queue_that_does_not_answer_stops_only_its_own_work() {
    let view = View {
        queue_answers: false,
        jobs: vec![],
        ..busy()
    };
    let with = |view: &View| -> BTreeSet<Kind> {
        let works = works(view, &all(), &Memory::default());
        works.iter().map(Work::kind).collect()
    };
    let kinds = with(&view);
    let own = [Kind::ContinueDeleverage, Kind::ResumeLoss, Kind::Refresh];
    assert!(own.iter().all(|kind| !kinds.contains(kind)), "{kinds:?}");
    for kind in [Kind::SetPrices, Kind::Liquidate, Kind::ApplyPending] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
}
