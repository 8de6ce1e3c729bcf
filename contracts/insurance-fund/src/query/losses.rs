//! `Losses`: the history, ascending.

use cosmwasm_std::{to_json_binary, Binary, Deps, Order, StdResult};
use cw_storage_plus::Bound;
use perp_interface::fund::{LossesQuery, LossesResponse};

use crate::error::ContractResult;
use crate::state::LOSSES;

const DEFAULT_LIMIT: u32 = 30;
const MAX_LIMIT: u32 = 100;

/// A page. A larger limit than the largest answers a page of the largest.
pub fn losses(deps: Deps, msg: &LossesQuery) -> ContractResult<Binary> {
    let limit = msg.limit.unwrap_or(DEFAULT_LIMIT).min(MAX_LIMIT);
    let start = msg.start_after.map(Bound::exclusive);
    let losses = LOSSES
        .range(deps.storage, start, None, Order::Ascending)
        .take(limit as usize)
        .map(|entry| entry.map(|(loss_id, loss)| loss.record(loss_id)))
        .collect::<StdResult<_>>()?;
    Ok(to_json_binary(&LossesResponse { losses })?)
}
