//! Entry points. Exported from wasm only, so that native code can link several contracts.

use cosmwasm_std::{to_json_binary, Binary, Deps, DepsMut, Env, MessageInfo, Reply, Response};
use perp_interface::governance::MigrateMsg;
use perp_interface::queue::{ExecuteMsg, InstantiateMsg, QueryMsg, SudoMsg};

use crate::error::ContractResult;
use crate::execute::CLOCK;
use crate::{coins, execute, instantiate as setup, query as read, reply as answer};

/// Creates the queue.
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
    coins::refuse(&info)?;
    setup::instantiate(deps, msg)
}

/// Runs one message. None of them takes coins.
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
    coins::refuse(&info)?;
    match msg {
        ExecuteMsg::Connect(msg) => execute::connect(deps, &info, &msg),
        ExecuteMsg::Update(msg) => execute::update(deps, &info, &msg),
        ExecuteMsg::Refresh(msg) => execute::refresh(deps, msg),
        ExecuteMsg::ReportShortfall(msg) => execute::report_shortfall(deps, &info, msg),
        ExecuteMsg::ContinueDeleverage(msg) => {
            execute::continue_deleverage(deps, &env, &info, &msg)
        }
        ExecuteMsg::PublishLights(msg) => execute::publish_lights(deps, &env, &msg),
        ExecuteMsg::SetPolicy(msg) => execute::set_policy(deps, &env, &info, &msg),
        ExecuteMsg::UpdateParams(msg) => execute::update_params(deps, &env, &info, msg),
        ExecuteMsg::Govern(msg) => {
            let event = perp_governance::govern(deps, &info.sender, msg)?;
            Ok(Response::new().add_event(event))
        }
        ExecuteMsg::ApplyPending(msg) => match msg.market {
            Some(market) => execute::apply_policy(deps, &env, market),
            None => execute::apply_pending(deps, &env),
        },
    }
}

/// Takes the market's answer to a step.
///
/// # Errors
/// Any [`ContractError`](crate::ContractError); the whole step is undone then.
#[cfg_attr(target_arch = "wasm32", cosmwasm_std::entry_point)]
pub fn reply(deps: DepsMut, _env: Env, msg: Reply) -> ContractResult<Response> {
    match msg.id {
        CLOCK => Ok(answer::clock(deps.as_ref(), msg)),
        _ => answer::deleverage(deps, msg),
    }
}

/// What the chain itself sends: the messages of the authority, handled as its own, and its call in every
/// block, which never fails.
///
/// # Errors
/// Any [`ContractError`](crate::ContractError); nothing is written then.
#[cfg_attr(target_arch = "wasm32", cosmwasm_std::entry_point)]
pub fn sudo(deps: DepsMut, env: Env, msg: SudoMsg) -> ContractResult<Response> {
    let msg = match msg {
        SudoMsg::ClockEndBlock {} | SudoMsg::BeginBlocker {} => return execute::clock(deps, &env),
        SudoMsg::Connect(msg) => ExecuteMsg::Connect(msg),
        SudoMsg::SetPolicy(msg) => ExecuteMsg::SetPolicy(msg),
        SudoMsg::UpdateParams(msg) => ExecuteMsg::UpdateParams(msg),
        SudoMsg::Govern(msg) => ExecuteMsg::Govern(msg),
    };
    let info = MessageInfo {
        sender: perp_governance::authority(deps.storage)?,
        funds: vec![],
    };
    execute(deps, env, info, msg)
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
        QueryMsg::Config {} => read::config(deps),
        QueryMsg::Governance {} => Ok(to_json_binary(&perp_governance::response(deps)?)?),
        QueryMsg::PendingParams(msg) => read::pending(deps, &msg),
        QueryMsg::Top(msg) => read::top(deps, &msg),
        QueryMsg::Rank(msg) => read::rank(deps, &msg),
        QueryMsg::Lights(msg) => read::lights(deps, &msg),
        QueryMsg::Key(msg) => read::key(deps, &msg),
        QueryMsg::Index(msg) => read::index(deps, &msg),
        QueryMsg::Classes(msg) => read::classes(deps, &msg),
        QueryMsg::Histograms(msg) => read::histograms(deps, &msg),
        QueryMsg::Audit(msg) => read::audit(deps, &env, msg),
        QueryMsg::Jobs {} => read::jobs(deps),
        QueryMsg::IsDirty(msg) => read::is_dirty(deps, &msg),
        QueryMsg::Policy(msg) => read::policy(deps, &msg),
        QueryMsg::OwnPolicy(msg) => read::own_policy(deps, &msg),
    }
}
