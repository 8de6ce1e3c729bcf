//! `deploy` on the embedded chain: order, idempotence, interruption after every step, refusals.

mod refusing;
mod resumed;

use perps_chain::deploy::{
    deploy, Artifact, Config, DeployError, DeployResult, Embedded, Part, Record, Store, Target,
};
use serde_json::{json, Value};

/// Keeps the record in memory, and fails on demand, as a process that is killed does.
#[derive(Default)]
struct Memory {
    record: Option<Record>,
    writes: usize,
    /// The write that is not made any more.
    fail_at: Option<usize>,
}

impl Store for Memory {
    fn load(&self) -> DeployResult<Option<Record>> {
        Ok(self.record.clone())
    }

    fn save(&mut self, record: &Record) -> DeployResult<()> {
        if self.fail_at == Some(self.writes) {
            return Err(DeployError::Config("killed".to_owned()));
        }
        self.writes += 1;
        self.record = Some(record.clone());
        Ok(())
    }
}

fn config() -> Config {
    Config::parse(r#"{"denom": "uusdc", "gas_price": "0.1ustake"}"#).expect("a configuration")
}

fn run(chain: &mut Embedded, memory: &mut Memory) -> DeployResult<(Record, Vec<String>)> {
    run_with(chain, memory, &config())
}

fn run_with(
    chain: &mut Embedded,
    memory: &mut Memory,
    config: &Config,
) -> DeployResult<(Record, Vec<String>)> {
    let mut said = Vec::new();
    let mut say = |line: &str| said.push(line.to_owned());
    let record = deploy(chain, memory, config, &Embedded::artifacts(), &mut say)?;
    Ok((record, said))
}

#[test]
fn five_contracts_that_name_each_other_and_belong_to_governance() {
    let (mut chain, mut memory) = (Embedded::default(), Memory::default());
    let (record, said) = run(&mut chain, &mut memory).expect("deployed");
    assert_eq!(memory.record.as_ref(), Some(&record));
    assert_eq!(said.len(), 11, "{said:?}");
    let governance = chain.governance().expect("an address");
    for part in Part::ALL {
        let address = record.address(part).expect("recorded");
        let info = chain.contract(address).expect("asked").expect("is there");
        assert_eq!(info.admin.as_deref(), Some(governance.as_str()), "{part}");
        assert_eq!(info.code_id, record.codes[&part].code_id, "{part}");
        if part != Part::Lens {
            let config = chain.query(address, &json!({"config": {}})).expect("asked");
            assert_eq!(
                config["authority"],
                Value::from(governance.as_str()),
                "{part}"
            );
        }
    }
    assert_eq!(record.pending, None);
}

#[test]
fn a_second_run_does_nothing_and_says_so() {
    let (mut chain, mut memory) = (Embedded::default(), Memory::default());
    let (first, _) = run(&mut chain, &mut memory).expect("deployed");
    let (height, writes) = (chain.app.block_info().height, memory.writes);
    let (second, said) = run(&mut chain, &mut memory).expect("nothing to do");
    assert_eq!(first, second);
    assert_eq!(chain.app.block_info().height, height, "no transaction");
    assert_eq!(memory.writes, writes);
    let done = said.iter().filter(|line| line.ends_with("already"));
    assert_eq!(done.count(), 10, "{said:?}");
}

#[test]
fn without_the_file_everything_is_found_on_the_chain() {
    let (mut chain, mut memory) = (Embedded::default(), Memory::default());
    let (first, _) = run(&mut chain, &mut memory).expect("deployed");
    let height = chain.app.block_info().height;
    let (second, said) = run(&mut chain, &mut Memory::default()).expect("found");
    assert_eq!(chain.app.block_info().height, height, "no transaction");
    for part in Part::ALL {
        assert_eq!(first.address(part), second.address(part));
        assert_eq!(first.codes[&part].code_id, second.codes[&part].code_id);
    }
    assert_eq!(
        said.iter().filter(|line| line.contains("found")).count(),
        10
    );
}

/// Killed at every write of the file in turn, which is before and after every transaction; and then
/// again at the next one, until nothing is left to do.
#[test]
fn a_run_that_is_interrupted_anywhere_goes_on() {
    let (mut undisturbed, mut memory) = (Embedded::default(), Memory::default());
    let (expected, _) = run(&mut undisturbed, &mut memory).expect("deployed");
    assert_eq!(
        memory.writes, 20,
        "one before and one after each of ten transactions"
    );
    for fail_at in 0..memory.writes {
        let (mut chain, mut memory) = (Embedded::default(), Memory::default());
        memory.fail_at = Some(fail_at);
        run(&mut chain, &mut memory).expect_err("killed");
        memory.fail_at = None;
        let (record, _) = run(&mut chain, &mut memory).expect("goes on");
        assert_eq!(chain.codes(), 5, "killed at write {fail_at}");
        for part in Part::ALL {
            assert_eq!(record.address(part), expected.address(part));
            assert_eq!(record.codes[&part].checksum, expected.codes[&part].checksum);
        }
        assert_eq!(record.pending, None);
        let transactions = chain.app.block_info().height - undisturbed.app.block_info().height;
        assert_eq!(transactions, 0, "killed at write {fail_at}");
    }
}

#[test]
fn an_addresses_file_of_something_else_is_refused() {
    let (mut chain, mut memory) = (Embedded::default(), Memory::default());
    run(&mut chain, &mut memory).expect("deployed");
    let record = memory.record.clone().expect("written");
    type Change = fn(&mut Record);
    let changes: [(&str, Change); 8] = [
        ("other_chain", |record| record.chain_id = "x-1".to_owned()),
        ("other_deployment", |record| {
            record.deployer = "x".to_owned()
        }),
        ("other_deployment", |record| record.admin = "x".to_owned()),
        ("other_deployment", |record| record.salt = "x".to_owned()),
        ("other_deployment", |record| {
            record.authority = "x".to_owned()
        }),
        ("other_deployment", |record| record.denom = "x".to_owned()),
        ("other_deployment", |record| {
            record.guardian = Some("x".to_owned())
        }),
        ("other_deployment", |record| {
            record.notice.as_mut().expect("one").notice_seconds += 1
        }),
    ];
    for (code, change) in changes {
        let mut changed = record.clone();
        change(&mut changed);
        memory.record = Some(changed);
        let error = run(&mut chain, &mut memory)
            .expect_err("refused")
            .to_string();
        assert!(error.starts_with(&format!("{code}:")), "{error}");
    }
}

#[test]
fn what_the_file_says_must_be_on_the_chain() {
    let (mut chain, mut memory) = (Embedded::default(), Memory::default());
    run(&mut chain, &mut memory).expect("deployed");
    let record = memory.record.clone().expect("written");
    let mut refused = |change: &dyn Fn(&mut Record)| {
        let mut changed = record.clone();
        change(&mut changed);
        memory.record = Some(changed);
        run(&mut chain, &mut memory)
            .expect_err("refused")
            .to_string()
    };
    let error = refused(&|record| {
        let other = record.codes[&Part::Feed].code_id;
        record.codes.get_mut(&Part::Market).expect("one").code_id = other;
    });
    assert!(error.starts_with("chain_checksum: perp-market:"), "{error}");
    let error = refused(&|record| record.market = record.feed.clone());
    assert!(error.starts_with("other_code: perp-market:"), "{error}");
    let error = refused(&|record| {
        // Canonical addresses of the chain's own form, where nothing is.
        record.market = Some(record.admin.clone());
    });
    assert!(error.starts_with("no_contract: perp-market:"), "{error}");
}

#[test]
fn another_artifact_does_not_replace_a_contract_that_runs() {
    let (mut chain, mut memory) = (Embedded::default(), Memory::default());
    run(&mut chain, &mut memory).expect("deployed");
    let mut artifacts = Embedded::artifacts();
    let other = Artifact::new(b"another build".to_vec());
    artifacts.insert(Part::Queue, other);
    let height = chain.app.block_info().height;
    let error = deploy(&mut chain, &mut memory, &config(), &artifacts, &mut |_| ());
    let error = error.expect_err("refused").to_string();
    assert!(
        error.starts_with("other_artifact: deleverage-queue:"),
        "{error}"
    );
    assert_eq!(chain.app.block_info().height, height, "nothing was stored");
}

/// As after a migration that the addresses file does not know of.
#[test]
fn a_contract_that_was_migrated_is_left_alone() {
    let (mut chain, mut memory) = (Embedded::default(), Memory::default());
    let (record, _) = run(&mut chain, &mut memory).expect("deployed");
    let other = Artifact::new(b"another build".to_vec());
    let (code_id, _) = chain
        .store(Part::Queue, &other, &mut |_| Ok(()))
        .expect("stored");
    let migrate = cosmwasm_std::WasmMsg::Migrate {
        contract_addr: record.address(Part::Queue).expect("recorded").to_owned(),
        new_code_id: code_id,
        msg: cosmwasm_std::Binary::from(b"{}"),
    };
    let governance = cosmwasm_std::Addr::unchecked(chain.governance().expect("an address"));
    let migrated = cw_multi_test::Executor::execute(&mut chain.app, governance, migrate.into());
    migrated.expect("migrated");
    let error = run(&mut chain, &mut memory)
        .expect_err("refused")
        .to_string();
    assert!(
        error.starts_with("other_code: deleverage-queue:"),
        "{error}"
    );
}

#[test]
fn parameters_out_of_their_bounds_stop_at_the_contract_that_refuses_them() {
    let mut config = config();
    config.queue.default_policy.breadth = 0;
    let (mut chain, mut memory) = (Embedded::default(), Memory::default());
    let error = run_with(&mut chain, &mut memory, &config).expect_err("refused");
    assert!(error.to_string().contains("breadth"), "{error}");
    let record = memory.record.clone().expect("written");
    assert!(record.market.is_some() && record.queue.is_none());
    let (record, _) = run(&mut chain, &mut memory).expect("goes on with better ones");
    assert!(record.lens.is_some());
}
