//! `Key`: where a position stands.

use cosmwasm_std::{to_json_binary, Binary, Deps};
use perp_core::score::order_key;
use perp_interface::queue::{KeyQuery, KeyResponse};
use perp_interface::{Lots, PerLot};

use crate::error::ContractResult;
use crate::state::{position_key, KEY_OF};

/// The stored key, or nothing.
pub fn key(deps: Deps, msg: &KeyQuery) -> ContractResult<Binary> {
    let found = KEY_OF.may_load(deps.storage, position_key(msg.account, msg.market))?;
    let answer = found.map(|key| KeyResponse {
        side: key.side,
        class: key.class,
        // A sign is its own inverse.
        entry: PerLot(order_key(key.side, PerLot(key.order))),
        lots: Lots(key.lots),
    });
    Ok(to_json_binary(&answer)?)
}
