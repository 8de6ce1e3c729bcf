//! The addresses file: what is deployed, written after every step.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use perp_interface::governance::NoticeParams;
use serde::{Deserialize, Serialize};

use super::error::{DeployError, DeployResult};
use super::part::Part;

/// Content of the addresses file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The chain.
    pub chain_id: String,
    /// Who created the contracts.
    pub deployer: String,
    /// Who may change parameters.
    pub authority: String,
    /// Who may migrate the contracts: the gov module account.
    pub admin: String,
    /// Of the addresses.
    pub salt: String,
    /// What the contracts settle in; empty in files of older versions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub denom: String,
    /// Who may tighten and pause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guardian: Option<String>,
    /// How long loosening waits; none in files of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<NoticeParams>,
    /// perp-market.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub market: Option<String>,
    /// deleverage-queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// price-feed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feed: Option<String>,
    /// insurance-fund.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fund: Option<String>,
    /// perp-lens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lens: Option<String>,
    /// Stored codes.
    #[serde(default)]
    pub codes: BTreeMap<Part, Code>,
    /// Created contracts.
    #[serde(default)]
    pub contracts: BTreeMap<Part, Instance>,
    /// A transaction that was sent and of which nothing is known yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Pending>,
}

/// A stored code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Its number on the chain.
    pub code_id: u64,
    /// SHA-256 of the wasm, hexadecimal.
    pub checksum: String,
    /// Where it was stored; none if it was found on the chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tx: Option<String>,
    /// The block of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u64>,
}

/// A created contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// Where it is.
    pub address: String,
    /// The code it was created with.
    pub code_id: u64,
    /// Where it was created; none if it was found on the chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tx: Option<String>,
    /// The block of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u64>,
}

/// A transaction under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    /// Its hash.
    pub tx: String,
    /// The last height at which it is valid.
    pub until_height: u64,
}

impl Record {
    /// Where a contract is.
    pub fn address(&self, part: Part) -> Option<&str> {
        let address = match part {
            Part::Market => &self.market,
            Part::Queue => &self.queue,
            Part::Feed => &self.feed,
            Part::Fund => &self.fund,
            Part::Lens => &self.lens,
        };
        address.as_deref()
    }

    /// Notes a contract.
    pub fn add_contract(&mut self, part: Part, instance: Instance) {
        let address = match part {
            Part::Market => &mut self.market,
            Part::Queue => &mut self.queue,
            Part::Feed => &mut self.feed,
            Part::Fund => &mut self.fund,
            Part::Lens => &mut self.lens,
        };
        *address = Some(instance.address.clone());
        self.contracts.insert(part, instance);
    }

    /// This deployment with the configuration of `now`, which may be another one only as long as no
    /// contract was created with the recorded one.
    ///
    /// # Errors
    /// `OtherChain`, `OtherDeployment`.
    pub fn resumed(mut self, now: &Self) -> DeployResult<Self> {
        self.require_same(now)?;
        if self.contracts.is_empty() {
            self.authority.clone_from(&now.authority);
        }
        // An older version's file does not say what the contracts were created with.
        if self.contracts.is_empty() || self.notice.is_none() {
            self.denom.clone_from(&now.denom);
            self.guardian.clone_from(&now.guardian);
            self.notice = now.notice;
        }
        for (what, recorded, actual) in [
            ("authority", self.authority.clone(), now.authority.clone()),
            ("denom", self.denom.clone(), now.denom.clone()),
            (
                "guardian",
                shown_guardian(self.guardian.as_deref()),
                shown_guardian(now.guardian.as_deref()),
            ),
            (
                "notice",
                shown_notice(self.notice.as_ref()),
                shown_notice(now.notice.as_ref()),
            ),
        ] {
            require_equal(what, &recorded, &actual)?;
        }
        Ok(self)
    }

    /// Refuses another deployment than this: the addresses follow from these.
    fn require_same(&self, other: &Self) -> DeployResult<()> {
        if self.chain_id != other.chain_id {
            return Err(DeployError::OtherChain {
                recorded: self.chain_id.clone(),
                actual: other.chain_id.clone(),
            });
        }
        require_equal("deployer", &self.deployer, &other.deployer)?;
        require_equal("admin", &self.admin, &other.admin)?;
        require_equal("salt", &self.salt, &other.salt)
    }
}

fn require_equal(what: &'static str, recorded: &str, actual: &str) -> DeployResult<()> {
    if recorded == actual {
        return Ok(());
    }
    Err(DeployError::OtherDeployment {
        what,
        recorded: recorded.to_owned(),
        actual: actual.to_owned(),
    })
}

/// A guardian for comparisons and errors.
pub(super) fn shown_guardian(guardian: Option<&str>) -> String {
    guardian.unwrap_or("nobody").to_owned()
}

/// A notice for comparisons and errors.
pub(super) fn shown_notice(notice: Option<&NoticeParams>) -> String {
    notice.map_or("unknown".to_owned(), |notice| {
        let (first, step) = (notice.notice_seconds, notice.step_seconds);
        format!("{first} s with steps of {step} s")
    })
}

/// Where the record is kept.
pub trait Store {
    /// What was written last.
    ///
    /// # Errors
    /// `File`.
    fn load(&self) -> DeployResult<Option<Record>>;

    /// Writes it, all or nothing.
    ///
    /// # Errors
    /// `File`.
    fn save(&mut self, record: &Record) -> DeployResult<()>;
}

/// A file.
#[derive(Clone, Debug)]
pub struct RecordFile(pub PathBuf);

impl RecordFile {
    fn failed(&self, what: impl ToString) -> DeployError {
        DeployError::File {
            path: self.0.clone(),
            what: what.to_string(),
        }
    }
}

impl Store for RecordFile {
    fn load(&self) -> DeployResult<Option<Record>> {
        let text = match fs::read_to_string(&self.0) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(self.failed(e)),
        };
        let record = serde_json::from_str(&text).map_err(|e| self.failed(e))?;
        Ok(Some(record))
    }

    fn save(&mut self, record: &Record) -> DeployResult<()> {
        let text = serde_json::to_string_pretty(record).map_err(|e| self.failed(e))?;
        let temporary = beside(&self.0);
        let mut file = fs::File::create(&temporary).map_err(|e| self.failed(e))?;
        // On the disk before it takes the other's place.
        let written = writeln!(file, "{text}").and_then(|()| file.sync_all());
        written
            .and_then(|()| fs::rename(&temporary, &self.0))
            .map_err(|e| self.failed(e))
    }
}

/// In the same folder, so that it can be renamed.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_an_older_version_is_read_and_takes_what_it_lacks() {
        let old = r#"{"chain_id": "c-1", "deployer": "d", "authority": "a", "admin": "g",
            "salt": "s", "market": "m", "codes": {},
            "contracts": {"market": {"address": "m", "code_id": 1}}}"#;
        let old: Record = serde_json::from_str(old).expect("is read");
        assert_eq!((old.denom.as_str(), old.notice), ("", None));
        let now = Record {
            denom: "uusdc".to_owned(),
            notice: Some(NoticeParams::default()),
            guardian: Some("x".to_owned()),
            ..old.clone()
        };
        assert_eq!(old.clone().resumed(&now).expect("the same"), now);
        let other = Record {
            authority: "b".to_owned(),
            ..now
        };
        let error = old.resumed(&other).expect_err("another authority");
        let text = error.to_string();
        assert!(text.starts_with("other_deployment:"), "{text}");
    }

    #[test]
    fn a_file_is_the_same_after_it_was_written() {
        let path = std::env::temp_dir().join(format!("perps-record-{}.json", std::process::id()));
        let mut file = RecordFile(path.clone());
        assert_eq!(file.load().expect("no file is no error"), None);
        let mut record = Record {
            chain_id: "local-1".to_owned(),
            pending: Some(Pending {
                tx: "AB".to_owned(),
                until_height: 7,
            }),
            ..Record::default()
        };
        let instance = Instance {
            address: "wasm1market".to_owned(),
            code_id: 3,
            tx: None,
            height: Some(5),
        };
        record.add_contract(Part::Market, instance);
        file.save(&record).expect("saved");
        assert_eq!(file.load().expect("loaded"), Some(record));
        assert!(!beside(&path).exists());
        // `--addresses` of the other commands reads the same file.
        let market = crate::account::market_of_file(&path).expect("read");
        assert_eq!(market, "wasm1market");
        fs::write(&path, "{").expect("written");
        let error = file.load().expect_err("half a file");
        assert!(error.to_string().starts_with("file:"), "{error}");
        fs::remove_file(&path).expect("removed");
    }
}
