//! Accounts and their health.

use cosmwasm_std::{Deps, Env, Order};
use cw_storage_plus::Bound;
use perp_interface::market::{
    AccountQuery, AccountResponse, AccountsQuery, AccountsResponse, DebtResponse, HealthResponse,
    PositionResponse,
};
use perp_interface::AccountId;

use super::page;
use crate::error::{ContractError, ContractResult};
use crate::execute::withdraw::assert_not_gated;
use crate::ledger::{held, Ledger};
use crate::prices::Marks;
use crate::state::{links, Account, ACCOUNTS, ACCOUNT_OF, OWNER_OF};

/// An account by owner.
pub fn by_owner(deps: Deps<'_>, query: &AccountQuery) -> ContractResult<AccountResponse> {
    let owner = deps.api.addr_validate(&query.owner)?;
    let id = ACCOUNT_OF.may_load(deps.storage, (&owner, query.subaccount))?;
    let id = id.ok_or_else(|| ContractError::UnknownAccount {
        account: format!("{owner}/{}", query.subaccount),
    })?;
    by_id(deps, id)
}

/// An account by number.
pub fn by_id(deps: Deps<'_>, id: AccountId) -> ContractResult<AccountResponse> {
    let account =
        ACCOUNTS
            .may_load(deps.storage, id)?
            .ok_or_else(|| ContractError::UnknownAccount {
                account: id.to_string(),
            })?;
    response(deps, id, account)
}

/// A page of accounts.
pub fn accounts(deps: Deps<'_>, query: &AccountsQuery) -> ContractResult<AccountsResponse> {
    let start = query.start_after.map(Bound::exclusive);
    let accounts = ACCOUNTS
        .range(deps.storage, start, None, Order::Ascending)
        .take(page(query.limit, 100, 1_000))
        .map(|item| {
            let (id, account) = item?;
            response(deps, id, account)
        })
        .collect::<ContractResult<_>>()?;
    Ok(AccountsResponse { accounts })
}

fn response(deps: Deps<'_>, id: AccountId, account: Account) -> ContractResult<AccountResponse> {
    let (owner, subaccount) = OWNER_OF.load(deps.storage, id)?;
    let held = held(deps.storage, &account)?;
    let positions = account.positions.iter().filter_map(|(market, p)| {
        p.side().map(|side| PositionResponse {
            market: *market,
            side,
            lots: p.size(),
            cost: p.cost,
            index: p.index,
        })
    });
    let debts = account.debts.iter().map(|d| DebtResponse {
        market: d.market,
        amount: d.amount,
        side: d.side,
    });
    Ok(AccountResponse {
        account: id,
        owner: owner.into(),
        subaccount,
        cash: account.cash,
        positions: positions.collect(),
        debts: debts.collect(),
        held,
        locked: account.locked,
    })
}

/// Health at the feed's prices, however old.
pub fn health(deps: Deps<'_>, env: &Env, id: AccountId) -> ContractResult<HealthResponse> {
    let now = env.block.time.seconds();
    let mut ledger = Ledger::new(now);
    ledger.load_account(deps.storage, id)?;
    let feed = links(deps.storage)?.feed;
    ledger.marks = Marks::query(deps.querier, &feed, &ledger.market_ids(), now)?;
    let health = ledger.health(id)?;
    let gated = assert_not_gated(&ledger, id).is_err();
    Ok(HealthResponse {
        equity: health.equity,
        initial: health.initial,
        maintenance: health.maintenance,
        withdrawable: if gated {
            Default::default()
        } else {
            health.withdrawable
        },
        liquidatable: health.equity < health.maintenance || health.equity.0 < 0,
        bankrupt: health.equity.0 < 0,
    })
}
