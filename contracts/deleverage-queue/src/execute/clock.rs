//! The call of a chain that runs contracts in every block.

use cosmwasm_std::{to_json_binary, DepsMut, Env, Response, SubMsg, WasmMsg};
use perp_interface::queue::{ContinueDeleverage, ExecuteMsg};

use crate::error::ContractResult;
use crate::state::{first_job, LINKS};

/// The reply id of a step that failed.
pub const CLOCK: u64 = 2;

/// Units of work in one block: a candidate costs about 22 000 gas.
pub const CLOCK_UNITS: u32 = 50;

/// Gas of the step: whoever runs the chain's hook loses no more by one that fails.
pub const CLOCK_GAS_LIMIT: u64 = 3_000_000;

/// One step of the first job, as anybody could make it. It runs as a message of its own: a chain would
/// shut out a contract whose hook fails, and a failed step must leave nothing behind.
pub fn clock(deps: DepsMut, env: &Env) -> ContractResult<Response> {
    let Some(loss_id) = first_job(deps.storage)?.filter(|_| LINKS.exists(deps.storage)) else {
        return Ok(Response::new());
    };
    let step = ExecuteMsg::ContinueDeleverage(ContinueDeleverage {
        loss_id,
        limit: Some(CLOCK_UNITS),
    });
    let message = WasmMsg::Execute {
        contract_addr: env.contract.address.to_string(),
        msg: to_json_binary(&step)?,
        funds: vec![],
    };
    let step = SubMsg::reply_on_error(message, CLOCK).with_gas_limit(CLOCK_GAS_LIMIT);
    Ok(Response::new().add_submessage(step))
}
