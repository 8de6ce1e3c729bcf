//! Questions about accounts, codes and contracts.

use cosmrs::proto::cosmos::auth::v1beta1::{
    BaseAccount, Bech32PrefixRequest, Bech32PrefixResponse, ModuleAccount, QueryAccountRequest,
    QueryAccountResponse, QueryModuleAccountByNameRequest, QueryModuleAccountByNameResponse,
};
use cosmrs::proto::cosmos::bank::v1beta1::{QueryBalanceRequest, QueryBalanceResponse};
use cosmrs::proto::cosmos::base::query::v1beta1::PageRequest;
use cosmrs::proto::cosmwasm::wasm::v1 as wasm;
use prost::Message;
use serde::de::DeserializeOwned;
use serde::Serialize;

use super::error::{ClientError, ClientResult};
use super::Client;

/// What signing needs to know about an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub number: u64,
    /// How many transactions it has sent.
    pub sequence: u64,
}

/// A stored code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeInfo {
    /// SHA-256 of the wasm.
    pub checksum: Vec<u8>,
    /// Who stored it.
    pub creator: String,
}

/// A contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractInfo {
    /// The code it runs.
    pub code_id: u64,
    /// Who may migrate it; none if nobody but chain governance.
    pub admin: Option<String>,
    /// Its label.
    pub label: String,
    /// Who created it.
    pub creator: String,
}

/// Some of a contract's stored keys and values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatePage {
    /// In the order of the keys.
    pub models: Vec<(Vec<u8>, Vec<u8>)>,
    /// Where the next page begins; none after the last.
    pub next: Option<Vec<u8>>,
}

impl Client {
    /// The prefix of the chain's addresses.
    ///
    /// # Errors
    /// Those of [`Client::grpc`], as with all queries.
    pub fn bech32_prefix(&self) -> ClientResult<String> {
        let path = "/cosmos.auth.v1beta1.Query/Bech32Prefix";
        let answer: Bech32PrefixResponse = self.grpc(path, &Bech32PrefixRequest {})?;
        Ok(answer.bech32_prefix)
    }

    /// Number and sequence of an account. An account that never received anything does not exist.
    ///
    /// # Errors
    /// `Query` if there is none, `BadAnswer` if it is no ordinary account.
    pub fn account(&self, address: &str) -> ClientResult<Account> {
        let question = QueryAccountRequest {
            address: address.to_owned(),
        };
        let path = "/cosmos.auth.v1beta1.Query/Account";
        let answer: QueryAccountResponse = self.grpc(path, &question)?;
        let any = answer.account.unwrap_or_default();
        // Only ordinary accounts sign here; the fields of others do not begin with these.
        if any.type_url != "/cosmos.auth.v1beta1.BaseAccount" {
            return Err(ClientError::BadAnswer {
                what: format!("{address} is a {}", any.type_url),
            });
        }
        let base = BaseAccount::decode(any.value.as_slice());
        let base = base.map_err(|e| ClientError::BadAnswer {
            what: format!("{path}: {e}"),
        })?;
        Ok(Account {
            number: base.account_number,
            sequence: base.sequence,
        })
    }

    /// The account of a module, as the chain says; none if it has no such module.
    ///
    /// # Errors
    /// Those of [`Client::grpc`]; `BadAnswer` if it is another kind of account.
    pub fn module_account(&self, name: &str) -> ClientResult<Option<String>> {
        let path = "/cosmos.auth.v1beta1.Query/ModuleAccountByName";
        let question = QueryModuleAccountByNameRequest {
            name: name.to_owned(),
        };
        let answer: ClientResult<QueryModuleAccountByNameResponse> = self.grpc(path, &question);
        let Some(any) = found(answer)?.and_then(|answer| answer.account) else {
            return Ok(None);
        };
        let nonsense = |what: String| ClientError::BadAnswer {
            what: format!("{path}: {what}"),
        };
        if any.type_url != "/cosmos.auth.v1beta1.ModuleAccount" {
            return Err(nonsense(format!("{name} is a {}", any.type_url)));
        }
        let account = ModuleAccount::decode(any.value.as_slice());
        let account = account.map_err(|e| nonsense(e.to_string()))?;
        let base = account.base_account.filter(|_| account.name == name);
        let base = base.ok_or_else(|| nonsense(format!("no account of {name}")))?;
        Ok(Some(base.address))
    }

    /// What an address has of a denom.
    ///
    /// # Errors
    /// Those of [`Client::grpc`].
    pub fn balance(&self, address: &str, denom: &str) -> ClientResult<u128> {
        let question = QueryBalanceRequest {
            address: address.to_owned(),
            denom: denom.to_owned(),
        };
        let path = "/cosmos.bank.v1beta1.Query/Balance";
        let answer: QueryBalanceResponse = self.grpc(path, &question)?;
        let amount = answer.balance.map(|coin| coin.amount).unwrap_or_default();
        amount.parse().map_err(|_| ClientError::BadAnswer {
            what: format!("{path}: '{amount}' is no amount"),
        })
    }

    /// Asks a contract.
    ///
    /// # Errors
    /// `Query` with the contract's error, `BadAnswer` if the answer is no `T`.
    pub fn query_smart<T: DeserializeOwned>(
        &self,
        contract: &str,
        msg: &impl Serialize,
    ) -> ClientResult<T> {
        let msg = serde_json::to_vec(msg).map_err(|e| ClientError::BadInput(e.to_string()))?;
        let answer = self.query_smart_bytes(contract, msg)?;
        serde_json::from_slice(&answer).map_err(|e| ClientError::BadAnswer {
            what: format!("{contract}: {e}"),
        })
    }

    /// Asks a contract in JSON as it is.
    ///
    /// # Errors
    /// `Query` with the contract's error.
    pub fn query_smart_bytes(&self, contract: &str, msg: Vec<u8>) -> ClientResult<Vec<u8>> {
        let question = wasm::QuerySmartContractStateRequest {
            address: contract.to_owned(),
            query_data: msg,
        };
        let path = "/cosmwasm.wasm.v1.Query/SmartContractState";
        let answer: wasm::QuerySmartContractStateResponse = self.grpc(path, &question)?;
        Ok(answer.data)
    }

    /// The value that a contract stores under a key; empty if there is none.
    ///
    /// # Errors
    /// Those of [`Client::grpc`].
    pub fn query_raw(&self, contract: &str, key: &[u8]) -> ClientResult<Vec<u8>> {
        let question = wasm::QueryRawContractStateRequest {
            address: contract.to_owned(),
            query_data: key.to_vec(),
        };
        let path = "/cosmwasm.wasm.v1.Query/RawContractState";
        let answer: wasm::QueryRawContractStateResponse = self.grpc(path, &question)?;
        Ok(answer.data)
    }

    /// A page of all that a contract stores, from `start` on ([`StatePage::next`]). Use
    /// [`Client::at`], so that all pages are of one height.
    ///
    /// # Errors
    /// Those of [`Client::grpc`].
    pub fn contract_state(
        &self,
        contract: &str,
        start: Option<Vec<u8>>,
        limit: u64,
    ) -> ClientResult<StatePage> {
        let question = wasm::QueryAllContractStateRequest {
            address: contract.to_owned(),
            pagination: Some(PageRequest {
                key: start.unwrap_or_default(),
                limit,
                ..PageRequest::default()
            }),
        };
        let path = "/cosmwasm.wasm.v1.Query/AllContractState";
        let answer: wasm::QueryAllContractStateResponse = self.grpc(path, &question)?;
        let next = answer.pagination.map(|page| page.next_key);
        Ok(StatePage {
            models: answer
                .models
                .into_iter()
                .map(|model| (model.key, model.value))
                .collect(),
            next: next.filter(|key| !key.is_empty()),
        })
    }

    /// A stored code, without its wasm; none if there is no such code.
    ///
    /// # Errors
    /// Those of [`Client::grpc`].
    pub fn code_info(&self, code_id: u64) -> ClientResult<Option<CodeInfo>> {
        // `Query/Code` would send the whole wasm.
        let path = "/cosmwasm.wasm.v1.Query/CodeInfo";
        let answer: ClientResult<CodeInfoAnswer> = self.grpc(path, &CodeInfoQuestion { code_id });
        Ok(found(answer)?.map(|info| CodeInfo {
            checksum: info.checksum,
            creator: info.creator,
        }))
    }

    /// The newest code with this checksum that `creator` stored.
    ///
    /// # Errors
    /// Those of [`Client::grpc`].
    pub fn find_code(&self, checksum: &[u8], creator: &str) -> ClientResult<Option<u64>> {
        let path = "/cosmwasm.wasm.v1.Query/Codes";
        let mut key = Vec::new();
        loop {
            let question = wasm::QueryCodesRequest {
                pagination: Some(PageRequest {
                    key,
                    limit: 100,
                    reverse: true,
                    ..PageRequest::default()
                }),
            };
            let answer: wasm::QueryCodesResponse = self.grpc(path, &question)?;
            let mut codes = answer.code_infos.iter();
            let found = codes.find(|code| code.data_hash == checksum && code.creator == creator);
            if let Some(code) = found {
                return Ok(Some(code.code_id));
            }
            key = answer
                .pagination
                .map(|page| page.next_key)
                .unwrap_or_default();
            if key.is_empty() {
                return Ok(None);
            }
        }
    }

    /// A contract; none if there is none at this address.
    ///
    /// # Errors
    /// Those of [`Client::grpc`].
    pub fn contract_info(&self, contract: &str) -> ClientResult<Option<ContractInfo>> {
        let question = wasm::QueryContractInfoRequest {
            address: contract.to_owned(),
        };
        let path = "/cosmwasm.wasm.v1.Query/ContractInfo";
        let answer: ClientResult<wasm::QueryContractInfoResponse> = self.grpc(path, &question);
        let info = found(answer)?.and_then(|answer| answer.contract_info);
        Ok(info.map(|info| ContractInfo {
            code_id: info.code_id,
            admin: Some(info.admin).filter(|admin| !admin.is_empty()),
            label: info.label,
            creator: info.creator,
        }))
    }

    /// The codes that stay compiled in memory, of the first thousand.
    ///
    /// # Errors
    /// Those of [`Client::grpc`].
    pub fn pinned_codes(&self) -> ClientResult<Vec<u64>> {
        let question = wasm::QueryPinnedCodesRequest {
            pagination: Some(PageRequest {
                limit: 1_000,
                ..PageRequest::default()
            }),
        };
        let path = "/cosmwasm.wasm.v1.Query/PinnedCodes";
        let answer: wasm::QueryPinnedCodesResponse = self.grpc(path, &question)?;
        Ok(answer.code_ids)
    }
}

/// `QueryCodeInfoRequest` of wasmd, younger than the protobufs of cosmrs.
#[derive(Clone, PartialEq, Message)]
struct CodeInfoQuestion {
    #[prost(uint64, tag = "1")]
    code_id: u64,
}

/// `QueryCodeInfoResponse`; the permission is not read.
#[derive(Clone, PartialEq, Message)]
struct CodeInfoAnswer {
    #[prost(uint64, tag = "1")]
    code_id: u64,
    #[prost(string, tag = "2")]
    creator: String,
    #[prost(bytes = "vec", tag = "3")]
    checksum: Vec<u8>,
}

/// None for "there is no such thing".
fn found<T>(answer: ClientResult<T>) -> ClientResult<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(ClientError::Query {
            codespace,
            code,
            log,
            ..
        }) if is_missing(&codespace, code, &log) => Ok(None),
        Err(error) => Err(error),
    }
}

/// wasmd has codes for `no such contract` and `no such code`, but its queries pass through gRPC,
/// which makes `unknown request` of them (code 6 of the SDK) and leaves the text.
fn is_missing(codespace: &str, code: u32, log: &str) -> bool {
    match (codespace, code) {
        ("wasm", 22 | 28) | ("sdk", 30 | 38) => true,
        ("sdk", 6) => log.contains("no such contract") || log.contains("no such code"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_told_from_what_failed() {
        let answer = |codespace: &str, code, log: &str| {
            let error = ClientError::Query {
                path: "p".to_owned(),
                codespace: codespace.to_owned(),
                code,
                log: log.to_owned(),
            };
            found::<()>(Err(error)).is_ok_and(|none| none.is_none())
        };
        // As wasmd 0.70 answers.
        assert!(answer(
            "sdk",
            6,
            "address wasm1x: no such contract: unknown request"
        ));
        assert!(answer("sdk", 6, "code id 9: no such code: unknown request"));
        assert!(answer("wasm", 22, "no such contract"));
        assert!(!answer("sdk", 6, "unknown query path: unknown request"));
        assert!(!answer(
            "wasm",
            9,
            "no such contract: query wasm contract failed"
        ));
        assert_eq!(found(Ok(7)).expect("an answer"), Some(7));
    }
}
