//! `Policy`, `OwnPolicy`: how a market's losses choose and share.

use cosmwasm_std::{to_json_binary, Binary, Deps};
use perp_interface::queue::{OwnPolicyResponse, PolicyQuery};

use crate::error::ContractResult;
use crate::execute;
use crate::state::policy_of;

/// What is in force: its own, or the default.
pub fn policy(deps: Deps, msg: &PolicyQuery) -> ContractResult<Binary> {
    Ok(to_json_binary(&policy_of(deps.storage, msg.market)?)?)
}

/// Its own, or that it has none.
pub fn own_policy(deps: Deps, msg: &PolicyQuery) -> ContractResult<Binary> {
    let own = execute::own_policy(deps.storage, msg.market)?;
    Ok(to_json_binary(&OwnPolicyResponse {
        version: own.version,
        policy: own.params.policy,
    })?)
}
