//! How the exchange's parameters change.

use cosmwasm_std::{DepsMut, Env, MessageInfo, Response, Storage};
use perp_governance::{Change, Versioned};
use perp_interface::market::UpdateParams;
use perp_interface::params::ExchangeParams;

use crate::coins::no_coins;
use crate::error::ContractResult;
use crate::state::{PARAMS, PENDING};

/// By authority or guardian. What tightens holds at once, the rest after its notice.
pub fn update_params(
    deps: DepsMut<'_>,
    env: &Env,
    info: &MessageInfo,
    msg: UpdateParams,
) -> ContractResult<Response> {
    no_coins(info)?;
    let current = current(deps.storage)?;
    let by = (&info.sender, env.block.time.seconds());
    let change = Change {
        expected_version: msg.expected_version,
        params: msg.params,
    };
    let (next, event) = PENDING.change(deps.storage, by, &current, change)?;
    PARAMS.save(deps.storage, &(next.version, next.params))?;
    Ok(Response::new().add_event(event))
}

/// By anybody: the next step of what waits.
pub fn apply_pending(deps: DepsMut<'_>, env: &Env) -> ContractResult<Response> {
    let current = current(deps.storage)?;
    let now = env.block.time.seconds();
    let (next, event) = PENDING.apply(deps.storage, now, &current)?;
    PARAMS.save(deps.storage, &(next.version, next.params))?;
    Ok(Response::new().add_event(event))
}

/// What is in force.
pub fn current(storage: &dyn Storage) -> ContractResult<Versioned<ExchangeParams>> {
    let (version, params) = PARAMS.load(storage)?;
    Ok(Versioned { version, params })
}
