//! `Revenue`: fees and surplus of a market.

use cosmwasm_std::{DepsMut, Env, Event, MessageInfo, Response};
use perp_interface::event::FundReceived;
use perp_interface::fund::Revenue;

use crate::coins;
use crate::error::ContractResult;
use crate::state::{CAPITAL, CONFIG};
use crate::trigger;

/// Books the coins as capital.
pub fn revenue(
    deps: DepsMut,
    env: &Env,
    info: &MessageInfo,
    msg: &Revenue,
) -> ContractResult<Response> {
    let config = CONFIG.load(deps.storage)?;
    config.require_market(&info.sender)?;
    let amount = coins::exactly_one(info, &config.denom)?;
    let mut capital = CAPITAL.load(deps.storage)?;
    capital.revenue = capital.revenue.plus(amount)?;
    let available = capital.available()?;

    CAPITAL.save(deps.storage, &capital)?;
    let trigger = trigger::look(deps.storage, env, available, &config.params.limits())?;
    let event = FundReceived {
        kind: "revenue".to_string(),
        subject: msg.market.into(),
        amount,
        capital: available,
    };
    Ok(Response::new()
        .add_event(Event::from(event))
        .add_events(trigger))
}
