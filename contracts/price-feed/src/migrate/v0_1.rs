//! From 0.1: the authority stood beside the parameters.

use cosmwasm_std::{Addr, Api, Storage};
use cw_storage_plus::Item;
use perp_governance::Migration;
use perp_interface::governance::MigrateMsg;
use perp_interface::params::FeedParams;
use serde::{Deserialize, Serialize};

use crate::error::ContractResult;
use crate::state::{Config, CONFIG};

/// As 0.1 stored it at `c`.
#[derive(Serialize, Deserialize)]
struct OldConfig {
    authority: Addr,
    version: u64,
    params: FeedParams,
}

/// Moves the authority to its new place, with guardian and notice of the message.
pub fn migrate(
    storage: &mut dyn Storage,
    api: &dyn Api,
    migration: &Migration,
    msg: &MigrateMsg,
) -> ContractResult<()> {
    let old: OldConfig = Item::new("c").load(storage)?;
    migration.establish(storage, api, old.authority.into_string(), msg)?;
    let OldConfig {
        version, params, ..
    } = old;
    CONFIG.save(storage, &Config { version, params })?;
    Ok(())
}
