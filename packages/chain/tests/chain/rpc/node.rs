//! A node's RPC over a chain that knows one account and counts its transactions.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use cosmrs::proto::cosmos::auth::v1beta1::{
    BaseAccount, ModuleAccount, QueryAccountResponse, QueryModuleAccountByNameResponse,
};
use cosmrs::proto::cosmos::base::abci::v1beta1::GasInfo;
use cosmrs::proto::cosmos::gov::v1 as gov;
use cosmrs::proto::cosmos::tx::v1beta1::{SimulateRequest, SimulateResponse};
use cosmrs::tx::Tx;
use cosmrs::Any;
use cosmwasm_std::{Binary, HexBinary};
use prost::{Message, Name};
use serde_json::{json, Value};
use sha2::{Digest, Sha256};

pub const CHAIN: &str = "perps-test-1";

/// What happens to the next broadcast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It does not arrive.
    LoseRequest,
    /// It arrives, and nobody hears of it.
    LoseAnswer,
    /// No room.
    MempoolFull,
    /// `CheckTx` refuses it.
    Refuse(u32, &'static str),
    /// It is accepted and fails in its block.
    Fail(u32, &'static str),
    /// It is accepted and never comes into a block.
    Forget,
}

#[derive(Clone, Debug)]
pub struct Executed {
    pub hash: String,
    pub sequence: u64,
    pub fee: u128,
    pub timeout_height: u64,
    code: u32,
    log: &'static str,
    height: u64,
    bytes: Vec<u8>,
}

/// The chain behind the node. A block comes with every question for the status.
#[derive(Debug)]
pub struct Chain {
    pub executed: Vec<Executed>,
    pub faults: Vec<Fault>,
    /// Transactions of the account that only the mempool knows.
    pub hidden: u64,
    /// Gas of every simulation.
    pub gas: u64,
    /// Address of the gov module account.
    pub gov: Option<String>,
    /// What is said of any transaction's hash.
    pub no_tx: Option<&'static str>,
    height: u64,
    sequence: u64,
    broadcast: Vec<String>,
}

impl Chain {
    pub fn broadcast_hashes(&self) -> BTreeSet<&String> {
        self.broadcast.iter().collect()
    }

    /// None: the connection breaks.
    fn answer(&mut self, method: &str, params: &Value) -> Option<Result<Value, String>> {
        match method {
            "status" => {
                self.height += 1;
                Some(Ok(status(self.height)))
            }
            "abci_query" => Some(Ok(self.query(params))),
            "broadcast_tx_sync" => self.broadcast(params),
            "tx" => Some(self.tx(params)),
            _ => Some(Err(format!("method {method} not found"))),
        }
    }

    fn query(&self, params: &Value) -> Value {
        let question = HexBinary::from_hex(params["data"].as_str().expect("data"));
        let answer = match params["path"].as_str().expect("a path") {
            "/cosmos.auth.v1beta1.Query/Account" => Ok(self.account()),
            "/cosmos.auth.v1beta1.Query/ModuleAccountByName" => self.module_account(),
            "/cosmos.gov.v1.Query/Params" => Ok(gov_params()),
            "/cosmos.tx.v1beta1.Service/Simulate" => self.simulate(&question.expect("hex")),
            other => panic!("{other}"),
        };
        let (code, value, log) = match answer {
            Ok(value) => (0, value, String::new()),
            Err((code, log)) => (code, Vec::new(), log),
        };
        json!({"response": {"code": code, "log": log, "info": "", "index": "0", "key": null,
            "value": Binary::from(value).to_base64(), "proofOps": null,
            "height": self.height.to_string(), "codespace": if code == 0 { "" } else { "sdk" }}})
    }

    fn account(&self) -> Vec<u8> {
        let account = BaseAccount {
            account_number: 3,
            sequence: self.sequence,
            ..BaseAccount::default()
        };
        let account = Some(any(&account));
        QueryAccountResponse { account }.encode_to_vec()
    }

    fn module_account(&self) -> Result<Vec<u8>, (u32, String)> {
        let Some(address) = self.gov.clone() else {
            return Err((38, "account gov not found".to_owned()));
        };
        let account = ModuleAccount {
            base_account: Some(BaseAccount {
                address,
                ..BaseAccount::default()
            }),
            name: "gov".to_owned(),
            permissions: vec!["burner".to_owned()],
        };
        let account = Some(any(&account));
        Ok(QueryModuleAccountByNameResponse { account }.encode_to_vec())
    }

    fn simulate(&self, question: &[u8]) -> Result<Vec<u8>, (u32, String)> {
        let question = SimulateRequest::decode(question).expect("a question");
        let tx = Tx::from_bytes(&question.tx_bytes).expect("a transaction");
        let sequence = tx.auth_info.signer_infos[0].sequence;
        self.require_sequence(sequence).map_err(|log| (32, log))?;
        let gas_info = GasInfo {
            gas_wanted: 0,
            gas_used: self.gas,
        };
        let answer = SimulateResponse {
            gas_info: Some(gas_info),
            result: None,
        };
        Ok(answer.encode_to_vec())
    }

    fn require_sequence(&self, sequence: u64) -> Result<(), String> {
        let expected = self.sequence + self.hidden;
        if sequence == expected {
            return Ok(());
        }
        Err(format!(
            "account sequence mismatch, expected {expected}, got {sequence}: incorrect account sequence"
        ))
    }

    fn broadcast(&mut self, params: &Value) -> Option<Result<Value, String>> {
        let fault = (!self.faults.is_empty()).then(|| self.faults.remove(0));
        let bytes = Binary::from_base64(params["tx"].as_str()?).ok()?.to_vec();
        let hash = HexBinary::from(&Sha256::digest(&bytes)[..])
            .to_hex()
            .to_uppercase();
        self.broadcast.push(hash.clone());
        let answer = |code: u32, log: String| {
            Some(Ok(
                json!({"code": code, "data": "", "log": log, "hash": hash,
                "codespace": if code == 0 { "" } else { "sdk" }}),
            ))
        };
        match fault {
            Some(Fault::LoseRequest) => return None,
            Some(Fault::MempoolFull) => return Some(Err("mempool is full".to_owned())),
            Some(Fault::Refuse(code, log)) => return answer(code, log.to_owned()),
            Some(Fault::Forget) => return answer(0, String::new()),
            _ => {}
        }
        if self.executed.iter().any(|tx| tx.hash == hash) {
            return Some(Err("tx already exists in cache".to_owned()));
        }
        let tx = Tx::from_bytes(&bytes).expect("a transaction");
        let sequence = tx.auth_info.signer_infos[0].sequence;
        if let Err(log) = self.require_sequence(sequence) {
            return answer(32, log);
        }
        self.sequence = sequence + 1;
        self.hidden = 0;
        let (code, log) = match fault {
            Some(Fault::Fail(code, log)) => (code, log),
            _ => (0, ""),
        };
        self.executed.push(Executed {
            hash: hash.clone(),
            sequence,
            fee: tx.auth_info.fee.amount[0].amount,
            timeout_height: tx.body.timeout_height.value(),
            code,
            log,
            height: self.height + 2,
            bytes,
        });
        match fault {
            Some(Fault::LoseAnswer) => None,
            _ => answer(0, String::new()),
        }
    }

    fn tx(&self, params: &Value) -> Result<Value, String> {
        if let Some(what) = self.no_tx {
            return Err(what.to_owned());
        }
        let hash = Binary::from_base64(params["hash"].as_str().expect("a hash"));
        let hash = HexBinary::from(hash.expect("base64").to_vec());
        let hash = hash.to_hex().to_uppercase();
        let is_included = |tx: &&Executed| tx.hash == hash && tx.height <= self.height;
        let Some(tx) = self.executed.iter().find(is_included) else {
            return Err(format!("tx ({hash}) not found"));
        };
        Ok(
            json!({"hash": hash, "height": tx.height.to_string(), "index": 0,
            "tx": Binary::from(tx.bytes.clone()).to_base64(),
            "tx_result": {"code": tx.code, "data": null, "log": tx.log, "info": "",
                "gas_wanted": "100000", "gas_used": "50000", "codespace": "wasm",
                "events": [{"type": "transfer", "attributes": [
                    {"key": "amount", "value": "1uusdc", "index": true}]},
                    {"type": "submit_proposal", "attributes": [
                    {"key": "proposal_id", "value": "12", "index": true}]}]}}),
        )
    }
}

fn any<M: Name>(message: &M) -> Any {
    Any {
        type_url: M::type_url(),
        value: message.encode_to_vec(),
    }
}

/// A vote of two days, or of one if it is expedited.
fn gov_params() -> Vec<u8> {
    let mut params = gov::Params::default();
    params.voting_period.get_or_insert_default().seconds = 172_800;
    let expedited = params.expedited_voting_period.get_or_insert_default();
    expedited.seconds = 86_400;
    let params = Some(params);
    #[allow(deprecated)] // Fields of the protobuf that are not used.
    let answer = gov::QueryParamsResponse {
        params,
        ..gov::QueryParamsResponse::default()
    };
    answer.encode_to_vec()
}

fn status(height: u64) -> Value {
    let hash = "0".repeat(64);
    let time = "2026-11-27T12:00:00.000000000Z";
    json!({
        "node_info": {
            "protocol_version": {"p2p": "8", "block": "11", "app": "0"},
            "id": "1".repeat(40), "listen_addr": "tcp://127.0.0.1:26656", "network": CHAIN,
            "version": "0.39.0", "channels": "4020", "moniker": "test",
            "other": {"tx_index": "on", "rpc_address": "tcp://127.0.0.1:26657"}
        },
        "sync_info": {
            "latest_block_hash": hash, "latest_app_hash": hash, "catching_up": false,
            "latest_block_height": height.to_string(), "latest_block_time": time,
            "earliest_block_hash": hash, "earliest_app_hash": hash,
            "earliest_block_height": "1", "earliest_block_time": time
        },
        "validator_info": {
            "address": "2".repeat(40), "voting_power": "1",
            "pub_key": {"type": "tendermint/PubKeyEd25519",
                "value": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="}
        }
    })
}

/// The node, until it is dropped.
pub struct Node {
    chain: Arc<Mutex<Chain>>,
    port: u16,
}

impl Node {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
        let port = listener.local_addr().expect("is bound").port();
        let chain = Arc::new(Mutex::new(Chain {
            executed: Vec::new(),
            faults: Vec::new(),
            hidden: 0,
            gas: 50_000,
            gov: None,
            no_tx: None,
            height: 0,
            sequence: 7,
            broadcast: Vec::new(),
        }));
        let weak = Arc::downgrade(&chain);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // The test is over.
                let Some(chain) = weak.upgrade() else { return };
                // A client may open a connection that it then does not use.
                std::thread::spawn(move || serve(stream, &chain));
            }
        });
        Self { chain, port }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn with<T>(&self, look: impl FnOnce(&mut Chain) -> T) -> T {
        look(&mut self.chain.lock().expect("no panic"))
    }
}

/// One request a connection.
fn serve(mut stream: TcpStream, chain: &Mutex<Chain>) {
    let Some(request) = read(&stream) else { return };
    let method = request["method"].as_str().unwrap_or_default();
    let answer = chain
        .lock()
        .expect("no panic")
        .answer(method, &request["params"]);
    let body = match answer {
        None => return,
        Some(Ok(result)) => json!({"jsonrpc": "2.0", "id": request["id"], "result": result}),
        Some(Err(data)) => json!({"jsonrpc": "2.0", "id": request["id"],
            "error": {"code": -32603, "message": "Internal error", "data": data}}),
    };
    let body = body.to_string();
    // Whoever does not wait for the answer does not need it.
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
}

fn read(stream: &TcpStream) -> Option<Value> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
