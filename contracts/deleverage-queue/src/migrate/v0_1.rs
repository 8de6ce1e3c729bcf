//! From 0.1: the authority stood at `c`, alone.

use cosmwasm_std::{Addr, Api, Storage};
use cw_storage_plus::Item;
use perp_governance::Migration;
use perp_interface::governance::MigrateMsg;
use serde::{Deserialize, Serialize};

use crate::error::ContractResult;

/// As 0.1 stored it at `c`.
#[derive(Serialize, Deserialize)]
struct OldConfig {
    authority: Addr,
}

/// Moves the authority to its new place, with guardian and notice of the message.
pub fn migrate(
    storage: &mut dyn Storage,
    api: &dyn Api,
    migration: &Migration,
    msg: &MigrateMsg,
) -> ContractResult<()> {
    let old: Item<OldConfig> = Item::new("c");
    let authority = old.load(storage)?.authority.into_string();
    old.remove(storage);
    migration.establish(storage, api, authority, msg)?;
    Ok(())
}
