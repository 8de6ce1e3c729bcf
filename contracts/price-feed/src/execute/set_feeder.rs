//! `SetFeeder`: the authority adds or removes a feeder.

use cosmwasm_std::{DepsMut, Empty, MessageInfo, Response};
use perp_interface::feed::SetFeeder;

use crate::coins;
use crate::error::ContractResult;
use crate::state::FEEDERS;

/// Allows or forbids an address to feed. Repeating it changes nothing.
pub fn set_feeder(deps: DepsMut, info: &MessageInfo, msg: &SetFeeder) -> ContractResult<Response> {
    coins::refuse(info)?;
    perp_governance::require_authority(deps.storage, &info.sender)?;
    let feeder = deps.api.addr_validate(&msg.feeder)?;

    if msg.allowed {
        FEEDERS.save(deps.storage, &feeder, &Empty {})?;
    } else {
        FEEDERS.remove(deps.storage, &feeder);
    }
    Ok(Response::new())
}
