//! What waits for its notice.

use cosmwasm_std::Deps;
use perp_interface::governance::{PendingQuery, PendingResponse};

use crate::error::ContractResult;
use crate::execute::{update_market, update_params};
use crate::state::{pending_market, PENDING};

/// Of a market, or of the exchange, step by step.
pub fn pending(deps: Deps<'_>, msg: &PendingQuery) -> ContractResult<PendingResponse> {
    Ok(match msg.market {
        Some(market) => {
            let current = update_market::current(deps.storage, market)?;
            pending_market(market).pending(deps.storage, current)?
        }
        None => PENDING.pending(deps.storage, update_params::current(deps.storage)?)?,
    })
}
