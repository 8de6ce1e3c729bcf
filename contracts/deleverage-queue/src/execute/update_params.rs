//! `UpdateParams` and `ApplyPending`: how the parameters change.

use cosmwasm_std::{DepsMut, Env, MessageInfo, Response};
use perp_governance::Change;
use perp_interface::queue::UpdateParams;

use crate::error::ContractResult;
use crate::state::{PARAMS, PENDING};

/// By authority or guardian. What tightens holds at once, the rest after its notice.
pub fn update_params(
    deps: DepsMut,
    env: &Env,
    info: &MessageInfo,
    msg: UpdateParams,
) -> ContractResult<Response> {
    let current = PARAMS.load(deps.storage)?.into();
    let by = (&info.sender, env.block.time.seconds());
    let change = Change {
        expected_version: msg.expected_version,
        params: msg.params,
    };
    let (next, event) = PENDING.change(deps.storage, by, &current, change)?;
    PARAMS.save(deps.storage, &next.into())?;
    Ok(Response::new().add_event(event))
}

/// By anybody: the next step of what waits.
pub fn apply_pending(deps: DepsMut, env: &Env) -> ContractResult<Response> {
    let current = PARAMS.load(deps.storage)?.into();
    let now = env.block.time.seconds();
    let (next, event) = PENDING.apply(deps.storage, now, &current)?;
    PARAMS.save(deps.storage, &next.into())?;
    Ok(Response::new().add_event(event))
}
