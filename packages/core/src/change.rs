//! How a set of parameters moves: what tightens does so at once, everything else waits for a notice and
//! then moves in bounded steps.
//!
//! Which way a field is tighter, and how far it moves in one step, stands in one table per set
//! ([`ParamSet::fields`]); nothing here knows a parameter by name.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Which way a field is tighter: safer for the solvency of the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tighter {
    /// A larger number is: raised at once, lowered after the notice.
    Up,
    /// A smaller number is: lowered at once, raised after the notice.
    Down,
    /// Neither is, or each could hurt somebody: the notice holds both ways, and a guardian may not touch it.
    Neither,
}

/// How far a number that waited moves in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// All the way.
    Whole,
    /// By so much at the most, at least 1.
    By(u64),
    /// Up by this part of what it is now, in per cent, and down as far as leads back up in one step
    /// (100: twice, or half); but at least by `least`, so that it can leave zero.
    Percent {
        /// Per cent, at least 1.
        percent: u32,
        /// What a step may always be, at least 1.
        least: u64,
    },
}

impl Step {
    /// `target`, or what lies on the way to it within one step. Rounded towards standing still.
    const fn move_towards(self, now: i128, target: i128) -> i128 {
        let most = match self {
            Self::Whole => return target,
            Self::By(most) => most as i128,
            Self::Percent { percent, least } => {
                let whole = if target > now { 100 } else { 100 + percent };
                // Both bounds of a parameter are below 2^100: this cannot overflow.
                let part = now.saturating_abs().saturating_mul(percent as i128) / whole as i128;
                if part > least as i128 {
                    part
                } else {
                    least as i128
                }
            }
        };
        let distance = target.saturating_sub(now);
        if distance > most {
            now + most
        } else if distance < -most {
            now - most
        } else {
            target
        }
    }
}

/// How a field is read and written.
#[derive(Debug)]
pub enum Access<P: 'static> {
    /// One number, or one for each entry of a list.
    Numbers {
        /// How many.
        len: fn(&P) -> usize,
        /// Reads one.
        get: fn(&P, usize) -> i128,
        /// Writes one.
        set: fn(&mut P, usize, i128),
        /// How far it moves in one step.
        step: Step,
    },
    /// A choice that changes as a whole.
    Whole {
        /// As text, to compare and to show.
        text: fn(&P) -> String,
        /// Takes it from the other.
        copy: fn(&mut P, &P),
    },
}

/// One line of the table.
pub struct Field<P: 'static> {
    /// Its name in the messages.
    pub name: &'static str,
    /// Which way it is tighter.
    pub tighter: Tighter,
    /// How it is read and written.
    pub access: Access<P>,
}

impl<P> fmt::Debug for Field<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field")
            .field("name", &self.name)
            .field("tighter", &self.tighter)
            .finish_non_exhaustive()
    }
}

/// A set of parameters with its table.
pub trait ParamSet: Clone + PartialEq + 'static {
    /// What `validate` refuses.
    type Error;

    /// Every field of the set.
    fn fields() -> &'static [Field<Self>];

    /// Checks every bound.
    ///
    /// # Errors
    /// Whatever is outside of its bounds.
    fn validate(&self) -> Result<(), Self::Error>;

    /// Both sets with lists of the same shape, each meaning what it meant before.
    fn align(&self, other: &Self) -> (Self, Self) {
        (self.clone(), other.clone())
    }

    /// Pulls fields that made a step back to where the rules between fields hold.
    fn reconcile(&mut self) {}
}

/// Who asks for a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Governance.
    Authority,
    /// Who may only tighten.
    Guardian,
}

/// When it is, and how long changes wait. All in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Now.
    pub now: u64,
    /// Until the first step; 0: everything holds at once, whole.
    pub notice: u64,
    /// Between two steps.
    pub step: u64,
}

/// A change that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending<P> {
    /// Where the parameters go.
    pub target: P,
    /// From when the next step may be made, in seconds.
    pub due: u64,
}

/// What holds from now on, and what waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan<P> {
    /// In force.
    pub now: P,
    /// Waits.
    pub pending: Option<Pending<P>>,
}

/// A change that is refused.
#[derive(Error, Clone, Debug, PartialEq, Eq)]
pub enum ChangeError<E> {
    /// Outside of its bounds.
    #[error("{0}")]
    Param(E),
    /// The guardian wanted something else than to tighten.
    #[error("guardian_only_tightens: {field} may not be moved that way by the guardian")]
    GuardianOnlyTightens {
        /// The first such field.
        field: &'static str,
    },
    /// The guardian's parameters are those in force.
    #[error("nothing_to_change: these parameters are in force")]
    NothingToChange,
    /// The next step is not due.
    #[error("not_due: the change is due at {due}, it is {now}")]
    NotDue {
        /// From when, in seconds.
        due: u64,
        /// Now, in seconds.
        now: u64,
    },
}

/// What becomes of `proposed`: the tightening part holds at once, the rest becomes pending and replaces what
/// was. A tightening part that breaks a rule between fields waits with the rest.
///
/// # Errors
/// `Param`; for a guardian `GuardianOnlyTightens`, `NothingToChange`.
pub fn propose<P: ParamSet>(
    caller: Caller,
    current: &P,
    pending: Option<Pending<P>>,
    proposed: P,
    clock: &Clock,
) -> Result<Plan<P>, ChangeError<P::Error>> {
    proposed.validate().map_err(ChangeError::Param)?;
    match caller {
        Caller::Authority => schedule(current, proposed, clock),
        Caller::Guardian => tighten_only(current, pending, proposed),
    }
}

/// The next step of a pending change.
///
/// # Errors
/// `NotDue`; `Param` if rules between fields refuse the step: nothing changes then.
pub fn advance<P: ParamSet>(
    current: &P,
    pending: Pending<P>,
    clock: &Clock,
) -> Result<Plan<P>, ChangeError<P::Error>> {
    if clock.now < pending.due {
        return Err(ChangeError::NotDue {
            due: pending.due,
            now: clock.now,
        });
    }
    let next = step(current, &pending.target);
    next.validate().map_err(ChangeError::Param)?;
    let due = clock.now.saturating_add(clock.step);
    let pending = (next != pending.target).then_some(Pending { due, ..pending });
    Ok(Plan { now: next, pending })
}

fn schedule<P: ParamSet>(
    current: &P,
    proposed: P,
    clock: &Clock,
) -> Result<Plan<P>, ChangeError<P::Error>> {
    if clock.notice == 0 {
        // Switched off: whoever is the authority makes people wait.
        return Ok(Plan {
            now: proposed,
            pending: None,
        });
    }
    let (now, target) = current.align(&proposed);
    let tightened = tightened(&now, &target);
    if tightened != target {
        // The way there is made of these: lists of both shapes together.
        now.validate().map_err(ChangeError::Param)?;
    }
    let now = if tightened == target {
        proposed.clone()
    } else if tightened == now || tightened.validate().is_err() {
        current.clone()
    } else {
        tightened
    };
    if now == proposed {
        let pending = None;
        return Ok(Plan { now, pending });
    }
    let pending = Pending {
        target: proposed,
        due: clock.now.saturating_add(clock.notice),
    };
    // Whoever votes must learn now that a step could not be made, not when it is due.
    let when_due = Clock {
        now: pending.due,
        ..*clock
    };
    advance(&now, pending.clone(), &when_due)?;
    let pending = Some(pending);
    Ok(Plan { now, pending })
}

fn tighten_only<P: ParamSet>(
    current: &P,
    pending: Option<Pending<P>>,
    proposed: P,
) -> Result<Plan<P>, ChangeError<P::Error>> {
    let (now, target) = current.align(&proposed);
    if now == target {
        return Err(ChangeError::NothingToChange);
    }
    if let Some(field) = P::fields()
        .iter()
        .find(|field| !field.only_tightens(&now, &target))
    {
        return Err(ChangeError::GuardianOnlyTightens { field: field.name });
    }
    // Lists cut elsewhere may mean the same, and would only make other changes harder.
    let cut = |field: &&Field<P>| {
        field.len(current) != field.len(&now) || field.len(&proposed) != field.len(&target)
    };
    if let Some(field) = P::fields().iter().find(cut) {
        return Err(ChangeError::GuardianOnlyTightens { field: field.name });
    }
    let pending = pending.and_then(|pending| corrected(current, pending, &proposed));
    Ok(Plan {
        now: proposed,
        pending,
    })
}

/// What waits must not undo, when it is due, what a guardian tightened from `current` to `proposed`; all else of
/// it waits on. Nothing if nothing is left of it.
fn corrected<P: ParamSet>(current: &P, pending: Pending<P>, proposed: &P) -> Option<Pending<P>> {
    let (before, least) = pending.target.align(proposed);
    let (was, _) = current.align(&pending.target);
    let mut target = before.clone();
    for field in P::fields() {
        let Access::Numbers { len, get, set, .. } = field.access else {
            continue;
        };
        for i in 0..len(&least) {
            let to = get(&least, i);
            if get(&was, i) != to && field.is_tighter(get(&before, i), to) {
                set(&mut target, i, to);
            }
        }
    }
    target.reconcile();
    let target = if target == before {
        pending.target
    } else {
        target
    };
    let lasts = target != *proposed && target.validate().is_ok();
    lasts.then_some(Pending {
        target,
        due: pending.due,
    })
}

/// `now` with those fields of `target` that are tighter.
fn tightened<P: ParamSet>(now: &P, target: &P) -> P {
    P::fields().iter().fold(now.clone(), |next, field| {
        tightened_in(field, &next, target)
    })
}

fn tightened_in<P: ParamSet>(field: &Field<P>, now: &P, target: &P) -> P {
    let mut next = now.clone();
    if let Access::Numbers { len, get, set, .. } = field.access {
        for i in 0..len(now) {
            let to = get(target, i);
            if field.is_tighter(get(now, i), to) {
                set(&mut next, i, to);
            }
        }
    }
    next
}

/// One step from `current` towards `target`.
fn step<P: ParamSet>(current: &P, target: &P) -> P {
    let (now, goal) = current.align(target);
    let mut next = now.clone();
    for field in P::fields() {
        match field.access {
            Access::Numbers {
                len,
                get,
                set,
                step,
            } => {
                for i in 0..len(&now) {
                    let (from, to) = (get(&now, i), get(&goal, i));
                    let to = if field.is_tighter(from, to) {
                        to
                    } else {
                        step.move_towards(from, to)
                    };
                    set(&mut next, i, to);
                }
            }
            Access::Whole { copy, .. } => copy(&mut next, &goal),
        }
    }
    next.reconcile();
    if next == goal {
        target.clone()
    } else {
        next
    }
}

impl<P> Field<P> {
    /// Whether going from one number to the other tightens.
    pub const fn is_tighter(&self, from: i128, to: i128) -> bool {
        match self.tighter {
            Tighter::Up => to > from,
            Tighter::Down => to < from,
            Tighter::Neither => false,
        }
    }

    /// Every value as text, to compare and to show.
    pub fn texts(&self, params: &P) -> Vec<String> {
        match self.access {
            Access::Numbers { len, get, .. } => (0..len(params))
                .map(|i| get(params, i).to_string())
                .collect(),
            Access::Whole { text, .. } => vec![text(params)],
        }
    }

    fn len(&self, params: &P) -> usize {
        match self.access {
            Access::Numbers { len, .. } => len(params),
            Access::Whole { .. } => 1,
        }
    }

    /// Whether every number is as it was, or tighter; both sets are aligned.
    fn only_tightens(&self, one: &P, other: &P) -> bool {
        match self.access {
            Access::Numbers { len, get, .. } => (0..len(one)).all(|i| {
                let (from, to) = (get(one, i), get(other, i));
                from == to || self.is_tighter(from, to)
            }),
            Access::Whole { text, .. } => text(one) == text(other),
        }
    }
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;
