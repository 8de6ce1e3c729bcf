//! `RemoveMarket`: a market draws nothing any more.

use cosmwasm_std::{DepsMut, Event, MessageInfo, Response};
use perp_governance::require_authority;
use perp_interface::event::MarketRemoved;
use perp_interface::fund::RemoveMarket;

use super::register_market::insure_in;
use crate::coins;
use crate::error::{ContractError, ContractResult};
use crate::state::TERMS;

/// Its losses go whole to the queue from now on. Its tranche stays, with what is in it.
pub fn remove_market(
    deps: DepsMut,
    info: &MessageInfo,
    msg: &RemoveMarket,
) -> ContractResult<Response> {
    coins::refuse(info)?;
    require_authority(deps.storage, &info.sender)?;
    let market = msg.market;
    if !TERMS.has(deps.storage, market) {
        return Err(ContractError::NotRegistered { market });
    }

    insure_in(deps.storage, market, None)?;
    TERMS.remove(deps.storage, market);
    Ok(Response::new().add_event(Event::from(MarketRemoved { market })))
}
