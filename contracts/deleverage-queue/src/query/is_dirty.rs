//! `IsDirty`: whether an account's keys wait for a `Refresh`.

use cosmwasm_std::{to_json_binary, Binary, Deps};
use perp_interface::queue::IsDirty;

use crate::error::ContractResult;
use crate::state::{keys_of, Standing};

/// A bare `true` or `false`.
pub fn is_dirty(deps: Deps, msg: &IsDirty) -> ContractResult<Binary> {
    let dirty = keys_of(deps.storage, msg.account)?
        .iter()
        .any(|(_, key)| key.standing != Standing::Current);
    Ok(to_json_binary(&dirty)?)
}
