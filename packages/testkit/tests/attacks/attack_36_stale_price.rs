//! Trading at a known price while the chain is congested. Trades are made at the price of a maker,
//! never at the oracle's; and nothing opens, leaves or is liquidated on a stale mark.

use perp_interface::feed::{ExecuteMsg as FeedMsg, PriceUpdate, SetPrices};
use perp_interface::{Price, Side};
use perp_testkit::chain::Order;

use crate::situation::{liquidate, lots, one_market, party, refused, rest, shorts_of, ENTRY};

#[test]
fn nothing_opens_or_leaves_on_an_old_price_and_reducing_has_its_limit_too() {
    let mut chain = one_market();
    let user = party(&mut chain, "user", 1_000);
    shorts_of(&mut chain, 1, &user, &[("other", 1_000, 50)]);
    let maker = party(&mut chain, "maker", 1_000);
    rest(&mut chain, &maker, Order::limit(1, Side::Long, 50, ENTRY));
    rest(
        &mut chain,
        &maker,
        Order::limit(1, Side::Short, 50, ENTRY + 1),
    );
    chain.advance(61, 10);
    let open = Order::ioc(1, Side::Long, 10, ENTRY + 1);
    refused(chain.place(&user.user, open), "stale_price");
    refused(chain.withdraw(&user.user, 1), "stale_price");
    let reduce = Order::ioc(1, Side::Short, 10, ENTRY);
    chain.place(&user.user, reduce).expect("reduces");
    assert_eq!(lots(&chain, &user, 1), 40);
    chain.advance(540, 90);
    refused(chain.place(&user.user, reduce), "stale_price");
    refused(liquidate(&mut chain, &user), "stale_price");
}

#[test]
fn a_liquidation_waits_for_a_price() {
    let mut chain = one_market();
    let weak = party(&mut chain, "weak", 100);
    shorts_of(&mut chain, 1, &weak, &[("other", 1_000, 100)]);
    chain.set_price(1, 8_900_000).expect("prices");
    chain.advance(601, 100);
    refused(liquidate(&mut chain, &weak), "stale_price");
    chain.set_price(1, 9_900_000).expect("it was a spike");
    refused(liquidate(&mut chain, &weak), "not_liquidatable");
}

#[test]
fn time_does_not_run_backwards() {
    let mut chain = one_market();
    chain.advance(30, 5);
    chain.set_price(1, ENTRY + 5).expect("prices");
    let now = chain.app.block_info().time.seconds();
    let (sender, feed) = (chain.governance.clone(), chain.addresses.feed.clone());
    for (publish_time, code) in [
        (now - 1, "price_out_of_order"),
        (now - 61, "price_too_old"),
        (now + 6, "price_from_future"),
    ] {
        let update = PriceUpdate {
            market: 1,
            price: Price(ENTRY),
            publish_time,
        };
        let msg = FeedMsg::SetPrices(SetPrices {
            prices: vec![update],
        });
        refused(chain.send(&sender, &feed, &msg, &[]), code);
    }
}
