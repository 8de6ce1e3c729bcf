//! Migrations: what is stored has not changed since 0.1.

use cosmwasm_std::{DepsMut, Response};
use perp_governance::{Migration, Origin};
use serde::{Deserialize, Serialize};

use crate::error::ContractResult;

/// Name and version of this code.
pub const CODE: Origin = Origin {
    name: concat!("crate:", env!("CARGO_PKG_NAME")),
    version: env!("CARGO_PKG_VERSION"),
};

/// Nothing to set: the lens has no authority, no guardian and no notice.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct MigrateMsg {}

/// From the version in storage to this one.
pub(crate) fn migrate(deps: DepsMut) -> ContractResult<Response> {
    let migration = Migration::check(deps.storage, CODE)?;
    match (migration.from.major, migration.from.minor) {
        (0, 1 | 2) => {}
        _ => return Err(migration.unknown().into()),
    }
    let event = migration.finish(deps.storage, CODE)?;
    Ok(Response::new().add_event(event))
}
