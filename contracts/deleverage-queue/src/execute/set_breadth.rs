//! `SetBreadth`: the authority spreads the losses of a market.

use cosmwasm_std::{DepsMut, MessageInfo, Response};
use perp_interface::params::validate_breadth;
use perp_interface::queue::SetBreadth;

use crate::error::ContractResult;
use crate::state::{require_authority, BREADTH};

/// Sets a market's breadth, or goes back to the default. Open jobs keep theirs.
pub fn set_breadth(
    deps: DepsMut,
    info: &MessageInfo,
    msg: &SetBreadth,
) -> ContractResult<Response> {
    require_authority(deps.storage, &info.sender)?;
    if let Some(breadth) = msg.breadth {
        validate_breadth(breadth)?;
        BREADTH.save(deps.storage, msg.market, &breadth)?;
    } else {
        BREADTH.remove(deps.storage, msg.market);
    }
    Ok(Response::new())
}
