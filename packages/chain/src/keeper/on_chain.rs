//! A node as what a keeper reads from and sends to.

use std::time::Duration;

use cosmrs::proto::cosmos::base::tendermint::v1beta1::{
    GetLatestBlockRequest, GetLatestBlockResponse,
};
use cosmwasm_std::{Decimal, Uint128};
use perps_cli::verify::{Block, Querier, QueryError};

use super::executor::{Announce, Executor};
use super::fate::{of_outcome, of_sending, of_simulation, Fate, Reason, Ticket};
use super::work::{Contracts, Work};
use crate::client::{msg, Announced, Any, Client, ClientError, ClientResult, GasLimit, Sender};

/// A node that is this much behind its own newest block has no transaction to come.
const INDEX_LAG: u64 = 2;

/// The ante handler's part of gas, which a simulation sees only in part.
const ANTE_GAS: u64 = 30_000;

/// The newest state of a node.
#[derive(Clone, Debug)]
pub struct Newest(pub Client);

impl Querier for Newest {
    fn smart(&self, contract: &str, msg: &[u8]) -> Result<Vec<u8>, QueryError> {
        let answer = self.0.query_smart_bytes(contract, msg.to_vec());
        answer.map_err(|e| QueryError(e.to_string()))
    }

    fn block(&self) -> Result<Block, QueryError> {
        let path = "/cosmos.base.tendermint.v1beta1.Service/GetLatestBlock";
        let answer: ClientResult<GetLatestBlockResponse> =
            self.0.grpc(path, &GetLatestBlockRequest {});
        let answer = answer.map_err(|e| QueryError(e.to_string()))?;
        let header = answer.sdk_block.and_then(|block| block.header);
        let block = header.and_then(|header| {
            let height = u64::try_from(header.height).ok()?;
            let time = u64::try_from(header.time?.seconds).ok()?;
            Some(Block { height, time })
        });
        block.ok_or_else(|| QueryError("bad_answer: a block without a header".to_owned()))
    }
}

/// How transactions are sent.
#[derive(Clone, Copy, Debug)]
pub struct Sending {
    /// Most gas of one transaction.
    pub max_gas: u64,
    /// For how many blocks a transaction is valid.
    pub valid_blocks: u64,
    /// How long one is waited for.
    pub wait: Duration,
}

impl Default for Sending {
    /// A third of what most chains let a block have.
    fn default() -> Self {
        Self {
            max_gas: 30_000_000,
            valid_blocks: 20,
            wait: Duration::from_secs(60),
        }
    }
}

/// Sends through a node.
#[derive(Debug)]
pub struct OnChain {
    sender: Sender,
    contracts: Contracts,
    sending: Sending,
}

impl OnChain {
    /// Sends with this key.
    pub fn new(mut sender: Sender, contracts: Contracts, sending: Sending) -> Self {
        sender.valid_blocks = sending.valid_blocks;
        sender.at_most = sending.wait;
        Self {
            sender,
            contracts,
            sending,
        }
    }

    fn message(&self, work: &Work) -> Result<Any, Fate> {
        let refused = |what: String| Fate::Failed {
            reason: Reason::Refused,
            what,
            included: None,
        };
        let message = work.message().map_err(|e| refused(e.to_string()))?;
        let contract = self.contracts.of(work.contract());
        let any = msg::execute(self.sender.address(), contract, &message, &[]);
        any.map_err(|e| refused(e.to_string()))
    }

    /// Gas that a message may have: what it would use now, and a third on top. A simulation that
    /// fails costs nothing: somebody may have been faster.
    fn gas(&self, message: &Any) -> Result<u64, Fate> {
        let simulated = self.sender.simulate(std::slice::from_ref(message));
        let used = simulated.map_err(|e| of_simulation(&e))?;
        let with_ante = Uint128::from(used.saturating_add(ANTE_GAS));
        let gas = u64::try_from(with_ante.mul_ceil(Decimal::percent(133)).u128());
        let gas = gas.unwrap_or(u64::MAX);
        if gas <= self.sending.max_gas {
            return Ok(gas);
        }
        let most = self.sending.max_gas;
        Err(Fate::Failed {
            reason: Reason::OutOfGas,
            what: format!("out_of_gas: it needs {gas}, at most {most} is spent"),
            included: None,
        })
    }

    fn try_send(&self, work: &Work, announce: Announce<'_>) -> Result<Fate, Fate> {
        let message = self.message(work)?;
        let gas = GasLimit::Fixed(self.gas(&message)?);
        let mut tell = |announced: &Announced| {
            let ticket = Ticket {
                hash: Some(announced.hash.clone()),
                until: Some(announced.until_height),
            };
            announce(&ticket).map_err(ClientError::BadInput)
        };
        let sent = self
            .sender
            .send_announced(vec![message], "", gas, &mut tell);
        Ok(match sent {
            Ok(outcome) => of_outcome(&outcome),
            Err(error) => of_sending(&error),
        })
    }

    /// What it would use, without sending it.
    fn simulate(&self, work: &Work) -> Result<u64, Fate> {
        self.gas(&self.message(work)?)
    }
}

impl Executor for OnChain {
    fn send(&mut self, work: &Work, announce: Announce<'_>) -> Fate {
        self.try_send(work, announce).unwrap_or_else(|fate| fate)
    }

    fn look(&mut self, ticket: &Ticket) -> Fate {
        let client = &self.sender.client;
        let unknown = |ticket: &Ticket, what: String| Fate::Unknown(ticket.clone(), what);
        // Before the look: what is not there afterwards is in none of these blocks.
        let height = match client.latest_height() {
            Ok(height) => height,
            Err(error) => return unknown(ticket, error.to_string()),
        };
        if let Some(hash) = &ticket.hash {
            match client.tx(hash) {
                Ok(Some(outcome)) => return of_outcome(&outcome),
                Ok(None) => {}
                Err(error) => return unknown(ticket, error.to_string()),
            }
        }
        match ticket.until {
            Some(until) if height > until + INDEX_LAG => Fate::Expired,
            Some(_) => unknown(ticket, format!("not in a block at height {height}")),
            // Whatever was signed before now is dead after so many blocks.
            None => {
                let dated = Ticket {
                    until: Some(height + self.sending.valid_blocks),
                    ..ticket.clone()
                };
                unknown(&dated, "whether it was sent is not known".to_owned())
            }
        }
    }

    fn balance(&self) -> Option<u128> {
        let denom = self.sender.gas_price.denom.as_ref();
        let balance = self.sender.client.balance(self.sender.address(), denom);
        balance.ok()
    }
}

/// Sends nothing; simulates if it has a key.
#[derive(Debug)]
pub struct DryRun(pub Option<OnChain>);

impl Executor for DryRun {
    fn send(&mut self, work: &Work, _: Announce<'_>) -> Fate {
        match self.0.as_ref().map(|chain| chain.simulate(work)) {
            Some(Err(fate)) => fate,
            Some(Ok(gas)) => Fate::Unsent { gas: Some(gas) },
            None => Fate::Unsent { gas: None },
        }
    }

    fn look(&mut self, ticket: &Ticket) -> Fate {
        Fate::Unknown(ticket.clone(), "a dry run".to_owned())
    }

    fn balance(&self) -> Option<u128> {
        self.0.as_ref()?.balance()
    }
}
