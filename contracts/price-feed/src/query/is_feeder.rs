//! `IsFeeder`: whether an address may feed.

use cosmwasm_std::{to_json_binary, Binary, Deps};
use perp_interface::feed::IsFeeder;

use crate::error::ContractResult;
use crate::state::FEEDERS;

/// A bare `true` or `false`.
pub fn is_feeder(deps: Deps, msg: &IsFeeder) -> ContractResult<Binary> {
    let feeder = deps.api.addr_validate(&msg.feeder)?;
    Ok(to_json_binary(&FEEDERS.has(deps.storage, &feeder))?)
}
