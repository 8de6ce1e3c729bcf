//! While a loss is open nobody may take out what it may still need: profit in its market counts
//! nothing, and profit that its fills kept is held. Both could leave by a trade with an accomplice
//! far off the mark: a reduction elsewhere counted the gated profit, and an opening the held one.

use perp_interface::Side;
use perp_testkit::chain::Order;
use perp_testkit::Chain;

use crate::situation::{
    account, cross, equity, liquidate, list, loss, lots, party, refused, rest, steps_of, Party,
    ENTRY,
};

/// A loss of 150 lots lacking 600 USDC, gone one step: the first winner is closed, the second
/// waits with a profit of 500.
fn half_way() -> (Chain, Party, Party, Party) {
    let mut chain = Chain::builder().check_every(1).queue(steps_of(1)).build();
    list(&mut chain, &[1, 2]);
    let loser = party(&mut chain, "loser", 150);
    let first = party(&mut chain, "first", 60);
    let second = party(&mut chain, "second", 300);
    let other = party(&mut chain, "other", 10_000);
    let accomplice = party(&mut chain, "accomplice", 10_000);
    cross(&mut chain, 1, (&loser, &first), 50, ENTRY);
    cross(&mut chain, 1, (&loser, &second), 100, ENTRY);
    cross(&mut chain, 2, (&second, &other), 100, ENTRY);
    chain.set_price(1, 5_000_000).expect("prices");
    liquidate(&mut chain, &loser).expect("opens a loss");
    assert!(!loss(&chain, 1).closed);
    assert_eq!(
        (lots(&chain, &first, 1), lots(&chain, &second, 1)),
        (0, -100)
    );
    (chain, first, second, accomplice)
}

#[test]
fn gated_profit_does_not_pay_for_a_reduction_elsewhere() {
    let (mut chain, _, second, accomplice) = half_way();
    assert_eq!(equity(&chain, &second), 800_000_000);
    rest(
        &mut chain,
        &accomplice,
        Order::limit(2, Side::Long, 100, 3_000_000),
    );
    let sale = Order::ioc(2, Side::Short, 100, 3_000_000).reduce_only();
    refused(chain.place(&second.user, sale), "worse_health");
    // At a fair price it may reduce whatever it likes.
    rest(
        &mut chain,
        &accomplice,
        Order::limit(2, Side::Long, 60, 9_990_000),
    );
    let sale = Order::ioc(2, Side::Short, 60, 9_990_000).reduce_only();
    chain.place(&second.user, sale).expect("reduces");
    chain.finish_jobs(100).expect("ends");
    assert_eq!(loss(&chain, 1).bad_debt.0, 0);
}

#[test]
fn held_profit_is_no_margin() {
    let (mut chain, first, _, accomplice) = half_way();
    let (cash, held) = (
        account(&chain, &first).cash.0,
        account(&chain, &first).held.0,
    );
    assert_eq!((cash, held), (110_000_000, 50_000_000));
    rest(
        &mut chain,
        &accomplice,
        Order::limit(2, Side::Short, 100, ENTRY),
    );
    let bet = Order::ioc(2, Side::Long, 100, ENTRY);
    refused(chain.place(&first.user, bet), "insufficient_margin");
    chain.finish_jobs(100).expect("ends");
    assert_eq!(account(&chain, &first).held.0, 0);
    assert_eq!(loss(&chain, 1).bad_debt.0, 0);
}
