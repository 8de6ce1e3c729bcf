//! The messages that we send, ready for a transaction or a proposal.

use std::io::Write;

use cosmrs::proto::cosmos::bank::v1beta1::MsgSend;
use cosmrs::proto::cosmos::base::v1beta1::Coin;
use cosmrs::proto::cosmwasm::wasm::v1 as wasm;
use cosmrs::proto::prost::Name;
use cosmrs::Any;
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use serde::Serialize;

use super::error::{ClientError, ClientResult};

/// How a contract is created at a predictable address.
#[derive(Clone, Copy, Debug)]
pub struct Instantiate2<'a> {
    /// The code.
    pub code_id: u64,
    /// Who may migrate the contract.
    pub admin: &'a str,
    /// What wallets show.
    pub label: &'a str,
    /// 1 to 64 bytes; with creator and checksum it gives the address
    /// ([`address::of_contract`](super::address::of_contract)).
    pub salt: &'a [u8],
}

/// A message of protobuf as transactions and proposals carry it.
pub fn any<M: Name>(msg: &M) -> Any {
    Any {
        type_url: M::type_url(),
        value: msg.encode_to_vec(),
    }
}

/// Coins of CosmWasm as those of the SDK. Sorted, as the SDK requires.
pub fn coins(funds: &[cosmwasm_std::Coin]) -> Vec<Coin> {
    let mut coins: Vec<Coin> = funds
        .iter()
        .map(|coin| Coin {
            denom: coin.denom.clone(),
            amount: coin.amount.to_string(),
        })
        .collect();
    coins.sort_by(|a, b| a.denom.cmp(&b.denom));
    coins
}

fn json(msg: &impl Serialize) -> ClientResult<Vec<u8>> {
    serde_json::to_vec(msg).map_err(|e| ClientError::BadInput(e.to_string()))
}

/// Sends coins.
pub fn bank_send(from: &str, to: &str, amount: u128, denom: &str) -> Any {
    any(&MsgSend {
        from_address: from.to_owned(),
        to_address: to.to_owned(),
        amount: vec![Coin {
            denom: denom.to_owned(),
            amount: amount.to_string(),
        }],
    })
}

/// Calls a contract.
///
/// # Errors
/// `BadInput` if the message is no JSON.
pub fn execute(
    sender: &str,
    contract: &str,
    msg: &impl Serialize,
    funds: &[cosmwasm_std::Coin],
) -> ClientResult<Any> {
    Ok(any(&wasm::MsgExecuteContract {
        sender: sender.to_owned(),
        contract: contract.to_owned(),
        msg: json(msg)?,
        funds: coins(funds),
    }))
}

/// Stores a code, compressed. The chain names the code id in the event `store_code`.
///
/// # Errors
/// `BadInput` if it cannot be compressed.
pub fn store_code(sender: &str, wasm: &[u8]) -> ClientResult<Any> {
    Ok(store_bytes(sender, &compressed(wasm)?))
}

/// Stores a code that is compressed or not, as it is.
pub fn store_bytes(sender: &str, bytes: &[u8]) -> Any {
    any(&wasm::MsgStoreCode {
        sender: sender.to_owned(),
        wasm_byte_code: bytes.to_vec(),
        instantiate_permission: None,
    })
}

/// The same bytes every time: no name and no time in the header.
pub(crate) fn compressed(wasm: &[u8]) -> ClientResult<Vec<u8>> {
    let mut encoder: GzEncoder<Vec<u8>> = GzBuilder::new().write(Vec::new(), Compression::best());
    let written = encoder.write_all(wasm).and_then(|()| encoder.finish());
    written.map_err(|e| ClientError::BadInput(e.to_string()))
}

/// Creates a contract at a predictable address.
///
/// # Errors
/// `BadInput` if the message is no JSON.
pub fn instantiate2(
    sender: &str,
    contract: Instantiate2<'_>,
    msg: &impl Serialize,
    funds: &[cosmwasm_std::Coin],
) -> ClientResult<Any> {
    Ok(any(&wasm::MsgInstantiateContract2 {
        sender: sender.to_owned(),
        admin: contract.admin.to_owned(),
        code_id: contract.code_id,
        label: contract.label.to_owned(),
        msg: json(msg)?,
        funds: coins(funds),
        salt: contract.salt.to_vec(),
        fix_msg: false,
    }))
}

/// Moves a contract to another code; `sender` is its admin.
///
/// # Errors
/// `BadInput` if the message is no JSON.
pub fn migrate(
    sender: &str,
    contract: &str,
    code_id: u64,
    msg: &impl Serialize,
) -> ClientResult<Any> {
    Ok(any(&wasm::MsgMigrateContract {
        sender: sender.to_owned(),
        contract: contract.to_owned(),
        code_id,
        msg: json(msg)?,
    }))
}

/// Gives a contract another admin; `sender` is its admin.
pub fn update_admin(sender: &str, contract: &str, admin: &str) -> Any {
    any(&wasm::MsgUpdateAdmin {
        sender: sender.to_owned(),
        new_admin: admin.to_owned(),
        contract: contract.to_owned(),
    })
}

/// Calls a contract's `sudo`; `authority` is the gov module account.
///
/// # Errors
/// `BadInput` if the message is no JSON.
pub fn sudo(authority: &str, contract: &str, msg: &impl Serialize) -> ClientResult<Any> {
    Ok(any(&wasm::MsgSudoContract {
        authority: authority.to_owned(),
        contract: contract.to_owned(),
        msg: json(msg)?,
    }))
}

/// Keeps codes compiled in memory; `authority` is the gov module account.
pub fn pin(authority: &str, code_ids: &[u64]) -> Any {
    any(&wasm::MsgPinCodes {
        authority: authority.to_owned(),
        code_ids: code_ids.to_vec(),
    })
}

/// The reverse of [`pin`].
pub fn unpin(authority: &str, code_ids: &[u64]) -> Any {
    any(&wasm::MsgUnpinCodes {
        authority: authority.to_owned(),
        code_ids: code_ids.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use cosmrs::proto::prost::Message;
    use serde_json::json;

    use super::*;

    #[test]
    fn funds_are_sorted_by_denom() {
        let funds = [
            cosmwasm_std::Coin::new(5u128, "b"),
            cosmwasm_std::Coin::new(7u128, "a"),
        ];
        let call = execute("s", "c", &json!({"x": {}}), &funds).expect("a message");
        assert_eq!(call.type_url, "/cosmwasm.wasm.v1.MsgExecuteContract");
        let call = wasm::MsgExecuteContract::decode(call.value.as_slice()).expect("decodes");
        assert_eq!(call.msg, br#"{"x":{}}"#);
        let denoms: Vec<_> = call.funds.iter().map(|coin| coin.denom.as_str()).collect();
        assert_eq!(denoms, ["a", "b"]);
        assert_eq!(call.funds[0].amount, "7");
    }

    #[test]
    fn a_code_is_compressed_to_the_same_bytes_every_time() {
        let wasm = vec![7; 10_000];
        let once = compressed(&wasm).expect("compressed");
        assert_eq!(once, compressed(&wasm).expect("compressed"));
        assert!(once.len() < 1_000);
        let mut back = Vec::new();
        let read = flate2::read::GzDecoder::new(once.as_slice()).read_to_end(&mut back);
        read.expect("gzip");
        assert_eq!(back, wasm);
    }
}
