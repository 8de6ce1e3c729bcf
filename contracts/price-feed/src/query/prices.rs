//! `Prices`: several at once, none of them unknown or too old.

use cosmwasm_std::{to_json_binary, Binary, Deps, Env};
use perp_interface::feed::{PriceUpdate, Prices, PricesResponse};
use perp_interface::MarketId;

use crate::error::{ContractError, ContractResult};
use crate::freshness::require_age;
use crate::state::{StoredPrice, PRICES};

/// Prices in the order asked. One that is unknown or too old refuses the whole answer, so that
/// a reader cannot overlook it.
pub fn prices(deps: Deps, env: &Env, msg: &Prices) -> ContractResult<Binary> {
    let now = env.block.time.seconds();
    let price = |market: &MarketId| -> ContractResult<PriceUpdate> {
        let market = *market;
        let StoredPrice(price, publish_time) = PRICES
            .may_load(deps.storage, market)?
            .ok_or(ContractError::UnknownMarket { market })?;
        require_age(market, publish_time, now, msg.max_age)?;
        Ok(PriceUpdate {
            market,
            price,
            publish_time,
        })
    };
    let prices = msg
        .markets
        .iter()
        .map(price)
        .collect::<ContractResult<_>>()?;
    Ok(to_json_binary(&PricesResponse { prices })?)
}
