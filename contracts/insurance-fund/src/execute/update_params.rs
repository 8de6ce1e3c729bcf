//! `UpdateParams`: the authority replaces the parameters.

use cosmwasm_std::{Api, DepsMut, Env, Event, MessageInfo, Order, Response, StdResult};
use perp_core::error::MathError;
use perp_interface::event::ParamsUpdated;
use perp_interface::fund::{Tranche, UpdateParams};
use perp_interface::params::{FundParams, SurplusRule};

use crate::error::{ContractError, ContractResult};
use crate::state::{Config, CONFIG, TRANCHES};
use crate::{coins, trigger};

/// Replaces all parameters, if they are still those that the proposal was written against.
/// New thresholds hold at once, in every tranche; there are no more of them than markets.
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
    validated(deps.api, &msg.params)?;
    let limits = msg.params.limits();
    let version = config.version.checked_add(1).ok_or(MathError::Overflow {
        operation: "parameter version",
    })?;
    let tranches = TRANCHES
        .range(deps.storage, None, None, Order::Ascending)
        .collect::<StdResult<Vec<_>>>()?;

    CONFIG.save(
        deps.storage,
        &Config {
            version,
            params: msg.params,
            ..config
        },
    )?;
    let mut response = Response::new().add_event(Event::from(ParamsUpdated { version }));
    for (key, tranche) in tranches {
        let found = (Tranche::from_key(key), tranche.capital()?);
        response = response.add_events(trigger::look(deps.storage, env, found, &limits)?);
    }
    Ok(response)
}

/// Checks bounds, and the address of the surplus.
///
/// # Errors
/// `Param`, `Std` for an address that the chain does not have.
pub fn validated(api: &dyn Api, params: &FundParams) -> ContractResult<()> {
    params.validate()?;
    if let SurplusRule::Address { address } = &params.surplus {
        api.addr_validate(address)?;
    }
    Ok(())
}
