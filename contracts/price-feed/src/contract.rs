//! Entry points. Exported from wasm only, so that native code can link several contracts.

use cosmwasm_std::{to_json_binary, Binary, Deps, DepsMut, Env, MessageInfo, Response};
use perp_governance::Slot;
use perp_interface::feed::{ExecuteMsg, InstantiateMsg, QueryMsg, SudoMsg};
use perp_interface::governance::MigrateMsg;
use perp_interface::params::FeedParams;

use crate::error::ContractResult;
use crate::{coins, execute, instantiate as setup, query as read};

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
        ExecuteMsg::UpdateParams(msg) => execute::update_params(deps, &env, &info, msg),
        ExecuteMsg::Govern(msg) => {
            coins::refuse(&info)?;
            let event = perp_governance::govern(deps, &info.sender, msg)?;
            Ok(Response::new().add_event(event))
        }
        ExecuteMsg::ApplyPending(msg) => {
            Slot::<FeedParams>::assert_own(msg.market)?;
            execute::apply_pending(deps, &env, &info)
        }
    }
}

/// What the chain's own governance sends: the messages of the authority, handled as its own.
///
/// # Errors
/// Any [`ContractError`](crate::ContractError); nothing is written then.
#[cfg_attr(target_arch = "wasm32", cosmwasm_std::entry_point)]
pub fn sudo(deps: DepsMut, env: Env, msg: SudoMsg) -> ContractResult<Response> {
    let info = MessageInfo {
        sender: perp_governance::authority(deps.storage)?,
        funds: vec![],
    };
    execute(deps, env, info, msg.into())
}

/// Takes over the state of an older version.
///
/// # Errors
/// `Governance`; nothing is written then.
#[cfg_attr(target_arch = "wasm32", cosmwasm_std::entry_point)]
pub fn migrate(deps: DepsMut, _env: Env, msg: MigrateMsg) -> ContractResult<Response> {
    crate::migrate::migrate(deps, &msg)
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
        QueryMsg::Governance {} => Ok(to_json_binary(&perp_governance::response(deps)?)?),
        QueryMsg::PendingParams(msg) => read::pending(deps, &msg),
        QueryMsg::IsFeeder(msg) => read::is_feeder(deps, &msg),
    }
}
