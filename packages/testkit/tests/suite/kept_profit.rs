//! Profit that a fill kept, when its account is in trouble of its own.

use perp_interface::params::QueueParams;
use perp_testkit::Chain;

use crate::situation::{cross, loss, market, party, BOTTOM, ENTRY, USDC};

#[test]
fn regression_kept_profit_was_taken_from_an_account_that_was_itself_being_settled() {
    let params = QueueParams {
        step_limit: 1,
        ..QueueParams::default()
    };
    let mut chain = Chain::builder().queue(params).check_every(1).build();
    market(&mut chain, 1);
    market(&mut chain, 2);
    let long = party(&mut chain, "long", 120 * USDC);
    let winner = party(&mut chain, "winner", 200 * USDC);
    let rich = party(&mut chain, "rich", 10_000 * USDC);
    let late = party(&mut chain, "late", 1_000 * USDC);
    // `late` is short from 7.9: at 8 it has no profit that could be charged.
    cross(&mut chain, 1, (&rich, &late), 60, 7_900_000);
    cross(&mut chain, 1, (&long, &rich), 60, ENTRY);
    cross(&mut chain, 1, (&long, &winner), 40, ENTRY);
    cross(&mut chain, 2, (&winner, &rich), 100, ENTRY);
    chain.set_price(1, BOTTOM).expect("prices");
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, long.id).expect("liquidates");
    assert_eq!(
        chain.account(&winner.user).expect("is there").held.0,
        48_000_000
    );
    // Now the winner goes bankrupt in market 2, and that market recovers while its loss waits.
    chain.set_price(2, 7_000_000).expect("prices");
    chain.liquidate(&keeper, winner.id).expect("liquidates");
    chain.set_price(2, ENTRY).expect("prices");
    chain.finish_jobs(50).expect("both jobs end");
    let (first, second) = (loss(&chain, 1), loss(&chain, 2));
    assert!(first.closed && second.closed);
    assert_eq!(
        (first.adl_taken.0, first.bad_debt.0),
        (32_000_000, 48_000_000)
    );
    assert_eq!(
        (second.need.0, second.adl_taken.0),
        (52_000_000, 52_000_000)
    );
    assert_eq!((winner.cash(&chain), winner.lots(&chain, 2)), (0, 0));
}
