//! `SetPolicy`: how a market's losses choose and share.

use cosmwasm_std::{DepsMut, Env, Event, MessageInfo, Response, Storage};
use perp_governance::{Change, GovernanceResult, Versioned};
use perp_interface::event::PolicySet;
use perp_interface::params::OwnPolicy;
use perp_interface::queue::SetPolicy;
use perp_interface::MarketId;

use crate::error::ContractResult;
use crate::state::{pending_policy, policy_of, StoredPolicy, POLICY, POLICY_VERSION};

/// By the authority: sets a market's policy, or goes back to the default, after the notice. Traders see
/// beforehand by which rule they will be chosen. Open jobs keep theirs.
pub fn set_policy(
    deps: DepsMut,
    env: &Env,
    info: &MessageInfo,
    msg: &SetPolicy,
) -> ContractResult<Response> {
    let current = own_policy(deps.storage, msg.market)?;
    let by = (&info.sender, env.block.time.seconds());
    let change = Change {
        expected_version: msg.expected_version.unwrap_or(current.version),
        params: OwnPolicy { policy: msg.policy },
    };
    let changed = pending_policy(msg.market).change(deps.storage, by, &current, change);
    store(deps.storage, msg.market, &current, changed)
}

/// By anybody: the change that waits, when it is due.
pub fn apply_policy(deps: DepsMut, env: &Env, market: MarketId) -> ContractResult<Response> {
    let current = own_policy(deps.storage, market)?;
    let now = env.block.time.seconds();
    let changed = pending_policy(market).apply(deps.storage, now, &current);
    store(deps.storage, market, &current, changed)
}

/// A market's own policy, or that it has none.
///
/// # Errors
/// `Std`.
pub fn own_policy(storage: &dyn Storage, market: MarketId) -> ContractResult<Versioned<OwnPolicy>> {
    let version = POLICY_VERSION
        .may_load(storage, market)?
        .unwrap_or_default();
    let policy = POLICY.may_load(storage, market)?.map(Into::into);
    let params = OwnPolicy { policy };
    Ok(Versioned { version, params })
}

fn store(
    storage: &mut dyn Storage,
    market: MarketId,
    current: &Versioned<OwnPolicy>,
    changed: GovernanceResult<(Versioned<OwnPolicy>, Event)>,
) -> ContractResult<Response> {
    let (next, event) = changed?;
    POLICY_VERSION.save(storage, market, &next.version)?;
    let response = Response::new().add_event(event);
    if next.params == current.params {
        return Ok(response);
    }
    match next.params.policy {
        Some(policy) => POLICY.save(storage, market, &StoredPolicy::from(policy))?,
        None => POLICY.remove(storage, market),
    }
    let now = policy_of(storage, market)?;
    Ok(response.add_event(Event::from(PolicySet {
        market,
        is_default: next.params.policy.is_none(),
        score: now.score,
        breadth: now.breadth,
        protect_principal: now.protect_principal,
        min_fill: now.min_fill,
    })))
}
