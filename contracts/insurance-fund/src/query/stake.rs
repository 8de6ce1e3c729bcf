//! `Stake`: shares and open requests of a staker.

use cosmwasm_std::{to_json_binary, Binary, Deps, Order};
use perp_interface::fund::{RequestRecord, StakeQuery, StakeResponse};

use crate::error::ContractResult;
use crate::state::{load_tranche, REQUESTS, STAKES};

/// All of it: the number of open requests is bounded. Without a stake everything is zero.
pub fn stake(deps: Deps, msg: &StakeQuery) -> ContractResult<Binary> {
    let (key, stored) = load_tranche(deps.storage, msg.tranche)?;
    let staker = deps.api.addr_validate(&msg.staker)?;
    let own = STAKES
        .may_load(deps.storage, (key, &staker))?
        .unwrap_or_default();
    let pool = stored.layers.staked;
    let requests = REQUESTS
        .prefix((key, &staker))
        .range(deps.storage, None, None, Order::Ascending)
        .map(|row| {
            let (request, open) = row?;
            Ok(RequestRecord {
                request,
                shares: open.shares,
                value: open.value,
                payable: pool.value_floor(open.shares)?.min(open.value),
                at: open.at,
                claimable_from: open.from,
                claimable_until: open.until,
            })
        })
        .collect::<ContractResult<_>>()?;
    Ok(to_json_binary(&StakeResponse {
        shares: own.0,
        value: pool.value_floor(own.0)?,
        requests,
    })?)
}
