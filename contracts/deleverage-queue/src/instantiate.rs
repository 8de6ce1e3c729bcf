//! `Instantiate`: who governs, parameters, and the other contracts if they are known.

use cosmwasm_std::{DepsMut, Response};
use perp_governance::establish;
use perp_interface::governance::Governors;
use perp_interface::queue::InstantiateMsg;

use crate::error::ContractResult;
use crate::execute::link;
use crate::migrate::CODE;
use crate::state::{Params, PARAMS};

/// Stores the configuration at parameter version 1.
pub fn instantiate(deps: DepsMut, msg: InstantiateMsg) -> ContractResult<Response> {
    msg.params.validate()?;
    let governors = Governors {
        authority: msg.authority,
        guardian: msg.guardian,
        notice: msg.notice,
    };

    cw2::set_contract_version(deps.storage, CODE.name, CODE.version)?;
    establish(deps.storage, deps.api, &governors)?;
    PARAMS.save(deps.storage, &Params(1, msg.params))?;
    if let Some(links) = &msg.links {
        link(deps.storage, deps.api, links)?;
    }
    Ok(Response::new())
}
