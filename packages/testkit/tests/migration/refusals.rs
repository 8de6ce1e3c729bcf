//! Migrations that are refused, and that they change nothing.

use perp_interface::governance::{GovernanceResponse, MigrateMsg, NoticeParams};
use serde_json::{json, to_value, Value};

use crate::golden::{full, Golden, CONTRACTS, GOVERNED, NOTICE};

fn msg_of(name: &str) -> Value {
    match name {
        "lens" => json!({}),
        _ => to_value(full()).expect("is JSON"),
    }
}

/// Tries, and compares everything with before.
fn refused(golden: &mut Golden, (name, code): (&str, &str), msg: &Value, with: &str) {
    let before = golden.state();
    let error = golden.migrate_to(name, code, msg).expect_err("is refused");
    assert!(error.has_code(with), "{name} to {code}: {error}");
    assert_eq!(golden.state(), before, "{name}");
}

fn set_version(golden: &mut Golden, name: &str, version: &str) {
    let address = golden.address(name);
    let mut storage = golden.chain.app.contract_storage_mut(&address);
    let found = storage.get(b"contract_info").expect("is there");
    let mut info: Value = serde_json::from_slice(&found).expect("is JSON");
    info["version"] = json!(version);
    storage.set(b"contract_info", info.to_string().as_bytes());
}

#[test]
fn without_a_notice_0_1_is_not_left() {
    let mut golden = Golden::load();
    for name in GOVERNED {
        let guardian = full().guardian;
        let notice = None;
        for msg in [MigrateMsg { notice, guardian }, MigrateMsg::default()] {
            let msg = to_value(msg).expect("is JSON");
            refused(&mut golden, (name, name), &msg, "missing_field");
        }
    }
}

#[test]
fn a_notice_outside_of_its_bounds_and_a_guardian_without_an_address_are_refused() {
    let mut golden = Golden::load();
    let step_seconds = 0;
    let notice = Some(NoticeParams {
        step_seconds,
        ..NOTICE
    });
    let unbound = to_value(MigrateMsg { notice, ..full() }).expect("is JSON");
    let guardian = Some("nobody".to_owned());
    let nameless = to_value(MigrateMsg { guardian, ..full() }).expect("is JSON");
    for name in GOVERNED {
        refused(&mut golden, (name, name), &unbound, "param_out_of_bounds");
        refused(&mut golden, (name, name), &nameless, "std");
    }
}

#[test]
fn a_misspelt_field_is_refused() {
    let mut golden = Golden::load();
    for name in CONTRACTS {
        let mut msg = msg_of(name);
        msg["guardien"] = json!(null);
        let before = golden.state();
        let error = golden.migrate_to(name, name, &msg).expect_err("is refused");
        assert!(error.0.contains("unknown field `guardien`"), "{error}");
        assert_eq!(golden.state(), before);
    }
}

#[test]
fn no_contract_becomes_another_one() {
    let mut golden = Golden::load();
    for name in CONTRACTS {
        for code in CONTRACTS {
            if name != code {
                refused(&mut golden, (name, code), &msg_of(code), "wrong_contract");
            }
        }
    }
}

#[test]
fn versions_that_are_newer_or_older_than_0_1_or_no_versions_are_refused() {
    let newer = ["0.2.1", "0.3.0", "0.9.0", "1.0.0", "1.0.0-rc.1"];
    let unknown = ["0.0.9", "0.0.0", "", "0.1", "v0.1.0", "0.1.0.0", "one"];
    let mut golden = Golden::load();
    for name in CONTRACTS {
        let versions = newer.iter().map(|v| (v, "downgrade"));
        for (version, code) in versions.chain(unknown.iter().map(|v| (v, "unknown_version"))) {
            set_version(&mut golden, name, version);
            refused(&mut golden, (name, name), &msg_of(name), code);
        }
    }
}

#[test]
fn another_build_of_the_same_version_is_no_downgrade() {
    let mut golden = Golden::migrated();
    for name in CONTRACTS {
        let built = concat!(env!("CARGO_PKG_VERSION"), "+7");
        set_version(&mut golden, name, built);
        golden.migrate(name).expect("same precedence");
    }
}

#[test]
fn only_the_admin_migrates() {
    let mut golden = Golden::load();
    let before = golden.state();
    let stranger = golden.chain.user("stranger");
    let guardian = golden.chain.user("guardian");
    for name in CONTRACTS {
        for sender in [&stranger, &guardian] {
            let refused = golden
                .migrate_by(sender, (name, name), &msg_of(name))
                .expect_err("by the chain");
            assert!(
                refused.0.contains("Only admin can migrate contract"),
                "{refused}"
            );
        }
    }
    assert_eq!(golden.state(), before);
}

#[test]
fn migrating_twice_is_harmless() {
    let mut golden = Golden::migrated();
    let stored = |golden: &Golden| CONTRACTS.map(|name| golden.stored(name));
    let before = stored(&golden);
    for name in CONTRACTS {
        golden.migrate(name).expect("again");
        golden
            .migrate_to(name, name, &json!({}))
            .expect("with nothing to set");
    }
    assert_eq!(stored(&golden), before);
    golden.approve_code().expect("approves");
    let different = golden.differences(&golden.fixture.answers);
    assert_eq!(different, ["fund {\"config\":{}}"]);
}

#[test]
fn a_second_migration_sets_what_it_names_and_keeps_the_rest() {
    let mut golden = Golden::migrated();
    let notice_seconds = 7_000;
    let notice = Some(NoticeParams {
        notice_seconds,
        ..NOTICE
    });
    let msg = to_value(MigrateMsg {
        notice,
        guardian: None,
    })
    .expect("is JSON");
    for name in GOVERNED {
        golden.migrate_to(name, name, &msg).expect("migrates");
        let query = json!({"governance": {}});
        let now: GovernanceResponse = golden
            .chain
            .query(&golden.address(name), &query)
            .expect("answers");
        assert_eq!((Some(now.notice), now.guardian), (notice, full().guardian));
        let unbound = json!({"notice": {"notice_seconds": 1, "step_seconds": 0}});
        refused(&mut golden, (name, name), &unbound, "param_out_of_bounds");
    }
}

#[test]
fn before_the_migration_governance_is_refused_and_nothing_is_lost() {
    let mut golden = Golden::load();
    let before = golden.state();
    let governance = golden.chain.governance.clone();
    let propose = json!({"govern": {"set_guardian": {"guardian": null}}});
    let apply = json!({"apply_pending": {"market": null}});
    for name in GOVERNED {
        let to = golden.address(name);
        for msg in [&propose, &apply] {
            golden
                .chain
                .send(&governance, &to, msg, &[])
                .expect_err("nobody governs yet");
        }
    }
    assert_eq!(golden.state(), before);
    for name in CONTRACTS {
        golden.migrate(name).expect("migrates");
    }
    golden.approve_code().expect("approves");
    let different = golden.differences(&golden.fixture.answers);
    assert_eq!(different, ["fund {\"config\":{}}"]);
}
