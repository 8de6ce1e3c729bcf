//! What the ranking is made of, for the queue and for audits of it.

use cosmwasm_std::{Deps, Env, Order};
use cw_storage_plus::Bound;
use perp_interface::market::{AccountInputs, MarkResponse, RankInputsQuery, RankInputsResponse};
use perp_interface::MarketId;

use super::page;
use crate::error::ContractResult;
use crate::ledger::Ledger;
use crate::prices::Marks;
use crate::ranking::inputs;
use crate::state::{links, ACCOUNTS, DIRTY};

/// The feed's price, however old, and the funding accrued to now.
pub fn mark(deps: Deps<'_>, env: &Env, market: MarketId) -> ContractResult<MarkResponse> {
    let now = env.block.time.seconds();
    let mut ledger = Ledger::new(now);
    ledger.load_market(deps.storage, market)?;
    let feed = links(deps.storage)?.feed;
    let marks = Marks::query(deps.querier, &feed, &[market].into(), now)?;
    Ok(MarkResponse {
        mark: marks.of_any_age(market)?,
        index: ledger.market(market)?.state.index,
    })
}

/// A page of accounts, through the code that tells the queue.
pub fn rank_inputs(
    deps: Deps<'_>,
    env: &Env,
    query: &RankInputsQuery,
) -> ContractResult<RankInputsResponse> {
    let mut ledger = Ledger::new(env.block.time.seconds());
    ledger.load_market(deps.storage, query.market)?;
    let start = query.start_after.map(Bound::exclusive);
    let accounts = ACCOUNTS
        .keys(deps.storage, start, None, Order::Ascending)
        .take(page(query.limit, 100, 500))
        .map(|id| {
            let account = id?;
            ledger.load_account(deps.storage, account)?;
            Ok(AccountInputs {
                account,
                position: inputs(&ledger, account, query.market)?,
                dirty: DIRTY.has(deps.storage, account),
            })
        })
        .collect::<ContractResult<_>>()?;
    Ok(RankInputsResponse { accounts })
}
