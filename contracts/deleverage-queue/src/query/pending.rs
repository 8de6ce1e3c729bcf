//! `PendingParams`: what waits for its notice.

use cosmwasm_std::{to_json_binary, Binary, Deps};
use perp_interface::governance::PendingQuery;

use crate::error::ContractResult;
use crate::execute::own_policy;
use crate::state::{pending_policy, PARAMS, PENDING};

/// Of a market's policy, or of the parameters, step by step.
pub fn pending(deps: Deps, msg: &PendingQuery) -> ContractResult<Binary> {
    let waits = match msg.market {
        Some(market) => {
            pending_policy(market).pending(deps.storage, own_policy(deps.storage, market)?)?
        }
        None => PENDING.pending(deps.storage, PARAMS.load(deps.storage)?.into())?,
    };
    Ok(to_json_binary(&waits)?)
}
