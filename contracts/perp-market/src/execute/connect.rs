//! Names the other contracts, once.

use cosmwasm_std::{Api, DepsMut, MessageInfo, Response, Storage};
use perp_governance::require_authority;
use perp_interface::market::Connect;

use crate::coins::no_coins;
use crate::error::{ContractError, ContractResult};
use crate::state::{Links, LINKS};

/// Stores the addresses. They cannot be changed afterwards: whoever could would own the money.
pub fn connect(deps: DepsMut<'_>, info: &MessageInfo, msg: Connect) -> ContractResult<Response> {
    no_coins(info)?;
    require_authority(deps.storage, &info.sender)?;
    if LINKS.exists(deps.storage) {
        return Err(ContractError::AlreadyConnected);
    }
    link(deps.storage, deps.api, &msg)?;
    Ok(Response::new())
}

/// Stores the addresses, as they are given at the start or by `Connect`.
pub fn link(storage: &mut dyn Storage, api: &dyn Api, msg: &Connect) -> ContractResult<()> {
    let links = Links {
        fund: api.addr_validate(&msg.fund)?,
        queue: api.addr_validate(&msg.queue)?,
        feed: api.addr_validate(&msg.feed)?,
    };
    Ok(LINKS.save(storage, &links)?)
}
