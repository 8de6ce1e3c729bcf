//! `Config`: authority, parameters and their version.

use cosmwasm_std::{to_json_binary, Binary, Deps};
use perp_interface::feed::ConfigResponse;

use crate::error::ContractResult;
use crate::state::CONFIG;

/// What is in force.
pub fn config(deps: Deps) -> ContractResult<Binary> {
    let config = CONFIG.load(deps.storage)?;
    Ok(to_json_binary(&ConfigResponse {
        authority: perp_governance::authority(deps.storage)?.into_string(),
        version: config.version,
        params: config.params,
    })?)
}
