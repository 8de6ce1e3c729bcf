//! Migrations: one file per version that is left.

mod v0_1;

use cosmwasm_std::{DepsMut, Response};
use perp_governance::Origin;
use perp_interface::governance::MigrateMsg;

use crate::error::ContractResult;

/// Name and version of this code.
pub const CODE: Origin = Origin {
    name: concat!("crate:", env!("CARGO_PKG_NAME")),
    version: env!("CARGO_PKG_VERSION"),
};

/// From the version in storage to this one.
pub fn migrate(deps: DepsMut<'_>, msg: &MigrateMsg) -> ContractResult<Response> {
    perp_governance::migrate(deps, CODE, msg, v0_1::migrate)
}
