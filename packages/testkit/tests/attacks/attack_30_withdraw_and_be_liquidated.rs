//! Margin taken out at size, and the rest left to be liquidated. What stays after a withdrawal is the
//! whole initial requirement of what is open.

use crate::situation::{liquidate, one_market, party, refused, shorts_of, USDC};

#[test]
fn initial_margin_stays_at_every_price() {
    for price in [9_600_000, 10_000_000, 12_000_000, 17_000_000] {
        let mut chain = one_market();
        let whale = party(&mut chain, "whale", 1_000);
        shorts_of(&mut chain, 1, &whale, &[("other", 100_000, 900)]);
        chain.set_price(1, price).expect("prices");
        let free = chain.health(whale.id).expect("answers").withdrawable.0;
        if free > 0 {
            chain.withdraw(&whale.user, free).expect("is free");
        }
        refused(chain.withdraw(&whale.user, 1), "exceeds_withdrawable");
        let health = chain.health(whale.id).expect("answers");
        assert!(health.equity >= health.initial || free == 0);
        assert!(chain.balance(&whale.user) <= 1_000 * USDC);
        if free > 0 {
            refused(liquidate(&mut chain, &whale), "not_liquidatable");
            // Half of the margin may be lost before anybody is owed anything.
            let notional = 900 * price as i128;
            assert!(health.equity.0 * 10 >= notional, "{health:?}");
        }
    }
}
