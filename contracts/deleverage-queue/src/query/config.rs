//! `Config`: authority, connections, parameters and their version.

use cosmwasm_std::{to_json_binary, Binary, Deps};
use perp_interface::queue::ConfigResponse;

use crate::error::ContractResult;
use crate::state::{Params, LINKS, PARAMS};

/// What is in force.
pub fn config(deps: Deps) -> ContractResult<Binary> {
    let links = LINKS.may_load(deps.storage)?;
    let Params(version, params) = PARAMS.load(deps.storage)?;
    Ok(to_json_binary(&ConfigResponse {
        authority: perp_governance::authority(deps.storage)?.into_string(),
        market: links.as_ref().map(|links| links.market.to_string()),
        fund: links.map(|links| links.fund.into_string()),
        version,
        params,
    })?)
}
