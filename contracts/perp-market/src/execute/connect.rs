//! Names the other contracts, once.

use cosmwasm_std::{DepsMut, MessageInfo, Response};
use perp_interface::market::Connect;

use crate::coins::no_coins;
use crate::error::{ContractError, ContractResult};
use crate::state::{assert_authority, Links, LINKS};

/// Stores the addresses. They cannot be changed afterwards: whoever could would own the money.
pub fn connect(deps: DepsMut<'_>, info: &MessageInfo, msg: Connect) -> ContractResult<Response> {
    no_coins(info)?;
    assert_authority(deps.storage, &info.sender)?;
    if LINKS.exists(deps.storage) {
        return Err(ContractError::AlreadyConnected);
    }
    let links = Links {
        fund: deps.api.addr_validate(&msg.fund)?,
        queue: deps.api.addr_validate(&msg.queue)?,
        feed: deps.api.addr_validate(&msg.feed)?,
    };
    LINKS.save(deps.storage, &links)?;
    Ok(Response::new())
}
