//! What is stopped.

use cosmwasm_std::{Addr, Event, Storage};
use cw_storage_plus::Item;
use perp_core::change::Caller;
use perp_interface::event::PauseSet;
use perp_interface::governance::{Operation, SetPause};

use crate::control::CONTROL;
use crate::error::{GovernanceError, GovernanceResult};

/// `gp`: what is stopped; missing as long as nothing ever was.
pub const PAUSED: Item<Vec<Operation>> = Item::new("gp");

/// Everything that is stopped.
pub(crate) fn all(storage: &dyn Storage) -> GovernanceResult<Vec<Operation>> {
    Ok(PAUSED.may_load(storage)?.unwrap_or_default())
}

/// Whether one of these is stopped.
///
/// # Errors
/// `Std`.
pub fn is_paused(storage: &dyn Storage, operations: &[Operation]) -> GovernanceResult<bool> {
    let paused = all(storage)?;
    Ok(operations
        .iter()
        .any(|operation| paused.contains(operation)))
}

/// Stops an operation, or lets it go on; again changes nothing. The guardian only stops.
///
/// # Errors
/// `Unauthorized`; `UnknownOperation` where `known` says that this contract does not have it.
pub fn set_pause(
    storage: &mut dyn Storage,
    sender: &Addr,
    msg: SetPause,
    known: bool,
) -> GovernanceResult<Event> {
    let control = CONTROL.load(storage)?;
    let caller = control.caller(sender)?;
    let SetPause { operation, paused } = msg;
    if caller == Caller::Guardian && !paused {
        control.require(sender)?;
    }
    if !known {
        return Err(GovernanceError::UnknownOperation { operation });
    }
    let mut now = all(storage)?;
    now.retain(|other| *other != operation);
    if paused {
        now.push(operation);
    }
    PAUSED.save(storage, &now)?;
    Ok(Event::from(PauseSet {
        operation,
        paused,
        by: sender.to_string(),
    }))
}
