//! `Loss`: what was asked, paid and returned for one loss.

use cosmwasm_std::{to_json_binary, Binary, Deps};
use perp_interface::fund::LossQuery;

use crate::error::{ContractError, ContractResult};
use crate::state::LOSSES;

/// One record; a loss that the fund was never asked about is an error.
pub fn loss(deps: Deps, msg: &LossQuery) -> ContractResult<Binary> {
    let loss_id = msg.loss_id;
    let loss = LOSSES
        .may_load(deps.storage, loss_id)?
        .ok_or(ContractError::UnknownLoss { loss_id })?;
    Ok(to_json_binary(&loss.record(deps.storage, loss_id)?)?)
}
