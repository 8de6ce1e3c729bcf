//! The events of a transaction, from whatever file a node or a tool writes them to.

use std::collections::BTreeMap;
use std::str::FromStr;

use cosmwasm_std::{Binary, Event};
use perp_interface::{Quote, ScoreKind, Side};
use serde_json::Value;
use thiserror::Error;

use super::clock;
use super::state::{is_amount, Contracts};

const ADDRESS: &str = "_contract_address";

/// One contract event: its type without `wasm-`, and its attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The type.
    pub kind: String,
    values: BTreeMap<String, String>,
}

/// What a transaction did, as far as contracts told of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transaction {
    /// Time of its block in seconds, if the file says so.
    pub time: Option<u64>,
    /// Contract events in order.
    pub records: Vec<Record>,
}

/// A file that holds no events, or an event that is not what its type says.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EventsError {
    /// Not JSON.
    #[error("the events are no JSON: {0}")]
    Json(String),
    /// No list of events where one could be.
    #[error("no list of events: expected a list, or an object with `events`, `tx_response.events` or `result.tx_result.events`")]
    NoEvents,
    /// A transaction that failed has no receipts.
    #[error("the transaction failed with code {0}: it changed nothing")]
    Failed(i64),
    /// An event or an attribute of another shape.
    #[error("event {number}: {what}")]
    Shape {
        /// Its place in the list, from 1.
        number: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// An attribute that is missing or no number.
    #[error("event `{kind}`: attribute `{key}` is {found}")]
    Attribute {
        /// Type of the event.
        kind: String,
        /// The attribute.
        key: String,
        /// What is there.
        found: String,
    },
}

impl Record {
    /// The text of an attribute.
    ///
    /// # Errors
    /// `Attribute` if it is not there.
    pub fn text(&self, key: &str) -> Result<&str, EventsError> {
        self.values
            .get(key)
            .map(String::as_str)
            .ok_or_else(|| self.bad(key, "missing".to_owned()))
    }

    /// An attribute as a number.
    ///
    /// # Errors
    /// `Attribute` if it is missing or not one.
    pub fn number<T: FromStr>(&self, key: &str) -> Result<T, EventsError> {
        let text = self.text(key)?;
        text.parse()
            .map_err(|_| self.bad(key, format!("'{}'", shown(text))))
    }

    /// An attribute as an amount of money that the market can book.
    ///
    /// # Errors
    /// `Attribute` if it is missing, not one, or out of range.
    pub fn amount(&self, key: &str) -> Result<Quote, EventsError> {
        let amount: Quote = self.number(key)?;
        if is_amount(amount.0) {
            Ok(amount)
        } else {
            Err(self.bad(key, format!("{amount}, which is out of range")))
        }
    }

    /// An attribute as a side.
    ///
    /// # Errors
    /// `Attribute` if it is missing or not one.
    pub fn side(&self, key: &str) -> Result<Side, EventsError> {
        let text = self.text(key)?;
        [Side::Long, Side::Short]
            .into_iter()
            .find(|side| side.to_string() == text)
            .ok_or_else(|| self.bad(key, format!("'{}'", shown(text))))
    }

    /// An attribute as the kind of a score.
    ///
    /// # Errors
    /// `Attribute` if it is missing or not one.
    pub fn score(&self, key: &str) -> Result<ScoreKind, EventsError> {
        let text = self.text(key)?;
        ScoreKind::ALL
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| self.bad(key, format!("'{}'", shown(text))))
    }

    fn bad(&self, key: &str, found: String) -> EventsError {
        EventsError::Attribute {
            kind: shown(&self.kind),
            key: key.to_owned(),
            found,
        }
    }

    /// Whether the contract that emits this kind emitted it. Without an address in the file
    /// nothing can be said, and it counts.
    fn is_of(&self, contracts: &Contracts) -> bool {
        let Some(address) = self.values.get(ADDRESS) else {
            return true;
        };
        let of_fund = |kind: &str| {
            perp_interface::event::OF_FUND
                .iter()
                .any(|d| d.kind == kind)
        };
        let of_governance = |kind: &str| {
            perp_interface::event::OF_GOVERNANCE
                .iter()
                .any(|d| d.kind == kind)
        };
        match self.kind.as_str() {
            "job_opened" | "job_step" | "job_closed" | "policy_set" | "lights_published"
            | "light_changed" => *address == contracts.queue,
            kind if of_governance(kind) => true,
            kind if of_fund(kind) => *address == contracts.fund,
            "price_set" => *address == contracts.feed,
            "submessage_failed" => [&contracts.market, &contracts.fund].contains(&address),
            _ => *address == contracts.market,
        }
    }
}

/// Short and without control characters: it may come from anybody.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

impl Transaction {
    /// Reads a plain list of events, or the answer of a node's REST or RPC interface.
    ///
    /// # Errors
    /// [`EventsError`].
    pub fn parse(text: &str) -> Result<Self, EventsError> {
        let root: Value =
            serde_json::from_str(text).map_err(|e| EventsError::Json(e.to_string()))?;
        let at = |path: &str| root.pointer(path);
        let failed = [
            "/tx_response/code",
            "/result/tx_result/code",
            "/tx_result/code",
        ]
        .iter()
        .filter_map(|path| at(path)?.as_i64())
        .find(|code| *code != 0);
        if let Some(code) = failed {
            return Err(EventsError::Failed(code));
        }
        let paths = [
            "",
            "/events",
            "/tx_response/events",
            "/result/tx_result/events",
            "/tx_result/events",
            "/result/events",
        ];
        let list = paths.iter().find_map(|path| at(path)?.as_array());
        let time = at("/time").and_then(Value::as_u64).or_else(|| {
            let stamp = at("/tx_response/timestamp")?.as_str()?;
            clock::seconds(stamp)
        });
        Ok(Self {
            time,
            records: records(list.ok_or(EventsError::NoEvents)?)?,
        })
    }

    /// As it is known on an embedded chain.
    pub fn of_events(events: &[Event], time: Option<u64>) -> Self {
        let records = events.iter().filter_map(|event| {
            Some(Record {
                kind: event.ty.strip_prefix("wasm-")?.to_owned(),
                values: event
                    .attributes
                    .iter()
                    .map(|a| (a.key.clone(), a.value.clone()))
                    .collect(),
            })
        });
        Self {
            time,
            records: records.collect(),
        }
    }

    /// Drops what other contracts emitted under the names of these.
    pub fn keep_only(&mut self, contracts: &Contracts) {
        self.records.retain(|record| record.is_of(contracts));
    }
}

/// Events as [`Transaction::parse`] reads them back.
pub fn to_json(events: &[Event], time: u64) -> Value {
    let events: Vec<Value> = events
        .iter()
        .map(|event| {
            let attributes: Vec<Value> = event
                .attributes
                .iter()
                .map(|a| serde_json::json!({"key": a.key, "value": a.value}))
                .collect();
            serde_json::json!({"type": event.ty, "attributes": attributes})
        })
        .collect();
    serde_json::json!({"time": time, "events": events})
}

fn records(list: &[Value]) -> Result<Vec<Record>, EventsError> {
    let mut all = Vec::new();
    for (i, event) in list.iter().enumerate() {
        let shape = |what| EventsError::Shape {
            number: i + 1,
            what,
        };
        let ty = event.get("type").and_then(Value::as_str);
        let ty = ty.ok_or_else(|| shape("no `type`"))?;
        let attributes = event.get("attributes").and_then(Value::as_array);
        let attributes = attributes.ok_or_else(|| shape("no `attributes`"))?;
        let mut values = BTreeMap::new();
        for attribute in attributes {
            let text = |key| attribute.get(key).and_then(Value::as_str);
            let key = text("key").ok_or_else(|| shape("an attribute without `key`"))?;
            // A node writes an empty value as null.
            values.insert(key.to_owned(), text("value").unwrap_or_default().to_owned());
        }
        let kind = ty.strip_prefix("wasm-").unwrap_or(ty).to_owned();
        all.push(Record { kind, values });
    }
    if all.iter().any(|r| r.values.contains_key(&encoded(ADDRESS))) {
        all.iter_mut().for_each(decode);
    }
    // The suite emits typed events only; what the chain itself and other modules tell stays out.
    all.retain(|record| perp_interface::event::all().any(|doc| doc.kind == record.kind));
    Ok(all)
}

fn encoded(text: &str) -> String {
    Binary::from(text.as_bytes()).to_base64()
}

/// Nodes before CometBFT 0.37 write keys and values in base64.
fn decode(record: &mut Record) {
    let plain = |text: &str| {
        let bytes = Binary::from_base64(text).ok()?;
        String::from_utf8(bytes.to_vec()).ok()
    };
    record.values = std::mem::take(&mut record.values)
        .into_iter()
        .map(|(key, value)| (plain(&key).unwrap_or(key), plain(&value).unwrap_or(value)))
        .collect();
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(key: &str, value: &str) -> Value {
        json!({"type": "wasm-job_closed", "attributes": [
            {"key": "_contract_address", "value": "queue", "index": true}, {"key": key, "value": value}]})
    }

    #[test]
    fn all_shapes_that_nodes_answer() {
        let list = json!([{"type": "tx", "attributes": []}, event("loss_id", "7")]);
        let shapes = [
            (list.clone(), None),
            (json!({"time": 9, "events": list}), Some(9)),
            (
                json!({"tx": {}, "tx_response": {"code": 0, "timestamp": "1970-01-01T00:00:05Z", "events": list}}),
                Some(5),
            ),
            (
                json!({"result": {"tx_result": {"code": 0, "events": list}}}),
                None,
            ),
        ];
        for (shape, time) in shapes {
            let tx = Transaction::parse(&shape.to_string()).unwrap();
            assert_eq!(tx.time, time);
            assert_eq!(tx.records.len(), 1);
            assert_eq!(tx.records[0].number::<u64>("loss_id"), Ok(7));
        }
    }

    #[test]
    fn base64_is_read() {
        let list = json!([{"type": "wasm-job_closed", "attributes": [
            {"key": encoded("_contract_address"), "value": encoded("queue")},
            {"key": encoded("loss_id"), "value": encoded("7")}]}]);
        let tx = Transaction::parse(&list.to_string()).unwrap();
        assert_eq!(tx.records[0].text("loss_id"), Ok("7"));
        assert_eq!(tx.records[0].text(ADDRESS), Ok("queue"));
    }

    #[test]
    fn events_of_other_contracts_are_no_receipts() {
        let contracts = Contracts {
            market: "market".into(),
            fund: "fund".into(),
            queue: "other".into(),
            feed: "feed".into(),
        };
        let mut tx = Transaction::parse(&json!([event("loss_id", "7")]).to_string()).unwrap();
        tx.keep_only(&contracts);
        assert_eq!(tx.records, []);
    }

    #[test]
    fn bad_files_are_told_apart() {
        let parse = |text: &str| Transaction::parse(text).unwrap_err().to_string();
        assert!(parse("{").starts_with("the events are no JSON"));
        assert!(parse("{}").starts_with("no list of events"));
        assert!(parse(r#"{"tx_response":{"code":5,"events":[]}}"#).contains("code 5"));
        assert_eq!(parse("[1]"), "event 1: no `type`");
        let tx = Transaction::parse(&json!([event("loss_id", "x\u{1b}")]).to_string()).unwrap();
        assert_eq!(
            tx.records[0]
                .number::<u64>("loss_id")
                .unwrap_err()
                .to_string(),
            "event `job_closed`: attribute `loss_id` is 'x'"
        );
    }
}
