//! The cap of a market by what it has paid in, and the bounds of the terms of a registration.

use perp_interface::params::PaidInCap;
use perp_interface::Quote;

use crate::actions::register_with;
use crate::suite::{return_cover, revenue, usdc, Suite};

const fn cap(base: i128, bps: u32) -> Option<PaidInCap> {
    Some(PaidInCap {
        base: Quote(base),
        bps,
    })
}

#[test]
fn what_a_market_draws_in_all_grows_with_its_revenue() {
    let mut suite = Suite::with_capital(10_000);
    suite.by_authority(&register_with(3, false, None, cap(100, 5_000)));
    suite.market_leaves(0, 0, 0);
    assert_eq!(suite.draws(1, 3, 1_000), 100);
    suite.wait(1_000_000);
    assert_eq!(suite.draws(2, 3, 1_000), 0, "time brings nothing back");
    suite.by_market(&revenue(4), &usdc(60));
    assert_eq!(suite.headroom(3).paid_in, Quote(0), "nor do others");
    suite.by_market(&revenue(3), &usdc(61));
    assert_eq!(suite.headroom(3).paid_in, Quote(30), "rounded down");
    assert_eq!(suite.draws(3, 3, 1_000), 30);
    suite.by_market(&return_cover(1), &usdc(10));
    assert_eq!(suite.draws(4, 3, 1_000), 10);
    let row = suite.registration(3);
    assert_eq!((row.paid_in.0, row.drawn.0), (61, 130));
    assert_eq!(suite.draws(5, 4, 1_000), 1_000, "another has no such cap");
}

#[test]
fn revenue_from_before_the_cap_counts() {
    let mut suite = Suite::with_capital(10_000);
    suite.by_market(&revenue(3), &usdc(80));
    suite.market_leaves(0, 0, 0);
    assert_eq!(suite.draws(1, 3, 50), 50);
    suite.by_authority(&register_with(3, false, None, cap(0, 10_000)));
    assert_eq!(suite.draws(2, 3, 1_000), 30);
    suite.by_authority(&register_with(3, false, None, cap(0, 0)));
    assert_eq!(suite.headroom(3).paid_in, Quote(0), "drawn beyond it");
    suite.by_authority(&register_with(3, false, None, None));
    assert_eq!(suite.draws(3, 3, 1_000), 1_000);
}

#[test]
fn terms_out_of_bounds_are_refused() {
    let mut suite = Suite::new();
    let authority = suite.authority.clone();
    let most = 1 << 100;
    for (window, paid_in) in [
        (Some(-1), None),
        (Some(most + 1), None),
        (None, cap(-1, 0)),
        (None, cap(most + 1, 0)),
        (None, cap(0, 10_001)),
    ] {
        let msg = register_with(3, false, window, paid_in);
        suite.refused(&authority, &msg, &[], "param_out_of_bounds");
    }
    let msg = register_with(3, false, Some(most), cap(most, 10_000));
    suite.by_authority(&msg);
}
