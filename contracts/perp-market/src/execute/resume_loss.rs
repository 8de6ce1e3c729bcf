//! Asks the fund again about a loss that is open: after a failure, or when gas ran out.

use cosmwasm_std::{DepsMut, MessageInfo, Response};
use perp_interface::market::ResumeLoss;

use super::open_losses::cover_deficit;
use crate::coins::no_coins;
use crate::desk::Desk;
use crate::error::ContractResult;
use crate::ledger::Ledger;
use crate::state::{links, open_loss, PARAMS};

/// The fund pays once per loss; a repeated call reports what is left to the queue.
pub fn resume_loss(
    deps: DepsMut<'_>,
    info: &MessageInfo,
    msg: ResumeLoss,
) -> ContractResult<Response> {
    no_coins(info)?;
    let loss = open_loss(deps.storage, msg.loss_id)?;
    let links = links(deps.storage)?;
    let (_, params) = PARAMS.load(deps.storage)?;
    let mut ledger = Ledger::new(0);
    ledger.load_market(deps.storage, loss.terms.market)?;
    let desk = Desk::new(ledger, params);
    Ok(Response::new().add_submessage(cover_deficit(&desk, &links, &loss, false)?))
}
