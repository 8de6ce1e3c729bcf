//! `Owed`: what is booked for an address.

use cosmwasm_std::{to_json_binary, Binary, Deps};
use perp_interface::fund::{OwedQuery, OwedResponse};

use crate::error::ContractResult;
use crate::state::OWED;

/// Zero for whom nothing is booked.
pub fn owed(deps: Deps, msg: &OwedQuery) -> ContractResult<Binary> {
    let to = deps.api.addr_validate(&msg.to)?;
    let amount = OWED.may_load(deps.storage, &to)?.unwrap_or_default();
    Ok(to_json_binary(&OwedResponse { amount })?)
}
