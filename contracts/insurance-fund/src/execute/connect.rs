//! `Connect`: the authority names market and queue, once.

use cosmwasm_std::{DepsMut, MessageInfo, Response};
use perp_interface::fund::Connect;

use crate::error::{ContractError, ContractResult};
use crate::state::{Connections, CONFIG};
use crate::{code, coins};

/// Names the contract that may draw and the one that is told. Never again: whoever could
/// replace the market could draw the whole capital.
pub fn connect(deps: DepsMut, info: &MessageInfo, msg: &Connect) -> ContractResult<Response> {
    coins::refuse(info)?;
    let mut config = CONFIG.load(deps.storage)?;
    config.require_authority(&info.sender)?;
    if let Some(Connections { market, queue, .. }) = config.connections {
        return Err(ContractError::AlreadyConnected { market, queue });
    }
    let connections = Connections {
        market: deps.api.addr_validate(&msg.market)?,
        code_id: msg.market_code_id,
        queue: deps.api.addr_validate(&msg.queue)?,
    };
    code::require(deps.querier, &connections.market, connections.code_id)?;
    config.connections = Some(connections);

    CONFIG.save(deps.storage, &config)?;
    Ok(Response::new())
}
