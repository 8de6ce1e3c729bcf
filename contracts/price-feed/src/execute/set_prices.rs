//! `SetPrices`: feeders, all or none.

use std::collections::BTreeSet;

use cosmwasm_std::{DepsMut, Env, Event, MessageInfo, Response};
use perp_interface::event::PriceSet;
use perp_interface::feed::{PriceUpdate, SetPrices};

use crate::coins;
use crate::error::{ContractError, ContractResult};
use crate::freshness::admit;
use crate::state::{StoredPrice, CONFIG, FEEDERS, PRICES};

/// Most prices of one message: bounds the work, far above the markets of one venue.
pub const MAX_PRICES: usize = 500;

/// Stores new prices.
///
/// A market may come once only: with two prices of the same second the order inside the
/// message would decide, and a feeder that sends both has made a mistake.
pub fn set_prices(
    deps: DepsMut,
    env: &Env,
    info: &MessageInfo,
    msg: SetPrices,
) -> ContractResult<Response> {
    coins::refuse(info)?;
    if !FEEDERS.has(deps.storage, &info.sender) {
        return Err(ContractError::NotFeeder {
            sender: info.sender.clone(),
        });
    }
    require_distinct(&msg.prices)?;
    let params = CONFIG.load(deps.storage)?.params;
    let now = env.block.time.seconds();
    for update in &msg.prices {
        let stored = PRICES.may_load(deps.storage, update.market)?;
        admit(
            update,
            stored.map(|StoredPrice(_, time)| time),
            now,
            &params,
        )?;
    }

    for update in &msg.prices {
        let row = StoredPrice(update.price, update.publish_time);
        PRICES.save(deps.storage, update.market, &row)?;
    }
    Ok(Response::new().add_events(msg.prices.into_iter().map(price_set)))
}

fn require_distinct(prices: &[PriceUpdate]) -> ContractResult<()> {
    if prices.is_empty() {
        return Err(ContractError::NoPrices);
    }
    if prices.len() > MAX_PRICES {
        return Err(ContractError::TooManyPrices {
            count: prices.len(),
            max: MAX_PRICES,
        });
    }
    let mut seen = BTreeSet::new();
    match prices.iter().find(|update| !seen.insert(update.market)) {
        Some(update) => Err(ContractError::DuplicateMarket {
            market: update.market,
        }),
        None => Ok(()),
    }
}

fn price_set(update: PriceUpdate) -> Event {
    PriceSet {
        market: update.market,
        price: update.price,
        publish_time: update.publish_time,
    }
    .into()
}
