//! Which migrations are let through.

use cosmwasm_std::{Addr, Api, DepsMut, Event, Response, Storage};
use perp_interface::event::Migrated;
use perp_interface::governance::{Governors, MigrateMsg};
use semver::Version;

use crate::control::{establish, optional, CONTROL};
use crate::error::{GovernanceError, GovernanceResult};

/// The code that a contract migrates to.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// Its name, as its instantiation stores it.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// Takes over what 0.1 stored.
pub type FromV01<E> = fn(&mut dyn Storage, &dyn Api, &Migration, &MigrateMsg) -> Result<(), E>;

/// The way of a contract with an authority from the version in storage to `code`. From 0.2 on only what the message
/// sets changes.
///
/// # Errors
/// As [`Migration::check`], `UnknownVersion`, and those of `from_0_1`.
pub fn migrate<E: From<GovernanceError>>(
    deps: DepsMut<'_>,
    code: Origin,
    msg: &MigrateMsg,
    from_0_1: FromV01<E>,
) -> Result<Response, E> {
    let migration = Migration::check(deps.storage, code)?;
    match (migration.from.major, migration.from.minor) {
        (0, 1) => from_0_1(deps.storage, deps.api, &migration, msg)?,
        (0, 2) => migration.adjust(deps.storage, deps.api, msg)?,
        _ => return Err(migration.unknown().into()),
    }
    let event = migration.finish(deps.storage, code)?;
    Ok(Response::new().add_event(event))
}

/// A migration whose name and versions were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Version in storage.
    pub from: Version,
    /// Version of the code.
    pub to: Version,
}

impl Migration {
    /// Checks name and order of versions. The same version again is let through: a repaired build of it.
    ///
    /// # Errors
    /// `WrongContract`, `Downgrade`, `UnknownVersion` for one that cannot be read.
    pub fn check(storage: &dyn Storage, code: Origin) -> GovernanceResult<Self> {
        let found = cw2::get_contract_version(storage)?;
        if found.contract != code.name {
            return Err(GovernanceError::WrongContract {
                expected: code.name.to_owned(),
                found: found.contract,
            });
        }
        let unknown = || GovernanceError::UnknownVersion {
            from: found.version.clone(),
            to: code.version.to_owned(),
        };
        let from: Version = found.version.parse().map_err(|_| unknown())?;
        let to: Version = code.version.parse().map_err(|_| unknown())?;
        // By precedence: two builds of one version are the same.
        if from.cmp_precedence(&to).is_gt() {
            return Err(GovernanceError::Downgrade {
                from: from.to_string(),
                to: to.to_string(),
            });
        }
        Ok(Self { from, to })
    }

    /// That there is no way from the version in storage.
    pub fn unknown(&self) -> GovernanceError {
        GovernanceError::UnknownVersion {
            from: self.from.to_string(),
            to: self.to.to_string(),
        }
    }

    /// For a version without guardian and notices: stores who governs from now on.
    ///
    /// # Errors
    /// `MissingField` without a notice, and as [`establish`].
    pub fn establish(
        &self,
        storage: &mut dyn Storage,
        api: &dyn Api,
        authority: String,
        msg: &MigrateMsg,
    ) -> GovernanceResult<()> {
        let notice = msg.notice.ok_or_else(|| GovernanceError::MissingField {
            from: self.from.to_string(),
            field: "notice",
        })?;
        let governors = Governors {
            authority,
            guardian: msg.guardian.clone(),
            notice,
        };
        establish(storage, api, &governors)
    }

    /// For a version with them: replaces what the message sets.
    ///
    /// # Errors
    /// A notice outside of its bounds; `Std` for an address that the chain does not have.
    pub fn adjust(
        &self,
        storage: &mut dyn Storage,
        api: &dyn Api,
        msg: &MigrateMsg,
    ) -> GovernanceResult<()> {
        let mut control = CONTROL.load(storage)?;
        if let Some(notice) = msg.notice {
            notice.validate()?;
            control.notice = notice;
        }
        if msg.guardian.is_some() {
            control.guardian = optional(api, msg.guardian.as_deref())?;
        }
        Ok(CONTROL.save(storage, &control)?)
    }

    /// Stores the new version.
    ///
    /// # Errors
    /// `Std`.
    pub fn finish(&self, storage: &mut dyn Storage, code: Origin) -> GovernanceResult<Event> {
        cw2::set_contract_version(storage, code.name, code.version)?;
        let control = CONTROL.may_load(storage)?;
        let notice = control.as_ref().map(|control| control.notice);
        Ok(Event::from(Migrated {
            from: self.from.to_string(),
            to: self.to.to_string(),
            notice_seconds: notice.map(|notice| notice.notice_seconds),
            step_seconds: notice.map(|notice| notice.step_seconds),
            guardian: control.and_then(|control| control.guardian.map(Addr::into_string)),
        }))
    }
}
