//! `LossClosed`: the market has closed a loss.

use cosmwasm_std::{DepsMut, MessageInfo, Response};
use perp_interface::fund::LossClosed;

use crate::coins;
use crate::error::ContractResult;
use crate::state::{StoredLoss, CONFIG, LOSSES, TRANCHES};

/// Lets go of the tranche that the loss held. Idempotent, and no error for a loss that closed
/// before the fund was reached: the market must always be able to close.
pub fn loss_closed(
    deps: DepsMut,
    info: &MessageInfo,
    msg: &LossClosed,
) -> ContractResult<Response> {
    coins::refuse(info)?;
    CONFIG.load(deps.storage)?.require_market(&info.sender)?;
    let stored = LOSSES.may_load(deps.storage, msg.loss_id)?;
    let Some(loss) = stored.filter(|loss| !loss.closed) else {
        return Ok(Response::new());
    };
    let loss = StoredLoss {
        closed: true,
        ..loss
    };
    if let Some(key) = loss.tranche {
        let tranche = TRANCHES.load(deps.storage, key)?.close_loss()?;
        TRANCHES.save(deps.storage, key, &tranche)?;
    }
    LOSSES.save(deps.storage, msg.loss_id, &loss)?;
    Ok(Response::new())
}
