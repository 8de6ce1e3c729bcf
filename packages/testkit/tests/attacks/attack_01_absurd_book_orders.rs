//! Absurd resting orders on an otherwise empty book, planted to be swept by a liquidation and to
//! set the price of what follows.

use perp_interface::Side;
use perp_testkit::chain::Order;
use perp_testkit::receipts;

use crate::situation::{
    account, book, cross, liquidate, lots, one_market, party, rest, shorts_of, ENTRY, USDC,
};

#[test]
fn a_bankrupt_account_is_closed_between_entry_and_mark() {
    for side in [Side::Long, Side::Short] {
        let mut chain = one_market();
        let loser = party(&mut chain, "loser", 120);
        let winner = party(&mut chain, "winner", 1_000);
        let planter = party(&mut chain, "planter", 1_000_000_000_000);
        let (legs, mark, absurd) = match side {
            Side::Long => ((&loser, &winner), 8_000_000, 1),
            Side::Short => ((&winner, &loser), 12_000_000, 1 << 39),
        };
        cross(&mut chain, 1, legs, 100, ENTRY);
        rest(&mut chain, &planter, Order::limit(1, side, 100, absurd));
        chain.set_price(1, mark).expect("prices");
        let events = liquidate(&mut chain, &loser).expect("liquidates");
        assert!(receipts::of_kind(&events, "loss_book_fill").is_empty());
        let fills = receipts::of_kind(&events, "adl_fill");
        assert_eq!(fills.len(), 1);
        // Need 80 over 100 lots: the mark moved by 0.8 towards the entry, never past it.
        assert_eq!(fills[0].number("charge"), 80_000_000);
        assert!(fills[0].number("charge") <= fills[0].number("profit"));
        assert_eq!(
            book(&chain, 1, side).len(),
            1,
            "the absurd order is still there"
        );
        assert_eq!(lots(&chain, &planter, 1), 0);
    }
}

#[test]
fn a_solvent_account_is_not_sold_to_them() {
    let mut chain = one_market();
    let weak = party(&mut chain, "weak", 100);
    shorts_of(&mut chain, 1, &weak, &[("other", 1_000, 100)]);
    let planter = party(&mut chain, "planter", 1_000);
    // Maintenance 46, equity 20: the spread is at most 1.5 %.
    chain.set_price(1, 9_200_000).expect("prices");
    rest(
        &mut chain,
        &planter,
        Order::limit(1, Side::Long, 100, 9_061_999),
    );
    liquidate(&mut chain, &weak).expect("finds nobody");
    assert_eq!(
        (lots(&chain, &weak, 1), lots(&chain, &planter, 1)),
        (100, 0)
    );
    assert_eq!(account(&chain, &weak).cash.0, 100 * USDC as i128);
}
