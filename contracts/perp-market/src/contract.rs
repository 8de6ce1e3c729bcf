//! Entry points: a bare match.

#[cfg(target_arch = "wasm32")]
use cosmwasm_std::entry_point;
use cosmwasm_std::{Binary, Deps, DepsMut, Env, MessageInfo, Reply, Response};
use perp_interface::governance::MigrateMsg;
use perp_interface::market::{ExecuteMsg, InstantiateMsg, QueryMsg, SudoMsg};

use crate::error::ContractResult;
use crate::{execute, query};

/// Creates the market contract.
#[cfg_attr(target_arch = "wasm32", entry_point)]
pub fn instantiate(
    deps: DepsMut<'_>,
    _env: Env,
    info: MessageInfo,
    msg: InstantiateMsg,
) -> ContractResult<Response> {
    execute::instantiate::instantiate(deps, &info, msg)
}

/// Runs a message.
#[cfg_attr(target_arch = "wasm32", entry_point)]
pub fn execute(
    deps: DepsMut<'_>,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> ContractResult<Response> {
    match msg {
        ExecuteMsg::Connect(m) => execute::connect::connect(deps, &info, m),
        ExecuteMsg::ListMarket(m) => execute::list_market::list_market(deps, &env, &info, m),
        ExecuteMsg::UpdateMarket(m) => execute::update_market::update_market(deps, &env, &info, m),
        ExecuteMsg::UpdateParams(m) => execute::update_params::update_params(deps, &env, &info, m),
        ExecuteMsg::SetPause(m) => execute::govern::set_pause(deps, &info, m),
        ExecuteMsg::Govern(m) => execute::govern::govern(deps, &info, m),
        ExecuteMsg::ApplyPending(m) => execute::govern::apply_pending(deps, &env, &info, &m),
        ExecuteMsg::Deposit(m) => execute::deposit::deposit(deps, &env, &info, m),
        ExecuteMsg::Withdraw(m) => execute::withdraw::withdraw(deps, &env, &info, m),
        ExecuteMsg::PlaceOrder(m) => execute::place_order::place_order(deps, &env, &info, m),
        ExecuteMsg::CancelOrder(m) => execute::cancel_order::cancel_order(deps, &info, m),
        ExecuteMsg::Liquidate(m) => execute::liquidate::liquidate(deps, &env, &info, m),
        ExecuteMsg::ResumeLoss(m) => execute::resume_loss::resume_loss(deps, &info, m),
        ExecuteMsg::ForceLoss(m) => execute::force_loss::force_loss(deps, &env, &info, m),
        ExecuteMsg::Refresh(m) => execute::refresh::refresh(deps, &env, &info, m),
        ExecuteMsg::CollectFees(m) => execute::collect_fees::collect_fees(deps, &env, &info, m),
        ExecuteMsg::Cover(m) => execute::cover::cover(deps, &env, &info, m),
        ExecuteMsg::Deleverage(m) => execute::deleverage::deleverage(deps, &env, &info, m),
    }
}

/// Handles a submessage's result.
#[cfg_attr(target_arch = "wasm32", entry_point)]
pub fn reply(deps: DepsMut<'_>, _env: Env, reply: Reply) -> ContractResult<Response> {
    crate::reply::reply(deps, reply)
}

/// What the chain's own governance sends: the messages of the authority, handled as its own.
///
/// # Errors
/// Any [`crate::error::ContractError`]; nothing is written then.
#[cfg_attr(target_arch = "wasm32", entry_point)]
pub fn sudo(deps: DepsMut<'_>, env: Env, msg: SudoMsg) -> ContractResult<Response> {
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
#[cfg_attr(target_arch = "wasm32", entry_point)]
pub fn migrate(deps: DepsMut<'_>, _env: Env, msg: MigrateMsg) -> ContractResult<Response> {
    crate::migrate::migrate(deps, &msg)
}

/// Answers a query.
#[cfg_attr(target_arch = "wasm32", entry_point)]
pub fn query(deps: Deps<'_>, env: Env, msg: QueryMsg) -> ContractResult<Binary> {
    query::query(deps, &env, msg)
}
