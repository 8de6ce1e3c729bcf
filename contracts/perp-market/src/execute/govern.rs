//! Authority, guardian, pauses, and changes that are due.

use cosmwasm_std::{DepsMut, Env, MessageInfo, Response};
use perp_interface::governance::{ApplyPending, GovernMsg, Operation, SetPause};

use super::{update_market, update_params};
use crate::coins::no_coins;
use crate::error::ContractResult;
use crate::state::LISTINGS;

/// Another authority, another guardian.
pub fn govern(deps: DepsMut<'_>, info: &MessageInfo, msg: GovernMsg) -> ContractResult<Response> {
    no_coins(info)?;
    let event = perp_governance::govern(deps, &info.sender, msg)?;
    Ok(Response::new().add_event(event))
}

/// Stops opening or resting, everywhere or in one market. Nothing else can be stopped.
pub fn set_pause(deps: DepsMut<'_>, info: &MessageInfo, msg: SetPause) -> ContractResult<Response> {
    no_coins(info)?;
    let known = match msg.operation {
        Operation::Opening | Operation::Resting => true,
        Operation::Market(market) => LISTINGS.has(deps.storage, market),
        Operation::Staking => false,
    };
    let event = perp_governance::set_pause(deps.storage, &info.sender, msg, known)?;
    Ok(Response::new().add_event(event))
}

/// By anybody: the next step of what waits.
pub fn apply_pending(
    deps: DepsMut<'_>,
    env: &Env,
    info: &MessageInfo,
    msg: &ApplyPending,
) -> ContractResult<Response> {
    no_coins(info)?;
    match msg.market {
        Some(market) => update_market::apply_market(deps, env, market),
        None => update_params::apply_pending(deps, env),
    }
}
