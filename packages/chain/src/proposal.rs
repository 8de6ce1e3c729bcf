//! Proposals as files: what `wasmd tx gov submit-proposal FILE` takes, and what we submit.
//!
//! ```json
//! {
//!   "messages": [{
//!     "@type": "/cosmwasm.wasm.v1.MsgPinCodes",
//!     "authority": "cosmos10d07y265gmmuvt4z0w9aw880jnsr700j6zn9kn",
//!     "code_ids": ["1", "2"]
//!   }],
//!   "metadata": "",
//!   "deposit": "1000000ustake",
//!   "title": "Pin the contracts",
//!   "summary": "Pinned code costs less gas."
//! }
//! ```

use cosmrs::Any;
use cosmwasm_std::{Binary, Coin, Uint64};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::client::gov::Proposal;
use crate::client::{msg, ClientError, ClientResult};

/// A proposal in a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposalFile {
    /// What is executed if it passes, all or nothing.
    pub messages: Vec<ProposalMessage>,
    /// A link or a text for clients.
    #[serde(default)]
    pub metadata: String,
    /// The proposer's deposit, such as `1000000ustake`; several with commas.
    pub deposit: String,
    /// Title.
    pub title: String,
    /// Summary.
    pub summary: String,
    /// A shorter vote with a higher threshold.
    #[serde(default)]
    pub expedited: bool,
}

/// What our proposals have the gov module account do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "@type")]
pub enum ProposalMessage {
    /// Calls a contract as its authority.
    #[serde(rename = "/cosmwasm.wasm.v1.MsgExecuteContract")]
    ExecuteContract(ExecuteContract),
    /// Calls a contract's `sudo`, which nobody but the chain can.
    #[serde(rename = "/cosmwasm.wasm.v1.MsgSudoContract")]
    SudoContract(SudoContract),
    /// Moves a contract to another code.
    #[serde(rename = "/cosmwasm.wasm.v1.MsgMigrateContract")]
    MigrateContract(MigrateContract),
    /// Stores a code.
    #[serde(rename = "/cosmwasm.wasm.v1.MsgStoreCode")]
    StoreCode(StoreCode),
    /// Keeps codes compiled in memory.
    #[serde(rename = "/cosmwasm.wasm.v1.MsgPinCodes")]
    PinCodes(Codes),
    /// The reverse.
    #[serde(rename = "/cosmwasm.wasm.v1.MsgUnpinCodes")]
    UnpinCodes(Codes),
    /// Gives a contract another admin.
    #[serde(rename = "/cosmwasm.wasm.v1.MsgUpdateAdmin")]
    UpdateAdmin(UpdateAdmin),
}

/// `MsgExecuteContract`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExecuteContract {
    /// The gov module account.
    pub sender: String,
    /// The contract.
    pub contract: String,
    /// Its `ExecuteMsg`.
    pub msg: Value,
    /// Coins of the gov module account.
    #[serde(default)]
    pub funds: Vec<Coin>,
}

/// `MsgSudoContract`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SudoContract {
    /// The gov module account.
    pub authority: String,
    /// The contract.
    pub contract: String,
    /// Its `SudoMsg`.
    pub msg: Value,
}

/// `MsgMigrateContract`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MigrateContract {
    /// The contract's admin: the gov module account.
    pub sender: String,
    /// The contract.
    pub contract: String,
    /// The code it gets.
    pub code_id: Uint64,
    /// Its `MigrateMsg`.
    pub msg: Value,
}

/// `MsgStoreCode`. Anybody may use the code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreCode {
    /// The gov module account.
    pub sender: String,
    /// The wasm, gzip or not.
    pub wasm_byte_code: Binary,
}

/// `MsgPinCodes`, `MsgUnpinCodes`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Codes {
    /// The gov module account.
    pub authority: String,
    /// The codes.
    pub code_ids: Vec<Uint64>,
}

/// `MsgUpdateAdmin`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateAdmin {
    /// The contract's admin: the gov module account.
    pub sender: String,
    /// The new one.
    pub new_admin: String,
    /// The contract.
    pub contract: String,
}

impl StoreCode {
    /// A proposal's code travels through every node's mempool and stays in its state: compressed.
    ///
    /// # Errors
    /// `BadInput` if it cannot be compressed.
    pub fn compressed(sender: &str, wasm: &[u8]) -> ClientResult<Self> {
        Ok(Self {
            sender: sender.to_owned(),
            wasm_byte_code: msg::compressed(wasm)?.into(),
        })
    }
}

impl ProposalMessage {
    /// Who executes it; anybody else than the gov module account makes the chain refuse the proposal.
    pub fn sender(&self) -> &str {
        match self {
            Self::ExecuteContract(msg) => &msg.sender,
            Self::SudoContract(msg) => &msg.authority,
            Self::MigrateContract(msg) => &msg.sender,
            Self::StoreCode(msg) => &msg.sender,
            Self::PinCodes(msg) | Self::UnpinCodes(msg) => &msg.authority,
            Self::UpdateAdmin(msg) => &msg.sender,
        }
    }

    /// The contract it is about.
    pub fn contract(&self) -> Option<&str> {
        match self {
            Self::ExecuteContract(msg) => Some(&msg.contract),
            Self::SudoContract(msg) => Some(&msg.contract),
            Self::MigrateContract(msg) => Some(&msg.contract),
            Self::UpdateAdmin(msg) => Some(&msg.contract),
            Self::StoreCode(_) | Self::PinCodes(_) | Self::UnpinCodes(_) => None,
        }
    }

    /// As the chain takes it.
    ///
    /// # Errors
    /// `BadInput`.
    pub fn to_any(&self) -> ClientResult<Any> {
        let ids =
            |codes: &Codes| -> Vec<u64> { codes.code_ids.iter().map(|id| id.u64()).collect() };
        match self {
            Self::ExecuteContract(call) => {
                msg::execute(&call.sender, &call.contract, &call.msg, &call.funds)
            }
            Self::SudoContract(call) => msg::sudo(&call.authority, &call.contract, &call.msg),
            Self::MigrateContract(to) => {
                msg::migrate(&to.sender, &to.contract, to.code_id.u64(), &to.msg)
            }
            Self::StoreCode(code) => Ok(msg::store_bytes(&code.sender, &code.wasm_byte_code)),
            Self::PinCodes(codes) => Ok(msg::pin(&codes.authority, &ids(codes))),
            Self::UnpinCodes(codes) => Ok(msg::unpin(&codes.authority, &ids(codes))),
            Self::UpdateAdmin(to) => Ok(msg::update_admin(&to.sender, &to.contract, &to.new_admin)),
        }
    }
}

impl ProposalFile {
    /// The deposit.
    ///
    /// # Errors
    /// `BadInput`.
    pub fn deposit(&self) -> ClientResult<Vec<Coin>> {
        let coins = self.deposit.split(',').filter(|text| !text.is_empty());
        coins
            .map(|text| {
                // `1.5ustake` would be read as 1 of `.5ustake`.
                let coin = text.trim().parse::<Coin>().ok();
                coin.filter(|coin| coin.denom.starts_with(|c: char| c.is_ascii_alphabetic()))
                    .ok_or_else(|| ClientError::BadInput(format!("'{text}' is no deposit")))
            })
            .collect()
    }

    /// As the chain takes it.
    ///
    /// # Errors
    /// `BadInput` for a deposit that is none.
    pub fn to_proposal(&self) -> ClientResult<Proposal> {
        let messages = self.messages.iter().map(ProposalMessage::to_any);
        Ok(Proposal {
            messages: messages.collect::<ClientResult<_>>()?,
            title: self.title.clone(),
            summary: self.summary.clone(),
            metadata: self.metadata.clone(),
            deposit: self.deposit()?,
            expedited: self.expedited,
        })
    }
}

#[cfg(test)]
mod tests {
    use cosmrs::proto::cosmwasm::wasm::v1 as wasm;
    use prost::Message;
    use serde_json::json;

    use super::*;

    fn gov() -> &'static str {
        "cosmos10d07y265gmmuvt4z0w9aw880jnsr700j6zn9kn"
    }

    /// One of each, in the form of wasmd's proto-JSON: numbers of 64 bits are strings, a contract's
    /// message is JSON as it is, bytes are base64.
    fn messages() -> Vec<Value> {
        vec![
            json!({"@type": "/cosmwasm.wasm.v1.MsgExecuteContract", "sender": gov(), "contract": "c",
                "msg": {"set_pause": {"paused": true}}, "funds": [{"denom": "uusdc", "amount": "5"}]}),
            json!({"@type": "/cosmwasm.wasm.v1.MsgSudoContract", "authority": gov(), "contract": "c",
                "msg": {"update_params": {"expected_version": 3}}}),
            json!({"@type": "/cosmwasm.wasm.v1.MsgMigrateContract", "sender": gov(), "contract": "c",
                "code_id": "7", "msg": {}}),
            json!({"@type": "/cosmwasm.wasm.v1.MsgStoreCode", "sender": gov(), "wasm_byte_code": "AGFzbQ=="}),
            json!({"@type": "/cosmwasm.wasm.v1.MsgPinCodes", "authority": gov(), "code_ids": ["1", "2"]}),
            json!({"@type": "/cosmwasm.wasm.v1.MsgUnpinCodes", "authority": gov(), "code_ids": ["1"]}),
            json!({"@type": "/cosmwasm.wasm.v1.MsgUpdateAdmin", "sender": gov(), "contract": "c",
                "new_admin": "d"}),
        ]
    }

    #[test]
    fn every_message_is_the_same_after_a_way_through_json() {
        for expected in messages() {
            let message: ProposalMessage =
                serde_json::from_value(expected.clone()).expect("is read");
            assert_eq!(
                serde_json::to_value(&message).expect("is written"),
                expected
            );
            assert_eq!(message.sender(), gov());
            let any = message.to_any().expect("a message");
            assert_eq!(Value::from(any.type_url), expected["@type"]);
            assert_eq!(
                message.contract().is_some(),
                expected.get("contract").is_some()
            );
        }
    }

    #[test]
    fn the_chain_gets_what_the_file_says() {
        let read = |index: usize| {
            let message = serde_json::from_value::<ProposalMessage>(messages().remove(index));
            message.expect("is read").to_any().expect("a message").value
        };
        let call = wasm::MsgExecuteContract::decode(read(0).as_slice()).expect("decodes");
        assert_eq!((call.sender.as_str(), call.contract.as_str()), (gov(), "c"));
        assert_eq!(call.msg, br#"{"set_pause":{"paused":true}}"#);
        assert_eq!(call.funds[0].amount, "5");
        let to = wasm::MsgMigrateContract::decode(read(2).as_slice()).expect("decodes");
        assert_eq!((to.code_id, to.msg.as_slice()), (7, b"{}".as_slice()));
        let code = wasm::MsgStoreCode::decode(read(3).as_slice()).expect("decodes");
        assert_eq!(code.wasm_byte_code, b"\0asm");
        let pin = wasm::MsgPinCodes::decode(read(4).as_slice()).expect("decodes");
        assert_eq!(pin.code_ids, [1, 2]);
    }

    #[test]
    fn a_misspelt_field_or_another_message_is_refused() {
        for message in messages() {
            let mut misspelt = message.clone();
            misspelt["contrct"] = json!("c");
            assert!(
                serde_json::from_value::<ProposalMessage>(misspelt).is_err(),
                "{message}"
            );
            let mut other = message.clone();
            other["@type"] = json!("/cosmos.bank.v1beta1.MsgSend");
            assert!(
                serde_json::from_value::<ProposalMessage>(other).is_err(),
                "{message}"
            );
        }
        let file =
            json!({"messages": messages(), "deposit": "1ustake", "title": "t", "summary": "s"});
        assert!(serde_json::from_value::<ProposalFile>(file.clone()).is_ok());
        let mut misspelt = file;
        misspelt["sumary"] = json!("s");
        assert!(serde_json::from_value::<ProposalFile>(misspelt).is_err());
    }

    #[test]
    fn deposits_are_read() {
        let of = |deposit: &str| {
            let file = ProposalFile {
                messages: Vec::new(),
                metadata: String::new(),
                deposit: deposit.to_owned(),
                title: String::new(),
                summary: String::new(),
                expedited: false,
            };
            file.deposit()
        };
        let two = of("10ustake,5uusdc").expect("two coins");
        assert_eq!(
            two,
            [Coin::new(10u128, "ustake"), Coin::new(5u128, "uusdc")]
        );
        assert!(of("").expect("none").is_empty());
        for bad in ["ustake", "1", "-1ustake", "1.5ustake"] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }
}
