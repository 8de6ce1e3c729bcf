//! `ReturnCover` and `LossClosed`.

use perp_interface::loss::CoverResult;
use perp_interface::{Lots, Quote};

use crate::mocks::Paid;
use crate::suite::{cover, loss_closed, return_cover, revenue, usdc, Suite};

/// Loss 7 of market 3 was paid 150 of 1 000.
fn paid() -> Suite {
    let mut suite = Suite::with_capital(1_000);
    suite.market_leaves(4, 0, 0);
    suite.by_market(&cover(7, 5, 150, 0), &[]);
    suite
}

#[test]
fn what_comes_back_is_capital_again_up_to_what_was_paid() {
    let mut suite = paid();
    suite.by_market(&return_cover(7), &usdc(100));
    assert_eq!(suite.capital().capital, Quote(950));
    suite.refused_to_market(&return_cover(7), &usdc(51), "return_exceeds_payment");
    suite.by_market(&return_cover(7), &usdc(50));
    suite.refused_to_market(&return_cover(7), &usdc(1), "return_exceeds_payment");
    assert_eq!(suite.capital().capital, Quote(1_000));
    assert_eq!(suite.capital().returned, Quote(150));
    assert_eq!(suite.loss(7).expect("known").returned, Quote(150));
}

#[test]
fn returning_more_than_was_paid_inside_of_the_payment_undoes_everything() {
    let mut suite = Suite::with_capital(1_000);
    suite.when_paid(Paid::Answers {
        result: CoverResult {
            lots: Lots(0),
            need: Quote(0),
            returned: Quote(151),
        },
        closes: true,
    });
    suite.refused_to_market(&cover(7, 5, 150, 0), &[], "return_exceeds_payment");
}

#[test]
fn money_of_a_loss_that_was_never_paid_is_refused() {
    let mut suite = paid();
    suite.refused_to_market(&return_cover(8), &usdc(1), "unknown_loss");
}

#[test]
fn a_closed_loss_still_takes_money_back() {
    let mut suite = paid();
    suite.by_market(&loss_closed(7), &[]);
    suite.by_market(&return_cover(7), &usdc(150));
    let record = suite.loss(7).expect("known");
    assert_eq!((record.returned, record.closed), (Quote(150), true));
}

#[test]
fn a_loss_closes_once_and_closing_it_again_changes_nothing() {
    let mut suite = paid();
    suite.by_market(&loss_closed(7), &[]);
    assert_eq!(suite.capital().open_losses, 0);
    assert!(suite.loss(7).expect("known").closed);
    let before = suite.everything();
    suite.by_market(&loss_closed(7), &[]);
    assert_eq!(suite.everything(), before);
}

#[test]
fn closing_a_loss_that_never_reached_the_fund_records_nothing() {
    let mut suite = paid();
    let before = suite.everything();
    suite.by_market(&loss_closed(8), &[]);
    assert_eq!(suite.everything(), before);
}

#[test]
fn nobody_but_the_market_returns_closes_or_brings_revenue() {
    let mut suite = paid();
    for sender in [suite.stranger.clone(), suite.authority.clone()] {
        suite.refused(&sender, &return_cover(7), &usdc(1), "unauthorized");
        suite.refused(&sender, &revenue(3), &usdc(1), "unauthorized");
        suite.refused(&sender, &loss_closed(7), &[], "unauthorized");
    }
    let mut suite = Suite::unconnected();
    suite.refused_to_market(&return_cover(7), &usdc(1), "not_connected");
    suite.refused_to_market(&revenue(3), &usdc(1), "not_connected");
    suite.refused_to_market(&loss_closed(7), &[], "not_connected");
}
