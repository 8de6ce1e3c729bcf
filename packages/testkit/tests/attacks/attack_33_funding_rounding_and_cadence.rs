//! Funding paid is funding received, and neither depends on who touches what how often.

use perp_interface::params::MarketParams;
use perp_interface::{PerLot, Side};
use perp_testkit::chain::Order;
use perp_testkit::Chain;

use crate::situation::{
    equity, free_market, market, party, place_for, update_market, Party, ENTRY,
};

/// Equities of payer and receiver after a day, with `touches` trades of one lot by each of them.
fn a_day(rate: i128, touches: u64) -> (i128, i128, i128) {
    let mut chain = Chain::builder().check_every(7).build();
    let params = MarketParams {
        funding_rate: PerLot(rate),
        min_notional: perp_interface::Quote(0),
        bounty_per_fill: perp_interface::Quote(0),
        ..free_market()
    };
    chain.list(1, ENTRY, params.clone()).expect("lists");
    let [long, short, other] = ["long", "short", "other"].map(|n| party(&mut chain, n, 1_000));
    crate::situation::cross(&mut chain, 1, (&long, &short), 97, ENTRY);
    let start = [&long, &short].map(|p| equity(&chain, p));
    let trade = |chain: &mut Chain, maker: &Party, taker: &Party, side: Side| {
        let user = maker.user.clone();
        place_for(chain, (&user, 0), Order::limit(1, side, 1, ENTRY)).expect("rests");
        let order = Order::ioc(1, side.opposite(), 1, ENTRY);
        chain.place(&taker.user, order).expect("takes");
    };
    let steps = touches.max(1);
    for _ in 0..steps {
        chain.advance(86_400 / steps, 1);
        chain.set_price(1, ENTRY).expect("prices");
        if touches > 0 {
            // In and out again at one price and time: nothing but a touch.
            for side in [Side::Long, Side::Short] {
                trade(&mut chain, &long, &other, side);
                trade(&mut chain, &short, &other, side);
            }
        }
    }
    let [paid, received] =
        [(&long, start[0]), (&short, start[1])].map(|(p, before)| equity(&chain, p) - before);
    // A change of the rate now changes nothing of the past.
    let faster = MarketParams {
        funding_rate: PerLot(rate * 9),
        ..params
    };
    update_market(&mut chain, 1, faster).expect("updates");
    assert_eq!(equity(&chain, &long) - start[0], paid);
    (paid, received, market(&chain, 1).funding_pool.0)
}

#[test]
fn paid_is_received_whatever_the_cadence() {
    for rate in [12_345_678, -12_345_678, 1, 1 << 33] {
        let (paid, received, _) = a_day(rate, 0);
        assert!(
            (-2..=0).contains(&(paid + received)),
            "{paid} and {received}"
        );
        if rate.abs() > 1_000 {
            assert_eq!(
                paid.signum(),
                -(rate.signum()),
                "a positive rate is paid by longs"
            );
        }
        let (often_paid, often_received, _) = a_day(rate, 48);
        // Each settlement rounds up against its account: less than a unit for each.
        assert!(
            (0..=200).contains(&(paid - often_paid)),
            "{paid} {often_paid}"
        );
        assert!((0..=200).contains(&(received - often_received)));
    }
}
