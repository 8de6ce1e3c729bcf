//! `Instantiate`: authority and parameters.

use cosmwasm_std::{DepsMut, Response};
use perp_interface::queue::InstantiateMsg;

use crate::error::ContractResult;
use crate::state::{Config, Params, CONFIG, PARAMS};

/// Stores the configuration at parameter version 1.
pub fn instantiate(deps: DepsMut, msg: InstantiateMsg) -> ContractResult<Response> {
    msg.params.validate()?;
    let authority = deps.api.addr_validate(&msg.authority)?;

    cw2::set_contract_version(
        deps.storage,
        concat!("crate:", env!("CARGO_PKG_NAME")),
        env!("CARGO_PKG_VERSION"),
    )?;
    CONFIG.save(deps.storage, &Config { authority })?;
    PARAMS.save(deps.storage, &Params(1, msg.params))?;
    Ok(Response::new())
}
