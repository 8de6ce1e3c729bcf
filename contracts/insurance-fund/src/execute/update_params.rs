//! `UpdateParams` and `ApplyPending`: how the parameters change.

use cosmwasm_std::{Api, DepsMut, Env, Event, MessageInfo, Order, Response, StdResult};
use perp_governance::{Change, Versioned};
use perp_interface::fund::{Tranche, UpdateParams};
use perp_interface::params::{FundParams, SurplusRule};

use crate::error::ContractResult;
use crate::state::{Config, CONFIG, PENDING, TRANCHES};
use crate::{coins, trigger};

/// By authority or guardian. What tightens holds at once, the rest after its notice.
pub fn update_params(
    deps: DepsMut,
    env: &Env,
    info: &MessageInfo,
    msg: UpdateParams,
) -> ContractResult<Response> {
    coins::refuse(info)?;
    validated(deps.api, &msg.params)?;
    let config = CONFIG.load(deps.storage)?;
    let by = (&info.sender, env.block.time.seconds());
    let change = Change {
        expected_version: msg.expected_version,
        params: msg.params,
    };
    let changed = PENDING.change(deps.storage, by, &config.versioned(), change)?;
    store(deps, env, config, changed)
}

/// By anybody: the next step of what waits.
pub fn apply_pending(deps: DepsMut, env: &Env, info: &MessageInfo) -> ContractResult<Response> {
    coins::refuse(info)?;
    let config = CONFIG.load(deps.storage)?;
    let now = env.block.time.seconds();
    let changed = PENDING.apply(deps.storage, now, &config.versioned())?;
    store(deps, env, config, changed)
}

/// New thresholds hold at once, in every tranche; there are no more of them than markets.
fn store(
    deps: DepsMut,
    env: &Env,
    config: Config,
    (next, event): (Versioned<FundParams>, Event),
) -> ContractResult<Response> {
    let limits = next.params.limits();
    let tranches = TRANCHES
        .range(deps.storage, None, None, Order::Ascending)
        .collect::<StdResult<Vec<_>>>()?;

    let Versioned { version, params } = next;
    CONFIG.save(
        deps.storage,
        &Config {
            version,
            params,
            ..config
        },
    )?;
    let mut response = Response::new().add_event(event);
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
