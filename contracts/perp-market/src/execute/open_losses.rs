//! A bankrupt account: frozen whole, one loss for each of its markets.

use cosmwasm_std::{to_json_binary, Addr, DepsMut, Env, Response, Storage, SubMsg, WasmMsg};
use perp_core::bankruptcy::{needs, Exposure};
use perp_core::bounty::allowance_floor;
use perp_core::cover::slippage_allowance;
use perp_interface::event::LossOpened;
use perp_interface::loss::LossTerms;
use perp_interface::{fund, queue};
use perp_interface::{AccountId, LossId, MarketId, Quote, Side};

use crate::book::Resting;
use crate::bounty;
use crate::context::{payload, CONTINUE, COVER};
use crate::desk::Desk;
use crate::error::ContractResult;
use crate::loss::{close, open_part};
use crate::state::{Account, Bankruptcy, Links, Loss, BANKRUPTCIES, LOSSES, NEXT};
use crate::{ranking, same_owner};

/// Opens the losses, tries the book at each bankruptcy price, asks the fund for the rest.
///
/// All books are tried before anybody is deleveraged, and further losses wait for the first:
/// that is why the step limit changes nothing.
pub fn open_losses(
    deps: DepsMut<'_>,
    env: &Env,
    mut desk: Desk,
    (id, links, keeper): (AccountId, &Links, &Addr),
    orders: &[Resting],
) -> ContractResult<Response> {
    let mut losses = freeze(deps.storage, env, &mut desk, id)?;
    let bankruptcy = Bankruptcy {
        losses: losses.iter().map(|loss| loss.terms.loss_id).collect(),
        gated: losses.iter().map(|loss| loss.terms.market).collect(),
        keeper: keeper.to_string(),
    };
    BANKRUPTCIES.save(deps.storage, id, &bankruptcy)?;
    for loss in &mut losses {
        let limit = loss.bankruptcy_limit()?;
        let reachable = orders
            .iter()
            .filter(|o| o.market == loss.terms.market)
            .copied();
        let inside =
            reachable.filter(|o| limit.is_some_and(|limit| is_no_worse(loss.terms.side, o, limit)));
        let inside: Vec<_> = inside.collect();
        let surplus = loss.close_on_book(&mut desk, &inside, Quote::ZERO)?;
        let state = &mut desk.ledger.market_mut(loss.terms.market)?.state;
        state.fees = state.fees.plus(surplus)?;
    }
    let mut notices = Vec::new();
    for loss in &mut losses {
        let per_fill = desk.bounty_per_fill(loss.terms.market)?;
        notices.extend(bounty::book(links, loss, (0, per_fill), keeper.as_str())?);
        if loss.is_done() {
            notices.push(close(deps.storage, &mut desk, loss, links)?);
        }
        LOSSES.save(deps.storage, loss.terms.loss_id, loss)?;
    }
    desk.save(deps.storage)?;
    // As the books have left them.
    let others = same_owner::others(deps.storage, id)?;
    let open: Vec<_> = losses.into_iter().filter(|loss| !loss.closed).collect();
    let mut messages = Vec::new();
    for (i, loss) in open.iter().enumerate() {
        let defer = i + 1 < open.len();
        messages.push(cover_deficit(&desk, links, (loss, &others), defer)?);
    }
    if open.len() > 1 {
        // Deferred jobs are started one by one, flat: replies are not nested in one another. They
        // share one allowance of gas, so that many markets cannot undo the liquidation.
        let gas = desk.params.cover_gas_limit / open.len() as u64;
        for loss in &open {
            messages.push(continue_deleverage(links, loss.terms.loss_id, gas)?);
        }
    }
    let update = ranking::update(&desk.ledger, links, None, false)?;
    Ok(Response::new()
        .add_submessages(update)
        .add_submessages(notices)
        .add_submessages(messages)
        .add_events(desk.events))
}

fn is_no_worse(side: Side, order: &Resting, limit: perp_interface::Price) -> bool {
    match side {
        Side::Long => order.price >= limit,
        Side::Short => order.price <= limit,
    }
}

/// Settles all funding, shares the deficit among the markets, and gates them.
fn freeze(
    storage: &mut dyn Storage,
    env: &Env,
    desk: &mut Desk,
    id: AccountId,
) -> ContractResult<Vec<Loss>> {
    let account = desk.ledger.account(id)?.clone();
    for (market, _) in &account.positions {
        desk.ledger.settle(id, *market)?;
    }
    let deficit = Quote(-desk.ledger.health(id)?.equity.0);
    let mut markets: Vec<MarketId> = account
        .positions
        .iter()
        .map(|(m, _)| *m)
        .chain(account.debts.iter().map(|d| d.market))
        .collect();
    markets.sort_unstable();
    markets.dedup();
    let mut exposures = Vec::with_capacity(markets.len());
    for market in &markets {
        let position = desk.ledger.position(id, *market)?;
        let pnl = position.pnl(desk.ledger.marks.of_any_age(*market)?)?;
        let debt = account.debts.iter().find(|d| d.market == *market);
        exposures.push(Exposure {
            pnl,
            debt: debt.map_or(Quote::ZERO, |d| d.amount),
        });
    }
    let needs = needs(deficit, &exposures)?;
    let (next_account, next_order, first) = NEXT.load(storage)?;
    let mut losses = Vec::with_capacity(markets.len());
    for (i, (market, need)) in markets.iter().zip(needs).enumerate() {
        let loss_id = first + i as LossId;
        losses.push(open(env, desk, id, (loss_id, *market), need)?);
    }
    NEXT.save(
        storage,
        &(next_account, next_order, first + losses.len() as LossId),
    )?;
    desk.ledger.account_mut(id)?.locked = true;
    Ok(losses)
}

fn open(
    env: &Env,
    desk: &mut Desk,
    id: AccountId,
    (loss_id, market): (LossId, MarketId),
    need: Quote,
) -> ContractResult<Loss> {
    let position = desk.ledger.position(id, market)?;
    let debt_side = desk
        .ledger
        .account(id)?
        .debts
        .iter()
        .find(|d| d.market == market)
        .map(|d| d.side);
    let mark = desk.ledger.marks.of_any_age(market)?;
    let state = &mut desk.ledger.market_mut(market)?.state;
    state.gate = Some(id);
    let terms = LossTerms {
        loss_id,
        market,
        side: position.side().or(debt_side).unwrap_or(Side::Long),
        mark,
        index: state.index,
    };
    let lots = position.size();
    let fee_bps = desk.ledger.market(market)?.listing.params.least_fee_bps();
    let allowance = allowance_floor(position.cost, lots, mark, fee_bps)?;
    desk.events.push(
        LossOpened {
            loss_id,
            account: id,
            market,
            side: terms.side,
            lots,
            mark,
            index: terms.index,
            need,
        }
        .into(),
    );
    Ok(Loss::new(
        terms,
        id,
        (lots, need, allowance),
        env.block.height,
    ))
}

/// Asks the fund for what is left of a loss.
pub fn cover_deficit(
    desk: &Desk,
    links: &Links,
    (loss, others): (&Loss, &[Account]),
    defer: bool,
) -> ContractResult<SubMsg> {
    let (lots, need) = open_part(loss);
    let bps = desk
        .ledger
        .market(loss.terms.market)?
        .listing
        .params
        .cover_band_bps;
    let message = fund::ExecuteMsg::CoverDeficit(fund::CoverDeficit {
        terms: loss.terms.clone(),
        lots,
        need,
        slippage_allowance: slippage_allowance(loss.terms.side, loss.terms.mark, bps, lots)?,
        same_owner_lots: same_owner::lots_against(others, &loss.terms)?,
        defer,
    });
    let message = WasmMsg::Execute {
        contract_addr: links.fund.to_string(),
        msg: to_json_binary(&message)?,
        funds: vec![],
    };
    Ok(SubMsg::reply_always(message, COVER)
        .with_gas_limit(desk.params.cover_gas_limit)
        .with_payload(payload(&loss.terms.loss_id)?))
}

/// Has the queue go on with a job; an error, or the end of its gas, is noted and changes nothing.
pub fn continue_deleverage(links: &Links, loss_id: LossId, gas: u64) -> ContractResult<SubMsg> {
    let message = queue::ExecuteMsg::ContinueDeleverage(queue::ContinueDeleverage {
        loss_id,
        limit: None,
    });
    let message = WasmMsg::Execute {
        contract_addr: links.queue.to_string(),
        msg: to_json_binary(&message)?,
        funds: vec![],
    };
    Ok(SubMsg::reply_on_error(message, CONTINUE)
        .with_gas_limit(gas)
        .with_payload(payload(&loss_id)?))
}

#[cfg(test)]
mod tests {
    use cosmwasm_std::{Addr, ReplyOn};

    use super::*;

    #[test]
    fn a_job_that_runs_out_of_gas_is_noted_and_undoes_nothing() {
        let links = Links {
            fund: Addr::unchecked("fund"),
            queue: Addr::unchecked("queue"),
            feed: Addr::unchecked("feed"),
        };
        let message = continue_deleverage(&links, 7, 10_000_000).expect("builds");
        assert_eq!(message.gas_limit, Some(10_000_000));
        assert_eq!(message.reply_on, ReplyOn::Error);
    }
}
