//! Creates the market contract.

use cosmwasm_std::{DepsMut, MessageInfo, Response};
use perp_governance::establish;
use perp_interface::governance::Governors;
use perp_interface::market::InstantiateMsg;

use super::connect::link;
use crate::coins::no_coins;
use crate::error::ContractResult;
use crate::migrate::CODE;
use crate::state::{Config, CONFIG, NEXT, PARAMS};

/// Checks and stores who governs, denom, parameters, and the other contracts if they are known.
pub fn instantiate(
    deps: DepsMut<'_>,
    info: &MessageInfo,
    msg: InstantiateMsg,
) -> ContractResult<Response> {
    no_coins(info)?;
    msg.params.validate()?;
    let governors = Governors {
        authority: msg.authority,
        guardian: msg.guardian,
        notice: msg.notice,
    };
    cw2::set_contract_version(deps.storage, CODE.name, CODE.version)?;
    establish(deps.storage, deps.api, &governors)?;
    CONFIG.save(deps.storage, &Config { denom: msg.denom })?;
    PARAMS.save(deps.storage, &(1, msg.params))?;
    NEXT.save(deps.storage, &(1, 1, 1))?;
    if let Some(links) = &msg.links {
        link(deps.storage, deps.api, links)?;
    }
    Ok(Response::new())
}
