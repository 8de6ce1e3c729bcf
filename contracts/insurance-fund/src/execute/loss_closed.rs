//! `LossClosed`: the market has closed a loss.

use cosmwasm_std::{DepsMut, MessageInfo, Response};
use perp_interface::fund::LossClosed;

use crate::coins;
use crate::error::ContractResult;
use crate::state::{StoredLoss, CAPITAL, CONFIG, LOSSES};

/// Lets go of the capital that the loss held. Idempotent, and no error for a loss that closed
/// before the fund was reached: the market must always be able to close.
pub fn loss_closed(
    deps: DepsMut,
    info: &MessageInfo,
    msg: &LossClosed,
) -> ContractResult<Response> {
    coins::refuse(info)?;
    CONFIG.load(deps.storage)?.require_market(&info.sender)?;
    match LOSSES.may_load(deps.storage, msg.loss_id)? {
        Some(StoredLoss(market, asked, paid, returned, false, at)) => {
            let capital = CAPITAL.load(deps.storage)?.close_loss()?;

            let loss = StoredLoss(market, asked, paid, returned, true, at);
            LOSSES.save(deps.storage, msg.loss_id, &loss)?;
            CAPITAL.save(deps.storage, &capital)?;
            Ok(Response::new())
        }
        Some(StoredLoss(.., true, _)) | None => Ok(Response::new()),
    }
}
