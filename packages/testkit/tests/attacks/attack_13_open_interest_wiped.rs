//! A liquidation that resets the market's open interest. Long and short lots are equal and recorded
//! after every path; the chain checks it after every message.

use perp_interface::Side;
use perp_testkit::chain::Order;

use crate::situation::{liquidate, market, one_market, party, rest, shorts_of};

#[test]
fn open_interest_is_what_is_open_after_every_path() {
    let mut chain = one_market();
    let bystander = party(&mut chain, "bystander", 10_000);
    shorts_of(&mut chain, 1, &bystander, &[("other", 10_000, 77)]);
    let weak = party(&mut chain, "weak", 105);
    shorts_of(&mut chain, 1, &weak, &[("a", 1_000, 100)]);
    assert_eq!(market(&chain, 1).open_interest.0, 177);
    // Sold down in part, to somebody who opens.
    chain.set_price(1, 9_300_000).expect("prices");
    let buyer = party(&mut chain, "buyer", 10_000);
    rest(
        &mut chain,
        &buyer,
        Order::limit(1, Side::Long, 20, 9_300_000),
    );
    liquidate(&mut chain, &weak).expect("sells");
    assert_eq!(market(&chain, 1).open_interest.0, 177);
    // Bankrupt, closed against winners: its lots are gone on both sides, and nobody else's.
    chain.set_price(1, 8_000_000).expect("prices");
    liquidate(&mut chain, &weak).expect("deleverages");
    assert_eq!(market(&chain, 1).open_interest.0, 97);
}
