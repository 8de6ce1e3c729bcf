//! Liquidates an account: sells a solvent one down, opens the losses of a bankrupt one.

use cosmwasm_std::{DepsMut, Env, MessageInfo, Response};
use perp_interface::market::Liquidate;
use perp_interface::{AccountId, Lots};

use super::withdraw::assert_not_gated;
use super::{open_losses, sell_down};
use crate::book::{self, Resting};
use crate::coins::no_coins;
use crate::desk::{against, Desk};
use crate::error::{ContractError, ContractResult};
use crate::ledger::Ledger;
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
    ledger.price_loaded(deps.querier, &links.feed)?;
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
    let makers = reachable_orders(&deps, &desk, id, &orders)?;
    for order in &makers {
        desk.ledger.load_account(deps.storage, order.account)?;
    }
    desk.ledger.price_loaded(deps.querier, &links.feed)?;
    for order in &orders {
        desk.take_off(order, "liquidated")?;
    }
    if health.equity.0 >= 0 {
        sell_down::sell_down(deps.branch(), info, desk, (id, &links), &makers)
    } else {
        let of = (id, &links, &info.sender);
        open_losses::open_losses(deps.branch(), env, desk, of, &makers)
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
/// out. All books share what one message may match. They are not read until they hold enough, but
/// to that number: some may turn out to be nobody's who could fill them.
fn reachable_orders(
    deps: &DepsMut<'_>,
    desk: &Desk,
    id: AccountId,
    own: &[Resting],
) -> ContractResult<Vec<Resting>> {
    let positions = &desk.ledger.account(id)?.positions;
    let share = desk.params.max_fills / (positions.len() as u32).max(1);
    let mut found = Vec::new();
    for (market, position) in positions {
        let Some(side) = position.side() else {
            continue;
        };
        let side = against(side.opposite());
        let on_side = |order: &&Resting| order.market == *market && order.side == side;
        let own = own.iter().filter(on_side).count() as u32;
        let orders = book::best(
            deps.storage,
            (*market, side),
            None,
            None,
            (Lots(u64::MAX), share.max(1) + own),
        )?;
        let others = orders.into_iter().filter(|order| order.account != id);
        found.extend(others.take(share.max(1) as usize));
    }
    Ok(found)
}
