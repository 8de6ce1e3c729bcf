//! Liquidates an account: sells a solvent one down, opens the losses of a bankrupt one.

use std::collections::BTreeSet;

use cosmwasm_std::{DepsMut, Env, MessageInfo, Response};
use perp_interface::market::Liquidate;
use perp_interface::{AccountId, MarketId};

use super::withdraw::assert_not_gated;
use super::{open_losses, sell_down};
use crate::book::{self, Resting};
use crate::coins::no_coins;
use crate::desk::{against, Desk};
use crate::error::{ContractError, ContractResult};
use crate::ledger::Ledger;
use crate::prices::Marks;
use crate::state::{links, PARAMS};

/// Load everything that either path may meet, decide by equity, cancel the account's orders.
pub fn liquidate(
    mut deps: DepsMut<'_>,
    env: &Env,
    info: &MessageInfo,
    msg: Liquidate,
) -> ContractResult<Response> {
    no_coins(info)?;
    let id = msg.account;
    let links = links(deps.storage)?;
    let (_, params) = PARAMS.load(deps.storage)?;
    let now = env.block.time.seconds();
    let mut ledger = Ledger::new(now);
    ledger.load_account(deps.storage, id)?;
    assert_not_gated(&ledger, id)?;
    assert_debts_not_gated(&ledger, id)?;
    let own: BTreeSet<MarketId> = ledger.market_ids();
    let mut marks = Marks::query(deps.querier, &links.feed, &own, now)?;
    ledger.marks = marks.clone();
    ledger.assert_fresh(id, params.loose_price_age)?;
    let health = ledger.health(id)?;
    if health.equity >= health.maintenance && health.equity.0 >= 0 {
        return Err(ContractError::NotLiquidatable {
            account: id,
            equity: health.equity,
            maintenance: health.maintenance,
        });
    }
    let orders = book::of_account(deps.storage, id)?;
    for order in &orders {
        ledger.load_market(deps.storage, order.market)?;
    }
    let mut desk = Desk::new(ledger, params);
    let makers = reachable_orders(&deps, &desk, id)?;
    for order in &makers {
        desk.ledger.load_account(deps.storage, order.account)?;
    }
    let others: BTreeSet<_> = desk.ledger.market_ids().difference(&own).copied().collect();
    marks.extend(Marks::query(deps.querier, &links.feed, &others, now)?);
    desk.ledger.marks = marks;
    for order in &orders {
        desk.take_off(order, "liquidated")?;
    }
    if health.equity.0 >= 0 {
        sell_down::sell_down(deps.branch(), info, desk, (id, &links), &makers)
    } else {
        open_losses::open_losses(deps.branch(), env, desk, (id, &links), &makers)
    }
}

fn assert_debts_not_gated(ledger: &Ledger, id: AccountId) -> ContractResult<()> {
    for debt in &ledger.account(id)?.debts {
        if let Some(by) = ledger.market(debt.market)?.state.gate {
            return Err(ContractError::MarketDeleveraging {
                market: debt.market,
                by,
            });
        }
    }
    Ok(())
}

/// The best orders of every market that this account's positions could be sold to, its own left
/// out.
fn reachable_orders(
    deps: &DepsMut<'_>,
    desk: &Desk,
    id: AccountId,
) -> ContractResult<Vec<Resting>> {
    let mut found = Vec::new();
    for (market, position) in &desk.ledger.account(id)?.positions {
        let Some(side) = position.side() else {
            continue;
        };
        let orders = book::best(
            deps.storage,
            *market,
            against(side.opposite()),
            None,
            (position.size(), desk.params.max_fills),
        )?;
        found.extend(orders.into_iter().filter(|order| order.account != id));
    }
    Ok(found)
}
