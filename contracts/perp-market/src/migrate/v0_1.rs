//! From 0.1: the authority stood beside the denom.

use cosmwasm_std::{Addr, Api, Storage};
use cw_storage_plus::Item;
use perp_governance::Migration;
use perp_interface::governance::MigrateMsg;
use serde::{Deserialize, Serialize};

use crate::error::ContractResult;
use crate::state::{Config, CONFIG, PARAMS};

/// As 0.1 stored it at `c`.
#[derive(Serialize, Deserialize)]
struct OldConfig {
    authority: Addr,
    denom: String,
}

/// Moves the authority to its new place, with guardian and notice of the message.
pub fn migrate(
    storage: &mut dyn Storage,
    api: &dyn Api,
    migration: &Migration,
    msg: &MigrateMsg,
) -> ContractResult<()> {
    let OldConfig { authority, denom } = Item::new("c").load(storage)?;
    // A build before 0.1 was ready called itself 0.1 too: better no migration than one that cannot read its own.
    PARAMS.load(storage)?;
    migration.establish(storage, api, authority.into_string(), msg)?;
    Ok(CONFIG.save(storage, &Config { denom })?)
}
