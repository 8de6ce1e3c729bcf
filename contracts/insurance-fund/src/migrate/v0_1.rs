//! From 0.1: the authority stood beside denom and parameters.

use cosmwasm_std::{Addr, Api, Storage};
use cw_storage_plus::Item;
use perp_governance::Migration;
use perp_interface::governance::MigrateMsg;
use perp_interface::params::FundParams;
use serde::{Deserialize, Serialize};

use crate::error::ContractResult;
use crate::state::{Config, Connections, CONFIG};

/// As 0.1 stored it at `c`.
#[derive(Serialize, Deserialize)]
struct OldConfig {
    authority: Addr,
    denom: String,
    connections: Option<Connections>,
    version: u64,
    params: FundParams,
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
    let config = Config {
        denom: old.denom,
        connections: old.connections,
        version: old.version,
        params: old.params,
    };
    Ok(CONFIG.save(storage, &config)?)
}
