//! Entry points: a bare match.

#[cfg(target_arch = "wasm32")]
use cosmwasm_std::entry_point;
use cosmwasm_std::{Binary, Deps, DepsMut, Env, MessageInfo, Response};
use perp_interface::lens::{ExecuteMsg, InstantiateMsg, QueryMsg};

use crate::error::ContractResult;
use crate::migrate::MigrateMsg;
use crate::{instantiate as setup, query as read};

/// Creates the lens.
///
/// # Errors
/// Any [`ContractError`](crate::ContractError).
#[cfg_attr(target_arch = "wasm32", entry_point)]
pub fn instantiate(
    deps: DepsMut,
    _env: Env,
    info: MessageInfo,
    msg: InstantiateMsg,
) -> ContractResult<Response> {
    setup::instantiate(deps, &info, &msg)
}

/// Runs nothing: no message can be read.
///
/// # Errors
/// None of its own.
#[cfg_attr(target_arch = "wasm32", entry_point)]
pub fn execute(
    _deps: DepsMut,
    _env: Env,
    _info: MessageInfo,
    msg: ExecuteMsg,
) -> ContractResult<Response> {
    match msg {}
}

/// Takes over the state of an older version.
///
/// # Errors
/// `Governance`; nothing is written then.
#[cfg_attr(target_arch = "wasm32", entry_point)]
pub fn migrate(deps: DepsMut, _env: Env, _msg: MigrateMsg) -> ContractResult<Response> {
    crate::migrate::migrate(deps)
}

/// Answers one query.
///
/// # Errors
/// Any [`ContractError`](crate::ContractError).
#[cfg_attr(target_arch = "wasm32", entry_point)]
pub fn query(deps: Deps, env: Env, msg: QueryMsg) -> ContractResult<Binary> {
    match msg {
        QueryMsg::Config {} => read::config(deps),
        QueryMsg::Exposure(msg) => read::exposure(deps, &msg),
        QueryMsg::Stress(msg) => read::stress(deps, &env, msg),
        QueryMsg::SimulateParams(msg) => read::simulate(deps, &env, msg),
    }
}
