//! How a change would be made, by the functions that the contracts make it with.

use perp_core::change::{advance, propose, Caller, Clock, ParamSet, Plan};
use perp_interface::governance::{FieldChange, PendingStep};
use perp_interface::lens::ChangePlan;
use perp_interface::ParamError;

use crate::error::ContractResult;

/// Most steps that are worked out: as many as the contracts show of what waits.
const MOST_STEPS: usize = 64;

/// A set of parameters on its way.
#[derive(Clone, Debug)]
pub struct Outline<P> {
    /// In force now.
    pub now: P,
    /// In force as soon as the change has passed.
    pub at_once: P,
    /// In force after each step, with the date of the step in seconds.
    pub later: Vec<(u64, P)>,
    /// In force in the end.
    pub target: P,
    /// The same as it is shown.
    pub plan: ChangePlan,
}

/// What would become of `proposed` if the authority passed it at `clock.now`.
///
/// # Errors
/// `Change`: what the contract would refuse now, or a step that it would refuse when it is due.
pub fn outline<P>(now: P, proposed: P, clock: &Clock) -> ContractResult<Outline<P>>
where
    P: ParamSet<Error = ParamError>,
{
    let target = proposed.clone();
    let first = propose(Caller::Authority, &now, None, proposed, clock)?;
    let (at_once, mut pending) = (first.now, first.pending);
    let mut steps = Vec::new();
    let mut later: Vec<(u64, P)> = Vec::new();
    while let (Some(waits), true) = (&pending, later.len() < MOST_STEPS) {
        let due = waits.due;
        let before = later.last().map_or(&at_once, |(_, params)| params);
        let step = advance(before, waits.clone(), &Clock { now: due, ..*clock })?;
        let changes = FieldChange::between(before, &step.now);
        steps.push(PendingStep { due, changes });
        let Plan { now, pending: next } = step;
        later.push((due, now));
        pending = next;
    }
    let plan = ChangePlan {
        at: clock.now,
        at_once: FieldChange::between(&now, &at_once),
        steps,
        complete: pending.is_none(),
        replaces: None,
    };
    Ok(Outline {
        now,
        at_once,
        later,
        target,
        plan,
    })
}
