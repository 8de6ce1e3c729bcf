//! `Breadth`: what is in force for a market.

use cosmwasm_std::{to_json_binary, Binary, Deps};
use perp_interface::queue::BreadthQuery;

use crate::error::ContractResult;
use crate::state::breadth_of;

/// A bare number.
pub fn breadth(deps: Deps, msg: &BreadthQuery) -> ContractResult<Binary> {
    Ok(to_json_binary(&breadth_of(deps.storage, msg.market)?)?)
}
