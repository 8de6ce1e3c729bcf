//! `UpdateParams`: the authority replaces the parameters.

use cosmwasm_std::{DepsMut, Env, Event, MessageInfo, Response};
use perp_core::error::MathError;
use perp_interface::event::ParamsUpdated;
use perp_interface::fund::UpdateParams;

use crate::coins;
use crate::error::{ContractError, ContractResult};
use crate::state::{Config, CAPITAL, CONFIG};
use crate::trigger;

/// Replaces all parameters, if they are still those that the proposal was written against.
/// New thresholds hold at once.
pub fn update_params(
    deps: DepsMut,
    env: &Env,
    info: &MessageInfo,
    msg: UpdateParams,
) -> ContractResult<Response> {
    coins::refuse(info)?;
    let config = CONFIG.load(deps.storage)?;
    config.require_authority(&info.sender)?;
    if msg.expected_version != config.version {
        return Err(ContractError::VersionMismatch {
            expected: msg.expected_version,
            actual: config.version,
        });
    }
    msg.params.validate()?;
    let (limits, capital) = (
        msg.params.limits(),
        CAPITAL.load(deps.storage)?.available()?,
    );
    let version = config.version.checked_add(1).ok_or(MathError::Overflow {
        operation: "parameter version",
    })?;

    CONFIG.save(
        deps.storage,
        &Config {
            version,
            params: msg.params,
            ..config
        },
    )?;
    let trigger = trigger::look(deps.storage, env, capital, &limits)?;
    Ok(Response::new()
        .add_event(Event::from(ParamsUpdated { version }))
        .add_events(trigger))
}
