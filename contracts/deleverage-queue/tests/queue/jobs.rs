//! Which job is worked on, by whom, and what ends it.

use cosmwasm_std::{Binary, Reply, SubMsgResponse, SubMsgResult};
use deleverage_queue::contract;
use perp_interface::loss::LossTerms;
use perp_interface::queue::{ExecuteMsg, JobResponse, RankInputs, ReportShortfall};
use perp_interface::{Lots, Pass, PerLot, Policy, Price, Quote, Side};

use crate::market::{Fault, Habit};
use crate::suite::{events, go_on, position, terms, Suite};

/// Shorts 1 to 9 of ten lots each, the first the best, in markets 1 and 2.
fn suite(step_limit: u32) -> Suite {
    let mut suite = Suite::with_step_limit(step_limit);
    let short = |i: u64| (i, position(Side::Short, 10, 1500 - 10 * i as i128, 8));
    let positions: Vec<(u64, RankInputs)> = (1..10).map(short).collect();
    suite.open(1, &positions);
    suite.open(2, &positions);
    suite
}

fn report(report: ReportShortfall) -> ExecuteMsg {
    ExecuteMsg::ReportShortfall(report)
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter()
        .map(|(key, value)| (key.to_string(), value.to_string()))
        .collect()
}

#[test]
fn a_small_loss_is_worked_off_in_its_report() {
    let mut suite = suite(500);
    suite.change_world(|world| {
        let haircut = 4;
        for account in 1..3 {
            let habit = Habit {
                haircut,
                ..Habit::default()
            };
            world.habits.insert(account, habit);
        }
    });
    let shortfall = suite.lose(&terms(4, 1), 5, 6);
    let response = suite.report(&shortfall);
    assert!(suite.jobs().is_empty());
    assert!(suite.world().losses[&4].closed);
    let opened = [
        ("loss_id", "4"),
        ("market", "1"),
        ("lots", "5"),
        ("need", "6"),
        ("score", "profit_leverage"),
        ("breadth", "1"),
        ("protect_principal", "true"),
        ("min_fill", "1"),
    ];
    assert_eq!(events(&response, "job_opened"), [pairs(&opened)]);
    let step = |pass, candidates, walked| {
        pairs(&[
            ("loss_id", "4"),
            ("pass", pass),
            ("candidates", candidates),
            ("walked", walked),
        ])
    };
    // Lots from one; no profit kept; then a haircut of as many as the need takes.
    assert_eq!(
        events(&response, "job_step"),
        [
            step("1", "1", "1"),
            step("5", "1", "1"),
            step("5", "1", "1")
        ]
    );
    assert_eq!(
        events(&response, "job_closed"),
        [pairs(&[("loss_id", "4")])]
    );
    assert_eq!(suite.asked(), [1, 1, 2]);
}

#[test]
fn only_the_fund_reports() {
    let mut suite = suite(500);
    let shortfall = suite.lose(&terms(4, 1), 5, 0);
    let (fund, market) = (suite.fund.clone(), suite.market.clone());
    let refusal = suite.refused(&market, &report(shortfall), "unauthorized");
    assert!(refusal.contains(market.as_str()) && refusal.contains(fund.as_str()));
}

#[test]
fn jobs_are_worked_off_in_the_order_of_their_losses() {
    let mut suite = suite(1);
    let later = suite.lose(&terms(5, 1), 30, 0);
    suite.report(&later);
    assert_eq!(suite.world().visits.len(), 1, "its turn");
    let earlier = suite.lose(&terms(3, 2), 20, 0);
    suite.report(&earlier);
    assert_eq!(suite.world().visits.len(), 2, "its turn by its number");
    suite.report(&later);
    assert_eq!(suite.world().visits.len(), 2, "not its turn any more");

    let order: Vec<_> = suite.jobs().iter().map(|j| j.terms.loss_id).collect();
    assert_eq!(order, [3, 5]);
    let stranger = suite.stranger.clone();
    let refusal = suite.refused(&stranger, &go_on(5, None), "job_not_first");
    assert!(refusal.contains("loss 5 waits for loss 3"), "{refusal}");
    suite.go_on(3, None).expect("goes on");
    suite.go_on(5, None).expect("now it may");
    suite.go_on(5, None).expect("and again");
    assert!(suite.jobs().is_empty());
    suite.refused(&stranger, &go_on(5, None), "unknown_job");
}

#[test]
fn a_deferred_job_waits_to_be_continued() {
    let mut suite = suite(500);
    let shortfall = suite.lose(&terms(3, 1), 20, 0);
    let defer = true;
    let response = suite.report(&ReportShortfall {
        defer,
        ..shortfall.clone()
    });
    assert_eq!(events(&response, "job_opened").len(), 1);
    assert!(events(&response, "job_step").is_empty());
    assert!(suite.world().messages.is_empty());
    assert_eq!(
        suite.jobs(),
        [JobResponse {
            terms: terms(3, 1),
            lots: Lots(20),
            need: Quote(0),
            pass: Pass::Profit,
            set_is_known: true,
            visited: 0,
            steps_left: 1,
            positions: 9,
            policy: Policy::default(),
        }]
    );
    suite.go_on(3, None).expect("goes on");
    assert!(suite.jobs().is_empty());
}

#[test]
fn a_second_report_leaves_the_progress_alone() {
    let mut suite = suite(2);
    let shortfall = suite.lose(&terms(3, 1), 50, 0);
    suite.report(&shortfall);
    let response = suite.report(&shortfall);
    assert!(events(&response, "job_opened").is_empty());
    assert_eq!(suite.asked(), [1, 2, 3, 4], "it goes on where it stopped");
    let before = suite.dump();
    let defer = true;
    suite.report(&ReportShortfall { defer, ..shortfall });
    assert_eq!(suite.dump(), before);
}

#[test]
fn terms_are_frozen() {
    let mut suite = suite(1);
    let shortfall = suite.lose(&terms(3, 1), 50, 0);
    suite.report(&shortfall);
    let fund = suite.fund.clone();
    for other in [
        LossTerms {
            mark: Price(1001),
            ..terms(3, 1)
        },
        LossTerms {
            market: 2,
            ..terms(3, 1)
        },
        LossTerms {
            side: Side::Short,
            ..terms(3, 1)
        },
        LossTerms {
            index: PerLot(1),
            ..terms(3, 1)
        },
    ] {
        let changed = ReportShortfall {
            terms: other,
            ..shortfall.clone()
        };
        suite.refused(&fund, &report(changed), "terms_differ");
    }
}

#[test]
fn a_market_has_one_job_at_a_time() {
    let mut suite = suite(1);
    let shortfall = suite.lose(&terms(3, 1), 20, 0);
    suite.report(&shortfall);
    let second = suite.lose(&terms(4, 1), 20, 0);
    let fund = suite.fund.clone();
    suite.refused(&fund, &report(second.clone()), "market_has_job");
    suite.go_on(3, None).expect("goes on");
    suite.report(&second);
    assert_eq!(suite.jobs()[0].terms.loss_id, 4);
}

#[test]
fn terms_that_cannot_be_ranked_are_refused() {
    let mut suite = suite(1);
    let fund = suite.fund.clone();
    let mark = Price(0);
    let shortfall = suite.lose(
        &LossTerms {
            mark,
            ..terms(3, 1)
        },
        20,
        0,
    );
    suite.refused(&fund, &report(shortfall), "price_out_of_range");
}

#[test]
fn a_limit_of_zero_is_refused_and_a_large_one_is_the_step_limit() {
    let mut suite = suite(2);
    let shortfall = suite.lose(&terms(3, 1), 90, 0);
    suite.report(&shortfall);
    let stranger = suite.stranger.clone();
    suite.refused(&stranger, &go_on(3, Some(0)), "zero_limit");
    suite.go_on(3, Some(u32::MAX)).expect("goes on");
    assert_eq!(suite.asked().len(), 4);
    suite.go_on(3, Some(1)).expect("goes on");
    assert_eq!(suite.asked().len(), 5);
}

#[test]
fn a_job_keeps_the_policy_of_its_opening() {
    let mut suite = suite(1);
    suite.set_breadth(1, 2);
    let shortfall = suite.lose(&terms(3, 1), 20, 0);
    let response = suite.report(&shortfall);
    suite.set_breadth(1, 9);
    let step = pairs(&[
        ("loss_id", "3"),
        ("pass", "1"),
        ("candidates", "0"),
        ("walked", "1"),
    ]);
    assert_eq!(
        events(&response, "job_step"),
        [step],
        "one position was summed"
    );
    assert!(!suite.jobs()[0].set_is_known);
    // The market hears of it all the same: the queue is alive.
    assert_eq!(suite.world().messages.len(), 1);
    assert!(suite.asked().is_empty());
    assert_eq!(suite.jobs()[0].policy, Policy::of_breadth(2));
    suite.finish(3);
    assert_eq!(suite.asked(), [1, 2, 3, 4], "all of the set of 40 lots");
}

#[test]
fn need_alone_goes_to_kept_profit_and_then_down_the_ranking() {
    let mut suite = suite(3);
    suite.set_breadth(1, 5);
    let shortfall = suite.lose(&terms(3, 1), 0, 9);
    suite.change_world(|world| {
        world.losses.get_mut(&3).expect("a loss").kept_rows = 7;
        world.habits.insert(
            2,
            Habit {
                haircut: 2,
                ..Habit::default()
            },
        );
    });
    suite.report(&shortfall);
    let job = &suite.jobs()[0];
    assert_eq!(
        (job.pass, job.need, job.set_is_known),
        (Pass::Kept, Quote(6), true)
    );
    suite.go_on(3, None).expect("three rows");
    suite.go_on(3, None).expect("a row, and two of the ranking");
    assert!(suite.jobs().is_empty());
    let messages = suite.world().messages;
    let limits: Vec<_> = messages.iter().map(|m| (m.pass, m.limit)).collect();
    let kept = (Pass::Kept, 3);
    assert_eq!(
        limits,
        [kept, kept, kept, (Pass::Haircut, 1), (Pass::Haircut, 0)]
    );
    assert!(messages.iter().all(|m| m.set.is_none()));
    assert_eq!(suite.asked(), [1, 2]);
}

/// The market need not store what its fills kept if the same call asks for it.
#[test]
fn rows_of_kept_profit_are_units_of_the_call_that_takes_the_last_lot() {
    let mut suite = suite(5);
    let shortfall = suite.lose(&terms(3, 1), 20, 90);
    suite.change_world(|world| world.losses.get_mut(&3).expect("a loss").kept_rows = 2);
    suite.report(&shortfall);
    let messages = suite.world().messages;
    let sent: Vec<_> = messages
        .iter()
        .map(|m| (m.pass, m.candidates, m.limit))
        .collect();
    // Two candidates leave three units; two rows of those leave one for the haircut.
    assert_eq!(sent, [(Pass::Profit, 2, 3), (Pass::Haircut, 1, 0)]);
}

#[test]
fn lots_that_no_key_is_left_for_wait_for_a_refresh() {
    let mut suite = suite(500);
    // Of account 20 the queue was not told.
    suite.change_world(|world| {
        let missed = position(Side::Short, 10, 1200, 8);
        world.positions.entry(1).or_default().insert(20, missed);
    });
    let shortfall = suite.lose(&terms(3, 1), 95, 0);
    suite.report(&shortfall);
    let job = &suite.jobs()[0];
    assert_eq!(
        (job.pass, job.lots, job.visited),
        (Pass::AtMark, Lots(5), 0)
    );
    let messages = suite.world().messages.len();
    suite.go_on(3, None).expect("asks again");
    assert_eq!(suite.world().messages.len(), messages + 1, "once in a call");
    suite.refresh(&[20]).expect("refreshes");
    suite.go_on(3, None).expect("goes on");
    assert!(suite.jobs().is_empty());
    assert_eq!(suite.asked().last(), Some(&20));
}

/// Whoever cannot pay in the first pass must not cost a call each.
#[test]
fn a_crowd_that_gives_nothing_is_passed_in_few_calls() {
    let mut suite = Suite::with_step_limit(500);
    let crowd: Vec<_> = (1..200)
        .map(|i| (i, position(Side::Short, 10, 1500, 8)))
        .collect();
    suite.open(1, &crowd);
    suite.open(1, &[(900, position(Side::Short, 10, 1400, 8))]);
    suite.change_world(|world| {
        for account in 1..200 {
            let skips = vec![Pass::Profit];
            world.habits.insert(
                account,
                Habit {
                    skips,
                    ..Habit::default()
                },
            );
        }
    });
    let shortfall = suite.lose(&terms(3, 1), 10, 0);
    suite.report(&shortfall);
    assert!(suite.jobs().is_empty());
    assert_eq!(suite.world().messages.len(), 8);
    assert_eq!(suite.asked().len(), 200);
}

#[test]
fn a_market_that_breaks_its_word_undoes_the_step() {
    let mut suite = suite(1);
    let shortfall = suite.lose(&terms(3, 1), 95, 0);
    suite.report(&shortfall);
    for _ in 0..10 {
        suite.go_on(3, None).expect("goes on");
    }
    assert_ne!(suite.jobs()[0].pass, Pass::Profit);
    let stranger = suite.stranger.clone();
    for (fault, code) in [
        (Fault::NoData, "bad_answer"),
        (Fault::NoJson, "bad_answer"),
        (Fault::EarlierPass, "pass_went_back"),
        (Fault::ContinuesInside, "job_in_flight"),
    ] {
        suite.change_world(|world| world.fault = Some(fault));
        suite.refused(&stranger, &go_on(3, None), code);
    }
    suite.change_world(|world| world.fault = Some(Fault::Fails));
    let before = suite.dump();
    assert!(suite.go_on(3, None).is_err());
    assert_eq!(suite.dump(), before);
    suite.change_world(|world| world.fault = None);
    suite
        .go_on(3, None)
        .expect("goes on as if nothing had been");
}

#[test]
fn a_reply_that_nobody_asked_for_is_refused() {
    let mut deps = cosmwasm_std::testing::mock_dependencies();
    let reply = |id, payload: &[u8]| Reply {
        id,
        payload: Binary::from(payload),
        gas_used: 0,
        #[allow(deprecated)]
        result: SubMsgResult::Ok(SubMsgResponse {
            events: vec![],
            data: None,
            msg_responses: vec![],
        }),
    };
    let env = cosmwasm_std::testing::mock_env();
    let sent = br#"{"loss_id":1,"units":1,"candidates":0,"round":0,"exhausted":false}"#;
    for (id, payload, code) in [
        (77, &sent[..], "unknown_reply"),
        (1, &b"{}"[..], "std"),
        (1, &sent[..], "bad_answer"),
    ] {
        let answer = contract::reply(deps.as_mut(), env.clone(), reply(id, payload));
        assert_eq!(answer.expect_err("is refused").code(), code);
    }
}

#[test]
fn a_job_tells_how_many_steps_it_has_left() {
    let mut suite = suite(2);
    let shortfall = suite.lose(&terms(4, 1), 70, 0);
    let defer = true;
    suite.report(&ReportShortfall { defer, ..shortfall });
    // Seven of nine positions, two a call.
    for left in (1..=4).rev() {
        let job = &suite.jobs()[0];
        assert_eq!(job.steps_left, left);
        assert_eq!(job.positions, u64::from(9 - 2 * (4 - left)));
        suite.go_on(4, None).expect("goes on");
    }
    assert_eq!(suite.jobs(), []);
}
