//! `Config`: authority, connections, parameters and their version.

use cosmwasm_std::{to_json_binary, Binary, Deps};
use perp_interface::fund::ConfigResponse;

use crate::error::ContractResult;
use crate::state::{Connections, CONFIG};

/// What is in force.
pub fn config(deps: Deps) -> ContractResult<Binary> {
    let config = CONFIG.load(deps.storage)?;
    let (market, queue) = config
        .connections
        .map(|Connections { market, queue }| (market.into_string(), queue.into_string()))
        .unzip();
    Ok(to_json_binary(&ConfigResponse {
        authority: config.authority.into_string(),
        denom: config.denom,
        market,
        queue,
        version: config.version,
        params: config.params,
    })?)
}
