//! Receipts: what the events of a transaction say was taken, from whom, in which order.

use std::collections::BTreeMap;

use cosmwasm_std::Event;

/// Attributes of one event under its type, the contract address left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The event's type without `wasm-`.
    pub kind: String,
    values: BTreeMap<String, String>,
}

impl Record {
    /// The text of an attribute, empty if it is not there.
    pub fn text(&self, key: &str) -> &str {
        self.values.get(key).map_or("", String::as_str)
    }

    /// An attribute as a number.
    ///
    /// # Panics
    /// If it is not one: the event would not be what its type says.
    pub fn number(&self, key: &str) -> i128 {
        self.text(key)
            .parse()
            .unwrap_or_else(|e| panic!("{}.{key} = '{}': {e}", self.kind, self.text(key)))
    }
}

/// All contract events of a kind, in order.
pub fn of_kind(events: &[Event], kind: &str) -> Vec<Record> {
    let wanted = format!("wasm-{kind}");
    events
        .iter()
        .filter(|event| event.ty == wanted)
        .map(|event| Record {
            kind: kind.to_owned(),
            values: event
                .attributes
                .iter()
                .map(|a| (a.key.clone(), a.value.clone()))
                .collect(),
        })
        .collect()
}
