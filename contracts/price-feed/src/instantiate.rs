//! `Instantiate`: authority, first feeders, parameters.

use cosmwasm_std::{Addr, DepsMut, Empty, MessageInfo, Response, StdResult};
use perp_governance::establish;
use perp_interface::feed::InstantiateMsg;
use perp_interface::governance::Governors;

use crate::coins;
use crate::error::ContractResult;
use crate::migrate::CODE;
use crate::state::{Config, CONFIG, FEEDERS};

/// Stores the configuration at parameter version 1.
pub fn instantiate(
    deps: DepsMut,
    info: &MessageInfo,
    msg: InstantiateMsg,
) -> ContractResult<Response> {
    coins::refuse(info)?;
    msg.params.validate()?;
    let config = Config {
        version: 1,
        params: msg.params,
    };
    let feeders: Vec<Addr> = msg
        .feeders
        .iter()
        .map(|feeder| deps.api.addr_validate(feeder))
        .collect::<StdResult<_>>()?;

    cw2::set_contract_version(deps.storage, CODE.name, CODE.version)?;
    let governors = Governors {
        authority: msg.authority,
        guardian: msg.guardian,
        notice: msg.notice,
    };
    establish(deps.storage, deps.api, &governors)?;
    CONFIG.save(deps.storage, &config)?;
    for feeder in &feeders {
        FEEDERS.save(deps.storage, feeder, &Empty {})?;
    }
    Ok(Response::new())
}
