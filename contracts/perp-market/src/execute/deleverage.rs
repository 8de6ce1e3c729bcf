//! The queue's next candidates of a loss.

use cosmwasm_std::{to_json_binary, DepsMut, Env, MessageInfo, Response};
use perp_interface::loss::{DeleverageResult, JobMark};
use perp_interface::market::Deleverage;

use crate::adl::Adl;
use crate::coins::no_coins;
use crate::desk::Desk;
use crate::error::{ContractError, ContractResult};
use crate::ledger::Ledger;
use crate::loss::close;
use crate::prices::Marks;
use crate::ranking;
use crate::state::{assert_is, links, Loss, LOSSES, PARAMS};

/// Checks, allocates and settles; answers where the loss stands.
pub fn deleverage(
    deps: DepsMut<'_>,
    env: &Env,
    info: &MessageInfo,
    msg: Deleverage,
) -> ContractResult<Response> {
    no_coins(info)?;
    let links = links(deps.storage)?;
    assert_is(&info.sender, "deleverage queue", &links.queue)?;
    let loss_id = msg.loss_id;
    let loss = LOSSES
        .may_load(deps.storage, loss_id)?
        .ok_or(ContractError::UnknownLoss { loss_id })?;
    if loss.closed {
        // A job may outlive its loss if the loss was forced: it is told so, and ends.
        return Ok(Response::new().set_data(to_json_binary(&result(&loss, 0))?));
    }
    if msg.pass < loss.fold.0 {
        // So may a pass outlive its place if the loss was forced on: the job takes over from there.
        return Ok(Response::new().set_data(to_json_binary(&result(&loss, 0))?));
    }
    assert_pass(&loss, &msg)?;
    let (_, params) = PARAMS.load(deps.storage)?;
    let now = env.block.time.seconds();
    let mut ledger = Ledger::new(now);
    ledger.load_account(deps.storage, loss.account)?;
    ledger.load_market(deps.storage, loss.terms.market)?;
    let mut adl = Adl::new(Desk::new(ledger, params), loss);
    adl.load(deps.storage, msg.candidates.iter().map(|c| c.account))?;
    adl.load_rows(deps.storage, msg.limit)?;
    let markets = adl.desk.ledger.market_ids();
    let mut marks = Marks::query(deps.querier, &links.feed, &markets, now)?;
    marks.freeze(adl.loss.terms.market, adl.loss.terms.mark);
    adl.desk.ledger.marks = marks;
    adl.set_sharing(msg.set.as_ref());
    adl.visit(&msg.candidates)?;
    adl.end_pass(msg.exhausted, msg.pass)?;
    adl.visit_kept(deps.storage, msg.limit)?;
    adl.pause(deps.storage, env.block.height)?;
    let Adl {
        mut desk,
        mut loss,
        visited,
        ..
    } = adl;
    let notice = if loss.is_done() {
        Some(close(deps.storage, &mut desk, &mut loss, &links)?)
    } else {
        None
    };
    LOSSES.save(deps.storage, loss_id, &loss)?;
    desk.save(deps.storage)?;
    let mark = JobMark {
        loss_id,
        pass: msg.pass,
    };
    let pairs = desk
        .ledger
        .touched()
        .iter()
        .copied()
        .filter(|(_, m)| *m == loss.terms.market)
        .collect();
    let update = ranking::update_pairs(&desk.ledger, &links, (pairs, Some(mark)), false)?;
    Ok(Response::new()
        .add_submessages(update)
        .add_submessages(notice)
        .add_events(desk.events)
        .set_data(to_json_binary(&result(&loss, visited))?))
}

fn assert_pass(loss: &Loss, msg: &Deleverage) -> ContractResult<()> {
    let expected = loss.fold.0;
    if msg.pass == expected {
        return Ok(());
    }
    Err(ContractError::PassMismatch {
        loss_id: msg.loss_id,
        expected,
        got: msg.pass,
    })
}

fn result(loss: &Loss, visited: u32) -> DeleverageResult {
    DeleverageResult {
        pass: loss.fold.0,
        lots: loss.fold.1,
        need: loss.fold.2,
        closed: loss.closed,
        visited,
    }
}
