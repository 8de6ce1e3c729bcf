//! The state of a play: chain, suite, and what was found so far.

use cosmwasm_std::Event;
use perp_interface::LossId;
use perps_chain::deploy::Artifacts;
use serde::Serialize;
use serde_json::Value;

use crate::error::PlayResult;
use crate::net::Net;
use crate::suite::Suite;

/// What a step found.
#[derive(Clone, Debug, Serialize)]
pub struct Passed {
    /// Its number, from 1.
    pub number: usize,
    /// Its name.
    pub step: &'static str,
    /// The block after it.
    pub height: u64,
    /// In words and figures.
    pub found: String,
}

/// A play.
#[derive(Debug)]
pub struct Play {
    /// The chain.
    pub net: Net,
    /// The suite that the story is about.
    pub suite: Suite,
    /// Further suites on the chain, which hold coins too.
    pub others: Vec<Suite>,
    /// The built contracts.
    pub artifacts: Artifacts,
    /// Losses whose receipts are still to be checked.
    pub losses: Vec<LossId>,
    /// Ends of blocks that moved a job.
    pub block_ends: Vec<(u64, Vec<Event>)>,
    /// All settlement coins of accounts and contracts, before anybody traded.
    pub coins: u128,
    /// Further figures of `localnet.json`.
    pub figures: serde_json::Map<String, Value>,
    /// Steps that are done.
    pub passed: Vec<Passed>,
}

impl Play {
    /// Notes and tells that a step is done.
    ///
    /// # Errors
    /// Those of queries.
    pub fn passed(&mut self, step: &'static str, found: String) -> PlayResult<()> {
        let passed = Passed {
            number: self.passed.len() + 1,
            step,
            height: self.net.client.latest_height()?,
            found,
        };
        println!(
            "{:>2} {:<22} {:>6}  {}",
            passed.number, step, passed.height, passed.found
        );
        self.passed.push(passed);
        Ok(())
    }
}
