//! A client of a Cosmos chain with CosmWasm: one RPC address for queries and transactions.
//!
//! cosmrs does keys, signing, protobuf and the RPC; here is what it leaves to its callers: which
//! failures may be retried, sequences, gas, and that no transaction is ever sent twice.
//!
//! ```no_run
//! use std::path::Path;
//! use perps_chain::client::{msg, Client, GasPrice, Keys, Sender, HD_PATH};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::connect("http://localhost:26657", "perps-local")?;
//! let prefix = client.bech32_prefix()?;
//! let keys = Keys::from_mnemonic_file(Path::new("key.txt"), HD_PATH, &prefix)?;
//! let sender = Sender::new(client, keys, "0.025ustake".parse::<GasPrice>()?);
//! let to = sender.address().to_owned();
//! let done = sender.send(vec![msg::bank_send(&to, &to, 1, "ustake")], "")?;
//! println!("{} in block {} for {} gas", done.hash, done.height, done.gas_used);
//! # Ok(())
//! # }
//! ```

pub mod address;
mod error;
mod gas;
pub mod gov;
mod keys;
pub mod msg;
mod query;
mod sender;
mod tx;
mod url;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cosmrs::proto::prost::Message;
use cosmrs::proto::traits::MessageExt;
use cosmrs::rpc::client::CompatMode;
use cosmrs::rpc::error::ErrorDetail;
use cosmrs::rpc::{Client as _, HttpClient, HttpClientUrl};
use cosmrs::tendermint::block::Height;
use tokio::runtime::Runtime;

use crate::backoff::Backoff;
pub use cosmrs::{AccountId, Any};
pub use error::{ClientError, ClientResult};
pub use gas::GasPrice;
pub use keys::{Keys, HD_PATH};
pub use query::{Account, CodeInfo, ContractInfo, StatePage};
pub use sender::{Announced, Announcer, GasLimit, Sender};
pub use tx::TxOutcome;

/// How patient a client is.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// After which one request is given up.
    pub timeout: Duration,
    /// How often a question is asked before a node counts as unreachable; the pauses between grow
    /// from a quarter of a second to four seconds.
    pub attempts: u32,
}

impl Default for Patience {
    /// Ten seconds a request; about half a minute for a node to come back.
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            attempts: 10,
        }
    }
}

/// A node of one chain. Cheap to clone, may be shared between threads.
#[derive(Clone, Debug)]
pub struct Client {
    node: Arc<Node>,
    height: Option<u64>,
}

#[derive(Debug)]
struct Node {
    runtime: Runtime,
    rpc: HttpClient,
    url: String,
    chain_id: String,
    patience: Patience,
}

/// What a node says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The chain.
    pub chain_id: String,
    /// Its newest block.
    pub height: u64,
    /// Whether the node is still behind the chain.
    pub catching_up: bool,
}

impl Client {
    /// Connects, and makes sure that the node is of this chain.
    ///
    /// # Errors
    /// `NodeUrl`, `Unreachable`, `Refused`, `WrongChain`.
    pub fn connect(url: &str, chain_id: &str) -> ClientResult<Self> {
        Self::connect_with(url, chain_id, Patience::default())
    }

    /// Connects with another patience than the default.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub fn connect_with(url: &str, chain_id: &str, patience: Patience) -> ClientResult<Self> {
        let shown = url::origin(url);
        let no_node = |_| ClientError::NodeUrl(shown.clone());
        let address: HttpClientUrl = url.parse().map_err(no_node)?;
        // Detection of the version knows CometBFT up to 0.38; 0.39 speaks the same dialect.
        let rpc = HttpClient::builder(address)
            .compat_mode(CompatMode::V0_38)
            .timeout(patience.timeout)
            .user_agent(concat!("perps-chain/", env!("CARGO_PKG_VERSION")).to_owned())
            .build()
            .map_err(no_node)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| ClientError::BadInput(format!("no runtime: {e}")))?;
        let client = Self {
            node: Arc::new(Node {
                runtime,
                rpc,
                url: shown,
                chain_id: chain_id.to_owned(),
                patience,
            }),
            height: None,
        };
        let actual = client.status()?.chain_id;
        if actual != chain_id {
            return Err(ClientError::WrongChain {
                expected: chain_id.to_owned(),
                actual,
            });
        }
        Ok(client)
    }

    /// The same client with all queries at one height; the node must still have its state.
    #[must_use]
    pub fn at(&self, height: u64) -> Self {
        Self {
            height: Some(height),
            ..self.clone()
        }
    }

    /// The chain.
    pub fn chain_id(&self) -> &str {
        &self.node.chain_id
    }

    /// What the node says about itself.
    ///
    /// # Errors
    /// `Unreachable`, `Refused`.
    pub fn status(&self) -> ClientResult<Status> {
        let status = self.retry(|| self.rpc(self.node.rpc.status()))?;
        Ok(Status {
            chain_id: status.node_info.network.to_string(),
            height: status.sync_info.latest_block_height.value(),
            catching_up: status.sync_info.catching_up,
        })
    }

    /// The newest block's height.
    ///
    /// # Errors
    /// `Unreachable`, `Refused`.
    pub fn latest_height(&self) -> ClientResult<u64> {
        Ok(self.status()?.height)
    }

    /// Waits until the chain has this height; tells the height it then has.
    ///
    /// # Errors
    /// `Timeout`, and those of [`Client::status`].
    pub fn wait_for_height(&self, height: u64, at_most: Duration) -> ClientResult<u64> {
        let start = Instant::now();
        loop {
            let now = self.latest_height()?;
            if now >= height {
                return Ok(now);
            }
            if start.elapsed() >= at_most {
                let what = format!("height {height}, the chain is at {now}");
                return Err(ClientError::Timeout(what));
            }
            std::thread::sleep(POLL);
        }
    }

    /// Asks a gRPC method through the RPC, again if the node cannot be reached.
    ///
    /// # Errors
    /// `Query` if the chain refuses, `Unreachable`, `Refused`, `BadAnswer`.
    pub fn grpc<Q, A>(&self, path: &str, question: &Q) -> ClientResult<A>
    where
        Q: Message,
        A: Message + Default,
    {
        let bytes = question
            .to_bytes()
            .map_err(|e| ClientError::BadInput(e.to_string()))?;
        let height = match self.height.map(Height::try_from).transpose() {
            Ok(height) => height,
            Err(e) => return Err(ClientError::BadInput(e.to_string())),
        };
        let answer = self.retry(|| {
            let path = Some(path.to_owned());
            self.rpc(self.node.rpc.abci_query(path, bytes.clone(), height, false))
        })?;
        if answer.code.is_err() {
            return Err(ClientError::Query {
                path: path.to_owned(),
                codespace: answer.codespace,
                code: answer.code.value(),
                log: answer.log,
            });
        }
        A::decode(answer.value.as_slice()).map_err(|e| ClientError::BadAnswer {
            what: format!("{path}: {e}"),
        })
    }

    /// Runs one request to its end, once.
    fn rpc<T>(
        &self,
        request: impl Future<Output = Result<T, cosmrs::rpc::Error>>,
    ) -> ClientResult<T> {
        let answer = self.node.runtime.block_on(request);
        answer.map_err(|e| of_rpc(&self.node.url, &e))
    }

    /// Asks a question that may be asked any number of times.
    fn retry<T>(&self, ask: impl Fn() -> ClientResult<T>) -> ClientResult<T> {
        let mut backoff = Backoff::new(Duration::from_millis(250), Duration::from_secs(4));
        for _ in 1..self.node.patience.attempts {
            match ask() {
                Err(error) if error.may_pass() => std::thread::sleep(backoff.failed()),
                done => return done,
            }
        }
        ask()
    }
}

/// Between two looks at the chain.
const POLL: Duration = Duration::from_millis(300);

/// Sorts an error of the RPC: only what a node that comes back can answer is `Unreachable`. No text
/// shows more of a URL than its origin.
fn of_rpc(url: &str, error: &cosmrs::rpc::Error) -> ClientError {
    let url = url.to_owned();
    match error.detail() {
        ErrorDetail::Response(said) => ClientError::Refused {
            url,
            what: said.source.to_string(),
        },
        // The trace has the causes: "error sending request" alone tells nobody what failed.
        ErrorDetail::Http(_) => ClientError::Unreachable {
            url,
            what: url::scrubbed(&format!("{:#}", error.trace())),
        },
        ErrorDetail::HttpRequestFailed(failed)
            if matches!(failed.status.as_u16(), 429 | 502 | 503 | 504) =>
        {
            ClientError::Unreachable {
                url,
                what: url::scrubbed(&failed.to_string()),
            }
        }
        ErrorDetail::Io(_) | ErrorDetail::Timeout(_) => ClientError::Unreachable {
            url,
            what: url::scrubbed(&error.detail().to_string()),
        },
        detail => ClientError::BadAnswer {
            what: format!("{url}: {}", url::scrubbed(&detail.to_string())),
        },
    }
}
