//! Limits per block, window and market, and the stop at a drawdown.

use cosmwasm_std::Event;
use perp_interface::loss::CoverResult;
use perp_interface::params::FundParams;
use perp_interface::{Lots, Quote};

use crate::mocks::Paid;
use crate::suite::{contribute, cover, report, return_cover, update_params, usdc, withdraw, Suite};

/// No limit bites but the one that a test sets.
fn free() -> FundParams {
    FundParams {
        per_loss_cap: Quote(1_000),
        report_gas_limit: 2_000_000,
        ..FundParams::without_limits()
    }
}

fn stops() -> FundParams {
    FundParams {
        trip_bps: 3_000,
        resume_bps: 2_000,
        ..free()
    }
}

/// A fund whose market keeps all that it is paid.
fn fund(capital: u128, params: FundParams) -> Suite {
    let mut suite = Suite::limited(capital, params);
    suite.market_leaves(0, 0, 0);
    suite
}

fn trigger(tripped: bool, capital: i128, peak: i128, line: i128) -> Event {
    Event::new("wasm-fund_trigger")
        .add_attribute("tranche", "shared")
        .add_attribute("tripped", tripped.to_string())
        .add_attribute("capital", capital.to_string())
        .add_attribute("peak", peak.to_string())
        .add_attribute("line", line.to_string())
}

#[test]
fn a_block_has_its_cap_and_the_next_one_its_own() {
    let per_block_cap = Quote(150);
    let mut suite = fund(
        10_000,
        FundParams {
            per_block_cap,
            ..free()
        },
    );
    assert_eq!(suite.draws(1, 3, 100), 100);
    assert_eq!(suite.headroom(3).block, Quote(50));
    assert_eq!(suite.draws(2, 4, 100), 50);
    assert_eq!(suite.draws(3, 3, 100), 0);
    assert_eq!(
        suite.reports().last(),
        Some(&report(3, 1, 100)),
        "the whole of it"
    );
    suite.wait(0);
    assert_eq!(suite.draws(4, 3, 100), 100);
}

#[test]
fn a_window_has_its_cap_until_the_draws_have_left_it() {
    let params = FundParams {
        window_cap: Quote(150),
        window_seconds: 600,
        ..free()
    };
    let mut suite = fund(10_000, params);
    assert_eq!(suite.draws(1, 3, 100), 100);
    suite.wait(300);
    assert_eq!(suite.draws(2, 4, 100), 50);
    suite.wait(300);
    assert_eq!(suite.draws(3, 4, 100), 0, "the first is 600 seconds old");
    suite.wait(50);
    assert_eq!(
        suite.draws(4, 4, 1_000),
        100,
        "and now gone, the second is not"
    );
}

#[test]
fn a_market_has_its_cap_and_the_others_theirs() {
    let params = FundParams {
        market_window_cap: Quote(150),
        window_seconds: 600,
        ..free()
    };
    let mut suite = fund(10_000, params);
    assert_eq!(suite.draws(1, 3, 100), 100);
    assert_eq!(suite.draws(2, 3, 100), 50);
    assert_eq!(
        (suite.headroom(3).market, suite.headroom(4).market),
        (Quote(0), Quote(150))
    );
    assert_eq!(suite.draws(3, 3, 100), 0);
    assert_eq!(suite.draws(4, 4, 200), 150);
}

#[test]
fn what_comes_back_gives_headroom_back_exactly_once() {
    let params = FundParams {
        per_block_cap: Quote(150),
        window_cap: Quote(160),
        market_window_cap: Quote(170),
        ..free()
    };
    let mut suite = fund(10_000, params);
    let room = |suite: &Suite| {
        let room = suite.headroom(3);
        (room.block.0, room.window.0, room.market.0)
    };
    suite.market_leaves(0, 0, 30);
    assert_eq!(suite.draws(1, 3, 100), 100);
    assert_eq!(room(&suite), (80, 90, 100), "30 of 100 came back");
    suite.refused_to_market(&return_cover(1), &usdc(71), "return_exceeds_payment");
    assert_eq!(room(&suite), (80, 90, 100));
    suite.by_market(&return_cover(1), &usdc(70));
    assert_eq!(room(&suite), (150, 160, 170));
    suite.refused_to_market(&return_cover(1), &usdc(1), "return_exceeds_payment");
    suite.market_leaves(0, 0, 0);
    assert_eq!(suite.draws(2, 3, 100), 100);
    suite.wait(1);
    assert_eq!(suite.draws(3, 3, 50), 50);
    suite.by_market(&return_cover(2), &usdc(5));
    assert_eq!(
        room(&suite),
        (100, 15, 25),
        "of this block nothing came back"
    );
    suite.wait(1_000);
    suite.by_market(&return_cover(2), &usdc(5));
    assert_eq!(room(&suite), (150, 160, 170), "nor more than there is");
}

#[test]
fn a_second_call_for_a_loss_draws_nothing_and_takes_no_headroom() {
    let mut suite = fund(
        10_000,
        FundParams {
            window_cap: Quote(150),
            ..free()
        },
    );
    suite.market_leaves(1, 40, 0);
    suite.by_market(&cover(1, 1, 100, 0), &[]);
    suite.by_market(&cover(1, 1, 40, 0), &[]);
    assert_eq!(suite.headroom(3).window, Quote(50));
    assert_eq!(suite.loss(1).expect("known").paid, Quote(100));
}

#[test]
fn at_the_line_the_fund_stops_and_the_queue_is_told_of_the_whole_loss() {
    let mut suite = fund(1_000, stops());
    suite.market_leaves(0, 100, 0);
    let response = suite.by_market(&cover(1, 5, 400, 0), &[]);
    response.assert_event(&trigger(true, 700, 1_000, 700));
    assert_eq!(
        suite.loss(1).expect("known").paid,
        Quote(300),
        "down to the line"
    );
    let room = suite.headroom(3);
    assert!(room.tripped);
    assert_eq!((room.payable, room.drawdown), (Quote(0), Quote(0)));
    assert_eq!(
        (room.peak, room.trip_line, room.resume_line),
        (Quote(1_000), Quote(700), Quote(800))
    );
    assert_eq!(suite.draws(2, 3, 10), 0);
    assert_eq!(suite.reports().last(), Some(&report(2, 1, 10)));
}

#[test]
fn it_resumes_at_the_upper_line_and_not_between_the_two() {
    let mut suite = fund(1_000, stops());
    assert_eq!(suite.draws(1, 3, 300), 300);
    let stranger = suite.stranger.clone();
    let response = suite
        .send(&stranger, &contribute(), &usdc(99))
        .expect("contributes");
    assert!(!response.has_event(&Event::new("wasm-fund_trigger")));
    assert_eq!(suite.draws(2, 3, 10), 0);
    let response = suite
        .send(&stranger, &contribute(), &usdc(1))
        .expect("contributes");
    response.assert_event(&trigger(false, 800, 1_000, 800));
    assert_eq!(suite.draws(3, 3, 10), 10);
}

#[test]
fn it_resumes_when_the_peak_is_history() {
    let mut suite = fund(1_000, stops());
    assert_eq!(suite.draws(1, 3, 300), 300);
    suite.wait(8 * 3_600);
    assert_eq!(suite.draws(2, 3, 10), 0, "eight hours are not over");
    suite.wait(1_801);
    assert!(!suite.headroom(3).tripped, "as the next call will find it");
    let response = suite.by_market(&cover(3, 5, 300, 0), &[]);
    response.assert_event(&trigger(false, 700, 700, 560));
    assert_eq!(
        suite.loss(3).expect("known").paid,
        Quote(210),
        "30 % of the new peak"
    );
}

#[test]
fn an_escrow_that_comes_back_trips_nothing() {
    let mut suite = fund(1_000, stops());
    let result = CoverResult {
        lots: Lots(0),
        need: Quote(0),
        returned: Quote(250),
    };
    for closes in [false, true] {
        let loss_id = u64::from(closes) + 1;
        suite.when_paid(Paid::Answers {
            result: result.clone(),
            closes,
        });
        let response = suite.by_market(&cover(loss_id, 5, 50, 250), &[]);
        assert!(
            !response.has_event(&Event::new("wasm-fund_trigger")),
            "{closes}"
        );
        assert!(!suite.headroom(3).tripped);
    }
}

#[test]
fn a_withdrawal_is_no_drawdown_and_a_new_threshold_holds_at_once() {
    let mut suite = fund(1_000, stops());
    suite.when_paid(Paid::Answers {
        result: CoverResult {
            lots: Lots(0),
            need: Quote(0),
            returned: Quote(0),
        },
        closes: true,
    });
    assert_eq!(suite.draws(1, 3, 200), 200);
    let authority = suite.authority.clone();
    suite
        .send(&authority, &withdraw(400, &authority), &[])
        .expect("withdraws");
    let room = suite.headroom(3);
    assert_eq!(
        (room.tripped, room.peak, room.trip_line),
        (false, Quote(500), Quote(350))
    );
    let tighter = FundParams {
        trip_bps: 2_000,
        resume_bps: 1_000,
        ..free()
    };
    let response = suite
        .send(&authority, &update_params(1, tighter), &[])
        .expect("updates");
    response.assert_event(&trigger(true, 400, 500, 400));
    assert_eq!(suite.draws(2, 3, 10), 0);
}
