//! A thousand tiny positions in front of, among and behind those that matter. The exact top is read
//! with one record for each class and each place, and a loss visits nobody in vain.

use perp_interface::params::MarketParams;
use perp_interface::queue::{ClassesQuery, ClassesResponse, QueryMsg, Top, TopResponse};
use perp_interface::{PerLot, Price, Quote, Side};
use perp_testkit::{receipts, Chain};

use crate::situation::{cross, free_market, liquidate, loss, party, Party, ENTRY};

const MARK: u64 = 8_000_000;

fn stuffed(dust: u32, dust_usdc: u128) -> (Chain, Party) {
    let mut chain = Chain::builder().build();
    let params = MarketParams {
        min_notional: Quote(0),
        bounty_per_fill: Quote(0),
        ..free_market()
    };
    chain.list(1, ENTRY, params).expect("lists");
    let sponge = party(&mut chain, "sponge", 1_000_000);
    for i in 0..dust {
        let tiny = party(&mut chain, &format!("dust {i}"), dust_usdc);
        cross(&mut chain, 1, (&sponge, &tiny), 1, ENTRY);
    }
    let loser = party(&mut chain, "loser", 110);
    for (name, usdc) in [("a", 60), ("b", 500)] {
        let winner = party(&mut chain, name, usdc);
        cross(&mut chain, 1, (&loser, &winner), 50, ENTRY);
    }
    chain.set_price(1, MARK).expect("prices");
    (chain, loser)
}

fn reads(chain: &Chain) -> (u64, u64) {
    let top = Top {
        market: 1,
        side: Side::Short,
        mark: Price(MARK),
        index: PerLot(0),
        score: None,
        pass: None,
        limit: Some(20),
    };
    let top: TopResponse = chain
        .query(&chain.addresses.queue, &QueryMsg::Top(top))
        .expect("answers");
    let classes = ClassesQuery {
        market: 1,
        side: Side::Short,
    };
    let classes: ClassesResponse = chain
        .query(&chain.addresses.queue, &QueryMsg::Classes(classes))
        .expect("answers");
    (top.reads, classes.classes.len() as u64)
}

#[test]
fn dust_behind_the_winners_is_not_read() {
    let mut candidates = Vec::new();
    for dust in [0, 1_000] {
        let (mut chain, loser) = stuffed(dust, 1_000);
        let (reads, classes) = reads(&chain);
        assert!(
            reads <= classes + 20,
            "{reads} with {classes} classes and {dust} dust"
        );
        assert!(classes <= 3);
        let events = liquidate(&mut chain, &loser).expect("liquidates");
        let steps = receipts::of_kind(&events, "job_step");
        candidates.push(steps.iter().map(|s| s.number("candidates")).sum::<i128>());
        assert!(loss(&chain, 1).closed);
    }
    assert_eq!(candidates, [2, 2]);
}

#[test]
fn dust_in_front_costs_a_fill_each_and_stops_nothing() {
    // More leverage than the winners: it stands in front, and is closed for its pains.
    let (mut chain, loser) = stuffed(1_000, 1);
    let events = liquidate(&mut chain, &loser).expect("liquidates");
    let fills = receipts::of_kind(&events, "adl_fill");
    let (first, rest) = fills.split_first().expect("fills");
    assert_eq!(first.number("lots"), 1);
    assert!(rest.iter().all(|f| f.number("lots") == 1));
    assert_eq!(fills.len(), 100, "one lot from each of a hundred");
    assert!(loss(&chain, 1).closed);
    perp_testkit::invariants::assert_all(&chain);
}
