//! The whole deficit divided by the size of a *partial* close: the first counterparties paid a price
//! far off the oracle. Here everybody pays the same per lot, however the close is cut.

use perp_testkit::receipts;
use perp_testkit::Chain;

use crate::situation::{liquidate, list, loss, party, shorts_of, steps_of};

#[test]
fn every_part_pays_the_same_per_lot_whatever_the_cut() {
    let cuts: [&[(&str, u128, u64)]; 3] = [
        &[("a", 1_000, 100)],
        &[("a", 1_000, 1), ("b", 1_000, 99)],
        &[("a", 900, 33), ("b", 800, 7), ("c", 700, 59), ("d", 600, 1)],
    ];
    for (shorts, step_limit) in cuts.iter().flat_map(|cut| [(cut, 1), (cut, 500)]) {
        let mut chain = Chain::builder()
            .check_every(1)
            .queue(steps_of(step_limit))
            .build();
        list(&mut chain, &[1]);
        let loser = party(&mut chain, "loser", 120);
        shorts_of(&mut chain, 1, &loser, shorts);
        chain.set_price(1, 7_999_999).expect("prices");
        let mut events = liquidate(&mut chain, &loser).expect("liquidates");
        events.extend(chain.finish_jobs(20).expect("ends").1);
        let (need, lots) = (loss(&chain, 1).need.0, 100);
        assert_eq!(need, 80_000_100);
        for fill in receipts::of_kind(&events, "adl_fill") {
            let (q, charge) = (fill.number("lots"), fill.number("charge"));
            let off = charge * lots - need * q;
            assert!(off.abs() <= lots, "{charge} for {q} lots");
        }
        assert_eq!(loss(&chain, 1).adl_taken.0, need);
    }
}
