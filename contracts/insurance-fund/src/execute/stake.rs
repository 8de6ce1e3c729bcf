//! `Stake`: anybody buys shares of a tranche.

use cosmwasm_std::{DepsMut, Env, Event, MessageInfo, Response};
use perp_governance::is_paused;
use perp_interface::event::Staked;
use perp_interface::fund::Stake;
use perp_interface::governance::Operation;
use perp_interface::Shares;

use crate::error::{ContractError, ContractResult};
use crate::state::{load_tranche, CONFIG, STAKES, TRANCHES};
use crate::{coins, gate, trigger};

/// Books the coins in the staked layer at the price of this moment, rounded in favour of those who are in
/// it. A stake is no recovery: the peaks grow with it, and a stop stays.
pub fn stake(
    deps: DepsMut,
    env: &Env,
    info: &MessageInfo,
    msg: &Stake,
) -> ContractResult<Response> {
    if is_paused(deps.storage, &[Operation::Staking])? {
        return Err(ContractError::Paused);
    }
    let config = CONFIG.load(deps.storage)?;
    let amount = coins::exactly_one(info, &config.denom)?;
    let tranche = msg.tranche;
    let (key, stored) = load_tranche(deps.storage, tranche)?;
    gate::let_in(deps.as_ref(), &config, (tranche, &stored))?;
    if stored.layers.staked.is_wiped()? {
        let price_ppm = stored.layers.staked.price_floor()?;
        return Err(ContractError::PoolWiped { tranche, price_ppm });
    }
    let before = stored.capital()?;
    let (stored, shares) = stored.stake(amount)?;
    let min = config.params.min_stake;
    if amount < min || shares == Shares::ZERO {
        return Err(ContractError::StakeTooSmall { amount, min });
    }
    if let Some(min) = msg.min_shares.filter(|min| shares < *min) {
        return Err(ContractError::TooFewShares { shares, min });
    }
    let place = (key, &info.sender);
    let mut own = STAKES.may_load(deps.storage, place)?.unwrap_or_default();
    own.0 = own.0.plus(shares)?;
    let capital = stored.capital()?;

    STAKES.save(deps.storage, place, &own)?;
    trigger::grow(deps.storage, env, tranche, (before, capital))?;
    TRANCHES.save(deps.storage, key, &stored)?;
    let event = Staked {
        tranche,
        staker: info.sender.to_string(),
        amount,
        shares,
        capital,
    };
    Ok(Response::new().add_event(Event::from(event)))
}
