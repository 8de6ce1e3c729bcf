//! `Contribute`: anybody adds capital.

use cosmwasm_std::{DepsMut, Env, Event, MessageInfo, Response};
use perp_interface::event::FundReceived;

use crate::coins;
use crate::error::ContractResult;
use crate::state::{CAPITAL, CONFIG};
use crate::trigger;

/// Books the coins as capital. They belong to the fund; nobody has a share in it.
pub fn contribute(deps: DepsMut, env: &Env, info: &MessageInfo) -> ContractResult<Response> {
    let config = CONFIG.load(deps.storage)?;
    let amount = coins::exactly_one(info, &config.denom)?;
    let mut capital = CAPITAL.load(deps.storage)?;
    capital.contributed = capital.contributed.plus(amount)?;
    let available = capital.available()?;

    CAPITAL.save(deps.storage, &capital)?;
    let trigger = trigger::look(deps.storage, env, available, &config.params.limits())?;
    let event = FundReceived {
        kind: "contribution".to_string(),
        subject: 0,
        amount,
        capital: available,
    };
    Ok(Response::new()
        .add_event(Event::from(event))
        .add_events(trigger))
}
