//! Who governs.

use cosmwasm_std::{Addr, Api, Deps, DepsMut, Event, StdResult, Storage};
use cw_storage_plus::Item;
use perp_core::change::{Caller, Clock};
use perp_interface::event::{AuthorityAccepted, AuthorityProposed, GuardianSet};
use perp_interface::governance::{GovernMsg, GovernanceResponse, Governors, NoticeParams};
use serde::{Deserialize, Serialize};

use crate::error::{GovernanceError, GovernanceResult};
use crate::pause;

/// `gc`: who governs, and how long changes wait.
pub const CONTROL: Item<Control> = Item::new("gc");

/// Who governs, and how long changes wait.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// Who may change everything.
    pub authority: Addr,
    /// Who may take its place by accepting.
    pub candidate: Option<Addr>,
    /// Who may tighten and pause.
    pub guardian: Option<Addr>,
    /// How long changes wait.
    pub notice: NoticeParams,
}

impl Control {
    /// Lets authority and guardian pass.
    ///
    /// # Errors
    /// `Unauthorized`.
    pub fn caller(&self, sender: &Addr) -> GovernanceResult<Caller> {
        if self.guardian.as_ref() == Some(sender) && *sender != self.authority {
            return Ok(Caller::Guardian);
        }
        self.require(sender)?;
        Ok(Caller::Authority)
    }

    /// Lets only the authority pass.
    ///
    /// # Errors
    /// `Unauthorized`.
    pub fn require(&self, sender: &Addr) -> GovernanceResult<()> {
        require(sender, "authority", &self.authority)
    }

    /// How long changes wait from `now`, in seconds.
    pub const fn clock(&self, now: u64) -> Clock {
        Clock {
            now,
            notice: self.notice.notice_seconds,
            step: self.notice.step_seconds,
        }
    }
}

fn require(sender: &Addr, role: &'static str, expected: &Addr) -> GovernanceResult<()> {
    if sender == expected {
        return Ok(());
    }
    Err(GovernanceError::Unauthorized {
        sender: sender.clone(),
        role,
        expected: expected.clone(),
    })
}

/// Checks and stores who governs from the start.
///
/// # Errors
/// A notice outside of its bounds; `Std` for an address that the chain does not have.
pub fn establish(
    storage: &mut dyn Storage,
    api: &dyn Api,
    governors: &Governors,
) -> GovernanceResult<()> {
    governors.notice.validate()?;
    let control = Control {
        authority: api.addr_validate(&governors.authority)?,
        candidate: None,
        guardian: optional(api, governors.guardian.as_deref())?,
        notice: governors.notice,
    };
    Ok(CONTROL.save(storage, &control)?)
}

pub(crate) fn optional(api: &dyn Api, address: Option<&str>) -> StdResult<Option<Addr>> {
    address
        .map(|address| api.addr_validate(address))
        .transpose()
}

/// The authority.
///
/// # Errors
/// `Std`.
pub fn authority(storage: &dyn Storage) -> GovernanceResult<Addr> {
    Ok(CONTROL.load(storage)?.authority)
}

/// Lets only the authority pass.
///
/// # Errors
/// `Unauthorized`.
pub fn require_authority(storage: &dyn Storage, sender: &Addr) -> GovernanceResult<()> {
    CONTROL.load(storage)?.require(sender)
}

/// Handles the messages that every contract takes.
///
/// # Errors
/// `Unauthorized`, `NoCandidate`, `Std`.
pub fn govern(deps: DepsMut<'_>, sender: &Addr, msg: GovernMsg) -> GovernanceResult<Event> {
    let mut control = CONTROL.load(deps.storage)?;
    let event = match msg {
        GovernMsg::ProposeAuthority { candidate } => {
            control.require(sender)?;
            control.candidate = optional(deps.api, candidate.as_deref())?;
            Event::from(AuthorityProposed {
                authority: control.authority.to_string(),
                candidate: control.candidate.as_ref().map(Addr::to_string),
            })
        }
        GovernMsg::AcceptAuthority {} => {
            let candidate = control
                .candidate
                .take()
                .ok_or(GovernanceError::NoCandidate)?;
            require(sender, "candidate", &candidate)?;
            let from = std::mem::replace(&mut control.authority, candidate);
            Event::from(AuthorityAccepted {
                from: from.into_string(),
                authority: control.authority.to_string(),
            })
        }
        GovernMsg::SetGuardian { guardian } => {
            control.require(sender)?;
            control.guardian = optional(deps.api, guardian.as_deref())?;
            Event::from(GuardianSet { guardian })
        }
    };
    CONTROL.save(deps.storage, &control)?;
    Ok(event)
}

/// Who governs, and what is stopped.
///
/// # Errors
/// `Std`.
pub fn response(deps: Deps<'_>) -> GovernanceResult<GovernanceResponse> {
    let control = CONTROL.load(deps.storage)?;
    Ok(GovernanceResponse {
        authority: control.authority.into_string(),
        candidate: control.candidate.map(Addr::into_string),
        guardian: control.guardian.map(Addr::into_string),
        notice: control.notice,
        paused: pause::all(deps.storage)?,
    })
}
