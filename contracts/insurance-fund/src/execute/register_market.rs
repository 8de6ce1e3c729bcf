//! `RegisterMarket`: the authority lets a market draw.

use cosmwasm_std::{DepsMut, Event, MessageInfo, Response, Storage};
use perp_core::draw::Draws;
use perp_governance::require_authority;
use perp_interface::event::MarketRegistered;
use perp_interface::fund::{self, RegisterMarket};
use perp_interface::params::FundParams;
use perp_interface::MarketId;

use crate::error::ContractResult;
use crate::state::{Terms, CONFIG, DRAWS, MARKETS, TERMS, TRANCHES};
use crate::tranche::Tranche;
use crate::{code, coins};

/// Stores its terms, and opens its own tranche if it is to have one. Repeated, it changes them: what the
/// market has drawn and paid in stays as it is.
pub fn register_market(
    deps: DepsMut,
    info: &MessageInfo,
    msg: &RegisterMarket,
) -> ContractResult<Response> {
    coins::refuse(info)?;
    let config = CONFIG.load(deps.storage)?;
    require_authority(deps.storage, &info.sender)?;
    let connections = config.connected()?;
    code::require(deps.querier, &connections.market, connections.code_id)?;
    FundParams::validate_terms(msg.window_cap, msg.paid_in_cap)?;
    let (market, tranche) = match msg.isolated {
        true => (msg.market, fund::Tranche::Market(msg.market)),
        false => (msg.market, fund::Tranche::Shared),
    };

    if !TRANCHES.has(deps.storage, tranche.key()) {
        TRANCHES.save(deps.storage, tranche.key(), &Tranche::default())?;
        DRAWS.save(deps.storage, tranche.key(), &Draws::default())?;
    }
    insure_in(deps.storage, market, Some(tranche))?;
    let terms = Terms(tranche.key(), msg.window_cap, msg.paid_in_cap);
    TERMS.save(deps.storage, market, &terms)?;
    Ok(Response::new().add_event(Event::from(MarketRegistered { market, tranche })))
}

/// Moves the open interest of a market to the tranche that insures it from now on.
///
/// # Errors
/// `Std`, `Overflow`.
pub fn insure_in(
    storage: &mut dyn Storage,
    market: MarketId,
    to: Option<fund::Tranche>,
) -> ContractResult<()> {
    let book = MARKETS.may_load(storage, market)?.unwrap_or_default();
    let before = TERMS.may_load(storage, market)?.map(|terms| terms.0);
    let after = to.map(fund::Tranche::key);
    let none = perp_interface::Quote::ZERO;
    for (key, left, comes) in [
        (before, book.open_interest, none),
        (after, none, book.open_interest),
    ] {
        if let Some(key) = key {
            let tranche = TRANCHES.load(storage, key)?.insure(left, comes)?;
            TRANCHES.save(storage, key, &tranche)?;
        }
    }
    Ok(())
}
