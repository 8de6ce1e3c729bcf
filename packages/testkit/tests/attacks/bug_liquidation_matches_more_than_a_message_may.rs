//! The number of orders that one message matches is a parameter, so that its work has a bound.
//! `Liquidate` took it for each market of the account: sixteen times what was meant.

use perp_interface::params::ExchangeParams;
use perp_interface::Side;
use perp_testkit::chain::Order;
use perp_testkit::{receipts, Chain};

use crate::situation::{cross, liquidate, list, party, rest, ENTRY};

const MARKETS: [u16; 4] = [1, 2, 3, 4];

#[test]
fn all_books_together_share_the_limit() {
    for (price, kind) in [(9_400_000, "liquidation"), (8_900_000, "loss_book_fill")] {
        let mut chain = Chain::builder()
            .check_every(1)
            .exchange(ExchangeParams {
                max_fills: 8,
                ..ExchangeParams::default()
            })
            .build();
        list(&mut chain, &MARKETS);
        let long = party(&mut chain, "long", 400);
        let other = party(&mut chain, "other", 100_000);
        let maker = party(&mut chain, "maker", 100_000);
        for market in MARKETS {
            cross(&mut chain, market, (&long, &other), 100, ENTRY);
        }
        for market in MARKETS {
            chain.set_price(market, price).expect("prices");
            for _ in 0..5 {
                rest(
                    &mut chain,
                    &maker,
                    Order::limit(market, Side::Long, 2, 9_400_000),
                );
            }
        }
        let events = liquidate(&mut chain, &long).expect("liquidates");
        let fills = receipts::of_kind(&events, kind).len();
        assert_eq!(fills, 8, "{kind}");
    }
}
