//! Creates the market contract.

use cosmwasm_std::{DepsMut, MessageInfo, Response};
use perp_interface::market::InstantiateMsg;

use crate::coins::no_coins;
use crate::error::ContractResult;
use crate::state::{Config, CONFIG, NEXT, PARAMS};

/// Checks and stores authority, denom and parameters.
pub fn instantiate(
    deps: DepsMut<'_>,
    info: &MessageInfo,
    msg: InstantiateMsg,
) -> ContractResult<Response> {
    no_coins(info)?;
    msg.params.validate()?;
    let authority = deps.api.addr_validate(&msg.authority)?;
    cw2::set_contract_version(
        deps.storage,
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
    )?;
    CONFIG.save(
        deps.storage,
        &Config {
            authority,
            denom: msg.denom,
        },
    )?;
    PARAMS.save(deps.storage, &(1, msg.params))?;
    NEXT.save(deps.storage, &(1, 1, 1))?;
    Ok(Response::new())
}
