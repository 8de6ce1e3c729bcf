//! Winners with less profit than the loss asks for: every pass is reached, each to its exact cap.

use perp_interface::market::{CollectFees, ExecuteMsg, UpdateMarket};
use perp_interface::params::{MarketParams, QueueParams};
use perp_testkit::receipts::{self, Record};
use perp_testkit::scan;
use perp_testkit::Chain;

use crate::situation::{capital, cross, loss, market, market_of, party, Party, ENTRY, USDC};

struct Poor {
    long: Party,
    first: Party,
    second: Party,
    third: Party,
    rich: Party,
}

/// At 6 USDC the long has lost 400 with 100: 3 USDC a lot are asked for. Against it stand
/// - `first`, 50 lots: bears its 150 in the first pass and keeps 50;
/// - `second`, 50 lots, with 60 of equity under 70 of maintenance elsewhere: second pass, 60;
/// - `third`, 10 lots that nobody closes, with 15 of equity: haircut of 15.
fn poor(chain: &mut Chain) -> Poor {
    market(chain, 1);
    market(chain, 2);
    let long = party(chain, "long", 100 * USDC);
    let first = party(chain, "first", 50 * USDC);
    let second = party(chain, "second", 1_260 * USDC);
    let third = party(chain, "third", 375 * USDC);
    let rich = party(chain, "rich", 100_000 * USDC);
    cross(chain, 1, (&long, &first), 50, ENTRY);
    cross(chain, 1, (&long, &second), 50, ENTRY);
    cross(chain, 1, (&rich, &third), 10, ENTRY);
    cross(chain, 2, (&second, &rich), 280, ENTRY);
    cross(chain, 2, (&third, &rich), 80, ENTRY);
    chain.set_price(1, 6_000_000).expect("prices");
    chain.set_price(2, 5_000_000).expect("prices");
    Poor {
        long,
        first,
        second,
        third,
        rich,
    }
}

fn rows(records: &[Record], amount: &str) -> Vec<(i128, i128, i128)> {
    records
        .iter()
        .map(|r| (r.number("pass"), r.number("account"), r.number(amount)))
        .collect()
}

fn every_pass(step_limit: u32) {
    let mut chain = Chain::builder()
        .queue(QueueParams {
            step_limit,
            ..QueueParams::default()
        })
        .check_every(1)
        .build();
    let poor = poor(&mut chain);
    let keeper = chain.user("keeper");
    let mut events = chain.liquidate(&keeper, poor.long.id).expect("liquidates");
    events.extend(chain.finish_jobs(50).expect("ends").1);

    let (first, second, third) = (
        poor.first.id as i128,
        poor.second.id as i128,
        poor.third.id as i128,
    );
    let fills = receipts::of_kind(&events, "adl_fill");
    assert_eq!(
        rows(&fills, "charge"),
        [(1, first, 150_000_000), (2, second, 60_000_000)]
    );
    let haircuts = receipts::of_kind(&events, "adl_haircut");
    assert_eq!(
        rows(&haircuts, "amount"),
        [(4, first, 50_000_000), (5, third, 15_000_000)]
    );
    let bad = receipts::of_kind(&events, "bad_debt");
    assert_eq!(bad.len(), 1);
    assert_eq!(bad[0].number("amount"), 25_000_000);
    let loss = loss(&chain, 1);
    assert!(loss.closed);
    assert_eq!(
        (
            loss.need.0,
            loss.adl_taken.0,
            loss.haircut.0,
            loss.bad_debt.0
        ),
        (300_000_000, 260_000_000, 15_000_000, 25_000_000)
    );
    // Bad debt only beyond every cap: nobody has both profit of this loss and equity left.
    assert_eq!(
        poor.first.cash(&chain),
        50_000_000,
        "its principal, untouched"
    );
    assert_eq!(
        (poor.second.equity(&chain), poor.third.equity(&chain)),
        (0, 0)
    );
    assert_eq!(market_of(&chain, 1).bad_debt.0, 25_000_000);
    assert_eq!(poor.long.cash(&chain), 0);
}

#[test]
fn every_pass_is_reached_in_one_transaction() {
    every_pass(500);
}

#[test]
fn every_pass_is_reached_one_unit_of_work_at_a_time() {
    every_pass(1);
}

#[test]
fn fees_repay_bad_debt_before_the_fund_gets_any() {
    let mut chain = Chain::builder().check_every(1).build();
    let poor = poor(&mut chain);
    let keeper = chain.user("keeper");
    chain.liquidate(&keeper, poor.long.id).expect("liquidates");
    let authority = chain.governance.clone();
    let msg = ExecuteMsg::UpdateMarket(UpdateMarket {
        market: 1,
        expected_version: 1,
        params: MarketParams::default(),
    });
    chain.market(&authority, msg).expect("fees from now on");
    let partner = party(&mut chain, "partner", 100_000 * USDC);
    let collect = |chain: &mut Chain, lots: u64| {
        cross(chain, 1, (&partner, &poor.rich), lots, 6_000_000);
        let msg = ExecuteMsg::CollectFees(CollectFees { market: 1 });
        let events = chain.market(&keeper, msg).expect("collects");
        let collected = receipts::of_kind(&events, "fees_collected");
        (
            collected[0].number("to_bad_debt"),
            collected[0].number("to_fund"),
        )
    };
    // 6 000 USDC at 5 + 2 basis points, then six times as much.
    assert_eq!(collect(&mut chain, 1_000), (4_200_000, 0));
    assert_eq!(market_of(&chain, 1).bad_debt.0, 20_800_000);
    assert_eq!(capital(&chain).revenue.0, 0);
    assert_eq!(collect(&mut chain, 6_000), (20_800_000, 4_400_000));
    assert_eq!(market_of(&chain, 1).bad_debt.0, 0);
    assert_eq!(capital(&chain).revenue.0, 4_400_000);
    assert_eq!(collect(&mut chain, 1_000), (0, 4_200_000));
    assert!(scan::accounts(&chain)
        .expect("scans")
        .iter()
        .all(|a| !a.locked));
}
