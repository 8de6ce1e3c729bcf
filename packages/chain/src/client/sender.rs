//! Sends transactions of one account, none of them twice.

use std::time::{Duration, Instant};

use cosmrs::rpc::endpoint::broadcast::tx_sync::Response;
use cosmrs::rpc::Client as _;
use cosmrs::tendermint::Hash;
use cosmwasm_std::{Decimal, Uint128};

use super::error::{ClientError, ClientResult};
use super::tx::{parse_hash, Draft, Signed, TxOutcome};
use super::{Account, Any, Client, GasPrice, Keys, POLL};
use crate::backoff::Backoff;

/// How often a transaction is signed again because others of the account came before it.
const SEQUENCE_ATTEMPTS: u32 = 5;
/// Most gas that a simulation may make us pay for; storing the largest contract takes a tenth.
const MOST_SIMULATED: u64 = 100_000_000;
/// Blocks by which a node's index of transactions may be behind its newest block.
const INDEX_LAG: u64 = 2;

/// How much gas a transaction may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GasLimit {
    /// What a simulation used, times this; above 100 million the transaction is not sent.
    Simulated(Decimal),
    /// So much, without a simulation: what the chain refuses then costs a fee.
    Fixed(u64),
}

/// A signed transaction that is about to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announced {
    /// Its hash, 64 hexadecimal digits.
    pub hash: String,
    /// The last height at which it is valid.
    pub until_height: u64,
}

/// Is told of a transaction before it is sent; an error stops it.
pub type Announcer<'a> = &'a mut dyn FnMut(&Announced) -> ClientResult<()>;

/// A transaction before its account is asked for.
#[derive(Clone, Copy, Debug)]
struct Order<'a> {
    msgs: &'a [Any],
    memo: &'a str,
    gas: GasLimit,
}

/// Sends transactions of one account.
#[derive(Debug)]
pub struct Sender {
    /// The chain.
    pub client: Client,
    /// What gas costs.
    pub gas_price: GasPrice,
    /// How much gas a transaction may use, unless told otherwise.
    pub gas: GasLimit,
    /// For how many blocks a transaction is valid.
    pub valid_blocks: u64,
    /// How long it is waited for.
    pub at_most: Duration,
    keys: Keys,
}

impl Sender {
    /// Gas simulated with 30 % on top, transactions valid for 60 blocks, five minutes of waiting.
    pub fn new(client: Client, keys: Keys, gas_price: GasPrice) -> Self {
        Self {
            client,
            gas_price,
            gas: GasLimit::Simulated(Decimal::percent(130)),
            valid_blocks: 60,
            at_most: Duration::from_secs(300),
            keys,
        }
    }

    /// The account.
    pub fn address(&self) -> &str {
        self.keys.address().as_ref()
    }

    /// The account's key.
    pub const fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Sends messages in one transaction and waits until it is in a block.
    ///
    /// # Errors
    /// `Check` if it is refused before it is on the chain, `Failed` if it is there and failed,
    /// `Expired` if it never will be there, `Unknown` if nobody can tell, `GasTooHigh` for a simulation
    /// beyond belief; and those of queries.
    pub fn send(&self, msgs: Vec<Any>, memo: &str) -> ClientResult<TxOutcome> {
        self.send_with_gas(msgs, memo, self.gas)
    }

    /// The same with another gas limit.
    ///
    /// # Errors
    /// As [`Sender::send`].
    pub fn send_with_gas(
        &self,
        msgs: Vec<Any>,
        memo: &str,
        gas: GasLimit,
    ) -> ClientResult<TxOutcome> {
        let order = Order {
            msgs: &msgs,
            memo,
            gas,
        };
        self.send_order(order, &mut |_| Ok(()))
    }

    /// [`Sender::send_with_gas`] that tells the hash beforehand: whoever writes it down can find out
    /// after a crash whether the work was done ([`Client::settle`]). Told again, with another hash, if
    /// the chain refused the first for its sequence.
    ///
    /// # Errors
    /// As [`Sender::send`], and those of `announce`.
    pub fn send_announced(
        &self,
        msgs: Vec<Any>,
        memo: &str,
        gas: GasLimit,
        announce: Announcer<'_>,
    ) -> ClientResult<TxOutcome> {
        let order = Order {
            msgs: &msgs,
            memo,
            gas,
        };
        self.send_order(order, announce)
    }

    fn send_order(&self, order: Order<'_>, announce: Announcer<'_>) -> ClientResult<TxOutcome> {
        let mut expected = None;
        for _ in 1..SEQUENCE_ATTEMPTS {
            match self.send_once(order, expected, announce) {
                // Refused before anything was executed, so the work was not done.
                Err(error) if error.expected_sequence().is_some() => {
                    expected = error.expected_sequence();
                }
                done => return done,
            }
        }
        self.send_once(order, expected, announce)
    }

    /// Gas that a transaction would use now, also while others of the account wait in the mempool.
    ///
    /// # Errors
    /// `Check` with what refuses it; and those of queries.
    pub fn simulate(&self, msgs: &[Any]) -> ClientResult<u64> {
        let mut draft = Draft {
            msgs,
            memo: "",
            account: self.client.account(self.address())?,
            timeout_height: 0,
        };
        let simulate = |draft: &Draft<'_>| self.client.simulate(draft, &self.keys, &self.gas_price);
        match simulate(&draft) {
            Err(error) => match error.expected_sequence() {
                Some(sequence) => {
                    draft.account.sequence = sequence;
                    simulate(&draft)
                }
                None => Err(error),
            },
            used => used,
        }
    }

    fn send_once(
        &self,
        order: Order<'_>,
        expected: Option<u64>,
        announce: Announcer<'_>,
    ) -> ClientResult<TxOutcome> {
        let account = self.client.account(self.address())?;
        let account = Account {
            sequence: expected.unwrap_or(account.sequence),
            ..account
        };
        let draft = Draft {
            msgs: order.msgs,
            memo: order.memo,
            account,
            timeout_height: self.client.latest_height()? + self.valid_blocks,
        };
        let gas = match order.gas {
            GasLimit::Fixed(gas) => gas,
            GasLimit::Simulated(factor) => {
                let used = self.client.simulate(&draft, &self.keys, &self.gas_price)?;
                simulated_limit(used, factor)?
            }
        };
        let signed = draft.sign(&self.keys, self.client.chain_id(), gas, &self.gas_price)?;
        announce(&Announced {
            hash: signed.hash.to_string(),
            until_height: signed.timeout_height,
        })?;
        let outcome = self.client.deliver(&signed, self.at_most)?;
        if outcome.code == 0 {
            Ok(outcome)
        } else {
            Err(ClientError::Failed(Box::new(outcome)))
        }
    }
}

impl Client {
    /// Broadcasts a signed transaction and waits for it. Only ever these bytes: whatever arrives
    /// more than once is executed once.
    fn deliver(&self, signed: &Signed, at_most: Duration) -> ClientResult<TxOutcome> {
        let start = Instant::now();
        let mut backoff = Backoff::new(Duration::from_millis(250), Duration::from_secs(4));
        let mut is_first = true;
        loop {
            match self.broadcast(signed) {
                Ok(()) => break,
                Err(ClientError::Unreachable { what, .. }) => {
                    if let Ok(Some(outcome)) = self.tx_once(signed.hash) {
                        return Ok(outcome);
                    }
                    if start.elapsed() >= at_most {
                        return Err(unknown(signed.hash, signed.timeout_height, what));
                    }
                    is_first = false;
                    std::thread::sleep(backoff.failed());
                }
                // An earlier try may have arrived, and then its sequence is used up, or what it was
                // to do is done: whatever refuses this try says nothing about that one.
                Err(ClientError::Check { .. }) if !is_first => break,
                Err(error) => return Err(error),
            }
        }
        self.inclusion(signed.hash, signed.timeout_height, start + at_most)
    }

    /// Waits until a transaction that may have been sent is in a block, also as one that failed, or
    /// never will be (none).
    ///
    /// # Errors
    /// `Unknown` if nobody can tell in time; `BadInput` for what is no hash.
    pub fn settle(
        &self,
        hash: &str,
        until_height: u64,
        at_most: Duration,
    ) -> ClientResult<Option<TxOutcome>> {
        let hash = parse_hash(hash)?;
        match self.inclusion(hash, until_height, Instant::now() + at_most) {
            Ok(outcome) => Ok(Some(outcome)),
            Err(ClientError::Expired { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// `Ok` if a node has the transaction in its mempool.
    fn broadcast(&self, signed: &Signed) -> ClientResult<()> {
        let request = self.node.rpc.broadcast_tx_sync(signed.bytes.clone());
        match self.rpc(request) {
            Ok(response) => accepted(response),
            Err(ClientError::Refused { what, .. }) if what.contains("tx already exists") => Ok(()),
            // Room comes with the next block.
            Err(ClientError::Refused { url, what }) if what.contains("mempool is full") => {
                Err(ClientError::Unreachable { url, what })
            }
            Err(error) => Err(error),
        }
    }

    /// Looks for a transaction until it is in a block or never will be.
    fn inclusion(&self, hash: Hash, until: u64, deadline: Instant) -> ClientResult<TxOutcome> {
        loop {
            // Before the look: what is not there afterwards is in none of these blocks.
            let height = self.latest_height();
            let silent = match (self.tx_once(hash), height) {
                (Ok(Some(outcome)), _) => return Ok(outcome),
                (Ok(None), Ok(height)) if height > until + INDEX_LAG => {
                    return Err(ClientError::Expired {
                        hash: hash.to_string(),
                        height: until,
                    });
                }
                (Ok(None), Ok(_)) => "not in a block yet".to_owned(),
                (Err(error), _) | (_, Err(error)) if error.may_pass() => error.to_string(),
                (Err(error), _) | (_, Err(error)) => return Err(error),
            };
            if Instant::now() >= deadline {
                return Err(unknown(hash, until, silent));
            }
            std::thread::sleep(POLL);
        }
    }
}

/// A factor too large for numbers is above the cap anyway.
fn simulated_limit(used: u64, factor: Decimal) -> ClientResult<u64> {
    let limit = Uint128::from(used).checked_mul_ceil(factor);
    let gas = limit.map_or(u64::MAX, |l| u64::try_from(l.u128()).unwrap_or(u64::MAX));
    if gas <= MOST_SIMULATED {
        return Ok(gas);
    }
    Err(ClientError::GasTooHigh {
        gas,
        most: MOST_SIMULATED,
    })
}

fn unknown(hash: Hash, height: u64, what: String) -> ClientError {
    ClientError::Unknown {
        hash: hash.to_string(),
        height,
        what,
    }
}

/// Code 19 of the SDK: the mempool has it already.
fn accepted(response: Response) -> ClientResult<()> {
    let code = response.code.value();
    if code == 0 || (response.codespace == "sdk" && code == 19) {
        return Ok(());
    }
    Err(ClientError::Check {
        codespace: response.codespace,
        code,
        log: response.log,
    })
}
