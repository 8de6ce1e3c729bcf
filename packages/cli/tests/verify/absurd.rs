//! Files that are no state and no events of any chain: refused or reported, never a panic.

use perps_cli::verify::{events_to_json, verify, Pair, State, Transaction};
use proptest::prelude::*;
use serde_json::{json, Value};

use crate::course::{all_jobs, Recorded};
use crate::random::situation;

/// All leaves of a JSON value.
fn leaves<'a>(value: &'a mut Value, found: &mut Vec<&'a mut Value>) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|one| leaves(one, found)),
        Value::Object(map) => map.values_mut().for_each(|one| leaves(one, found)),
        leaf => found.push(leaf),
    }
}

const ABSURD: [&str; 10] = [
    "0",
    "-1",
    "1",
    "340282366920938463463374607431768211455",
    "170141183460469231731687303715884105727",
    "-170141183460469231731687303715884105728",
    "18446744073709551615",
    "1099511627775",
    "281474976710655",
    "x",
];

fn spoil(value: &mut Value, which: prop::sample::Index, with: usize) {
    let mut all = Vec::new();
    leaves(value, &mut all);
    let at = which.index(all.len());
    let leaf = &mut *all[at];
    let text = ABSURD[with];
    *leaf = match &leaf {
        Value::Number(_) => text.parse::<u64>().map_or(json!(text), |n| json!(n)),
        Value::Bool(old) => json!(!*old),
        _ => json!(text),
    };
}

fn try_verify(
    job: &[Recorded],
    (tx, which, with): (usize, prop::sample::Index, usize),
    of_state: bool,
) {
    let mut pairs = Vec::new();
    for (i, recorded) in job.iter().enumerate() {
        let mut before = serde_json::to_value(&recorded.before).expect("is JSON");
        let mut events = events_to_json(&recorded.events, recorded.before.time);
        if i == tx {
            spoil(
                if of_state { &mut before } else { &mut events },
                which,
                with,
            );
        }
        let before = serde_json::from_value::<State>(before);
        let (Ok(before), Ok(transaction)) = (before, Transaction::parse(&events.to_string()))
        else {
            return;
        };
        pairs.push(Pair {
            before,
            transaction,
        });
    }
    // Whatever it says: it says something.
    let _ = verify(pairs).map(|report| perps_cli::verify::print_report(&report));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_absurd_leaf_never_panics(
        s in situation(3), step_limit in prop::sample::select(vec![1u32, 1_000]), of_state in any::<bool>(),
        spoilt in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0usize..10), 20),
    ) {
        for job in all_jobs(&s, step_limit) {
            for (tx, which, with) in &spoilt {
                try_verify(&job, (tx.index(job.len()), *which, *with), of_state);
            }
        }
    }
}
