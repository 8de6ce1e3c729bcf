//! `Connect`: the authority names market and queue, once.

use cosmwasm_std::{Deps, DepsMut, MessageInfo, Response};
use perp_governance::require_authority;
use perp_interface::fund::Connect;

use crate::error::{ContractError, ContractResult};
use crate::state::{Connections, CONFIG};
use crate::{code, coins};

/// Names the contract that may draw and the one that is told. Never again: whoever could
/// replace the market could draw the whole capital.
pub fn connect(deps: DepsMut, info: &MessageInfo, msg: &Connect) -> ContractResult<Response> {
    coins::refuse(info)?;
    let mut config = CONFIG.load(deps.storage)?;
    require_authority(deps.storage, &info.sender)?;
    if let Some(Connections { market, queue, .. }) = config.connections {
        return Err(ContractError::AlreadyConnected { market, queue });
    }
    config.connections = Some(connections(deps.as_ref(), msg)?);

    CONFIG.save(deps.storage, &config)?;
    Ok(Response::new())
}

/// The other contracts, the market running the code that it is said to run.
///
/// # Errors
/// `CodeMismatch`; `Std` for an address that the chain does not have.
pub fn connections(deps: Deps, msg: &Connect) -> ContractResult<Connections> {
    let connections = Connections {
        market: deps.api.addr_validate(&msg.market)?,
        code_id: msg.market_code_id,
        queue: deps.api.addr_validate(&msg.queue)?,
    };
    code::require(deps.querier, &connections.market, connections.code_id)?;
    Ok(connections)
}
