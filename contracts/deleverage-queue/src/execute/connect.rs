//! `Connect`: the authority names the other contracts, once.

use cosmwasm_std::{Api, DepsMut, MessageInfo, Response, Storage};
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
    link(deps.storage, deps.api, msg)?;
    Ok(Response::new())
}

/// Stores the addresses.
///
/// # Errors
/// `Std` for an address that the chain does not have.
pub fn link(storage: &mut dyn Storage, api: &dyn Api, msg: &Connect) -> ContractResult<()> {
    let links = Links {
        market: api.addr_validate(&msg.market)?,
        fund: api.addr_validate(&msg.fund)?,
    };
    Ok(LINKS.save(storage, &links)?)
}
