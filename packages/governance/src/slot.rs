//! One set of parameters with the change that waits for it.

use cosmwasm_std::{Addr, Event, Storage};
use cw_storage_plus::Map;
use perp_core::change::{advance, propose, ParamSet, Pending, Plan};
use perp_interface::event::ParamsUpdated;
use perp_interface::governance::{FieldChange, PendingResponse, PendingStep};
use perp_interface::{MarketId, ParamError};
use serde::de::DeserializeOwned;
use serde::Serialize;

use crate::control::CONTROL;
use crate::error::{GovernanceError, GovernanceResult};

/// Most steps that [`Slot::pending`] works out.
const MOST_STEPS: usize = 64;

/// Parameters and their version, from 1. It counts decisions, not the steps of what waits: whoever votes on a
/// change must know the version when the vote ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned<P> {
    /// The version.
    pub version: u64,
    /// The parameters.
    pub params: P,
}

/// A proposed change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<P> {
    /// Version that it was written against.
    pub expected_version: u64,
    /// All parameters.
    pub params: P,
}

/// Where the change of one set of parameters waits.
#[derive(Debug)]
pub struct Slot<P> {
    changes: Map<u32, Pending<P>>,
    market: Option<MarketId>,
}

impl<P> Slot<P>
where
    P: ParamSet<Error = ParamError> + Serialize + DeserializeOwned,
{
    /// Of the contract itself. `namespace` is the storage key of changes of this kind.
    pub const fn own(namespace: &'static str) -> Self {
        Self {
            changes: Map::new(namespace),
            market: None,
        }
    }

    /// Of a market.
    pub const fn of(namespace: &'static str, market: MarketId) -> Self {
        Self {
            changes: Map::new(namespace),
            market: Some(market),
        }
    }

    /// For a contract that has nothing to change but its own parameters.
    ///
    /// # Errors
    /// `NoParamsOfMarket`.
    pub const fn assert_own(market: Option<MarketId>) -> GovernanceResult<()> {
        match market {
            Some(market) => Err(GovernanceError::NoParamsOfMarket { market }),
            None => Ok(()),
        }
    }

    const fn key(&self) -> u32 {
        match self.market {
            Some(market) => market as u32,
            None => 1 << 16,
        }
    }

    /// What holds after a change by authority or guardian, and its event. The caller saves the parameters;
    /// what waits is saved here.
    ///
    /// # Errors
    /// `Unauthorized`, `VersionMismatch`, `Change`.
    pub fn change(
        &self,
        storage: &mut dyn Storage,
        (sender, now): (&Addr, u64),
        current: &Versioned<P>,
        change: Change<P>,
    ) -> GovernanceResult<(Versioned<P>, Event)> {
        let control = CONTROL.load(storage)?;
        let caller = control.caller(sender)?;
        if change.expected_version != current.version {
            return Err(GovernanceError::VersionMismatch {
                expected: change.expected_version,
                actual: current.version,
            });
        }
        let waits = self.changes.may_load(storage, self.key())?;
        let plan = propose(
            caller,
            &current.params,
            waits,
            change.params,
            &control.clock(now),
        )?;
        // Every decision costs a transaction: this does not overflow.
        self.settle(storage, current.version.saturating_add(1), plan)
    }

    /// What holds after the next step of what waits, and its event.
    ///
    /// # Errors
    /// `NothingPending`, `Change`.
    pub fn apply(
        &self,
        storage: &mut dyn Storage,
        now: u64,
        current: &Versioned<P>,
    ) -> GovernanceResult<(Versioned<P>, Event)> {
        let waits = self.changes.may_load(storage, self.key())?;
        let waits = waits.ok_or(GovernanceError::NothingPending)?;
        let clock = CONTROL.load(storage)?.clock(now);
        let plan = advance(&current.params, waits, &clock)?;
        self.settle(storage, current.version, plan)
    }

    fn settle(
        &self,
        storage: &mut dyn Storage,
        version: u64,
        plan: Plan<P>,
    ) -> GovernanceResult<(Versioned<P>, Event)> {
        let next_due = plan.pending.as_ref().map(|pending| pending.due);
        match &plan.pending {
            Some(pending) => self.changes.save(storage, self.key(), pending)?,
            None => self.changes.remove(storage, self.key()),
        }
        let next = Versioned {
            version,
            params: plan.now,
        };
        let event = Event::from(ParamsUpdated {
            market: self.market,
            version: next.version,
            next_due,
        });
        Ok((next, event))
    }

    /// Every step of what waits, each made as soon as it may be.
    ///
    /// # Errors
    /// `Std`, `Change`.
    pub fn pending(
        &self,
        storage: &dyn Storage,
        current: Versioned<P>,
    ) -> GovernanceResult<PendingResponse> {
        let mut waits = self.changes.may_load(storage, self.key())?;
        let due = waits.as_ref().map(|pending| pending.due);
        let control = CONTROL.load(storage)?;
        let mut now = current.params;
        let mut steps = vec![];
        while let (Some(pending), true) = (waits.take(), steps.len() < MOST_STEPS) {
            let due = pending.due;
            let plan = advance(&now, pending, &control.clock(due))?;
            let changes = FieldChange::between(&now, &plan.now);
            steps.push(PendingStep { due, changes });
            Plan {
                now,
                pending: waits,
            } = plan;
        }
        Ok(PendingResponse {
            version: current.version,
            due,
            steps,
        })
    }
}
