//! What 0.1 has answered is answered still.

use perp_interface::governance::GovernanceResponse;
use perp_interface::queue::PolicyQuery;
use perp_interface::{fund, queue};
use perp_testkit::invariants;

use crate::golden::{full, Golden, CONTRACTS, GOVERNED, NOTICE};

/// What depends on whether the market runs approved code.
fn is_of_drawing(line: &str) -> bool {
    line.starts_with("fund {\"headroom\"") || line.starts_with("fund {\"coverage\"")
}

#[test]
fn every_answer_is_that_of_0_1_and_every_invariant_holds() {
    let mut golden = Golden::migrated();
    assert!(golden.fixture.answers.len() > 150);
    let answered: Vec<_> = golden.fixture.answers.iter().map(|a| &a.of).collect();
    assert!(CONTRACTS
        .iter()
        .all(|name| answered.contains(&&(*name).to_owned())));
    invariants::assert_all(&golden.chain);
    golden.approve_code().expect("approves");
    // The fund names the code that it has approved: the only thing that is new.
    let [config] = &golden.differences(&golden.fixture.answers)[..] else {
        panic!("{:?}", golden.differences(&golden.fixture.answers));
    };
    assert_eq!(config, "fund {\"config\":{}}");
    invariants::assert_all(&golden.chain);
}

#[test]
fn until_the_code_is_approved_only_what_could_be_drawn_is_another_answer() {
    let golden = Golden::migrated();
    let different = golden.differences(&golden.fixture.answers);
    assert!(!different.is_empty());
    assert!(
        different.iter().all(|line| is_of_drawing(line)),
        "{different:?}"
    );
    for market in 1..=3 {
        let query = fund::QueryMsg::Headroom(fund::HeadroomQuery { market });
        let headroom: fund::HeadroomResponse = golden
            .chain
            .query(&golden.chain.addresses.fund, &query)
            .expect("answers");
        assert_eq!((headroom.tranche, headroom.payable.0), (None, 0));
    }
}

#[test]
fn the_authority_stays_and_guardian_and_notice_are_those_of_the_message() {
    let golden = Golden::migrated();
    for name in GOVERNED {
        let query = serde_json::json!({"governance": {}});
        let now: GovernanceResponse = golden
            .chain
            .query(&golden.address(name), &query)
            .expect("answers");
        let expected = GovernanceResponse {
            authority: golden.chain.governance.to_string(),
            candidate: None,
            guardian: full().guardian,
            notice: NOTICE,
            paused: vec![],
        };
        assert_eq!(now, expected, "{name}");
    }
}

#[test]
fn nothing_but_configuration_and_version_is_written() {
    let before = Golden::load();
    let after = Golden::migrated();
    for name in CONTRACTS {
        let keys = |golden: &Golden| -> std::collections::BTreeMap<_, _> {
            golden.stored(name).into_iter().collect()
        };
        let (old, new) = (keys(&before), keys(&after));
        let changed: Vec<_> = old
            .keys()
            .chain(new.keys())
            .filter(|key| old.get(*key) != new.get(*key))
            .map(|key| String::from_utf8_lossy(key).into_owned())
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect();
        let expected: &[&str] = match name {
            "lens" => &["contract_info"],
            _ => &["c", "contract_info", "gc"],
        };
        assert_eq!(changed, expected, "{name}");
    }
}

#[test]
fn the_policy_of_a_market_outlasts_the_migration() {
    let golden = Golden::migrated();
    let policy = |market| -> perp_interface::Policy {
        let query = queue::QueryMsg::Policy(PolicyQuery { market });
        golden
            .chain
            .query(&golden.chain.addresses.queue, &query)
            .expect("answers")
    };
    assert_eq!((policy(2).breadth, policy(2).min_fill.0), (3, 2));
    assert_eq!(policy(1), perp_interface::Policy::default());
}
