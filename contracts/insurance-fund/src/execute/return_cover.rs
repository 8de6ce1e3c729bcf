//! `ReturnCover`: the market gives back what a loss did not use.

use cosmwasm_std::{DepsMut, Event, MessageInfo, Response};
use perp_interface::event::FundReceived;
use perp_interface::fund::ReturnCover;

use crate::coins;
use crate::error::{ContractError, ContractResult};
use crate::state::{StoredLoss, CAPITAL, CONFIG, DRAWS, LOSSES, MARKETS};

/// Books the coins as capital again, and as not drawn: the limits that the payment counts in have
/// the headroom back, once, as long as it still counts there.
///
/// It arrives while `Cover` runs, before the market has answered; `CoverDeficit` has saved the
/// record by then. A closed loss takes it too: which of the two messages of the market comes
/// first is its own affair, and money that comes home is never refused for that.
pub fn return_cover(
    deps: DepsMut,
    info: &MessageInfo,
    msg: &ReturnCover,
) -> ContractResult<Response> {
    let config = CONFIG.load(deps.storage)?;
    config.require_market(&info.sender)?;
    let amount = coins::exactly_one(info, &config.denom)?;
    let loss_id = msg.loss_id;
    let StoredLoss(market, asked, paid, before, closed, at) = LOSSES
        .may_load(deps.storage, loss_id)?
        .ok_or(ContractError::UnknownLoss { loss_id })?;
    let returned = before.plus(amount)?;
    if returned > paid {
        return Err(ContractError::ReturnExceedsPayment {
            loss_id,
            amount,
            returned: before,
            paid,
        });
    }
    let mut capital = CAPITAL.load(deps.storage)?;
    capital.returned = capital.returned.plus(amount)?;
    let available = capital.available()?;
    let mut draws = DRAWS.load(deps.storage)?;
    let mut window = MARKETS.may_load(deps.storage, market)?.unwrap_or_default();
    draws.give_back(&mut window, amount, at)?;

    let loss = StoredLoss(market, asked, paid, returned, closed, at);
    LOSSES.save(deps.storage, loss_id, &loss)?;
    DRAWS.save(deps.storage, &draws)?;
    MARKETS.save(deps.storage, market, &window)?;
    CAPITAL.save(deps.storage, &capital)?;
    Ok(Response::new().add_event(Event::from(FundReceived {
        kind: "returned".to_string(),
        subject: loss_id,
        amount,
        capital: available,
    })))
}
