//! `UpdateParams`: the authority replaces the parameters.

use cosmwasm_std::{DepsMut, Event, MessageInfo, Response};
use perp_core::error::MathError;
use perp_interface::event::ParamsUpdated;
use perp_interface::queue::UpdateParams;

use crate::error::{ContractError, ContractResult};
use crate::state::{require_authority, Params, PARAMS};

/// Replaces all parameters, if they are still those that the proposal was written against.
pub fn update_params(
    deps: DepsMut,
    info: &MessageInfo,
    msg: UpdateParams,
) -> ContractResult<Response> {
    require_authority(deps.storage, &info.sender)?;
    let Params(actual, _) = PARAMS.load(deps.storage)?;
    if msg.expected_version != actual {
        return Err(ContractError::VersionMismatch {
            expected: msg.expected_version,
            actual,
        });
    }
    msg.params.validate()?;
    let version = actual.checked_add(1).ok_or(MathError::Overflow {
        operation: "parameter version",
    })?;

    PARAMS.save(deps.storage, &Params(version, msg.params))?;
    Ok(Response::new().add_event(Event::from(ParamsUpdated { version })))
}
