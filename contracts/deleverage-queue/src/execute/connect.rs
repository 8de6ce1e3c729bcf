//! `Connect`: the authority names the other contracts, once.

use cosmwasm_std::{DepsMut, MessageInfo, Response};
use perp_interface::queue::Connect;

use crate::error::{ContractError, ContractResult};
use crate::state::{require_authority, Links, LINKS};

/// Names market and fund. They cannot be changed afterwards: whoever could, could deleverage
/// anybody.
pub fn connect(deps: DepsMut, info: &MessageInfo, msg: &Connect) -> ContractResult<Response> {
    require_authority(deps.storage, &info.sender)?;
    if let Some(Links { market, fund }) = LINKS.may_load(deps.storage)? {
        return Err(ContractError::AlreadyConnected { market, fund });
    }
    let links = Links {
        market: deps.api.addr_validate(&msg.market)?,
        fund: deps.api.addr_validate(&msg.fund)?,
    };

    LINKS.save(deps.storage, &links)?;
    Ok(Response::new())
}
