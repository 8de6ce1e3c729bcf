//! A loss met better bids than its bankruptcy price only when the fund paid: the first attempt had
//! been used up by others. The surplus was sent back to the fund as if it had been paid by it, the
//! fund refused, and the loss and its market stayed shut as long as the bids stood.

use perp_interface::params::ExchangeParams;
use perp_interface::Side;
use perp_testkit::chain::Order;
use perp_testkit::Chain;

use crate::situation::{capital, capped, cross, liquidate, list, loss, market, party, rest, ENTRY};

#[test]
fn what_good_fills_bring_goes_to_the_market_not_back_to_the_fund() {
    let mut chain = Chain::builder()
        .check_every(1)
        .exchange(ExchangeParams {
            max_fills: 1,
            ..ExchangeParams::default()
        })
        .fund(capped(5))
        .build();
    list(&mut chain, &[1]);
    chain.contribute(1_000_000_000).expect("contributes");
    let long = party(&mut chain, "long", 100);
    let other = party(&mut chain, "other", 10_000);
    let friend = party(&mut chain, "friend", 10_000);
    cross(&mut chain, 1, (&long, &other), 100, ENTRY);
    // 100 lots lack 10 USDC: the bankruptcy price is 0.1 above the mark of 8.9.
    chain.set_price(1, 8_900_000).expect("prices");
    rest(
        &mut chain,
        &friend,
        Order::limit(1, Side::Long, 98, 9_500_000),
    );
    rest(
        &mut chain,
        &friend,
        Order::limit(1, Side::Long, 2, 9_600_000),
    );
    liquidate(&mut chain, &long).expect("liquidates");

    let loss = loss(&chain, 1);
    assert!(loss.closed, "{loss:?}");
    assert_eq!(loss.book_lots.0, 100, "2 without the fund, 98 with it");
    assert_eq!(market(&chain, 1).deleveraging, None);
    assert_eq!(
        capital(&chain).capital.0,
        1_000_000_000,
        "the fund gets back what it paid"
    );
    assert!(market(&chain, 1).fees.0 > 0, "the surplus is the market's");
}
