//! The fee of a full close was charged after the position was gone, and a debt that it added to was
//! then noted as a long's: had the account gone bankrupt, the haircut would have fallen on the
//! other shorts instead of on the longs who had won from it.

use perp_interface::params::MarketParams;
use perp_interface::Side;
use perp_testkit::chain::Order;
use perp_testkit::Chain;

use crate::situation::{account, cross, party, rest, ENTRY};

fn with_fees() -> Chain {
    let mut chain = Chain::builder().check_every(1).build();
    for market in [1, 2] {
        chain
            .list(market, ENTRY, MarketParams::default())
            .expect("lists");
    }
    chain
}

#[test]
fn a_short_that_closes_as_taker_or_maker_leaves_the_debt_of_a_short() {
    for as_maker in [false, true] {
        let mut chain = with_fees();
        let debtor = party(&mut chain, "debtor", 101);
        let other = party(&mut chain, "other", 10_000);
        cross(&mut chain, 1, (&debtor, &other), 50, ENTRY);
        cross(&mut chain, 2, (&other, &debtor), 40, ENTRY);
        chain.set_price(1, 14_000_000).expect("prices");
        chain.set_price(2, 13_000_000).expect("prices");
        // Profit of 200 in the first market holds the account up; a loss of 120 is realised.
        let bid = Order::limit(2, Side::Long, 40, 13_000_000);
        let ask = Order::limit(2, Side::Short, 40, 13_000_000);
        if as_maker {
            rest(&mut chain, &debtor, bid);
            chain.place(&other.user, ask).expect("trades");
        } else {
            rest(&mut chain, &other, ask);
            chain.place(&debtor.user, bid).expect("trades");
        }
        let debts = account(&chain, &debtor).debts;
        assert_eq!(debts.len(), 1, "{debts:?}");
        assert_eq!((debts[0].market, debts[0].side), (2, Side::Short));
    }
}
