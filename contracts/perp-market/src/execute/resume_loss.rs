//! Tells the fund again where a loss stands: after a failure, or when gas ran out.

use cosmwasm_std::{DepsMut, MessageInfo, Response};
use perp_interface::market::ResumeLoss;

use super::open_losses::cover_deficit;
use crate::coins::no_coins;
use crate::desk::Desk;
use crate::error::{ContractError, ContractResult};
use crate::ledger::Ledger;
use crate::loss::notify_closed;
use crate::same_owner;
use crate::state::{links, BANKRUPTCIES, LOSSES, PARAMS};

/// The fund pays once per loss; a repeated call reports what is left to the queue. Of a closed
/// loss it is told again that it is: as long as it believes a loss open, its capital is locked. Whoever
/// resumes a loss earns the bounties of what follows from it.
pub fn resume_loss(
    deps: DepsMut<'_>,
    info: &MessageInfo,
    msg: ResumeLoss,
) -> ContractResult<Response> {
    no_coins(info)?;
    let loss_id = msg.loss_id;
    let loss = LOSSES
        .may_load(deps.storage, loss_id)?
        .ok_or(ContractError::UnknownLoss { loss_id })?;
    let links = links(deps.storage)?;
    if loss.closed {
        return Ok(Response::new().add_submessage(notify_closed(&links, loss_id)?));
    }
    let (_, params) = PARAMS.load(deps.storage)?;
    let mut ledger = Ledger::new(0);
    ledger.load_market(deps.storage, loss.terms.market)?;
    let desk = Desk::new(ledger, params);
    let others = same_owner::others(deps.storage, loss.account)?;
    let mut bankruptcy = BANKRUPTCIES.load(deps.storage, loss.account)?;
    bankruptcy.keeper = info.sender.to_string();
    BANKRUPTCIES.save(deps.storage, loss.account, &bankruptcy)?;
    let message = cover_deficit(&desk, &links, (&loss, &others), false)?;
    Ok(Response::new().add_submessage(message))
}
