//! Entry points. Exported from wasm only, so that native code can link several contracts.

use cosmwasm_std::{to_json_binary, Binary, Deps, DepsMut, Env, MessageInfo, Reply, Response};
use perp_governance::Slot;
use perp_interface::fund::{ExecuteMsg, InstantiateMsg, QueryMsg, SudoMsg};
use perp_interface::governance::MigrateMsg;
use perp_interface::params::FundParams;

use crate::error::{ContractError, ContractResult};
use crate::messages::{COVER_REPLY, REPORT_REPLY};
use crate::{coins, execute, instantiate as setup, query as read, reply as answer};

/// Creates the fund.
///
/// # Errors
/// Any [`ContractError`].
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
/// Any [`ContractError`]; nothing is written then.
#[cfg_attr(target_arch = "wasm32", cosmwasm_std::entry_point)]
pub fn execute(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> ContractResult<Response> {
    match msg {
        ExecuteMsg::Connect(msg) => execute::connect(deps, &info, &msg),
        ExecuteMsg::ApproveCode(msg) => execute::approve_code(deps, &info, &msg),
        ExecuteMsg::RegisterMarket(msg) => execute::register_market(deps, &info, &msg),
        ExecuteMsg::RemoveMarket(msg) => execute::remove_market(deps, &info, &msg),
        ExecuteMsg::Contribute(msg) => execute::contribute(deps, &env, &info, &msg),
        ExecuteMsg::WithdrawCapital(msg) => execute::withdraw_capital(deps, &env, &info, &msg),
        ExecuteMsg::Stake(msg) => execute::stake(deps, &env, &info, &msg),
        ExecuteMsg::RequestUnstake(msg) => execute::request_unstake(deps, &env, &info, &msg),
        ExecuteMsg::CancelUnstake(msg) => execute::cancel_unstake(deps, &info, &msg),
        ExecuteMsg::ClaimUnstake(msg) => execute::claim_unstake(deps, &env, &info, &msg),
        ExecuteMsg::PayOwed(msg) => execute::pay_owed(deps, &info, &msg),
        ExecuteMsg::CoverDeficit(msg) => execute::cover_deficit(deps, &env, &info, msg),
        ExecuteMsg::ReturnCover(msg) => execute::return_cover(deps, &info, &msg),
        ExecuteMsg::LossClosed(msg) => execute::loss_closed(deps, &info, &msg),
        ExecuteMsg::BookBounty(msg) => execute::book_bounty(deps, &info, &msg),
        ExecuteMsg::Revenue(msg) => execute::revenue(deps, &env, &info, &msg),
        ExecuteMsg::UpdateParams(msg) => execute::update_params(deps, &env, &info, msg),
        ExecuteMsg::SetPause(msg) => execute::set_pause(deps, &info, msg),
        ExecuteMsg::Govern(msg) => {
            coins::refuse(&info)?;
            let event = perp_governance::govern(deps, &info.sender, msg)?;
            Ok(Response::new().add_event(event))
        }
        ExecuteMsg::ApplyPending(msg) => {
            Slot::<FundParams>::assert_own(msg.market)?;
            execute::apply_pending(deps, &env, &info)
        }
    }
}

/// Goes on after a submessage.
///
/// # Errors
/// Any [`ContractError`]; the whole call is undone then.
#[cfg_attr(target_arch = "wasm32", cosmwasm_std::entry_point)]
pub fn reply(deps: DepsMut, env: Env, reply: Reply) -> ContractResult<Response> {
    match reply.id {
        COVER_REPLY => answer::cover(deps, &env, reply),
        REPORT_REPLY => answer::report(reply),
        id => Err(ContractError::UnknownReply { id }),
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
/// Any [`ContractError`].
#[cfg_attr(target_arch = "wasm32", cosmwasm_std::entry_point)]
pub fn query(deps: Deps, env: Env, msg: QueryMsg) -> ContractResult<Binary> {
    match msg {
        QueryMsg::Config {} => read::config(deps),
        QueryMsg::Governance {} => Ok(to_json_binary(&perp_governance::response(deps)?)?),
        QueryMsg::PendingParams(msg) => read::pending(deps, &msg),
        QueryMsg::Capital {} => read::capital(deps),
        QueryMsg::Tranche(msg) => read::tranche(deps, &msg),
        QueryMsg::Tranches(msg) => read::tranches(deps, &msg),
        QueryMsg::Stake(msg) => read::stake(deps, &msg),
        QueryMsg::Registration(msg) => read::registration(deps, &msg),
        QueryMsg::Registrations(msg) => read::registrations(deps, &msg),
        QueryMsg::Coverage(msg) => read::coverage(deps, &env, &msg),
        QueryMsg::Owed(msg) => read::owed(deps, &msg),
        QueryMsg::Loss(msg) => read::loss(deps, &msg),
        QueryMsg::Losses(msg) => read::losses(deps, &msg),
        QueryMsg::Headroom(msg) => read::headroom(deps, &env, &msg),
        QueryMsg::HeadroomUnder(msg) => read::headroom_under(deps, &env, msg),
        QueryMsg::Solvency {} => read::solvency(deps, &env),
    }
}
