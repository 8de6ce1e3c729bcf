//! `PendingParams`: what waits for its notice.

use cosmwasm_std::{to_json_binary, Binary, Deps};
use perp_governance::Slot;
use perp_interface::governance::PendingQuery;
use perp_interface::params::FundParams;

use crate::error::ContractResult;
use crate::state::{CONFIG, PENDING};

/// Step by step.
pub fn pending(deps: Deps, msg: &PendingQuery) -> ContractResult<Binary> {
    Slot::<FundParams>::assert_own(msg.market)?;
    let current = CONFIG.load(deps.storage)?.versioned();
    Ok(to_json_binary(&PENDING.pending(deps.storage, current)?)?)
}
