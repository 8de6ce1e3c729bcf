//! Authority, connections, parameters.

use cosmwasm_std::Deps;
use perp_interface::market::ConfigResponse;

use crate::error::ContractResult;
use crate::state::{CONFIG, LINKS, PARAMS};

/// The configuration.
pub fn config(deps: Deps<'_>) -> ContractResult<ConfigResponse> {
    let config = CONFIG.load(deps.storage)?;
    let links = LINKS.may_load(deps.storage)?;
    let (version, params) = PARAMS.load(deps.storage)?;
    Ok(ConfigResponse {
        authority: perp_governance::authority(deps.storage)?.into(),
        denom: config.denom,
        fund: links.as_ref().map(|l| l.fund.to_string()),
        queue: links.as_ref().map(|l| l.queue.to_string()),
        feed: links.map(|l| l.feed.to_string()),
        version,
        params,
    })
}
