//! The stored order book: ascending keys are price-time priority on both sides.

use cosmwasm_std::{Order, Storage};
use cw_storage_plus::Bound;
use perp_interface::{AccountId, Lots, MarketId, Price, Side};

use crate::error::ContractResult;
use crate::state::{RestingOrder, BOOK, ORDERS};

/// A resting order with what its key says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resting {
    /// Its number; older is smaller.
    pub id: u64,
    /// Its market.
    pub market: MarketId,
    /// Long for a bid.
    pub side: Side,
    /// Its price.
    pub price: Price,
    /// Its account.
    pub account: AccountId,
    /// Lots left.
    pub lots: Lots,
    /// Reduce-only.
    pub reduce_only: bool,
}

fn prefix(market: MarketId, side: Side) -> u32 {
    u32::from(market) << 1 | u32::from(side.bit())
}

/// Bids store the inverted price, so that one ascending range is best first on both sides.
fn sort_price(side: Side, price: Price) -> u64 {
    match side {
        Side::Long => !price.0,
        Side::Short => price.0,
    }
}

fn key(side: Side, price: Price, id: u64) -> [u8; 16] {
    let mut key = [0; 16];
    key[..8].copy_from_slice(&sort_price(side, price).to_be_bytes());
    key[8..].copy_from_slice(&id.to_be_bytes());
    key
}

fn parse(market: MarketId, side: Side, key: [u8; 16], order: RestingOrder) -> Resting {
    let [mut price, mut id] = [[0; 8]; 2];
    price.copy_from_slice(&key[..8]);
    id.copy_from_slice(&key[8..]);
    let price = u64::from_be_bytes(price);
    Resting {
        id: u64::from_be_bytes(id),
        market,
        side,
        price: Price(match side {
            Side::Long => !price,
            Side::Short => price,
        }),
        account: order.0,
        lots: Lots(order.1),
        reduce_only: order.2,
    }
}

/// The best orders on `side`, behind `after` if that is given, that are no worse than `worst` for
/// somebody who trades against them, until they hold `lots` or there are `most` of them.
pub fn best(
    storage: &dyn Storage,
    (market, side): (MarketId, Side),
    after: Option<&Resting>,
    worst: Option<Price>,
    (lots, most): (Lots, u32),
) -> ContractResult<Vec<Resting>> {
    let start = after.map(|order| Bound::exclusive(key(side, order.price, order.id)));
    let end = worst.map(|price| Bound::inclusive(key(side, price, u64::MAX)));
    let mut found = Vec::new();
    let mut sum = 0u64;
    for item in BOOK
        .prefix(prefix(market, side))
        .range(storage, start, end, Order::Ascending)
        .take(most as usize)
    {
        let (key, order) = item?;
        sum = sum.saturating_add(order.1);
        found.push(parse(market, side, key, order));
        if sum >= lots.0 {
            break;
        }
    }
    Ok(found)
}

/// Whether an order at `price` would stand before `other`.
pub fn is_before(price: Price, other: &Resting) -> bool {
    sort_price(other.side, price) < sort_price(other.side, other.price)
}

/// The last order of a side.
pub fn worst(
    storage: &dyn Storage,
    (market, side): (MarketId, Side),
) -> ContractResult<Option<Resting>> {
    let last = BOOK
        .prefix(prefix(market, side))
        .range(storage, None, None, Order::Descending)
        .next()
        .transpose()?;
    Ok(last.map(|(key, order)| parse(market, side, key, order)))
}

/// Puts an order on the book, or replaces it.
pub fn put(storage: &mut dyn Storage, order: &Resting) -> ContractResult<()> {
    let value = RestingOrder(order.account, order.lots.0, order.reduce_only);
    BOOK.save(
        storage,
        (
            prefix(order.market, order.side),
            key(order.side, order.price, order.id),
        ),
        &value,
    )?;
    Ok(())
}

/// Notes where an account's order rests.
pub fn index(storage: &mut dyn Storage, order: &Resting) -> ContractResult<()> {
    let place = (order.market, order.side.bit(), order.price.0);
    ORDERS.save(storage, (order.account, order.id), &place)?;
    Ok(())
}

/// Takes an order off the book.
pub fn remove(storage: &mut dyn Storage, order: &Resting) {
    BOOK.remove(
        storage,
        (
            prefix(order.market, order.side),
            key(order.side, order.price, order.id),
        ),
    );
    ORDERS.remove(storage, (order.account, order.id));
}

/// One order of an account.
pub fn find(storage: &dyn Storage, account: AccountId, id: u64) -> ContractResult<Option<Resting>> {
    let Some((market, side, price)) = ORDERS.may_load(storage, (account, id))? else {
        return Ok(None);
    };
    let (side, price) = (Side::from_bit(side), Price(price));
    let key = key(side, price, id);
    let order = BOOK.may_load(storage, (prefix(market, side), key))?;
    Ok(order.map(|order| parse(market, side, key, order)))
}

/// All orders of an account, oldest first. Their number is bounded by a parameter.
pub fn of_account(storage: &dyn Storage, account: AccountId) -> ContractResult<Vec<Resting>> {
    let ids = ORDERS
        .prefix(account)
        .keys(storage, None, None, Order::Ascending)
        .collect::<Result<Vec<_>, _>>()?;
    let mut orders = Vec::with_capacity(ids.len());
    for id in ids {
        orders.extend(find(storage, account, id)?);
    }
    Ok(orders)
}
