//! `ClaimUnstake`: a staker takes money out.

use cosmwasm_std::{BankMsg, DepsMut, Env, Event, MessageInfo, Response};
use perp_interface::event::Unstaked;
use perp_interface::fund::UnstakeRequest;
use perp_interface::Quote;

use crate::error::{ContractError, ContractResult};
use crate::gate::{self, Leaver};
use crate::state::{load_tranche, Request, CONFIG, REQUESTS, STAKES, TRANCHES};
use crate::{coins, trigger};

/// Pays the smaller of what the shares were worth at the request and are worth now. In between they have
/// borne every loss; what they have gained goes to the seed, which is lost before stakers.
pub fn claim_unstake(
    deps: DepsMut,
    env: &Env,
    info: &MessageInfo,
    msg: &UnstakeRequest,
) -> ContractResult<Response> {
    coins::refuse(info)?;
    let config = CONFIG.load(deps.storage)?;
    let (tranche, request) = (msg.tranche, msg.request);
    let (key, stored) = load_tranche(deps.storage, tranche)?;
    let row = (key, &info.sender, request);
    let open = REQUESTS
        .may_load(deps.storage, row)?
        .ok_or(ContractError::UnknownRequest { request })?;
    assert_due(&open, request, env)?;
    let Request { shares, value, .. } = open;
    gate::let_out(
        deps.as_ref(),
        env,
        &config,
        (tranche, &stored),
        Leaver::Staker(open.from),
    )?;
    let before = stored.capital()?;
    let (stored, paid, to_seed) = stored.claim(shares, value)?;
    let capital = stored.capital()?;
    let place = (key, &info.sender);
    let mut own = STAKES.load(deps.storage, place)?;
    own.1 = own.1.saturating_sub(1);

    REQUESTS.remove(deps.storage, row);
    STAKES.save(deps.storage, place, &own)?;
    trigger::shrink(deps.storage, env, tranche, (before, capital))?;
    TRANCHES.save(deps.storage, key, &stored)?;
    let event = Unstaked {
        tranche,
        staker: info.sender.to_string(),
        request,
        shares,
        paid,
        to_seed,
        capital,
    };
    let response = Response::new().add_event(Event::from(event));
    if paid == Quote::ZERO {
        return Ok(response);
    }
    Ok(response.add_message(BankMsg::Send {
        to_address: info.sender.to_string(),
        amount: vec![coins::coin(paid, &config.denom)],
    }))
}

/// Refuses before the cooldown is over, and when the time for the claim is.
fn assert_due(open: &Request, request: u64, env: &Env) -> ContractResult<()> {
    let now = env.block.time.seconds();
    let (from, until) = (open.from, open.until);
    if now < from {
        return Err(ContractError::CoolingDown { request, from, now });
    }
    if now > until {
        return Err(ContractError::RequestExpired {
            request,
            until,
            now,
        });
    }
    Ok(())
}
