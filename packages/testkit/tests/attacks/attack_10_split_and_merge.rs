//! Splitting a position into many trades, or merging many into one, must not change what is taken.

use perp_testkit::receipts;

use crate::situation::{cross, liquidate, one_market, party, ENTRY};

fn charges(pieces: &[(u64, u64)]) -> Vec<(i128, i128, i128)> {
    let mut chain = one_market();
    let loser = party(&mut chain, "loser", 150);
    let winner = party(&mut chain, "winner", 300);
    let second = party(&mut chain, "second", 3_000);
    for (lots, price) in pieces {
        cross(&mut chain, 1, (&loser, &winner), *lots, *price);
    }
    cross(&mut chain, 1, (&loser, &second), 20, ENTRY);
    chain.set_price(1, 7_000_000).expect("prices");
    let events = liquidate(&mut chain, &loser).expect("liquidates");
    let fills = receipts::of_kind(&events, "adl_fill");
    fills
        .iter()
        .map(|f| (f.number("lots"), f.number("profit"), f.number("charge")))
        .collect()
}

#[test]
fn the_same_is_taken_however_the_position_came_about() {
    let once = charges(&[(100, ENTRY)]);
    assert_eq!(once, charges(&[(1, ENTRY); 100]));
    assert_eq!(once, charges(&[(50, ENTRY - 1_000), (50, ENTRY + 1_000)]));
    assert_eq!(once.len(), 2);
}
