//! Migrations: one file per version that is left.

mod v0_1;

use cosmwasm_std::{DepsMut, Response};
use perp_governance::{Migration, Origin};
use perp_interface::governance::MigrateMsg;

use crate::error::ContractResult;

/// Name and version of this code.
pub const CODE: Origin = Origin {
    name: concat!("crate:", env!("CARGO_PKG_NAME")),
    version: env!("CARGO_PKG_VERSION"),
};

/// From the version in storage to this one.
pub fn migrate(deps: DepsMut<'_>, msg: &MigrateMsg) -> ContractResult<Response> {
    let migration = Migration::check(deps.storage, CODE)?;
    match (migration.from.major, migration.from.minor) {
        (0, 1) => v0_1::migrate(deps.storage, deps.api, &migration, msg)?,
        (0, 2) => migration.adjust(deps.storage, deps.api, msg)?,
        _ => return Err(migration.unknown().into()),
    }
    let event = migration.finish(deps.storage, CODE)?;
    Ok(Response::new().add_event(event))
}
