//! Letting oneself be liquidated by one wallet and bought by another must not pay, for a solvent
//! account and for a bankrupt one.

use perp_interface::Side;
use perp_testkit::chain::Order;
use perp_testkit::Chain;

use crate::situation::{equity, list, party, rest, shorts_of, update_market, Party};

fn wealth(chain: &Chain, wallets: &[&Party]) -> i128 {
    let wallet = |w: &&Party| equity(chain, w) + chain.balance(&w.user) as i128;
    wallets.iter().map(wallet).sum()
}

#[test]
fn three_wallets_of_one_owner_never_gain() {
    for price in [9_400_000, 9_200_000, 9_050_000, 9_001_000] {
        for discount in [0, 20_000, 60_000, 130_000] {
            let mut chain = Chain::builder().check_every(1).build();
            list(&mut chain, &[1]);
            let weak = party(&mut chain, "weak", 100);
            shorts_of(&mut chain, 1, &weak, &[("other", 10_000, 100)]);
            let [liquidator, buyer] = ["liquidator", "buyer"].map(|n| party(&mut chain, n, 1_000));
            let fee = perp_interface::params::MarketParams {
                liquidation_fee_bps: 50,
                ..crate::situation::free_market()
            };
            update_market(&mut chain, 1, fee).expect("updates");
            chain.set_price(1, price).expect("prices");
            let bid = Order::limit(1, Side::Long, 100, price - discount);
            rest(&mut chain, &buyer, bid);
            let wallets = [&weak, &liquidator, &buyer];
            let before = wealth(&chain, &wallets);
            chain
                .liquidate(&liquidator.user, weak.id)
                .expect("liquidates");
            assert!(
                wealth(&chain, &wallets) <= before,
                "{discount} below {price}"
            );
            assert!(equity(&chain, &weak) >= 0);
        }
    }
}
