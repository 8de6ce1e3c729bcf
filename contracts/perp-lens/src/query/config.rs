//! `Config`: the contracts that are asked.

use cosmwasm_std::{to_json_binary, Binary, Deps};
use perp_interface::lens::ConfigResponse;

use crate::error::ContractResult;
use crate::state::CONTRACTS;

/// Their addresses.
pub fn config(deps: Deps) -> ContractResult<Binary> {
    let contracts = CONTRACTS.load(deps.storage)?;
    Ok(to_json_binary(&ConfigResponse {
        market: contracts.market.into_string(),
        fund: contracts.fund.into_string(),
        queue: contracts.queue.into_string(),
        feed: contracts.feed.into_string(),
    })?)
}
