//! Markets.

use cosmwasm_std::{Deps, Env, Order};
use cw_storage_plus::Bound;
use perp_interface::market::{MarketResponse, MarketsQuery, MarketsResponse};
use perp_interface::MarketId;

use super::page;
use crate::error::ContractResult;
use crate::ledger::Ledger;
use crate::state::LISTINGS;

/// One market, with funding accrued to now.
pub fn market(deps: Deps<'_>, env: &Env, id: MarketId) -> ContractResult<MarketResponse> {
    let mut ledger = Ledger::new(env.block.time.seconds());
    ledger.load_market(deps.storage, id)?;
    let market = ledger.market(id)?;
    Ok(MarketResponse {
        market: id,
        symbol: market.listing.symbol.clone(),
        version: market.listing.version,
        params: market.listing.params.clone(),
        open_interest: market.state.open_interest,
        index: market.state.index,
        funding_pool: market.state.pool,
        fees: market.state.fees,
        bad_debt: market.state.bad_debt,
        deleveraging: market.state.gate,
    })
}

/// A page of markets.
pub fn markets(deps: Deps<'_>, env: &Env, query: &MarketsQuery) -> ContractResult<MarketsResponse> {
    let start = query.start_after.map(Bound::exclusive);
    let ids = LISTINGS
        .keys(deps.storage, start, None, Order::Ascending)
        .take(page(query.limit, 30, 100))
        .collect::<Result<Vec<_>, _>>()?;
    let markets = ids
        .into_iter()
        .map(|id| market(deps, env, id))
        .collect::<ContractResult<_>>()?;
    Ok(MarketsResponse { markets })
}
