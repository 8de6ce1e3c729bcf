//! Opens a market.

use std::collections::BTreeSet;

use cosmwasm_std::{DepsMut, Env, MessageInfo, Response};
use perp_governance::require_authority;
use perp_interface::market::ListMarket;

use crate::coins::no_coins;
use crate::error::{ContractError, ContractResult};
use crate::prices::Marks;
use crate::state::{links, Listing, MarketState, LISTINGS, MARKETS};

/// Least price at listing, in quote units per lot: below it whole-number prices are too coarse.
pub const LEAST_LISTING_PRICE: u64 = 10_000_000;

/// Stores a market whose price the feed knows.
pub fn list_market(
    deps: DepsMut<'_>,
    env: &Env,
    info: &MessageInfo,
    msg: ListMarket,
) -> ContractResult<Response> {
    no_coins(info)?;
    require_authority(deps.storage, &info.sender)?;
    msg.params.validate()?;
    let length = msg.symbol.len();
    if length == 0 || length > 32 {
        return Err(ContractError::SymbolLength { length });
    }
    let market = msg.market;
    if LISTINGS.has(deps.storage, market) {
        return Err(ContractError::MarketExists { market });
    }
    let feed = links(deps.storage)?.feed;
    let now = env.block.time.seconds();
    let price =
        Marks::query(deps.querier, &feed, &BTreeSet::from([market]), now)?.of_any_age(market)?;
    if price.0 < LEAST_LISTING_PRICE {
        return Err(ContractError::PriceTooLow {
            market,
            price,
            least: LEAST_LISTING_PRICE,
        });
    }
    LISTINGS.save(
        deps.storage,
        market,
        &Listing {
            symbol: msg.symbol,
            version: 1,
            params: msg.params,
        },
    )?;
    MARKETS.save(
        deps.storage,
        market,
        &MarketState {
            accrued_at: now,
            ..MarketState::default()
        },
    )?;
    Ok(Response::new())
}
