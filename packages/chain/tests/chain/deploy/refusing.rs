//! A chain that refuses a transaction after it was announced.

use perps_chain::client::{ClientError, ContractInfo};
use perps_chain::deploy::{
    deploy, Announce, Artifact, Creation, DeployResult, Done, Embedded, Part, Pending, Target,
};
use serde_json::Value;

use super::{config, Memory};

/// The embedded chain, but some transaction ends otherwise.
struct Refusing {
    chain: Embedded,
    /// How many are left until then.
    after: usize,
    /// What is said of it.
    error: Option<ClientError>,
    /// How many of an earlier run were waited for.
    settled: usize,
}

impl Refusing {
    fn refuse(&mut self, announce: Announce<'_>) -> DeployResult<()> {
        if self.after > 0 {
            self.after -= 1;
            return Ok(());
        }
        let Some(error) = self.error.take() else {
            return Ok(());
        };
        announce(Pending {
            tx: "AB".to_owned(),
            until_height: 9,
        })?;
        Err(error.into())
    }
}

impl Target for Refusing {
    fn chain_id(&self) -> String {
        self.chain.chain_id()
    }

    fn deployer(&self) -> String {
        self.chain.deployer()
    }

    fn governance(&self) -> DeployResult<String> {
        self.chain.governance()
    }

    fn settle(&mut self, pending: &Pending) -> DeployResult<()> {
        self.settled += 1;
        self.chain.settle(pending)
    }

    fn checksum(&self, code_id: u64) -> DeployResult<Option<String>> {
        self.chain.checksum(code_id)
    }

    fn find_code(&self, checksum: &str) -> DeployResult<Option<u64>> {
        self.chain.find_code(checksum)
    }

    fn contract(&self, address: &str) -> DeployResult<Option<ContractInfo>> {
        self.chain.contract(address)
    }

    fn address(&self, checksum: &str, salt: &[u8]) -> DeployResult<String> {
        self.chain.address(checksum, salt)
    }

    fn query(&self, contract: &str, msg: &Value) -> DeployResult<Value> {
        Target::query(&self.chain, contract, msg)
    }

    fn store(
        &mut self,
        part: Part,
        artifact: &Artifact,
        announce: Announce<'_>,
    ) -> DeployResult<(u64, Done)> {
        self.refuse(&mut *announce)?;
        self.chain.store(part, artifact, announce)
    }

    fn create(&mut self, creation: &Creation<'_>, announce: Announce<'_>) -> DeployResult<Done> {
        self.refuse(&mut *announce)?;
        self.chain.create(creation, announce)
    }
}

fn check() -> ClientError {
    ClientError::Check {
        codespace: "sdk".to_owned(),
        code: 13,
        log: "insufficient fee".to_owned(),
    }
}

fn expired() -> ClientError {
    ClientError::Expired {
        hash: "AB".to_owned(),
        height: 9,
    }
}

fn unknown() -> ClientError {
    ClientError::Unknown {
        hash: "AB".to_owned(),
        height: 9,
        what: "silent".to_owned(),
    }
}

#[test]
fn what_was_certainly_refused_is_not_waited_for() {
    let cases: [(fn() -> ClientError, usize); 3] = [(check, 0), (expired, 0), (unknown, 1)];
    // The third code, and the third contract.
    for after in [2, 7] {
        for (error, waits) in cases {
            let mut memory = Memory::default();
            let mut target = Refusing {
                chain: Embedded::default(),
                after,
                error: Some(error()),
                settled: 0,
            };
            let mut run = |memory: &mut Memory| {
                let artifacts = Embedded::artifacts();
                deploy(&mut target, memory, &config(), &artifacts, &mut |_| ())
            };
            let text = run(&mut memory).expect_err("refused").to_string();
            assert!(text.starts_with(&error().code()), "{text}");
            let pending = memory.record.as_ref().and_then(|r| r.pending.clone());
            assert_eq!(pending.is_some(), waits == 1, "{text}");
            run(&mut memory).expect("goes on");
            assert_eq!(target.settled, waits, "{text}");
        }
    }
}
