//! `ContinueDeleverage`: anybody moves the first job on.

use cosmwasm_std::{DepsMut, Env, MessageInfo, Response};
use perp_interface::queue::ContinueDeleverage;

use crate::error::{ContractError, ContractResult};
use crate::state::{first_job, links, JOBS, PARAMS};
use crate::step::{step, Budget};

/// One more call's worth of steps.
pub fn continue_deleverage(
    deps: DepsMut,
    env: &Env,
    info: &MessageInfo,
    msg: &ContinueDeleverage,
) -> ContractResult<Response> {
    let links = links(deps.storage)?;
    let loss_id = msg.loss_id;
    let job = JOBS
        .may_load(deps.storage, loss_id)?
        .ok_or(ContractError::UnknownJob { loss_id })?;
    if let Some(first) = first_job(deps.storage)?.filter(|first| *first != loss_id) {
        return Err(ContractError::JobNotFirst { loss_id, first });
    }
    // A contract that is called during a step must not start another one inside of it: the
    // answer to the outer one would undo what the inner one achieved.
    if job.in_flight {
        return Err(ContractError::JobInFlight { loss_id });
    }
    let most = PARAMS.load(deps.storage)?.1.step_limit;
    let units = msg.limit.unwrap_or(most).min(most);
    if units == 0 {
        return Err(ContractError::ZeroLimit { loss_id });
    }
    // The market and the chain's hook call for whoever liquidated the account.
    let own = [&links.market, &env.contract.address].contains(&&info.sender);
    let keeper = (!own).then(|| info.sender.to_string());
    let budget = Budget {
        units,
        round: 0,
        keeper,
    };
    step(deps.storage, &links.market, job, budget)
}
