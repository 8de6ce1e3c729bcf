//! `BookBounty`.

use perp_interface::fund::{Layer, Tranche};
use perp_interface::params::FundParams;
use perp_interface::Quote;

use crate::actions::{bounty, event, pay_owed};
use crate::suite::{cover, params, register, usdc, Suite};

const SHARED: Tranche = Tranche::Shared;

/// Capital of 1 000, a purse, and a cap of 30 for each loss.
fn with_purse(purse: u128) -> Suite {
    let mut suite = Suite::limited(
        1_000,
        FundParams {
            bounty_per_loss_cap: Quote(30),
            ..params()
        },
    );
    if purse > 0 {
        suite.gives(SHARED, Layer::Bounties, purse);
    }
    suite
}

#[test]
fn a_loss_brings_its_cap_however_often_it_is_asked() {
    let mut suite = with_purse(100);
    let keeper = suite.person("keeper");
    let response = suite.by_market(&bounty(7, 3, &keeper, 20), &[]);
    response.assert_event(&event(
        "bounty_booked",
        &[
            ("loss_id", "7"),
            ("market", "3"),
            ("tranche", "shared"),
            ("to", keeper.as_str()),
            ("fills", "2"),
            ("amount", "20"),
        ],
    ));
    suite.by_market(&bounty(7, 3, &keeper, 20), &[]);
    assert_eq!(suite.owed(&keeper), 30);
    let before = suite.everything();
    let response = suite.by_market(&bounty(7, 3, &keeper, 20), &[]);
    assert!(!response.has_event(&event("bounty_booked", &[])));
    assert_eq!(suite.everything(), before);
    suite.by_market(&bounty(8, 3, &keeper, 31), &[]);
    assert_eq!(suite.owed(&keeper), 60, "every loss its own");
    assert_eq!(suite.tranche(SHARED).bounties, Quote(40));
    assert_eq!(suite.capital().bounties_paid, Quote(60));
    assert_eq!(suite.capital().capital, Quote(1_000));
}

#[test]
fn a_purse_pays_no_more_than_it_holds_and_capital_never() {
    let mut suite = with_purse(25);
    let keeper = suite.person("keeper");
    suite.by_market(&bounty(7, 3, &keeper, 20), &[]);
    suite.by_market(&bounty(8, 3, &keeper, 20), &[]);
    assert_eq!(suite.owed(&keeper), 25);
    suite.by_market(&bounty(9, 3, &keeper, 20), &[]);
    assert_eq!(suite.owed(&keeper), 25);
    assert_eq!(suite.capital().capital, Quote(1_000));
    // What there was no money for is not caught up.
    suite.gives(SHARED, Layer::Bounties, 100);
    suite.by_market(&bounty(8, 3, &keeper, 20), &[]);
    assert_eq!(suite.owed(&keeper), 45);
    let before = suite.balance(&keeper);
    suite.send(&keeper, &pay_owed(&keeper), &[]).expect("pays");
    assert_eq!(suite.balance(&keeper), before + 45);
}

#[test]
fn no_loss_draws_from_the_purse_and_no_withdrawal() {
    let mut suite = Suite::new();
    suite.gives(SHARED, Layer::Bounties, 100);
    suite.market_leaves(0, 0, 0);
    assert_eq!(suite.draws(1, 3, 50), 0);
    let authority = suite.authority.clone();
    suite.by_market(&crate::suite::loss_closed(1), &[]);
    let msg = crate::suite::withdraw(1, &authority);
    suite.refused(&authority, &msg, &[], "amount_out_of_range");
    assert_eq!(suite.tranche(SHARED).bounties, Quote(100));
}

#[test]
fn a_known_loss_carries_its_bounties_in_its_record() {
    let mut suite = with_purse(100);
    let keeper = suite.person("keeper");
    suite.by_market(&bounty(7, 3, &keeper, 4), &[]);
    suite.market_leaves(0, 0, 0);
    suite.by_market(&cover(7, 5, 150, 0), &[]);
    suite.by_market(&bounty(7, 3, &keeper, 5), &[]);
    let record = suite.loss(7).expect("known");
    assert_eq!((record.bounties, record.paid), (Quote(9), Quote(150)));
    suite
        .loss(8)
        .expect_err("booked for, yet never asked about");
}

#[test]
fn every_tranche_has_its_own_purse() {
    let mut suite = with_purse(100);
    suite.by_authority(&register(8, true));
    suite.gives(Tranche::Market(8), Layer::Bounties, 6);
    let keeper = suite.person("keeper");
    suite.by_market(&bounty(7, 8, &keeper, 20), &[]);
    assert_eq!(suite.owed(&keeper), 6);
    assert_eq!(suite.tranche(SHARED).bounties, Quote(100));
}

#[test]
fn a_market_that_may_not_draw_brings_none_and_no_error() {
    let mut suite = with_purse(100);
    let keeper = suite.person("keeper");
    let before = suite.everything();
    suite.by_market(&bounty(7, 77, &keeper, 20), &[]);
    suite.by_market(&bounty(7, 3, &keeper, 0), &[]);
    assert_eq!(suite.everything(), before);
}

#[test]
fn only_the_market_books_and_nothing_below_zero() {
    let mut suite = with_purse(100);
    let keeper = suite.person("keeper");
    let msg = bounty(7, 3, &keeper, 20);
    for sender in [keeper.clone(), suite.authority.clone(), suite.queue.clone()] {
        suite.refused(&sender, &msg, &[], "unauthorized");
    }
    suite.refused_to_market(&msg, &usdc(1), "no_funds_expected");
    let negative = bounty(7, 3, &keeper, -1);
    suite.refused_to_market(&negative, &[], "negative_amount");
    let mut suite = Suite::unconnected();
    suite.refused_to_market(&msg, &[], "not_connected");
}
