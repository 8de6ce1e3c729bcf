//! Entry points. Exported from wasm only, so that native code can link several contracts.

use cosmwasm_std::{Binary, Deps, DepsMut, Env, MessageInfo, Response};
use perp_interface::feed::{ExecuteMsg, InstantiateMsg, QueryMsg};

use crate::error::ContractResult;
use crate::{execute, instantiate as setup, query as read};

/// Creates the feed.
///
/// # Errors
/// Any [`ContractError`](crate::ContractError).
#[cfg_attr(target_arch = "wasm32", cosmwasm_std::entry_point)]
pub fn instantiate(
    deps: DepsMut,
    _env: Env,
    info: MessageInfo,
    msg: InstantiateMsg,
) -> ContractResult<Response> {
    setup::instantiate(deps, &info, msg)
}

/// Runs one message.
///
/// # Errors
/// Any [`ContractError`](crate::ContractError); nothing is written then.
#[cfg_attr(target_arch = "wasm32", cosmwasm_std::entry_point)]
pub fn execute(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> ContractResult<Response> {
    match msg {
        ExecuteMsg::SetPrices(msg) => execute::set_prices(deps, &env, &info, msg),
        ExecuteMsg::SetFeeder(msg) => execute::set_feeder(deps, &info, &msg),
        ExecuteMsg::UpdateParams(msg) => execute::update_params(deps, &info, msg),
    }
}

/// Answers one query.
///
/// # Errors
/// Any [`ContractError`](crate::ContractError).
#[cfg_attr(target_arch = "wasm32", cosmwasm_std::entry_point)]
pub fn query(deps: Deps, env: Env, msg: QueryMsg) -> ContractResult<Binary> {
    match msg {
        QueryMsg::Prices(msg) => read::prices(deps, &env, &msg),
        QueryMsg::Config {} => read::config(deps),
        QueryMsg::IsFeeder(msg) => read::is_feeder(deps, &msg),
    }
}
