//! `Contribute`: anybody gives money to a layer.

use cosmwasm_std::{DepsMut, Env, Event, MessageInfo, Response};
use perp_interface::event::FundContributed;
use perp_interface::fund::{Contribute, Layer};
use perp_interface::Shares;

use crate::error::{ContractError, ContractResult};
use crate::state::{load_tranche, CONFIG, TRANCHES};
use crate::{coins, trigger};

/// Books the coins. They are the giver's no more.
pub fn contribute(
    deps: DepsMut,
    env: &Env,
    info: &MessageInfo,
    msg: &Contribute,
) -> ContractResult<Response> {
    let config = CONFIG.load(deps.storage)?;
    let amount = coins::exactly_one(info, &config.denom)?;
    let (tranche, layer) = (msg.tranche, msg.layer);
    let (key, stored) = load_tranche(deps.storage, tranche)?;
    if layer == Layer::Staked && stored.layers.staked.shares == Shares::ZERO {
        return Err(ContractError::NoStakers { tranche });
    }
    let stored = stored.contribute(layer, amount)?;
    let capital = stored.capital()?;

    TRANCHES.save(deps.storage, key, &stored)?;
    let limits = config.params.limits();
    let trigger = trigger::look(deps.storage, env, (tranche, capital), &limits)?;
    let event = FundContributed {
        from: info.sender.to_string(),
        tranche,
        layer,
        amount,
        capital,
    };
    Ok(Response::new()
        .add_event(Event::from(event))
        .add_events(trigger))
}
