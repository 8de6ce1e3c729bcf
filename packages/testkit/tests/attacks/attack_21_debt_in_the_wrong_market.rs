//! The hole of one market paid by another. A cross account's deficit stays in the markets that made
//! it, in proportion, down to the bad debt.

use perp_interface::fund::{Layer, RegisterMarket, Tranche};
use perp_interface::market::{CollectFees, ExecuteMsg, LossesQuery, LossesResponse, QueryMsg};
use perp_interface::params::{FundParams, MarketParams};
use perp_testkit::Chain;

use crate::situation::{
    capital, cross, equity, free_market, liquidate, list, loss, market, party, tranche,
    update_market, ENTRY, USDC,
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

const OWN: Tranche = Tranche::Market(2);

/// Market 1 draws from the shared tranche, market 2 from its own: a seed of 30 and a stake of 500 in each.
fn two_tranches() -> Chain {
    let fund = FundParams::without_limits();
    let mut chain = Chain::builder().check_every(1).fund(fund).build();
    list(&mut chain, &[1, 2]);
    let isolated = RegisterMarket {
        market: 2,
        isolated: true,
        window_cap: None,
        paid_in_cap: None,
    };
    chain.register(isolated).expect("isolates");
    let staker = chain.user("staker");
    for tranche in [Tranche::Shared, OWN] {
        chain
            .contribute_to(tranche, Layer::Seed, 30 * USDC)
            .expect("gives");
        chain.stake(&staker, tranche, 500 * USDC).expect("stakes");
    }
    chain
}

#[test]
fn the_hole_of_one_market_leaves_the_tranche_of_another_to_the_unit() {
    for (in_market, of, other) in [(1, Tranche::Shared, OWN), (2, OWN, Tranche::Shared)] {
        let mut chain = two_tranches();
        let before = tranche(&chain, other);
        let [loser, winner] =
            [("loser", 120), ("winner", 10_000)].map(|(name, usdc)| party(&mut chain, name, usdc));
        cross(&mut chain, in_market, (&loser, &winner), 100, ENTRY);
        chain.set_price(in_market, 2_000_000).expect("prices");
        liquidate(&mut chain, &loser).expect("liquidates");
        chain.finish_jobs(20).expect("ends");
        // 680 are missing, 530 are there, the winner bears the rest.
        assert_eq!(
            (loss(&chain, 1).fund_used.0, loss(&chain, 1).adl_taken.0),
            (530_000_000, 150_000_000)
        );
        let own = tranche(&chain, of);
        assert_eq!((own.seed.0, own.staked.0), (0, 0));
        assert_eq!(tranche(&chain, other), before);
    }
}

#[test]
fn an_account_in_both_markets_draws_from_each_what_was_lost_there() {
    let mut chain = two_tranches();
    let loser = party(&mut chain, "loser", 201);
    let [one, two] = ["one", "two"].map(|name| party(&mut chain, name, 10_000));
    for (market, other) in [(1, &one), (2, &two)] {
        cross(&mut chain, market, (&loser, other), 100, ENTRY);
    }
    // Losses of 200 and 100: 99 are missing, shared 2 to 1.
    chain.set_price(1, 8_000_000).expect("prices");
    chain.set_price(2, 9_000_000).expect("prices");
    assert_eq!(equity(&chain, &loser), -99_000_000);
    liquidate(&mut chain, &loser).expect("liquidates");
    chain.finish_jobs(20).expect("ends");
    for (of, used) in [(Tranche::Shared, 66_000_000), (OWN, 33_000_000)] {
        let tranche = tranche(&chain, of);
        let sums = tranche.sums;
        assert_eq!(sums.paid.0 - sums.returned.0, used);
        assert_eq!(tranche.seed.0 + tranche.staked.0, 530_000_000 - used);
    }
    for party in [&one, &two] {
        assert!(equity(&chain, party) > 10_000_000_000, "nobody else pays");
    }
}
