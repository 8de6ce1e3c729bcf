//! 10, as far as a state shows it: nothing stands in the way of a liquidation. Orders are where their
//! account says, counted, not crossed, and never those of a frozen account.

use std::collections::{BTreeMap, BTreeSet};

use perp_interface::market::{
    BookQuery, BookResponse, OrderResponse, OrdersQuery, OrdersResponse, QueryMsg,
};
use perp_interface::{MarketId, Side};
use perp_market::state::{ACCOUNTS, MARKETS};

use super::Findings;
use crate::chain::{Chain, ChainError, ChainResult};
use crate::scan::Scan;

/// Most orders of a side that are looked at: as many as one query answers.
const MOST: u32 = 500;

/// Books against accounts, and their counters.
pub(super) fn books(chain: &Chain, scan: &Scan, found: &mut Findings) -> ChainResult<()> {
    let mut resting = BTreeMap::new();
    for market in &scan.markets {
        let mut best = Vec::new();
        for side in [Side::Long, Side::Short] {
            let orders = book(chain, market.market, side)?;
            best.extend(orders.first().map(|order| order.price));
            let recorded = counter(chain, market.market, side)?;
            let whole = orders.len() < MOST as usize;
            found.check(10, !whole || recorded as usize == orders.len(), || {
                format!(
                    "market {} {side}: {} orders, {recorded} counted",
                    market.market,
                    orders.len()
                )
            });
            resting.extend(orders.into_iter().map(|order| (order.order_id, order)));
        }
        if let [bid, ask] = best[..] {
            found.check(10, bid < ask, || {
                format!("market {}: bid {bid} meets ask {ask}", market.market)
            });
        }
    }
    owners(chain, scan, resting, found)
}

fn owners(
    chain: &Chain,
    scan: &Scan,
    mut resting: BTreeMap<u64, OrderResponse>,
    found: &mut Findings,
) -> ChainResult<()> {
    let markets: BTreeMap<_, _> = scan.markets.iter().map(|m| (m.market, m)).collect();
    for account in &scan.accounts {
        let id = account.account;
        let query = QueryMsg::Orders(OrdersQuery { account: id });
        let own: OrdersResponse = chain.query(&chain.addresses.market, &query)?;
        let stored = ACCOUNTS
            .query(&chain.app.wrap(), chain.addresses.market.clone(), id)
            .map_err(|e| ChainError(e.to_string()))?;
        let counted = stored.map_or(0, |stored| stored.orders);
        found.check(10, counted as usize == own.orders.len(), || {
            format!(
                "account {id}: {} orders, {counted} counted",
                own.orders.len()
            )
        });
        for order in own.orders {
            let on_book = resting.remove(&order.order_id);
            let agrees = on_book.as_ref() == Some(&order) && order.lots.0 > 0;
            found.check(10, agrees && !account.locked, || {
                format!("{order:?} of account {id}, on the book {on_book:?}")
            });
        }
        let open: BTreeSet<_> = account.positions.iter().map(|p| p.market).collect();
        let shut = open
            .iter()
            .all(|market| markets[market].deleveraging == Some(id));
        found.check(10, !account.locked || shut, || {
            format!("account {id} is locked, its markets {open:?} are not all shut")
        });
    }
    found.check(10, resting.is_empty(), || {
        format!("orders of nobody: {resting:?}")
    });
    Ok(())
}

fn book(chain: &Chain, market: MarketId, side: Side) -> ChainResult<Vec<OrderResponse>> {
    let query = QueryMsg::Book(BookQuery {
        market,
        side,
        limit: Some(MOST),
    });
    let book: BookResponse = chain.query(&chain.addresses.market, &query)?;
    Ok(book.orders)
}

fn counter(chain: &Chain, market: MarketId, side: Side) -> ChainResult<u32> {
    let stored = MARKETS
        .query(&chain.app.wrap(), chain.addresses.market.clone(), market)
        .map_err(|e| ChainError(e.to_string()))?;
    Ok(stored.map_or(0, |stored| stored.orders[usize::from(side.bit())]))
}
