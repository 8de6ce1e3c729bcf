//! `SetPause`: authority or guardian stops staking; the authority lets it go on.

use cosmwasm_std::{DepsMut, MessageInfo, Response};
use perp_interface::governance::{Operation, SetPause};

use crate::coins;
use crate::error::ContractResult;

/// Money always gets out by the ordinary way: only coming in can be stopped.
pub fn set_pause(deps: DepsMut, info: &MessageInfo, msg: SetPause) -> ContractResult<Response> {
    coins::refuse(info)?;
    let known = msg.operation == Operation::Staking;
    let event = perp_governance::set_pause(deps.storage, &info.sender, msg, known)?;
    Ok(Response::new().add_event(event))
}
