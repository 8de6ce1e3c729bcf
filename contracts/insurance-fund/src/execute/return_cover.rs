//! `ReturnCover`: the market gives back what a loss did not use.

use cosmwasm_std::{DepsMut, Event, MessageInfo, Response};
use perp_interface::event::FundReturned;
use perp_interface::fund::{ReturnCover, Tranche};

use crate::coins;
use crate::error::{ContractError, ContractResult};
use crate::state::{load_tranche, StoredLoss, CONFIG, DRAWS, LOSSES, MARKETS, TRANCHES};

/// Books the coins in the layers that they came from, and as not drawn: the limits that the payment counts
/// in have the headroom back, once, as long as it still counts there.
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
    let loss = LOSSES
        .may_load(deps.storage, loss_id)?
        .ok_or(ContractError::UnknownLoss { loss_id })?;
    let borne = loss.borne.total()?;
    let (Some(key), true) = (loss.tranche, amount <= borne) else {
        return Err(ContractError::ReturnExceedsPayment {
            loss_id,
            amount,
            returned: loss.paid.minus(borne)?,
            paid: loss.paid,
        });
    };
    let (borne, back) = loss.borne.take(amount)?;
    let tranche = Tranche::from_key(key);
    let (_, stored) = load_tranche(deps.storage, tranche)?;
    let staked_before = stored.layers.staked.assets;
    let stored = stored.give_back(back)?;
    // Not the part that the stakers bore: without stakers it has gone to the seed.
    let to_staked = stored.layers.staked.assets.minus(staked_before)?;
    let mut draws = DRAWS.load(deps.storage, key)?;
    let mut book = MARKETS.load(deps.storage, loss.market)?;
    draws.give_back(&mut book.window, amount, loss.at)?;
    book.drawn = book.drawn.minus(amount)?;

    LOSSES.save(deps.storage, loss_id, &StoredLoss { borne, ..loss })?;
    DRAWS.save(deps.storage, key, &draws)?;
    MARKETS.save(deps.storage, loss.market, &book)?;
    TRANCHES.save(deps.storage, key, &stored)?;
    Ok(Response::new().add_event(Event::from(FundReturned {
        loss_id,
        tranche,
        amount,
        to_seed: amount.minus(to_staked)?,
        to_staked,
        capital: stored.capital()?,
    })))
}
