//! What this version stores, compared with a committed list: a layout does not change unnoticed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use serde_json::{json, Value};

use crate::after::{params, LOOSER};
use crate::golden::{Golden, CONTRACTS};

/// Namespace of a key: maps have its length before it, items are named by the whole key.
fn namespace(key: &[u8]) -> String {
    let of_map = match key {
        [0, length, rest @ ..] => rest.get(..usize::from(*length)),
        _ => None,
    };
    match of_map.map(std::str::from_utf8) {
        Some(Ok(name)) => format!("{name}[]"),
        _ => String::from_utf8_lossy(key).into_owned(),
    }
}

/// Names of fields and kinds of values, without the values.
fn shape(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "bool".to_owned(),
        Value::Number(_) => "number".to_owned(),
        Value::String(_) => "text".to_owned(),
        Value::Array(rows) => {
            let shapes: Vec<_> = rows.iter().map(shape).collect();
            match shapes.iter().collect::<BTreeSet<_>>().len() {
                0 => "[]".to_owned(),
                // Lists of the same, however long. Pairs of the same look like them.
                1 => format!("[{}]", shapes[0]),
                _ => format!("[{}]", shapes.join(" ")),
            }
        }
        Value::Object(fields) => {
            let fields: BTreeMap<_, _> = fields.iter().collect();
            let shapes = fields.iter().map(|(k, v)| format!("{k}: {}", shape(v)));
            format!("{{{}}}", shapes.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Every namespace of every contract with all shapes of its values.
fn layout(golden: &Golden) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for name in CONTRACTS {
        for (key, value) in golden.stored(name) {
            let value: Result<Value, _> = serde_json::from_slice(&value);
            let shape = value.map_or_else(|_| "bytes".to_owned(), |value| shape(&value));
            let place = format!("{name} {}", namespace(&key));
            found.entry(place).or_default().insert(shape);
        }
    }
    found
}

/// The old state with everything that only this version stores: changes that wait, a pause.
fn used() -> Golden {
    let mut golden = Golden::running();
    let governance = golden.chain.governance.clone();
    let mut messages = vec![
        (
            "market",
            json!({"set_pause": {"operation": "resting", "paused": true}}),
        ),
        (
            "queue",
            json!({"set_policy": {"market": 2, "policy": null}}),
        ),
    ];
    for (name, field, to) in LOOSER {
        let (mut params, expected_version) = params(&golden, name);
        params[field] = json!(to);
        let change = json!({"expected_version": expected_version, "params": params});
        messages.push((name, json!({"update_params": change})));
    }
    for (name, msg) in messages {
        let to = golden.address(name);
        golden.chain.send(&governance, &to, &msg, &[]).expect(name);
    }
    golden
}

/// If this fails, what is stored has changed: raise the version, write a migration from the one before with a
/// state of it as a fixture, and only then run the test with `UPDATE_LAYOUT=1`.
#[test]
fn what_is_stored_does_not_change_without_a_new_version() {
    let mut text = format!("version {}\n", env!("CARGO_PKG_VERSION"));
    for (place, shapes) in layout(&used()) {
        for shape in shapes {
            writeln!(text, "{place} = {shape}").expect("writes");
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/layout.txt");
    if std::env::var_os("UPDATE_LAYOUT").is_some() {
        std::fs::write(&path, &text).expect("writes");
    }
    let committed = std::fs::read_to_string(&path).expect("is committed");
    assert_eq!(text, committed, "read the comment of this test");
}
