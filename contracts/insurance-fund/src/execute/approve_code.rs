//! `ApproveCode`: the authority approves the code of a migrated market.

use cosmwasm_std::{DepsMut, Event, MessageInfo, Response};
use perp_governance::require_authority;
use perp_interface::event::CodeApproved;
use perp_interface::fund::ApproveCode;

use crate::error::{ContractError, ContractResult};
use crate::state::CONFIG;
use crate::{code, coins};

/// From a migration until this message the market draws nothing; put both into one proposal.
pub fn approve_code(
    deps: DepsMut,
    info: &MessageInfo,
    msg: &ApproveCode,
) -> ContractResult<Response> {
    coins::refuse(info)?;
    let mut config = CONFIG.load(deps.storage)?;
    require_authority(deps.storage, &info.sender)?;
    let code_id = msg.code_id;
    let connections = config.connections.as_mut();
    let connections = connections.ok_or(ContractError::NotConnected)?;
    code::require(deps.querier, &connections.market, code_id)?;
    connections.code_id = code_id;

    CONFIG.save(deps.storage, &config)?;
    Ok(Response::new().add_event(Event::from(CodeApproved { code_id })))
}
