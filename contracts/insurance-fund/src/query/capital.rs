//! `Capital`: capital and sums.

use cosmwasm_std::{to_json_binary, Binary, Deps};
use perp_interface::fund::CapitalResponse;

use crate::error::ContractResult;
use crate::state::CAPITAL;

/// The sums, and the capital that they make.
pub fn capital(deps: Deps) -> ContractResult<Binary> {
    let sums = CAPITAL.load(deps.storage)?;
    Ok(to_json_binary(&CapitalResponse {
        capital: sums.available()?,
        contributed: sums.contributed,
        withdrawn: sums.withdrawn,
        revenue: sums.revenue,
        paid: sums.paid,
        returned: sums.returned,
        open_losses: sums.open_losses,
    })?)
}
