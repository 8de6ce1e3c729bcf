//! Transactions: how they are signed, and what became of them.

use cosmrs::proto::cosmos::tx::v1beta1::{SimulateRequest, SimulateResponse, TxRaw};
use cosmrs::rpc::endpoint::tx::Response;
use cosmrs::rpc::Client as _;
use cosmrs::tendermint::{block, chain, hash, Hash};
use cosmrs::tx::{Body, SignDoc, SignerInfo};
use cosmwasm_std::Event;
use sha2::{Digest, Sha256};

use super::error::{ClientError, ClientResult};
use super::query::Account;
use super::{Any, Client, GasPrice, Keys};

/// A simulation pays for so much gas. Without a fee it leaves out that the fee is collected, and
/// its estimate of a small transaction is a third too low.
const SIMULATED_FEE_GAS: u64 = 200_000;

/// What became of a transaction on the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TxOutcome {
    /// Its hash, 64 hexadecimal digits.
    pub hash: String,
    /// Its block.
    pub height: u64,
    /// Gas that it used.
    pub gas_used: u64,
    /// Gas that it paid for.
    pub gas_wanted: u64,
    /// Its events, in order; those of the ante handler first.
    pub events: Vec<Event>,
    /// 0 if it succeeded.
    pub code: u32,
    /// Whose code it is.
    pub codespace: String,
    /// The chain's words if it failed.
    pub raw_log: String,
}

impl TxOutcome {
    /// The first value of an attribute in events of a type.
    pub fn attribute(&self, event: &str, key: &str) -> Option<&str> {
        let events = self.events.iter().filter(|e| e.ty == event);
        let mut attributes = events.flat_map(|e| &e.attributes);
        let found = attributes.find(|attribute| attribute.key == key)?;
        Some(&found.value)
    }

    /// The same as a number, such as `code_id` of `store_code`.
    ///
    /// # Errors
    /// `BadAnswer`.
    pub fn number(&self, event: &str, key: &str) -> ClientResult<u64> {
        let value = self.attribute(event, key);
        value
            .and_then(|value| value.parse().ok())
            .ok_or_else(|| ClientError::BadAnswer {
                what: format!("{}: no number {key} in an event {event}", self.hash),
            })
    }

    fn of(response: Response) -> ClientResult<Self> {
        let result = response.tx_result;
        let gas = |gas: i64| u64::try_from(gas).unwrap_or_default();
        let mut events = Vec::with_capacity(result.events.len());
        for event in result.events {
            let mut read = Event::new(event.kind);
            for attribute in &event.attributes {
                let key = attribute.key_str();
                let (Ok(key), Ok(value)) = (key, attribute.value_str()) else {
                    return Err(ClientError::BadAnswer {
                        what: format!("{}: an attribute that is no text", response.hash),
                    });
                };
                // `add_attribute` refuses keys that begin with an underscore, as the chain's do.
                read.attributes.push(cosmwasm_std::Attribute {
                    key: key.to_owned(),
                    value: value.to_owned(),
                });
            }
            events.push(read);
        }
        Ok(Self {
            hash: response.hash.to_string(),
            height: response.height.value(),
            gas_used: gas(result.gas_used),
            gas_wanted: gas(result.gas_wanted),
            events,
            code: result.code.value(),
            codespace: result.codespace,
            raw_log: result.log,
        })
    }
}

/// A transaction before it is signed.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub msgs: &'a [Any],
    pub memo: &'a str,
    pub account: Account,
    /// The last height at which it is valid; 0 for ever.
    pub timeout_height: u64,
}

/// A signed transaction.
#[derive(Clone, Debug)]
pub(super) struct Signed {
    pub bytes: Vec<u8>,
    pub hash: Hash,
    pub timeout_height: u64,
}

impl Draft<'_> {
    fn body(&self) -> ClientResult<Body> {
        let height = block::Height::try_from(self.timeout_height);
        let height = height.map_err(|e| ClientError::BadInput(e.to_string()))?;
        Ok(Body {
            messages: self.msgs.to_vec(),
            memo: self.memo.to_owned(),
            timeout_height: height,
            ..Body::default()
        })
    }

    /// Signs for one chain (SIGN_MODE_DIRECT).
    pub fn sign(
        &self,
        keys: &Keys,
        chain_id: &str,
        gas: u64,
        price: &GasPrice,
    ) -> ClientResult<Signed> {
        let bad = |e: String| ClientError::BadInput(e);
        let chain: chain::Id = chain_id
            .parse()
            .map_err(|_| bad(format!("'{chain_id}' is no chain id")))?;
        let fee = price.fee_of(gas, gas);
        let signer = SignerInfo::single_direct(Some(keys.public_key()), self.account.sequence);
        let document = SignDoc::new(
            &self.body()?,
            &signer.auth_info(fee),
            &chain,
            self.account.number,
        );
        let raw = keys.sign(document.map_err(|e| bad(e.to_string()))?)?;
        let bytes = raw.to_bytes().map_err(|e| bad(e.to_string()))?;
        let digest = Sha256::digest(&bytes);
        let hash = Hash::from_bytes(hash::Algorithm::Sha256, &digest);
        Ok(Signed {
            hash: hash.map_err(|e| bad(e.to_string()))?,
            bytes,
            timeout_height: self.timeout_height,
        })
    }

    /// What a simulation takes: everything but the signature.
    fn unsigned(&self, keys: &Keys, price: &GasPrice) -> ClientResult<Vec<u8>> {
        use cosmrs::proto::prost::Message;
        let bad = |e: cosmrs::ErrorReport| ClientError::BadInput(e.to_string());
        let fee = price.fee_of(0, SIMULATED_FEE_GAS);
        let signer = SignerInfo::single_direct(Some(keys.public_key()), self.account.sequence);
        let raw = TxRaw {
            body_bytes: self.body()?.into_bytes().map_err(bad)?,
            auth_info_bytes: signer.auth_info(fee).into_bytes().map_err(bad)?,
            signatures: vec![Vec::new()],
        };
        Ok(raw.encode_to_vec())
    }
}

/// Reads 64 hexadecimal digits.
pub(super) fn parse_hash(text: &str) -> ClientResult<Hash> {
    match text.trim().parse() {
        Ok(hash) if hash != Hash::None => Ok(hash),
        _ => Err(ClientError::BadInput(format!(
            "'{}' is no transaction hash",
            crate::node::shown(text)
        ))),
    }
}

/// CometBFT's words for a transaction that it does not know. A node without this method, or without
/// an index, says something else, and nothing follows from that.
fn is_missing(hash: Hash, what: &str) -> bool {
    what.contains(&format!("tx ({hash}) not found"))
}

impl Client {
    /// What became of a transaction, also of one that failed; none if it is in no block.
    ///
    /// # Errors
    /// `Unreachable`, `Refused`, `BadAnswer`.
    pub fn tx(&self, hash: &str) -> ClientResult<Option<TxOutcome>> {
        let hash = parse_hash(hash)?;
        self.retry(|| self.tx_once(hash))
    }

    pub(super) fn tx_once(&self, hash: Hash) -> ClientResult<Option<TxOutcome>> {
        match self.rpc(self.node.rpc.tx(hash, false)) {
            Ok(response) => TxOutcome::of(response).map(Some),
            Err(ClientError::Refused { what, .. }) if is_missing(hash, &what) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Gas that a transaction would use now.
    pub(super) fn simulate(
        &self,
        draft: &Draft<'_>,
        keys: &Keys,
        price: &GasPrice,
    ) -> ClientResult<u64> {
        #[allow(deprecated)] // A field of the protobuf that is not used.
        let question = SimulateRequest {
            tx: None,
            tx_bytes: draft.unsigned(keys, price)?,
        };
        let path = "/cosmos.tx.v1beta1.Service/Simulate";
        let answer: ClientResult<SimulateResponse> = self.grpc(path, &question);
        let answer = answer.map_err(|error| match error {
            ClientError::Query {
                codespace,
                code,
                log,
                ..
            } => ClientError::Check {
                codespace,
                code,
                log,
            },
            other => other,
        })?;
        let gas = answer.gas_info.map(|info| info.gas_used);
        gas.ok_or_else(|| ClientError::BadAnswer {
            what: format!("{path}: no gas"),
        })
    }
}
