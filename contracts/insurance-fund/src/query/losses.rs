//! `Losses`: the history, ascending.

use cosmwasm_std::{to_json_binary, Binary, Deps, Order};
use cw_storage_plus::Bound;
use perp_interface::fund::{LossesQuery, LossesResponse};

use super::page;
use crate::error::ContractResult;
use crate::state::LOSSES;

/// A page. A larger limit than the largest answers a page of the largest.
pub fn losses(deps: Deps, msg: &LossesQuery) -> ContractResult<Binary> {
    let start = msg.start_after.map(Bound::exclusive);
    let losses = LOSSES
        .range(deps.storage, start, None, Order::Ascending)
        .take(page::limit(msg.limit))
        .map(|entry| {
            let (loss_id, loss) = entry?;
            loss.record(deps.storage, loss_id)
        })
        .collect::<ContractResult<_>>()?;
    Ok(to_json_binary(&LossesResponse { losses })?)
}
