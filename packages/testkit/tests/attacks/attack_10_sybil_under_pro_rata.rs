//! One position in many accounts must give as much as in one, when a loss is spread over everybody.

use perp_interface::params::QueueParams;
use perp_interface::Policy;
use perp_testkit::{receipts, Chain};

use crate::situation::{cross, liquidate, list, loss, party, Party, ENTRY};

/// Lots of the player, and its cash per lot in USDC.
const LOTS: u64 = 120;
const PER_LOT: u128 = 3;

/// What a loss of 100 lots takes from the player's accounts together: lots and money.
fn taken(policy: Policy, parts: &[u64]) -> (i128, i128) {
    assert_eq!(parts.iter().sum::<u64>(), LOTS);
    let queue = QueueParams {
        default_policy: policy,
        ..QueueParams::default()
    };
    let mut chain = Chain::builder().queue(queue).check_every(1).build();
    list(&mut chain, &[1]);
    let loser = party(&mut chain, "loser", 150);
    let whale = party(&mut chain, "whale", 10_000);
    let mut own = Vec::new();
    for (i, lots) in parts.iter().enumerate() {
        let part = party(
            &mut chain,
            &format!("part {i}"),
            PER_LOT * u128::from(*lots),
        );
        cross(&mut chain, 1, (&whale, &part), *lots, ENTRY);
        own.push(part.id as i128);
    }
    for (i, (usdc, lots, better)) in [(150, 60, 200_000), (500, 80, 0), (90, 40, 700_000)]
        .into_iter()
        .enumerate()
    {
        let other: Party = party(&mut chain, &format!("other {i}"), usdc);
        cross(&mut chain, 1, (&whale, &other), lots, ENTRY + better);
    }
    cross(&mut chain, 1, (&loser, &whale), 100, ENTRY);
    chain.set_price(1, 8_000_000).expect("prices");
    let events = liquidate(&mut chain, &loser).expect("liquidates");
    assert!(loss(&chain, 1).closed);
    let mut fills = receipts::of_kind(&events, "adl_fill");
    assert_eq!(fills.iter().map(|f| f.number("lots")).sum::<i128>(), 100);
    fills.retain(|f| own.contains(&f.number("account")));
    (
        fills.iter().map(|f| f.number("lots")).sum(),
        fills.iter().map(|f| f.number("charge")).sum(),
    )
}

fn splits() -> [Vec<u64>; 5] {
    [
        vec![60; 2],
        vec![24; 5],
        vec![6; 20],
        vec![1, 119],
        vec![1, 2, 4, 8, 105],
    ]
}

#[test]
fn k_accounts_give_what_one_gives_and_k_lots_more_at_the_most() {
    let policy = Policy::of_breadth(10_000);
    let (lots, charge) = taken(policy, &[LOTS]);
    assert!(lots > 20 && lots < LOTS as i128, "shared: {lots}");
    let per_lot = 50_000_000 / 100;
    for parts in splits() {
        let k = parts.len() as i128;
        let (split_lots, split_charge) = taken(policy, &parts);
        println!("{k} accounts: {split_lots} lots, charged {split_charge}; one: {lots}, {charge}");
        assert!((split_lots - lots).abs() <= k);
        assert!((split_charge - charge).abs() <= k * per_lot + 2 * k);
        assert!(
            split_lots >= lots - 1,
            "rounding is against the one who splits"
        );
    }
}

#[test]
fn the_classic_queue_takes_the_same_lots_exactly() {
    let (lots, charge) = taken(Policy::default(), &[LOTS]);
    for parts in splits() {
        let (split_lots, split_charge) = taken(Policy::default(), &parts);
        assert_eq!(split_lots, lots);
        assert!((split_charge - charge).abs() <= 2 * parts.len() as i128);
    }
}
