//! `Policy`: what is in force for a market.

use cosmwasm_std::{to_json_binary, Binary, Deps};
use perp_interface::queue::PolicyQuery;

use crate::error::ContractResult;
use crate::state::policy_of;

/// Its own, or the default.
pub fn policy(deps: Deps, msg: &PolicyQuery) -> ContractResult<Binary> {
    Ok(to_json_binary(&policy_of(deps.storage, msg.market)?)?)
}
