//! A deployment that goes on with another configuration, or with other artifacts.

use perps_chain::deploy::{deploy, Artifact, Config, Embedded, Part, Record};
use serde_json::{json, Value};

use super::{config, run, run_with, Memory};

/// With one field of the configuration set.
fn config_with(field: &str, value: Value) -> Config {
    let mut text = json!({"denom": "uusdc", "gas_price": "0.1ustake"});
    text[field] = value;
    Config::parse(&text.to_string()).expect("a configuration")
}

/// Everything that is fixed when a contract is created, each as another one.
fn others(chain: &Embedded) -> [(&'static str, Config); 4] {
    let somebody = chain.app.api().addr_make("somebody").to_string();
    let notice = json!({"notice_seconds": 20, "step_seconds": 5});
    [
        ("authority", config_with("authority", json!(somebody))),
        ("guardian", config_with("guardian", json!(somebody))),
        ("denom", config_with("denom", json!("uother"))),
        ("notice", config_with("notice", notice)),
    ]
}

/// Killed at this write: the first five pairs are of the codes.
fn killed(fail_at: usize) -> (Embedded, Memory) {
    let (mut chain, mut memory) = (Embedded::default(), Memory::default());
    memory.fail_at = Some(fail_at);
    run(&mut chain, &mut memory).expect_err("killed");
    memory.fail_at = None;
    (chain, memory)
}

#[test]
fn before_there_is_a_contract_the_configuration_may_change() {
    for index in 0..4 {
        let (mut chain, mut memory) = killed(7);
        let (what, other) = others(&chain)[index].clone();
        let (record, _) = run_with(&mut chain, &mut memory, &other).expect(what);
        let expected = other.authority.as_ref().unwrap_or(&record.admin);
        assert_eq!(&record.authority, expected, "{what}");
        assert_eq!(record.denom, other.denom, "{what}");
        assert_eq!(record.guardian, other.guardian, "{what}");
        assert_eq!(record.notice, Some(other.notice), "{what}");
        // So the contracts have it too: `verify` has asked them.
        run(&mut chain, &mut memory).expect_err("and now it is fixed");
    }
}

#[test]
fn once_there_is_a_contract_it_may_not() {
    for index in 0..4 {
        let (mut chain, mut memory) = killed(13);
        let height = chain.app.block_info().height;
        let (what, other) = others(&chain)[index].clone();
        let error = run_with(&mut chain, &mut memory, &other).expect_err(what);
        let start = format!("other_deployment: the addresses file has {what} ");
        assert!(error.to_string().starts_with(&start), "{error}");
        assert_eq!(chain.app.block_info().height, height, "nothing was sent");
        run(&mut chain, &mut memory).expect("goes on as it began");
    }
}

/// The market was created, and the run killed before that was noted.
#[test]
fn a_contract_that_is_found_must_be_of_this_configuration() {
    for index in 0..4 {
        let (mut chain, mut memory) = killed(11);
        let height = chain.app.block_info().height;
        let (what, other) = others(&chain)[index].clone();
        let error = run_with(&mut chain, &mut memory, &other).expect_err(what);
        let start = format!("other_governance: perp-market has the {what} ");
        assert!(error.to_string().starts_with(&start), "{error}");
        assert_eq!(chain.app.block_info().height, height, "nothing was sent");
        let record = memory.record.as_ref().expect("written");
        assert!(record.contracts.is_empty(), "it is not ours yet");
        run(&mut chain, &mut memory).expect("goes on as it began");
    }
}

/// As of a file that was edited, or of a version that did not write what it had created.
#[test]
fn every_contract_is_asked_whom_it_obeys_when_one_was_created() {
    for index in 0..4 {
        let (mut chain, mut memory) = killed(12);
        let (what, other) = others(&chain)[index].clone();
        let record = memory.record.as_mut().expect("written");
        if let Some(authority) = &other.authority {
            record.authority = authority.clone();
        }
        record.denom = other.denom.clone();
        record.guardian = other.guardian.clone();
        record.notice = Some(other.notice);
        let error = run_with(&mut chain, &mut memory, &other).expect_err(what);
        let start = format!("other_governance: perp-market has the {what} ");
        assert!(error.to_string().starts_with(&start), "{error}");
    }
}

/// Governance may have changed since.
#[test]
fn a_finished_deployment_is_not_asked_whom_it_obeys() {
    let (mut chain, mut memory) = (Embedded::default(), Memory::default());
    run(&mut chain, &mut memory).expect("deployed");
    let guardian = chain.app.api().addr_make("somebody").to_string();
    memory.record.as_mut().expect("written").guardian = Some(guardian.clone());
    let config = config_with("guardian", json!(guardian));
    run_with(&mut chain, &mut memory, &config).expect("nothing to do");
}

#[test]
fn a_file_that_does_not_say_what_was_configured_is_completed_and_checked() {
    let forget = |memory: &mut Memory| {
        let record = memory.record.as_mut().expect("written");
        record.denom = String::new();
        record.guardian = None;
        record.notice = None;
    };
    let (mut chain, mut memory) = killed(13);
    forget(&mut memory);
    let (record, _) = run(&mut chain, &mut memory).expect("goes on");
    assert_eq!(record.denom, "uusdc");
    assert_eq!(record.notice, Some(config().notice));
    let (mut chain, mut memory) = killed(13);
    forget(&mut memory);
    let other = config_with("denom", json!("uother"));
    let error = run_with(&mut chain, &mut memory, &other).expect_err("another denom");
    assert!(
        error.to_string().starts_with("other_governance:"),
        "{error}"
    );
}

/// The market names the queue at the address that follows from its checksum.
#[test]
fn another_artifact_of_a_contract_still_to_come_is_refused_once_one_exists() {
    let other = |part: Part| {
        let mut artifacts = Embedded::artifacts();
        artifacts.insert(part, Artifact::new(b"another build".to_vec()));
        artifacts
    };
    let (mut chain, mut memory) = killed(13);
    let record: &Record = memory.record.as_ref().expect("written");
    assert!(record.market.is_some() && record.fund.is_none());
    let height = chain.app.block_info().height;
    let error = deploy(
        &mut chain,
        &mut memory,
        &config(),
        &other(Part::Fund),
        &mut |_| (),
    );
    let error = error.expect_err("refused").to_string();
    assert!(
        error.starts_with("promised_artifact: insurance-fund:"),
        "{error}"
    );
    assert_eq!(chain.app.block_info().height, height, "nothing was stored");

    // Created, but not noted yet: found at its address, where it names the former queue.
    let (mut chain, mut memory) = killed(11);
    let error = deploy(
        &mut chain,
        &mut memory,
        &config(),
        &other(Part::Queue),
        &mut |_| (),
    );
    let error = error.expect_err("refused").to_string();
    assert!(error.starts_with("not_connected: perp-market"), "{error}");

    // Before any contract exists, nobody was told anything.
    let (mut chain, mut memory) = killed(7);
    let artifacts = other(Part::Market);
    deploy(&mut chain, &mut memory, &config(), &artifacts, &mut |_| ()).expect("deployed");
}
