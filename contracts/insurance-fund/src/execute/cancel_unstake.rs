//! `CancelUnstake`: a staker stays.

use cosmwasm_std::{DepsMut, Event, MessageInfo, Response};
use perp_interface::event::UnstakeCancelled;
use perp_interface::fund::UnstakeRequest;

use crate::coins;
use crate::error::{ContractError, ContractResult};
use crate::state::{load_tranche, Request, REQUESTS, STAKES, TRANCHES};

/// The shares of the request are ordinary ones again, whether it has expired or not.
pub fn cancel_unstake(
    deps: DepsMut,
    info: &MessageInfo,
    msg: &UnstakeRequest,
) -> ContractResult<Response> {
    coins::refuse(info)?;
    let (tranche, request) = (msg.tranche, msg.request);
    let (key, stored) = load_tranche(deps.storage, tranche)?;
    let row = (key, &info.sender, request);
    let Request { shares, .. } = REQUESTS
        .may_load(deps.storage, row)?
        .ok_or(ContractError::UnknownRequest { request })?;
    let place = (key, &info.sender);
    let mut own = STAKES.load(deps.storage, place)?;
    (own.0, own.1) = (own.0.plus(shares)?, own.1.saturating_sub(1));
    let stored = stored.cancel(shares)?;

    REQUESTS.remove(deps.storage, row);
    STAKES.save(deps.storage, place, &own)?;
    TRANCHES.save(deps.storage, key, &stored)?;
    Ok(Response::new().add_event(Event::from(UnstakeCancelled {
        tranche,
        staker: info.sender.to_string(),
        request,
        shares,
    })))
}
