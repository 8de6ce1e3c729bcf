//! Deploys the suite: codes, contracts at predictable addresses, and the addresses file.
//!
//! Every step looks first whether it is done, on the chain as well as in the file; so a run can be
//! interrupted anywhere and started again, and a second run does nothing.

pub mod artifact;
mod config;
mod embedded;
mod error;
mod message;
mod on_chain;
mod part;
mod record;
mod target;
mod verify;

pub use artifact::{Artifact, Artifacts};
pub use config::Config;
pub use embedded::Embedded;
pub use error::{DeployError, DeployResult};
pub use on_chain::OnChain;
pub use part::Part;
pub use record::{Code, Instance, Pending, Record, RecordFile, Store};
pub use target::{Announce, Creation, Done, Target};

use message::Suite;
use verify::Addresses;

/// A deployment under way.
struct Deployment<'a> {
    target: &'a mut dyn Target,
    store: &'a mut dyn Store,
    say: &'a mut dyn FnMut(&str),
    config: &'a Config,
    record: Record,
}

/// Whether a contract was created or found in this run.
type IsNew = bool;

/// Deploys what is not deployed yet; tells what it does, a line a step.
///
/// # Errors
/// [`DeployError`]; what was done before is in the record.
pub fn deploy(
    target: &mut dyn Target,
    store: &mut dyn Store,
    config: &Config,
    artifacts: &Artifacts,
    say: &mut dyn FnMut(&str),
) -> DeployResult<Record> {
    let fresh = fresh(target, config)?;
    let record = match store.load()? {
        Some(record) => record.resumed(&fresh)?,
        None => fresh,
    };
    let mut deployment = Deployment {
        target,
        store,
        say,
        config,
        record,
    };
    deployment.require_artifacts(artifacts)?;
    deployment.settle()?;
    for part in Part::ALL {
        deployment.code(part, artifact_of(artifacts, part)?)?;
    }
    let addresses = deployment.addresses(artifacts)?;
    let mut is_new = false;
    for part in Part::ALL {
        is_new |= deployment.contract(part, &addresses)?;
    }
    deployment.verify(&addresses, is_new)?;
    Ok(deployment.record)
}

/// The record of a deployment of which nothing is done.
fn fresh(target: &dyn Target, config: &Config) -> DeployResult<Record> {
    let governance = target.governance()?;
    let authority = config.authority.as_ref().unwrap_or(&governance);
    Ok(Record {
        chain_id: target.chain_id(),
        deployer: target.deployer(),
        authority: authority.clone(),
        admin: governance,
        salt: config.salt.clone(),
        denom: config.denom.clone(),
        guardian: config.guardian.clone(),
        notice: Some(config.notice),
        ..Record::default()
    })
}

fn artifact_of(artifacts: &Artifacts, part: Part) -> DeployResult<&Artifact> {
    let artifact = artifacts.get(&part);
    artifact.ok_or_else(|| DeployError::Config(format!("no artifact of {part}")))
}

impl Deployment<'_> {
    /// Refuses other artifacts than those of contracts that exist, before storing them costs anything;
    /// and also of those that do not yet, once the others name them: the addresses follow from them.
    fn require_artifacts(&self, artifacts: &Artifacts) -> DeployResult<()> {
        for (part, instance) in &self.record.contracts {
            let artifact = artifact_of(artifacts, *part)?;
            let code = self.record.codes.get(part);
            let recorded = code.map(|code| code.checksum.clone()).unwrap_or_default();
            if recorded != artifact.checksum {
                return Err(DeployError::OtherArtifact {
                    part: *part,
                    address: instance.address.clone(),
                    recorded,
                    actual: artifact.checksum.clone(),
                });
            }
        }
        if self.record.contracts.is_empty() {
            return Ok(());
        }
        for (part, code) in &self.record.codes {
            let artifact = artifact_of(artifacts, *part)?;
            if code.checksum != artifact.checksum {
                return Err(DeployError::PromisedArtifact {
                    part: *part,
                    recorded: code.checksum.clone(),
                    actual: artifact.checksum.clone(),
                });
            }
        }
        Ok(())
    }

    /// A transaction of an interrupted run may still be under way: to do its work again before its
    /// fate is known would do it twice.
    fn settle(&mut self) -> DeployResult<()> {
        if let Some(pending) = self.record.pending.clone() {
            (self.say)(&format!("waits for {} of an earlier run", pending.tx));
            self.target.settle(&pending)?;
            self.record.pending = None;
            self.store.save(&self.record)?;
        }
        Ok(())
    }

    /// The code of a contract: recorded, found on the chain, or stored now.
    fn code(&mut self, part: Part, artifact: &Artifact) -> DeployResult<()> {
        let recorded = self.record.codes.get(&part).cloned();
        if let Some(code) = recorded.filter(|code| code.checksum == artifact.checksum) {
            self.require_checksum(part, code.code_id, &artifact.checksum)?;
            (self.say)(&format!("{part}: code {} is stored already", code.code_id));
            return Ok(());
        }
        let code = match self.target.find_code(&artifact.checksum)? {
            Some(code_id) => {
                (self.say)(&format!("{part}: code {code_id} is found on the chain"));
                Code {
                    code_id,
                    checksum: artifact.checksum.clone(),
                    tx: None,
                    height: None,
                }
            }
            None => self.store_code(part, artifact)?,
        };
        self.record.codes.insert(part, code);
        self.record.pending = None;
        self.store.save(&self.record)
    }

    fn store_code(&mut self, part: Part, artifact: &Artifact) -> DeployResult<Code> {
        let (store, record) = (&mut *self.store, &mut self.record);
        let mut announce = |pending| {
            record.pending = Some(pending);
            store.save(record)
        };
        let stored = self.target.store(part, artifact, &mut announce);
        let (code_id, done) = self.certain(stored)?;
        self.require_checksum(part, code_id, &artifact.checksum)?;
        (self.say)(&format!(
            "{part}: stored as code {code_id} at height {}",
            done.height
        ));
        Ok(Code {
            code_id,
            checksum: artifact.checksum.clone(),
            tx: Some(done.tx),
            height: Some(done.height),
        })
    }

    /// Of a transaction that never will be on the chain the next run need not wait.
    fn certain<T>(&mut self, sent: DeployResult<T>) -> DeployResult<T> {
        let is_never = sent.as_ref().is_err_and(DeployError::is_never_included);
        if is_never && self.record.pending.take().is_some() {
            self.store.save(&self.record)?;
        }
        sent
    }

    fn require_checksum(&self, part: Part, code_id: u64, expected: &str) -> DeployResult<()> {
        let actual = self.target.checksum(code_id)?.unwrap_or_default();
        if actual == expected {
            return Ok(());
        }
        Err(DeployError::ChainChecksum {
            part,
            code_id,
            expected: expected.to_owned(),
            actual,
        })
    }

    /// Where all contracts are: those of the record, and for the others where they will be.
    fn addresses(&self, artifacts: &Artifacts) -> DeployResult<Addresses> {
        let mut addresses = Addresses::new();
        for part in Part::ALL {
            let address = match self.record.address(part) {
                Some(address) => address.to_owned(),
                None => {
                    let checksum = &artifact_of(artifacts, part)?.checksum;
                    self.target.address(checksum, self.config.salt.as_bytes())?
                }
            };
            addresses.insert(part, address);
        }
        Ok(addresses)
    }

    fn code_id(&self, part: Part) -> DeployResult<u64> {
        let code = self.record.codes.get(&part);
        let code = code.ok_or_else(|| DeployError::Config(format!("no code of {part}")))?;
        Ok(code.code_id)
    }

    /// A contract: recorded, found on the chain, or created now.
    fn contract(&mut self, part: Part, addresses: &Addresses) -> DeployResult<IsNew> {
        let address = addresses.get(&part).cloned().unwrap_or_default();
        let is_recorded = self.record.contracts.contains_key(&part);
        let code_id = self.code_id(part)?;
        if let Some(info) = self.target.contract(&address)? {
            self.require_ours(part, &address, &info)?;
            if is_recorded {
                (self.say)(&format!("{part}: is at {address} already"));
                return Ok(false);
            }
            // Before it is noted: what it was created with can be configured again.
            self.require_links(part, &address, addresses)?;
            self.require_governance(part, &address)?;
            (self.say)(&format!("{part}: is found at {address}"));
            let instance = Instance {
                address,
                code_id,
                tx: None,
                height: None,
            };
            return self.note(part, instance);
        }
        if is_recorded {
            return Err(DeployError::NoContract { part, address });
        }
        let instance = self.create(part, address, code_id, addresses)?;
        self.note(part, instance)
    }

    fn create(
        &mut self,
        part: Part,
        address: String,
        code_id: u64,
        addresses: &Addresses,
    ) -> DeployResult<Instance> {
        let suite = Suite {
            config: self.config,
            authority: &self.record.authority,
            addresses,
            market_code_id: self.code_id(Part::Market)?,
        };
        let msg = suite.message(part)?;
        let admin = self.record.admin.clone();
        let creation = Creation {
            part,
            code_id,
            admin: &admin,
            label: self.config.label(part),
            salt: self.config.salt.as_bytes(),
            msg: &msg,
        };
        let (store, record) = (&mut *self.store, &mut self.record);
        let mut announce = |pending| {
            record.pending = Some(pending);
            store.save(record)
        };
        let created = self.target.create(&creation, &mut announce);
        let done = self.certain(created)?;
        let info = self.target.contract(&address)?;
        let info = info.ok_or_else(|| DeployError::NoContract {
            part,
            address: address.clone(),
        })?;
        self.require_ours(part, &address, &info)?;
        (self.say)(&format!(
            "{part}: created at {address} at height {}",
            done.height
        ));
        Ok(Instance {
            address,
            code_id,
            tx: Some(done.tx),
            height: Some(done.height),
        })
    }

    fn note(&mut self, part: Part, instance: Instance) -> DeployResult<IsNew> {
        self.record.add_contract(part, instance);
        self.record.pending = None;
        self.store.save(&self.record)?;
        Ok(true)
    }

    /// Whether what is at an address is what would be created there.
    fn require_ours(
        &self,
        part: Part,
        address: &str,
        info: &crate::client::ContractInfo,
    ) -> DeployResult<()> {
        let expected = self.code_id(part)?;
        if info.code_id != expected {
            return Err(DeployError::OtherCode {
                part,
                address: address.to_owned(),
                expected,
                actual: info.code_id,
            });
        }
        if info.admin.as_deref() != Some(self.record.admin.as_str()) {
            return Err(DeployError::OtherAdmin {
                part,
                address: address.to_owned(),
                expected: self.record.admin.clone(),
                actual: info.admin.clone().unwrap_or_default(),
            });
        }
        Ok(())
    }
}
