//! `Config`: authority, connections, parameters and their version.

use cosmwasm_std::{to_json_binary, Addr, Binary, Deps};
use perp_interface::fund::ConfigResponse;

use crate::error::ContractResult;
use crate::state::{Connections, CONFIG};

/// What is in force.
pub fn config(deps: Deps) -> ContractResult<Binary> {
    let config = CONFIG.load(deps.storage)?;
    let connections = config.connections;
    let of = |name: fn(&Connections) -> &Addr| connections.as_ref().map(|c| name(c).to_string());
    Ok(to_json_binary(&ConfigResponse {
        authority: perp_governance::authority(deps.storage)?.into_string(),
        denom: config.denom,
        market: of(|c| &c.market),
        market_code_id: connections.as_ref().map(|c| c.code_id),
        queue: of(|c| &c.queue),
        version: config.version,
        params: config.params,
    })?)
}
