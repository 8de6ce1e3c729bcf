//! Bankruptcies of more than one market, without counterparties' equity, or without lots.

use perp_interface::Side;
use perp_testkit::chain::Order;
use perp_testkit::{receipts, Chain};

use crate::situation::{cross, loss, market, market_of, party, BOTTOM, ENTRY, USDC};

#[test]
fn three_losing_markets_and_a_winning_one_end_at_zero_and_the_account_starts_anew() {
    let mut chain = Chain::builder().check_every(1).build();
    let deep = party(&mut chain, "deep", 250 * USDC);
    let other = party(&mut chain, "other", 10_000 * USDC);
    for id in 1..=4 {
        market(&mut chain, id);
        let lots = if id == 4 { 30 } else { 60 };
        cross(&mut chain, id, (&deep, &other), lots, ENTRY);
    }
    for (id, price) in [
        (1, 8_100_000),
        (2, 8_200_000),
        (3, 8_300_000),
        (4, 11_000_000),
    ] {
        chain.set_price(id, price).expect("prices");
    }
    // Losses of 114, 108 and 102 less a profit of 30 and 250 of cash.
    assert_eq!(deep.equity(&chain), -44_000_000);
    let keeper = chain.user("keeper");
    let events = chain.liquidate(&keeper, deep.id).expect("liquidates");
    let losses: Vec<_> = (1..=4).map(|id| loss(&chain, id)).collect();
    assert!(losses.iter().all(|l| l.closed));
    let needs: Vec<_> = losses.iter().map(|l| l.need.0).collect();
    assert_eq!(needs, [15_481_481, 14_666_667, 13_851_852, 0]);
    assert_eq!(needs.iter().sum::<i128>(), 44_000_000);
    let fills = receipts::of_kind(&events, "adl_fill");
    let winning = fills
        .iter()
        .find(|f| f.number("market") == 4)
        .expect("closed");
    assert_eq!(
        (
            winning.number("pass"),
            winning.number("charge"),
            winning.number("lots")
        ),
        (3, 0, 30),
        "at the mark"
    );
    let account = chain.account(&deep.user).expect("is there");
    assert_eq!(account.cash.0, 0);
    assert!(account.positions.is_empty() && account.debts.is_empty() && !account.locked);
    assert!((1..=4).all(|id| market_of(&chain, id).deleveraging.is_none()));

    chain.deposit(&deep.user, 100 * USDC).expect("deposits");
    cross(&mut chain, 1, (&deep, &other), 5, 8_100_000);
    assert_eq!(deep.lots(&chain, 1), 5);
}

#[test]
fn counterparties_without_equity_are_closed_at_the_mark_and_no_lot_vanishes() {
    let mut chain = Chain::builder().check_every(1).build();
    market(&mut chain, 1);
    market(&mut chain, 2);
    let long = party(&mut chain, "long", 120 * USDC);
    let sunk = party(&mut chain, "sunk", 400 * USDC);
    let rich = party(&mut chain, "rich", 10_000 * USDC);
    cross(&mut chain, 1, (&long, &sunk), 100, ENTRY);
    cross(&mut chain, 2, (&sunk, &rich), 200, ENTRY);
    chain.set_price(1, BOTTOM).expect("prices");
    chain.set_price(2, 6_000_000).expect("prices");
    // 400 + 200 − 800.
    assert_eq!(sunk.equity(&chain), -200_000_000);
    let keeper = chain.user("keeper");
    let events = chain.liquidate(&keeper, long.id).expect("liquidates");
    let fills = receipts::of_kind(&events, "adl_fill");
    assert_eq!(fills.len(), 1);
    assert_eq!(
        (
            fills[0].number("pass"),
            fills[0].number("lots"),
            fills[0].number("charge")
        ),
        (3, 100, 0)
    );
    let first = loss(&chain, 1);
    assert_eq!(
        (first.adl_taken.0, first.haircut.0, first.bad_debt.0),
        (0, 0, 80_000_000)
    );
    assert_eq!(market_of(&chain, 1).open_interest.0, 0);
    assert_eq!(market_of(&chain, 1).bad_debt.0, 80_000_000);
    assert_eq!(
        sunk.equity(&chain),
        -200_000_000,
        "closing at the mark changes no equity"
    );

    chain.liquidate(&keeper, sunk.id).expect("liquidates");
    let second = loss(&chain, 2);
    assert!(second.closed);
    assert_eq!(
        (second.need.0, second.adl_taken.0),
        (200_000_000, 200_000_000)
    );
    assert_eq!((long.cash(&chain), sunk.cash(&chain)), (0, 0));
}

#[test]
fn a_debt_without_lots_is_a_loss_that_is_settled_by_haircut() {
    let mut chain = Chain::builder().check_every(1).build();
    market(&mut chain, 1);
    market(&mut chain, 2);
    let long = party(&mut chain, "long", 190 * USDC);
    let sunk = party(&mut chain, "sunk", 400 * USDC);
    let rich = party(&mut chain, "rich", 10_000 * USDC);
    let deeper = party(&mut chain, "deeper", 160 * USDC);
    let winner = party(&mut chain, "winner", 1_000 * USDC);
    cross(&mut chain, 1, (&long, &sunk), 100, ENTRY);
    cross(&mut chain, 1, (&deeper, &winner), 50, 12_000_000);
    cross(&mut chain, 2, (&sunk, &rich), 200, ENTRY);
    chain.set_price(1, BOTTOM).expect("prices");
    chain.set_price(2, 6_000_000).expect("prices");
    let keeper = chain.user("keeper");
    // The profit of `sunk` in market 1 closes at the mark against `long`, which loses 200 of 190.
    chain.liquidate(&keeper, sunk.id).expect("liquidates");
    let account = chain.account(&long.user).expect("is there");
    assert!(account.positions.is_empty());
    assert_eq!(account.cash.0, -10_000_000);
    assert_eq!(account.debts.len(), 1);
    assert_eq!(
        (
            account.debts[0].market,
            account.debts[0].amount.0,
            account.debts[0].side
        ),
        (1, 10_000_000, Side::Long)
    );

    let before = winner.equity(&chain);
    let events = chain.liquidate(&keeper, long.id).expect("liquidates");
    let third = loss(&chain, 3);
    assert!(third.closed);
    assert_eq!(
        (third.lots.0, third.need.0, third.haircut.0),
        (0, 10_000_000, 10_000_000)
    );
    let haircuts = receipts::of_kind(&events, "adl_haircut");
    assert_eq!(haircuts.len(), 1);
    assert_eq!(
        (haircuts[0].number("pass"), haircuts[0].number("account")),
        (5, winner.id as i128)
    );
    assert_eq!(before - winner.equity(&chain), 10_000_000);
    assert_eq!(winner.lots(&chain, 1), -50, "nothing is closed");
    let account = chain.account(&long.user).expect("is there");
    assert_eq!(account.cash.0, 0);
    assert!(account.debts.is_empty() && !account.locked);
}

#[test]
fn a_debt_is_paid_by_the_next_deposit_and_is_no_loss_then() {
    let mut chain = Chain::builder().check_every(1).build();
    market(&mut chain, 1);
    market(&mut chain, 2);
    let long = party(&mut chain, "long", 190 * USDC);
    let sunk = party(&mut chain, "sunk", 400 * USDC);
    let rich = party(&mut chain, "rich", 10_000 * USDC);
    cross(&mut chain, 1, (&long, &sunk), 100, ENTRY);
    cross(&mut chain, 2, (&sunk, &rich), 200, ENTRY);
    chain.set_price(1, BOTTOM).expect("prices");
    chain.set_price(2, 6_000_000).expect("prices");
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, sunk.id).expect("liquidates");
    assert_eq!(long.cash(&chain), -10_000_000);
    chain.deposit(&long.user, 25 * USDC).expect("deposits");
    let account = chain.account(&long.user).expect("is there");
    assert_eq!(account.cash.0, 15_000_000);
    assert!(account.debts.is_empty());
    let refused = chain.liquidate(&keeper, long.id).expect_err("healthy");
    assert!(refused.has_code("not_liquidatable"), "{refused}");
}

#[test]
fn bids_beyond_one_messages_fills_are_met_by_the_cover_and_pay_no_fund() {
    // Two bids far above the bankruptcy price, one fill a message: the second is met by the
    // fund's attempt, which then has more to return than it was paid.
    let params = perp_interface::params::ExchangeParams {
        max_fills: 1,
        ..Default::default()
    };
    let mut chain = Chain::builder().exchange(params).check_every(1).build();
    market(&mut chain, 1);
    chain.contribute(100 * USDC).expect("contributes");
    let long = party(&mut chain, "long", 120 * USDC);
    let rich = party(&mut chain, "rich", 10_000 * USDC);
    cross(&mut chain, 1, (&long, &rich), 100, ENTRY);
    let bidders = [("m", 9_900_000), ("n", 9_800_000)]
        .map(|(name, price)| (party(&mut chain, name, 1_000 * USDC), price));
    for (bidder, price) in &bidders {
        let bid = Order::limit(1, Side::Long, 50, *price);
        chain.place(&bidder.user, bid).expect("rests");
    }
    chain.set_price(1, BOTTOM).expect("prices");
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, long.id).expect("liquidates");
    let closed = loss(&chain, 1);
    assert!(closed.closed, "{closed:?}");
    assert_eq!((closed.book_lots.0, closed.adl_lots.0), (100, 0));
    // 50·1.9 + 50·1.8 better than the mark, 80 of them needed.
    assert_eq!(closed.slippage.0, -185_000_000);
    assert_eq!(market_of(&chain, 1).fees.0, 105_000_000);
    let capital = crate::situation::capital(&chain);
    assert_eq!((capital.capital.0, capital.open_losses), (100_000_000, 0));
}
