//! One file per group of queries; lists are paged.

pub mod account;
pub mod book;
pub mod config;
pub mod loss;
pub mod market;
pub mod pending;
pub mod preview;
pub mod ranking;

use cosmwasm_std::{to_json_binary, Binary, Deps, Env};
use perp_interface::market::QueryMsg;

use crate::error::ContractResult;
use crate::state::DIRTY;

/// Answers a query.
pub fn query(deps: Deps<'_>, env: &Env, msg: QueryMsg) -> ContractResult<Binary> {
    let binary = match msg {
        QueryMsg::Config {} => to_json_binary(&config::config(deps)?),
        QueryMsg::Governance {} => to_json_binary(&perp_governance::response(deps)?),
        QueryMsg::PendingParams(m) => to_json_binary(&pending::pending(deps, &m)?),
        QueryMsg::Market(m) => to_json_binary(&market::market(deps, env, m.market)?),
        QueryMsg::Markets(m) => to_json_binary(&market::markets(deps, env, &m)?),
        QueryMsg::Account(m) => to_json_binary(&account::by_owner(deps, &m)?),
        QueryMsg::AccountById(m) => to_json_binary(&account::by_id(deps, m.account)?),
        QueryMsg::Accounts(m) => to_json_binary(&account::accounts(deps, &m)?),
        QueryMsg::Health(m) => to_json_binary(&account::health(deps, env, m.account)?),
        QueryMsg::Book(m) => to_json_binary(&book::book(deps, &m)?),
        QueryMsg::Orders(m) => to_json_binary(&book::orders(deps, m.account)?),
        QueryMsg::Preview(m) => to_json_binary(&preview::preview(deps, env, &m)?),
        QueryMsg::Loss(m) => to_json_binary(&loss::loss(deps, m.loss_id)?),
        QueryMsg::Losses(m) => to_json_binary(&loss::losses(deps, &m)?),
        QueryMsg::Mark(m) => to_json_binary(&ranking::mark(deps, env, m.market)?),
        QueryMsg::RankInputs(m) => to_json_binary(&ranking::rank_inputs(deps, env, &m)?),
        QueryMsg::Gates {} => to_json_binary(&loss::gates(deps)?),
        QueryMsg::IsDirty(m) => to_json_binary(&DIRTY.has(deps.storage, m.account)),
    }?;
    Ok(binary)
}

/// A page length within its bounds.
pub(crate) fn page(limit: Option<u32>, default: u32, most: u32) -> usize {
    limit.unwrap_or(default).min(most) as usize
}
