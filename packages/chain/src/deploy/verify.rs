//! What contracts must say of themselves: whom they name, whom they obey, and in what they settle. None
//! of the first and the last can ever be changed.

use std::collections::BTreeMap;

use perp_interface::governance::GovernanceResponse;
use serde::de::DeserializeOwned;
use serde_json::{json, Value};

use super::error::{DeployError, DeployResult};
use super::part::Part;
use super::record::{shown_guardian, shown_notice};
use super::Deployment;
use crate::client::ClientError;

/// Where all contracts are, or will be.
pub(super) type Addresses = BTreeMap<Part, String>;

/// Whom a contract names, and as what.
const fn links(part: Part) -> &'static [(&'static str, Part)] {
    match part {
        Part::Market => &[
            ("fund", Part::Fund),
            ("queue", Part::Queue),
            ("feed", Part::Feed),
        ],
        Part::Queue => &[("market", Part::Market), ("fund", Part::Fund)],
        Part::Feed => &[],
        Part::Fund => &[("market", Part::Market), ("queue", Part::Queue)],
        Part::Lens => &[
            ("market", Part::Market),
            ("fund", Part::Fund),
            ("queue", Part::Queue),
            ("feed", Part::Feed),
        ],
    }
}

impl Deployment<'_> {
    /// Asks every contract whom it names; if any was created or found in this run, also whom it obeys.
    /// Later that is the authority's business, and the addresses file does not follow it.
    pub(super) fn verify(&mut self, addresses: &Addresses, is_new: bool) -> DeployResult<()> {
        for (part, address) in addresses {
            self.require_links(*part, address, addresses)?;
            if is_new {
                self.require_governance(*part, address)?;
            }
        }
        (self.say)("the contracts name each other");
        Ok(())
    }

    /// Whether a contract names the others.
    pub(super) fn require_links(
        &self,
        part: Part,
        address: &str,
        addresses: &Addresses,
    ) -> DeployResult<()> {
        if links(part).is_empty() {
            return Ok(());
        }
        let config = self.target.query(address, &json!({"config": {}}))?;
        for (role, other) in links(part) {
            let expected = addresses.get(other).map_or("", String::as_str);
            let actual = config.get(*role).and_then(Value::as_str);
            let actual = actual.unwrap_or("nobody");
            if actual != expected {
                return Err(DeployError::NotConnected {
                    part,
                    role,
                    expected: expected.to_owned(),
                    actual: actual.to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Whether a contract obeys whom the record names, and settles in its denom.
    pub(super) fn require_governance(&self, part: Part, address: &str) -> DeployResult<()> {
        if part == Part::Lens {
            return Ok(());
        }
        let of: GovernanceResponse = self.ask(address, "governance")?;
        let config: Value = self.ask(address, "config")?;
        let denom = config.get("denom").and_then(Value::as_str);
        let record = &self.record;
        let pairs = [
            ("authority", record.authority.clone(), of.authority),
            (
                "guardian",
                shown_guardian(record.guardian.as_deref()),
                shown_guardian(of.guardian.as_deref()),
            ),
            (
                "notice",
                shown_notice(record.notice.as_ref()),
                shown_notice(Some(&of.notice)),
            ),
            (
                "denom",
                record.denom.clone(),
                denom.unwrap_or(&record.denom).to_owned(),
            ),
        ];
        for (what, expected, actual) in pairs {
            if expected != actual {
                return Err(DeployError::OtherGovernance {
                    part,
                    what,
                    expected,
                    actual,
                });
            }
        }
        Ok(())
    }

    fn ask<T: DeserializeOwned>(&self, address: &str, question: &str) -> DeployResult<T> {
        let answer = self.target.query(address, &json!({ question: {} }))?;
        let read = serde_json::from_value(answer);
        read.map_err(|e| {
            let what = format!("{address}: {question}: {e}");
            DeployError::Client(ClientError::BadAnswer { what })
        })
    }
}
