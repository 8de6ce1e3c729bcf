//! The queue's next candidates of a loss.

use cosmwasm_std::{to_json_binary, DepsMut, Env, MessageInfo, Response};
use perp_interface::loss::{DeleverageResult, JobMark};
use perp_interface::market::Deleverage;

use crate::coins::no_coins;
use crate::error::{ContractError, ContractResult};
use crate::ranking;
use crate::state::{assert_is, links, Loss, BANKRUPTCIES, LOSSES};
use crate::step;

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
    let keeper = match msg.keeper {
        Some(keeper) => keeper,
        None => BANKRUPTCIES.load(deps.storage, loss.account)?.keeper,
    };
    let before = loss.executed();
    let accounts: Vec<_> = msg.candidates.iter().map(|c| c.account).collect();
    let mut adl = step::begin(
        deps.as_ref(),
        env,
        &links,
        (loss, msg.policy),
        (&accounts, msg.limit),
    )?;
    adl.set_sharing(msg.set.as_ref());
    adl.visit(&msg.candidates)?;
    adl.end_pass(msg.exhausted, msg.pass)?;
    adl.visit_kept(deps.storage, msg.limit)?;
    let height = env.block.height;
    let written = step::write(adl, deps.storage, &links, height, (before, &keeper))?;
    let (desk, loss) = (written.desk, written.loss);
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
        .add_submessages(written.messages)
        .add_events(desk.events)
        .set_data(to_json_binary(&result(&loss, written.visited))?))
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
