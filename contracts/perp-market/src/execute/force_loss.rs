//! Closes a loss without the queue, after it has made no step for many blocks.

use cosmwasm_std::{DepsMut, Env, MessageInfo, Order, Response, Storage};
use perp_core::settlement::{Fold, Pass};
use perp_interface::loss::Candidate;
use perp_interface::market::ForceLoss;
use perp_interface::{LossId, PerLot, Policy};

use super::open_losses::continue_deleverage;
use super::refresh::assert_list;
use crate::coins::no_coins;
use crate::error::{ContractError, ContractResult};
use crate::ranking;
use crate::state::{links, open_loss, StoredFold, BANKRUPTCIES, PARAMS};
use crate::step;

/// Most accounts of one message.
pub const MOST_ACCOUNTS: usize = 100;

/// P3 against the named accounts, P4 over kept profit, P5. Lots close at the mark, so the caller's
/// choice costs nobody equity; but profit that these fills keep is asked in their order. Open
/// profit is left alone: whose is cut only the ranking may decide.
pub fn force_loss(
    deps: DepsMut<'_>,
    env: &Env,
    info: &MessageInfo,
    msg: ForceLoss,
) -> ContractResult<Response> {
    no_coins(info)?;
    assert_list(&msg.accounts, MOST_ACCOUNTS)?;
    let loss_id = msg.loss_id;
    let mut loss = open_loss(deps.storage, loss_id)?;
    let first = first_open(deps.storage)?;
    if let Some(first) = first.filter(|first| *first != loss_id) {
        return Err(ContractError::LossNotFirst { loss_id, first });
    }
    let (links, (_, params)) = (links(deps.storage)?, PARAMS.load(deps.storage)?);
    let (from, height) = (loss.last_step + params.force_after_blocks, env.block.height);
    if height < from {
        return Err(ContractError::TooEarly {
            loss_id,
            from,
            height,
        });
    }
    if loss.fold.0 < Pass::AtMark {
        let mut fold = Fold::from(loss.fold);
        fold.pass = Pass::AtMark;
        loss.fold = StoredFold::from(fold);
    }
    if msg.accounts.contains(&loss.account) {
        return Err(ContractError::BadCandidate {
            loss_id,
            account: loss.account,
        });
    }
    let (last_step, before) = (loss.last_step, loss.executed());
    let rows = MOST_ACCOUNTS as u32;
    let mut adl = step::begin(
        deps.as_ref(),
        env,
        &links,
        // At the mark nothing is charged and nothing shared.
        (loss, Policy::default()),
        (&msg.accounts, rows),
    )?;
    let candidates: Vec<_> = msg
        .accounts
        .iter()
        .map(|account| unranked(*account))
        .collect();
    if adl.fold().pass == Pass::AtMark {
        adl.visit(&candidates)?;
    }
    adl.visit_kept(deps.storage, rows)?;
    if adl.fold().pass == Pass::Haircut {
        adl.book_bad_debt(adl.fold().need)?;
    }
    // A forced part is no step of the queue: who comes next need not wait again.
    let keeper = (before, info.sender.as_str());
    let written = step::write(adl, deps.storage, &links, last_step, keeper)?;
    let desk = written.desk;
    // The job is told that its loss is closed; left behind, it would keep out the market's next.
    let gas = desk.params.cover_gas_limit;
    let closed = written.loss.closed;
    let job = closed
        .then(|| continue_deleverage(&links, loss_id, gas))
        .transpose()?;
    let update = ranking::update(&desk.ledger, &links, None, false)?;
    Ok(Response::new()
        .add_submessages(update)
        .add_submessages(written.messages)
        .add_submessages(job)
        .add_events(desk.events))
}

/// The oldest open loss. A market is gated by one account, so that there are no more bankrupt ones
/// than markets.
fn first_open(storage: &dyn Storage) -> ContractResult<Option<LossId>> {
    let mut first: Option<LossId> = None;
    for row in BANKRUPTCIES.range(storage, None, None, Order::Ascending) {
        let (_, bankruptcy) = row?;
        first = first.into_iter().chain(bankruptcy.losses).min();
    }
    Ok(first)
}

const fn unranked(account: u64) -> Candidate {
    Candidate {
        account,
        rank: 0,
        profit_per_lot: PerLot(0),
        class: 0,
        share: None,
    }
}
