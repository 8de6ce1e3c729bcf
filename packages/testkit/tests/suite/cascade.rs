//! The main path: bankrupt account, fund that runs short, ranked queue.

use perp_interface::params::FundParams;
use perp_testkit::{receipts, Chain};

use crate::situation::{cross, loss, market, party, ENTRY};

#[test]
fn fund_pays_a_part_and_the_queue_takes_the_rest_exactly() {
    let fund = FundParams::without_limits();
    let mut chain = Chain::builder().check_every(1).fund(fund).build();
    market(&mut chain, 1);
    chain.contribute(30_000_000).expect("contributes");
    let long = party(&mut chain, "long", 120_000_000);
    let whale = party(&mut chain, "whale", 10_000_000_000);
    let shorts = [
        ("a", 1_000_000_000u128),
        ("b", 300_000_000),
        ("c", 200_000_000),
    ]
    .map(|(name, deposit)| party(&mut chain, name, deposit));
    for short in &shorts {
        cross(&mut chain, 1, (&whale, short), 40, ENTRY);
    }
    // 100 lots of 10 USDC with 120 USDC of margin.
    cross(&mut chain, 1, (&long, &whale), 100, ENTRY);
    // Down 20 %: a loss of 200 against 120.
    chain.set_price(1, 8_000_000).expect("prices");
    let keeper = chain.user("keeper");
    let events = chain.liquidate(&keeper, long.id).expect("liquidates");
    let loss = loss(&chain, 1);
    assert!(loss.closed, "{loss:?}");
    assert_eq!(loss.need.0, 80_000_000);
    assert_eq!(loss.fund_used.0, 30_000_000);
    assert_eq!(loss.adl_taken.0, 50_000_000);
    assert_eq!((loss.book_lots.0, loss.adl_lots.0), (0, 100));
    let fills = receipts::of_kind(&events, "adl_fill");
    let order: Vec<_> = fills.iter().map(|f| f.number("account") as u64).collect();
    assert_eq!(
        order,
        [shorts[2].id, shorts[1].id, shorts[0].id],
        "highest leverage first"
    );
    assert_eq!(
        fills.iter().map(|f| f.number("charge")).sum::<i128>(),
        50_000_000
    );
    let account = chain.account(&long.user).expect("is there");
    assert_eq!(
        (account.cash.0, account.positions.len(), account.locked),
        (0, 0, false)
    );
}
