//! The hole of one market paid by another. A cross account's deficit stays in the markets that made
//! it, in proportion, down to the bad debt.

use perp_interface::market::{CollectFees, ExecuteMsg, LossesQuery, LossesResponse, QueryMsg};
use perp_interface::params::MarketParams;

use crate::situation::{
    capital, cross, equity, free_market, liquidate, list, market, party, update_market, ENTRY,
};

#[test]
fn each_market_pays_for_its_own_losses() {
    let mut chain = perp_testkit::Chain::builder().check_every(1).build();
    list(&mut chain, &[1, 2, 3]);
    let loser = party(&mut chain, "loser", 301);
    let [one, two, three] = ["one", "two", "three"].map(|name| party(&mut chain, name, 101));
    for (market, other) in [(1, &one), (2, &two)] {
        cross(&mut chain, market, (&loser, other), 100, ENTRY);
    }
    cross(&mut chain, 3, (&three, &loser), 100, ENTRY);
    // Losses of 600 and 300, a profit of 50: 549 are missing, shared 2 to 1.
    chain.set_price(1, 4_000_000).expect("prices");
    chain.set_price(2, 7_000_000).expect("prices");
    chain.set_price(3, 9_500_000).expect("prices");
    assert_eq!(equity(&chain, &loser), -549_000_000);
    let before = equity(&chain, &three);
    liquidate(&mut chain, &loser).expect("liquidates");
    chain.finish_jobs(20).expect("ends");
    let query = QueryMsg::Losses(LossesQuery {
        start_after: None,
        limit: None,
    });
    let losses: LossesResponse = chain
        .query(&chain.addresses.market, &query)
        .expect("answers");
    let needs: Vec<_> = losses
        .losses
        .iter()
        .map(|l| (l.terms.market, l.need.0))
        .collect();
    assert_eq!(needs, [(1, 366_000_000), (2, 183_000_000), (3, 0)]);
    assert_eq!(
        equity(&chain, &three),
        before,
        "who lost to it pays nothing"
    );
    assert_eq!(
        equity(&chain, &one),
        101_000_000 + 600_000_000 - 366_000_000
    );
    assert_eq!(
        equity(&chain, &two),
        101_000_000 + 300_000_000 - 183_000_000
    );
    assert!((1..=3).all(|m| market(&chain, m).bad_debt.0 == 0));
}

#[test]
fn a_bad_debt_is_its_markets_own_and_has_the_first_claim_on_its_fees() {
    let mut chain = perp_testkit::Chain::builder().check_every(1).build();
    list(&mut chain, &[1, 2]);
    let loser = party(&mut chain, "loser", 100);
    let [winner, heir, two] = ["winner", "heir", "two"].map(|n| party(&mut chain, n, 10_000));
    cross(&mut chain, 1, (&loser, &winner), 100, ENTRY);
    cross(&mut chain, 2, (&heir, &two), 100, ENTRY);
    chain.set_price(1, 8_000_000).expect("prices");
    chain.set_price(2, 8_000_000).expect("prices");
    // The winner leaves before anybody liquidates; whoever took over has won nothing.
    cross(&mut chain, 1, (&winner, &heir), 100, 8_000_000);
    let others = equity(&chain, &two);
    liquidate(&mut chain, &loser).expect("liquidates");
    chain.finish_jobs(20).expect("ends");
    assert_eq!(
        (market(&chain, 1).bad_debt.0, market(&chain, 2).bad_debt.0),
        (100_000_000, 0)
    );
    assert_eq!(
        equity(&chain, &two),
        others,
        "profit in the other market is not asked"
    );

    let dear = MarketParams {
        taker_fee_bps: 100,
        ..free_market()
    };
    for id in [1, 2] {
        update_market(&mut chain, id, dear.clone()).expect("updates");
        cross(&mut chain, id, (&winner, &heir), 100, 8_000_000);
        let fees = ExecuteMsg::CollectFees(CollectFees { market: id });
        chain.market(&two.user, fees).expect("collects");
    }
    assert_eq!(market(&chain, 1).bad_debt.0, 92_000_000);
    assert_eq!(
        capital(&chain).revenue.0,
        8_000_000,
        "of the market without bad debt"
    );
}
