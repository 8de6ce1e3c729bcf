//! `SetPolicy`: the authority says how a market's losses choose and share.

use cosmwasm_std::{DepsMut, Event, MessageInfo, Response};
use perp_interface::event::PolicySet;
use perp_interface::params::validate_policy;
use perp_interface::queue::SetPolicy;

use crate::error::ContractResult;
use crate::state::{policy_of, require_authority, StoredPolicy, POLICY};

/// Sets a market's policy, or goes back to the default. Open jobs keep theirs.
pub fn set_policy(deps: DepsMut, info: &MessageInfo, msg: &SetPolicy) -> ContractResult<Response> {
    require_authority(deps.storage, &info.sender)?;
    if let Some(policy) = &msg.policy {
        validate_policy(policy)?;
        POLICY.save(deps.storage, msg.market, &StoredPolicy::from(*policy))?;
    } else {
        POLICY.remove(deps.storage, msg.market);
    }
    let now = policy_of(deps.storage, msg.market)?;
    Ok(Response::new().add_event(Event::from(PolicySet {
        market: msg.market,
        is_default: msg.policy.is_none(),
        score: now.score,
        breadth: now.breadth,
        protect_principal: now.protect_principal,
        min_fill: now.min_fill,
    })))
}
