//! `RequestUnstake`: a staker asks for the money of shares.

use cosmwasm_std::{DepsMut, Env, Event, MessageInfo, Response};
use perp_interface::event::UnstakeRequested;
use perp_interface::fund::RequestUnstake;
use perp_interface::Shares;

use crate::coins;
use crate::error::{ContractError, ContractResult};
use crate::state::{load_tranche, Request, CONFIG, REQUESTS, STAKES, TRANCHES};

/// Notes the shares and what they are worth. They stay in the pool, and bear losses, until they are
/// claimed; what they gain from now on goes to the seed. Open at any time: it gives nothing that
/// the claim does not check.
pub fn request_unstake(
    deps: DepsMut,
    env: &Env,
    info: &MessageInfo,
    msg: &RequestUnstake,
) -> ContractResult<Response> {
    coins::refuse(info)?;
    let params = CONFIG.load(deps.storage)?.params;
    let (tranche, shares) = (msg.tranche, msg.shares);
    let (key, stored) = load_tranche(deps.storage, tranche)?;
    let place = (key, &info.sender);
    let mut own = STAKES.may_load(deps.storage, place)?.unwrap_or_default();
    if shares == Shares::ZERO || shares > own.0 {
        return Err(ContractError::SharesOutOfRange { shares, max: own.0 });
    }
    let (open, max) = (own.1, params.max_requests);
    if open >= max {
        return Err(ContractError::TooManyRequests { open, max });
    }
    let (request, now) = (own.2, env.block.time.seconds());
    let value = stored.layers.staked.value_floor(shares)?;
    (own.0, own.1, own.2) = (own.0.minus(shares)?, open + 1, request + 1);
    let stored = stored.request(shares)?;

    let from = now.saturating_add(params.cooldown_seconds);
    let row = Request {
        shares,
        value,
        at: now,
        from,
        until: from.saturating_add(params.claim_seconds),
    };

    STAKES.save(deps.storage, place, &own)?;
    TRANCHES.save(deps.storage, key, &stored)?;
    REQUESTS.save(deps.storage, (key, &info.sender, request), &row)?;
    Ok(Response::new().add_event(Event::from(UnstakeRequested {
        tranche,
        staker: info.sender.to_string(),
        request,
        shares,
        value,
        claimable_from: row.from,
        claimable_until: row.until,
    })))
}
