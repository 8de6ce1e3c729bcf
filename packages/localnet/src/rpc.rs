//! What only the node's plain HTTP interface tells: the length of a transaction, and what happened at the
//! end of a block.

use std::time::Duration;

use cosmwasm_std::{Attribute, Binary, Event};
use perps_chain::node::agent;
use serde::Deserialize;
use serde_json::Value;

use crate::error::{PlayError, PlayResult};

/// A node's RPC, read only.
#[derive(Clone, Debug)]
pub struct Rpc {
    url: String,
}

#[derive(Deserialize)]
struct RawEvent {
    #[serde(rename = "type")]
    kind: String,
    attributes: Vec<RawAttribute>,
}

#[derive(Deserialize)]
struct RawAttribute {
    key: String,
    value: String,
}

impl Rpc {
    /// Of this node.
    pub fn new(url: &str) -> Self {
        Self {
            url: url.trim_end_matches('/').to_owned(),
        }
    }

    fn get(&self, path: &str) -> PlayResult<Value> {
        let failed = |what: String| PlayError::Rpc(format!("{path}: {what}"));
        let agent = agent(Duration::from_secs(10));
        let answer = agent.get(format!("{}{path}", self.url)).call();
        let mut answer = answer.map_err(|e| failed(e.to_string()))?;
        let text = answer.body_mut().read_to_string();
        let text = text.map_err(|e| failed(e.to_string()))?;
        let mut answer: Value = serde_json::from_str(&text).map_err(|e| failed(e.to_string()))?;
        match answer.get_mut("result").map(Value::take) {
            Some(result) => Ok(result),
            None => Err(failed(text)),
        }
    }

    /// Bytes of a transaction: each costs gas before anything is executed.
    ///
    /// # Errors
    /// `Rpc`.
    pub fn tx_bytes(&self, hash: &str) -> PlayResult<u64> {
        let path = format!("/tx?hash=0x{hash}");
        let answer = self.get(&path)?;
        let tx = answer.get("tx").and_then(Value::as_str);
        let bytes = tx.and_then(|tx| Binary::from_base64(tx).ok());
        let bytes = bytes.ok_or_else(|| PlayError::Rpc(format!("{path}: no bytes")))?;
        Ok(bytes.len() as u64)
    }

    /// Hashes of the transactions with an event of a contract whose attribute `loss_id` is this one, in
    /// their order.
    ///
    /// # Errors
    /// `Rpc`.
    pub fn of_loss(&self, kind: &str, loss_id: u64) -> PlayResult<Vec<String>> {
        let query = format!("%22wasm-{kind}.loss_id%3D%27{loss_id}%27%22");
        let path = format!("/tx_search?query={query}&per_page=100&order_by=%22asc%22");
        let answer = self.get(&path)?;
        let found = answer.get("txs").and_then(Value::as_array);
        let found = found.ok_or_else(|| PlayError::Rpc(format!("{path}: no list")))?;
        let hash = |tx: &Value| Some(tx.get("hash")?.as_str()?.to_owned());
        Ok(found.iter().filter_map(hash).collect())
    }

    /// What a block did besides its transactions: proposals are executed at its end.
    ///
    /// # Errors
    /// `Rpc`.
    pub fn block_events(&self, height: u64) -> PlayResult<Vec<Event>> {
        let path = format!("/block_results?height={height}");
        let mut answer = self.get(&path)?;
        let events = answer.get_mut("finalize_block_events").map(Value::take);
        let events: Vec<RawEvent> = serde_json::from_value(events.unwrap_or_default())
            .map_err(|e| PlayError::Rpc(format!("{path}: {e}")))?;
        Ok(events.into_iter().map(Event::from).collect())
    }
}

impl From<RawEvent> for Event {
    fn from(raw: RawEvent) -> Self {
        let mut event = Self::new(raw.kind);
        // `add_attribute` refuses keys that begin with an underscore, as the chain's do.
        event.attributes = raw
            .attributes
            .into_iter()
            .map(|a| Attribute {
                key: a.key,
                value: a.value,
            })
            .collect();
        event
    }
}
