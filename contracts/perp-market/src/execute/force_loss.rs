//! Closes a loss without the queue, after it has made no step for many blocks.

use cosmwasm_std::{DepsMut, Env, MessageInfo, Response};
use perp_core::settlement::Pass;
use perp_interface::loss::Candidate;
use perp_interface::market::ForceLoss;
use perp_interface::PerLot;

use super::open_losses::continue_deleverage;
use super::refresh::assert_list;
use crate::adl::Adl;
use crate::coins::no_coins;
use crate::desk::Desk;
use crate::error::{ContractError, ContractResult};
use crate::ledger::Ledger;
use crate::loss::close;
use crate::prices::Marks;
use crate::ranking;
use crate::state::{links, open_loss, StoredFold, LOSSES, PARAMS};

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
        loss.fold = StoredFold(
            Pass::AtMark,
            loss.fold.1,
            loss.fold.2,
            Default::default(),
            Default::default(),
        );
    }
    let now = env.block.time.seconds();
    let mut ledger = Ledger::new(now);
    ledger.load_account(deps.storage, loss.account)?;
    ledger.load_market(deps.storage, loss.terms.market)?;
    let last_step = loss.last_step;
    let mut adl = Adl::new(Desk::new(ledger, params), loss);
    if msg.accounts.contains(&adl.loss.account) {
        return Err(ContractError::BadCandidate {
            loss_id,
            account: adl.loss.account,
        });
    }
    adl.load(deps.storage, msg.accounts.iter().copied())?;
    adl.load_rows(deps.storage, MOST_ACCOUNTS as u32)?;
    let mut marks = Marks::query(
        deps.querier,
        &links.feed,
        &adl.desk.ledger.market_ids(),
        now,
    )?;
    marks.freeze(adl.loss.terms.market, adl.loss.terms.mark);
    adl.desk.ledger.marks = marks;
    let candidates: Vec<_> = msg
        .accounts
        .iter()
        .map(|account| unranked(*account))
        .collect();
    if adl.fold().pass == Pass::AtMark {
        adl.visit(&candidates)?;
    }
    adl.visit_kept(deps.storage, MOST_ACCOUNTS as u32)?;
    if adl.fold().pass == Pass::Haircut {
        adl.book_bad_debt(adl.fold().need)?;
    }
    adl.pause(deps.storage, last_step)?;
    let Adl {
        mut desk, mut loss, ..
    } = adl;
    let mut notices = Vec::new();
    if loss.is_done() {
        notices.push(close(deps.storage, &mut desk, &mut loss, &links)?);
        // The job is told that its loss is closed; left behind, it would keep out the market's next.
        notices.push(continue_deleverage(
            &links,
            loss_id,
            desk.params.cover_gas_limit,
        )?);
    }
    LOSSES.save(deps.storage, loss_id, &loss)?;
    desk.save(deps.storage)?;
    let update = ranking::update(&desk.ledger, &links, None, false)?;
    Ok(Response::new()
        .add_submessages(update)
        .add_submessages(notices)
        .add_events(desk.events))
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
