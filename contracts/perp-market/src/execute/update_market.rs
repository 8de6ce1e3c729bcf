//! How a market's parameters change.

use cosmwasm_std::{DepsMut, Env, Event, MessageInfo, Order, Response, Storage};
use perp_governance::{Change, Versioned};
use perp_interface::market::UpdateMarket;
use perp_interface::params::MarketParams;
use perp_interface::MarketId;

use crate::coins::no_coins;
use crate::error::{ContractError, ContractResult};
use crate::ledger::Ledger;
use crate::state::{pending_market, Listing, BANKRUPTCIES, LISTINGS, MARKETS};

/// By authority or guardian. What tightens holds at once, the rest after its notice.
pub fn update_market(
    deps: DepsMut<'_>,
    env: &Env,
    info: &MessageInfo,
    msg: UpdateMarket,
) -> ContractResult<Response> {
    no_coins(info)?;
    let market = msg.market;
    let current = current(deps.storage, market)?;
    let by = (&info.sender, env.block.time.seconds());
    let change = Change {
        expected_version: msg.expected_version,
        params: msg.params,
    };
    let changed = pending_market(market).change(deps.storage, by, &current, change)?;
    store(deps.storage, env, market, changed)
}

/// By anybody: the next step of what waits. Not while a loss is open anywhere: tiers and hedge groups decide who is
/// deleveraged how far, and nobody may choose between which two steps of a job they change.
pub fn apply_market(deps: DepsMut<'_>, env: &Env, market: MarketId) -> ContractResult<Response> {
    if let Some(by) = BANKRUPTCIES
        .keys(deps.storage, None, None, Order::Ascending)
        .next()
        .transpose()?
    {
        return Err(ContractError::LossesOpen { by });
    }
    let current = current(deps.storage, market)?;
    let now = env.block.time.seconds();
    let changed = pending_market(market).apply(deps.storage, now, &current)?;
    store(deps.storage, env, market, changed)
}

/// What is in force for a market.
pub fn current(storage: &dyn Storage, market: MarketId) -> ContractResult<Versioned<MarketParams>> {
    let listing = LISTINGS.may_load(storage, market)?;
    let Listing {
        version, params, ..
    } = listing.ok_or(ContractError::UnknownMarket { market })?;
    Ok(Versioned { version, params })
}

/// Funding is accrued at the old rate first.
fn store(
    storage: &mut dyn Storage,
    env: &Env,
    id: MarketId,
    (next, event): (Versioned<MarketParams>, Event),
) -> ContractResult<Response> {
    let mut ledger = Ledger::new(env.block.time.seconds());
    ledger.load_market(storage, id)?;
    let market = ledger.market(id)?;
    let listing = Listing {
        symbol: market.listing.symbol.clone(),
        version: next.version,
        params: next.params,
    };
    MARKETS.save(storage, id, &market.state)?;
    LISTINGS.save(storage, id, &listing)?;
    Ok(Response::new().add_event(event))
}
