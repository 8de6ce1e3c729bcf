//! One way out that skips the check. All money that left the market in a run of every message there
//! is went through a withdrawal, a liquidator's share of a fee, or to the fund.

use perp_interface::market::{CollectFees, ExecuteMsg};
use perp_interface::params::MarketParams;
use perp_interface::Side;
use perp_testkit::chain::Order;
use perp_testkit::{receipts, Chain};

use crate::situation::{cross, equity, party, refused, rest, ENTRY};

#[test]
fn every_coin_out_has_its_receipt() {
    let mut chain = Chain::builder().check_every(1).build();
    for market in [1, 2] {
        chain
            .list(market, ENTRY, MarketParams::default())
            .expect("lists");
    }
    let user = party(&mut chain, "user", 210);
    let other = party(&mut chain, "other", 1_000);
    let keeper = chain.user("keeper");
    let mut events = Vec::new();
    let held = |chain: &Chain| chain.balance(&chain.addresses.market) as i128;
    let deposits = held(&chain);
    for market in [1, 2] {
        cross(&mut chain, market, (&user, &other), 90, ENTRY);
    }
    events.extend(chain.withdraw(&user.user, 10_000_000).expect("is free"));
    rest(
        &mut chain,
        &other,
        Order::limit(1, Side::Long, 90, 9_350_000),
    );
    for market in [1, 2] {
        chain.set_price(market, 9_350_000).expect("prices");
    }
    let sold = chain.liquidate(&keeper, user.id).expect("sells");
    assert!(!receipts::of_kind(&sold, "liquidation").is_empty());
    events.extend(sold);
    let fees = ExecuteMsg::CollectFees(CollectFees { market: 1 });
    events.extend(chain.market(&keeper, fees).expect("collects"));
    refused(chain.withdraw(&user.user, 1 << 60), "exceeds_withdrawable");

    let sum = |kind: &str, key: &str| -> i128 {
        let all = receipts::of_kind(&events, kind);
        all.iter().map(|record| record.number(key)).sum()
    };
    let out = sum("withdraw", "amount")
        + sum("liquidation", "liquidator_fee")
        + sum("fees_collected", "to_fund");
    assert!(sum("liquidation", "liquidator_fee") > 0);
    assert_eq!(
        chain.balance(&keeper) as i128,
        sum("liquidation", "liquidator_fee")
    );
    assert_eq!(held(&chain), deposits - out);
    assert!(equity(&chain, &user) >= 0);
}
