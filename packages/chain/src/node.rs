//! A node's REST interface: smart queries at one height, blocks, transactions.

use std::io::Read;
use std::time::Duration;

use perps_cli::verify::{Block, Querier, QueryError};
use serde_json::Value;
use thiserror::Error;
use ureq::http::Uri;
use ureq::Agent;

use crate::backoff::Backoff;

/// Heights at which state is answered.
const HEIGHT: &str = "x-cosmos-block-height";
/// The same in an answer.
const HEIGHT_OF_ANSWER: &str = "grpc-metadata-x-cosmos-block-height";
/// Most bytes of an answer: a page of a thousand accounts is below one megabyte.
const MOST_BYTES: u64 = 32 << 20;
/// Heights beyond this are no chain's.
const MOST_HEIGHT: u64 = 1 << 53;

/// A question that a node did not answer.
#[derive(Debug, Error)]
pub enum NodeError {
    /// No address of a node.
    #[error("'{0}' is no node: expected http:// or https:// and a host")]
    Url(String),
    /// No address of a contract.
    #[error("'{0}' is no contract address")]
    Contract(String),
    /// No hash of a transaction.
    #[error("'{0}' is no transaction hash: expected 64 hexadecimal digits")]
    Hash(String),
    /// The node cannot be reached, or not in time.
    #[error("{url}: {error}")]
    Unreachable {
        /// What was asked.
        url: String,
        /// What went wrong.
        error: ureq::Error,
    },
    /// The node refuses.
    #[error("{url}: HTTP {status}: {message}")]
    Status {
        /// What was asked.
        url: String,
        /// Its answer.
        status: u16,
        /// In its words.
        message: String,
    },
    /// The answer is no answer to the question.
    #[error("{url}: the node answers nonsense: {what}")]
    Nonsense {
        /// What was asked.
        url: String,
        /// What is wrong with it.
        what: String,
    },
    /// The transaction failed.
    #[error("transaction {hash} failed with code {code}: it changed nothing")]
    Failed {
        /// The transaction.
        hash: String,
        /// Its code.
        code: i64,
    },
}

impl NodeError {
    /// Whether the same question may be answered later.
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            // A gateway in trouble. A contract's own refusal is 400 or 500 with a code.
            Self::Status { status, .. } => matches!(*status, 429 | 502 | 503 | 504),
            _ => false,
        }
    }
}

/// A node.
#[derive(Clone, Debug)]
pub struct Node {
    agent: Agent,
    url: String,
    attempts: u32,
}

impl Node {
    /// A node at an address; every request ends after `timeout`.
    ///
    /// # Errors
    /// `Url`.
    pub fn new(url: &str, timeout: Duration) -> Result<Self, NodeError> {
        let parsed: Option<Uri> = url.parse().ok();
        let is_node = parsed.is_some_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.host().is_some_and(|host| !host.is_empty())
                && uri.query().is_none()
        });
        if !is_node {
            return Err(NodeError::Url(shown(url)));
        }
        Ok(Self {
            agent: agent(timeout),
            url: url.trim_end_matches('/').to_owned(),
            attempts: 1,
        })
    }

    /// Asks so many times, with growing pauses, what may be answered later.
    #[must_use]
    pub fn attempts(self, attempts: u32) -> Self {
        Self { attempts, ..self }
    }

    /// The newest block.
    ///
    /// # Errors
    /// [`NodeError`].
    pub fn latest(&self) -> Result<Block, NodeError> {
        self.block_of("latest")
    }

    /// A block.
    ///
    /// # Errors
    /// [`NodeError`].
    pub fn block(&self, height: u64) -> Result<Block, NodeError> {
        let block = self.block_of(&height.to_string())?;
        if block.height == height {
            return Ok(block);
        }
        let url = format!("{}/.../blocks/{height}", self.url);
        let what = format!("block {} instead", block.height);
        Err(NodeError::Nonsense { url, what })
    }

    fn block_of(&self, which: &str) -> Result<Block, NodeError> {
        let path = format!("/cosmos/base/tendermint/v1beta1/blocks/{which}");
        let answer = self.get(&path, None)?;
        let text = |key: &str| answer.pointer(&format!("/block/header/{key}"))?.as_str();
        let height = text("height").and_then(|height| height.parse::<u64>().ok());
        let time = text("time").and_then(perps_cli::verify::seconds);
        match (height, time) {
            (Some(height @ 1..=MOST_HEIGHT), Some(time)) => Ok(Block { height, time }),
            _ => Err(self.nonsense(&path, "no block with a height and a time")),
        }
    }

    /// The state at a block.
    pub const fn at(&self, block: Block) -> Snapshot<'_> {
        Snapshot { node: self, block }
    }

    /// A transaction that succeeded, as the node answers it.
    ///
    /// # Errors
    /// [`NodeError`].
    pub fn transaction(&self, hash: &str) -> Result<Value, NodeError> {
        let hash = hash.trim().to_ascii_uppercase();
        if hash.len() != 64 || !hash.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(NodeError::Hash(shown(&hash)));
        }
        let path = format!("/cosmos/tx/v1beta1/txs/{hash}");
        let answer = self.get(&path, None)?;
        match answer.pointer("/tx_response/code").and_then(Value::as_i64) {
            Some(0) => Ok(answer),
            Some(code) => Err(NodeError::Failed { hash, code }),
            None => Err(self.nonsense(&path, "no `tx_response` with a code")),
        }
    }

    fn nonsense(&self, path: &str, what: &str) -> NodeError {
        NodeError::Nonsense {
            url: format!("{}{path}", self.url),
            what: what.to_owned(),
        }
    }

    /// Asks, again if that may help.
    fn get(&self, path: &str, height: Option<u64>) -> Result<Value, NodeError> {
        let mut backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(8));
        for _ in 1..self.attempts {
            match self.get_once(path, height) {
                Err(error) if error.may_pass() => std::thread::sleep(backoff.failed()),
                done => return done,
            }
        }
        self.get_once(path, height)
    }

    fn get_once(&self, path: &str, height: Option<u64>) -> Result<Value, NodeError> {
        let url = format!("{}{path}", self.url);
        let mut request = self.agent.get(&url);
        if let Some(height) = height {
            request = request.header(HEIGHT, height.to_string());
        }
        let unreachable = |error| NodeError::Unreachable {
            url: shown(&url),
            error,
        };
        let mut response = request.call().map_err(unreachable)?;
        let status = response.status().as_u16();
        let answered = response.headers().get(HEIGHT_OF_ANSWER);
        let answered = answered.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        let mut body = Vec::new();
        let reader = response.body_mut().as_reader().take(MOST_BYTES + 1);
        read_all(reader, &mut body).map_err(|e| unreachable(ureq::Error::Io(e)))?;
        let nonsense = |what: String| NodeError::Nonsense {
            url: shown(&url),
            what,
        };
        if body.len() as u64 > MOST_BYTES {
            return Err(nonsense(format!("more than {MOST_BYTES} bytes")));
        }
        let answer = serde_json::from_slice::<Value>(&body);
        if status != 200 {
            let said = answer
                .ok()
                .and_then(|a| Some(a.get("message")?.as_str()?.to_owned()));
            return Err(NodeError::Status {
                url: shown(&url),
                status,
                message: shown(&said.unwrap_or_default()),
            });
        }
        if height.is_some() && answered.is_some() && answered != height {
            return Err(nonsense(format!("state of height {answered:?}")));
        }
        answer.map_err(|e| nonsense(format!("no JSON: {e}")))
    }
}

fn read_all(mut reader: impl Read, body: &mut Vec<u8>) -> std::io::Result<usize> {
    reader.read_to_end(body)
}

/// An agent that answers an HTTP error as what it is, follows few redirects, and waits for nothing
/// longer than it is told.
pub fn agent(timeout: Duration) -> Agent {
    Agent::config_builder()
        .timeout_global(Some(timeout))
        .http_status_as_error(false)
        .max_redirects(3)
        .user_agent(concat!("perps-chain/", env!("CARGO_PKG_VERSION")))
        .build()
        .into()
}

/// Short and without control characters: it may come from anybody.
pub(crate) fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

/// A node's state at one block.
#[derive(Clone, Copy, Debug)]
pub struct Snapshot<'a> {
    node: &'a Node,
    block: Block,
}

impl Snapshot<'_> {
    fn ask_contract(&self, contract: &str, msg: &[u8]) -> Result<Vec<u8>, NodeError> {
        if contract.is_empty() || !contract.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(NodeError::Contract(shown(contract)));
        }
        // The alphabet of base64 that needs no escapes in a path.
        let query = cosmwasm_std::Binary::from(msg).to_base64();
        let query = query.replace('+', "-").replace('/', "_");
        let path = format!("/cosmwasm/wasm/v1/contract/{contract}/smart/{query}");
        let mut answer = self.node.get(&path, Some(self.block.height))?;
        match answer.get_mut("data").map(Value::take) {
            Some(data) => Ok(data.to_string().into_bytes()),
            None => Err(self.node.nonsense(&path, "no `data`")),
        }
    }
}

impl Querier for Snapshot<'_> {
    fn smart(&self, contract: &str, msg: &[u8]) -> Result<Vec<u8>, QueryError> {
        let answer = self.ask_contract(contract, msg);
        answer.map_err(|e| QueryError(e.to_string()))
    }

    fn block(&self) -> Result<Block, QueryError> {
        Ok(self.block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_nodes_are_taken() {
        let node = |url: &str| Node::new(url, Duration::from_secs(1));
        for good in ["http://localhost:1317", "https://node.example/rest/"] {
            assert!(node(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "localhost",
            "ftp://node",
            "http://",
            "https://node?x=1",
            "file:///etc",
        ] {
            assert!(matches!(node(bad), Err(NodeError::Url(_))), "{bad}");
        }
    }

    #[test]
    fn addresses_and_hashes_go_into_no_path_unchecked() {
        let node = Node::new("http://localhost:9", Duration::from_secs(1)).expect("a node");
        let snapshot = node.at(Block { height: 1, time: 1 });
        for bad in ["", "../x", "a/b", "a b", "a%2f"] {
            let error = snapshot.ask_contract(bad, b"{}").expect_err("refused");
            assert!(matches!(error, NodeError::Contract(_)), "{error}");
        }
        for bad in ["", "abc", &"g".repeat(64)] {
            let error = node.transaction(bad).expect_err("refused");
            assert!(matches!(error, NodeError::Hash(_)), "{error}");
        }
    }
}
