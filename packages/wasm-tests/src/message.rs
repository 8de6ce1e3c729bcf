//! What is handed to an entry point.

use cosmwasm_std::{to_json_vec, MessageInfo, Reply, StdResult};
use cosmwasm_vm::{
    call_execute_raw, call_instantiate_raw, call_migrate_raw, call_query_raw, call_reply_raw,
    call_sudo_raw, VmResult,
};
use serde_json::Value;

use crate::bridge::Instance;
use crate::gas::{reply_cost, EntryPoint};

/// One call's entry point and arguments, as JSON.
pub(crate) struct Message {
    pub entry: EntryPoint,
    /// How the meter calls it.
    pub label: String,
    /// SDK gas of the events that a reply is shown.
    pub events_seen: u64,
    info: Vec<u8>,
    body: Vec<u8>,
}

impl Message {
    pub fn new(entry: EntryPoint, body: Vec<u8>) -> Self {
        Message {
            entry,
            label: first_key(&body),
            events_seen: 0,
            info: vec![],
            body,
        }
    }

    /// Adds sender and funds, which only `instantiate` and `execute` have.
    pub fn with_info(mut self, info: &MessageInfo) -> StdResult<Self> {
        self.info = to_json_vec(info)?;
        Ok(self)
    }

    pub fn reply(reply: &Reply) -> StdResult<Self> {
        Ok(Message {
            entry: EntryPoint::Reply,
            label: reply.id.to_string(),
            events_seen: reply_cost(&reply.result),
            info: vec![],
            body: to_json_vec(reply)?,
        })
    }

    /// Calls the entry point. The raw calls take JSON as it is; the typed ones would wrap the bytes
    /// into an array of numbers.
    pub fn enter(&self, instance: &mut Instance, env: &[u8]) -> VmResult<Vec<u8>> {
        let Message { info, body, .. } = self;
        match self.entry {
            EntryPoint::Instantiate => call_instantiate_raw(instance, env, info, body),
            EntryPoint::Execute => call_execute_raw(instance, env, info, body),
            EntryPoint::Query => call_query_raw(instance, env, body),
            EntryPoint::Reply => call_reply_raw(instance, env, body),
            EntryPoint::Sudo => call_sudo_raw(instance, env, body),
            EntryPoint::Migrate => call_migrate_raw(instance, env, body),
        }
    }
}

/// `deposit` for `{"deposit":{…}}`, the text itself for a JSON string, empty for `{}`.
fn first_key(json: &[u8]) -> String {
    match serde_json::from_slice(json) {
        Ok(Value::Object(fields)) => fields.keys().next().cloned().unwrap_or_default(),
        Ok(Value::String(text)) => text,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::first_key;

    #[test]
    fn a_message_is_called_by_its_first_key() {
        for (json, label) in [
            (r#"{"deposit":{"amount":"1"}}"#, "deposit"),
            (r#""crank""#, "crank"),
            ("{}", ""),
            ("not json", ""),
        ] {
            assert_eq!(first_key(json.as_bytes()), label);
        }
    }
}
