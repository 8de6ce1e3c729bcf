//! Replaces the exchange's parameters.

use cosmwasm_std::{DepsMut, MessageInfo, Response};
use perp_interface::event::ParamsUpdated;
use perp_interface::market::UpdateParams;

use crate::coins::no_coins;
use crate::error::{ContractError, ContractResult};
use crate::state::{assert_authority, PARAMS};

/// Refuses a proposal that was written against other parameters.
pub fn update_params(
    deps: DepsMut<'_>,
    info: &MessageInfo,
    msg: UpdateParams,
) -> ContractResult<Response> {
    no_coins(info)?;
    assert_authority(deps.storage, &info.sender)?;
    msg.params.validate()?;
    let (actual, _) = PARAMS.load(deps.storage)?;
    if msg.expected_version != actual {
        return Err(ContractError::VersionMismatch {
            expected: msg.expected_version,
            actual,
        });
    }
    let version = actual + 1;
    PARAMS.save(deps.storage, &(version, msg.params))?;
    Ok(Response::new().add_event(ParamsUpdated { version }))
}
