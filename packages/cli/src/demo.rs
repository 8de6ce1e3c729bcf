//! `perps demo`: the shortfalls of 10 October 2025 on an embedded chain, one fresh market each.

mod before;
mod book;
pub(crate) mod row;
pub(crate) mod situation;

use std::collections::BTreeMap;

use cosmwasm_std::Event;
use perp_interface::params::{FundParams, QueueParams};
use perp_interface::{Policy, Side};
use perp_testkit::scan::{self, Scan};
use perp_testkit::{Chain, ChainError};
use sha2::{Digest, Sha256};
use thiserror::Error;

use self::situation::Crowd;
use crate::amount::Amount;
use crate::population::PopulationError;
use crate::result::{Checks, DemoResult, LossRow, Params, ResultError, SolventRow};
use crate::verify::{events_to_json, export, State};
use crate::waves::{wave_rows, Selection, Wave, WaveError, WaveRow};

/// Units of work per call of the queue if nobody asks for fewer: the most that the parameter allows.
pub(crate) const ANY_STEPS: u32 = 1_000_000;

/// What to run.
#[derive(Clone, Debug)]
pub struct DemoConfig {
    /// Rows of the published file.
    pub selection: Selection,
    /// Capital of the fund in quote base units; none: a third of what is needed in all.
    pub fund: Option<u128>,
    /// How the queue chooses and shares.
    pub policy: Policy,
    /// Counterparties of each loss.
    pub counterparties: u32,
    /// Units of work per call of the queue; none: as many as the parameter allows.
    pub step_limit: Option<u32>,
    /// Seed of the synthetic population.
    pub seed: u64,
    /// Of how many losses the state before and the events are kept, from the first on.
    pub record: usize,
}

impl DemoConfig {
    fn crowd(&self) -> Crowd {
        Crowd {
            counterparties: self.counterparties,
            seed: self.seed,
        }
    }
}

/// The input of `perps verify-receipt` for one loss.
#[derive(Debug)]
pub struct RecordedLoss {
    /// Wave of the row.
    pub wave: u32,
    /// Coin of the row.
    pub coin: String,
    /// State before the liquidation.
    pub before: State,
    /// Events of the liquidation and of all steps of its job.
    pub events: serde_json::Value,
}

/// Why a demo could not run, or what it found to be wrong.
#[derive(Debug, Error)]
pub enum DemoError {
    /// The selection names nothing.
    #[error(transparent)]
    Wave(#[from] WaveError),
    /// The population cannot be made.
    #[error(transparent)]
    Population(#[from] PopulationError),
    /// The sums cannot be made.
    #[error(transparent)]
    Result(#[from] ResultError),
    /// A contract refused a message.
    #[error("wave {wave}, {coin}: {step}: {error}")]
    Chain {
        /// Wave of the row.
        wave: u32,
        /// Coin of the row.
        coin: String,
        /// What was being done.
        step: &'static str,
        /// What the chain answered.
        error: ChainError,
    },
    /// An answer that a contract must not give.
    #[error("wave {wave}, {coin}: {what}")]
    Unexpected {
        /// Wave of the row.
        wave: u32,
        /// Coin of the row.
        coin: String,
        /// What is wrong.
        what: String,
    },
    /// The final scan failed.
    #[error("final scan: {0}")]
    Scan(ChainError),
    /// More rows than markets can be numbered.
    #[error("row {0} has no market number")]
    MarketNumber(u32),
}

/// A run: what it shows, and the chain it ran on.
#[derive(Debug)]
pub struct DemoRun {
    /// Figures.
    pub result: DemoResult,
    /// The chain, for whoever wants to look further.
    pub chain: Chain,
    /// What was asked to be kept.
    pub recorded: Vec<RecordedLoss>,
}

/// What one row came to.
enum Outcome {
    Loss(Box<LossRow>, u64, Option<Box<RecordedLoss>>),
    Solvent(SolventRow),
}

/// Runs the demo; `progress` hears of every row that is done.
///
/// # Errors
/// [`DemoError`].
pub fn run(
    config: &DemoConfig,
    mut progress: impl FnMut(usize, usize, &WaveRow),
) -> Result<DemoRun, DemoError> {
    let rows = wave_rows(&config.selection)?;
    let needed: i128 = rows.iter().map(|row| row.needed.max(0)).sum();
    let fund = config.fund.unwrap_or(needed.unsigned_abs() / 3);
    let mut chain = Chain::builder()
        .fund(FundParams::without_limits())
        .queue(QueueParams {
            step_limit: config.step_limit.unwrap_or(ANY_STEPS),
            default_policy: config.policy,
        })
        .build();
    let (mut losses, mut solvent, mut recorded) = (Vec::new(), Vec::new(), Vec::new());
    let (mut inversions, mut contributed, mut cumulated) = (0, 0u128, 0u128);
    for (done, row) in rows.iter().enumerate() {
        // Every loss finds its proportional part of the fund, and what earlier ones gave back.
        cumulated += row.needed.max(0).unsigned_abs();
        let upto = if needed > 0 {
            fund * cumulated / needed.unsigned_abs()
        } else {
            fund
        };
        let keeps = recorded.len() < config.record;
        match run_row(&mut chain, config, row, (upto - contributed, keeps))? {
            Outcome::Loss(loss, inverted, kept) => {
                losses.push(*loss);
                recorded.extend(kept.map(|kept| *kept));
                inversions += inverted;
            }
            Outcome::Solvent(row) => solvent.push(row),
        }
        contributed = upto;
        progress(done + 1, rows.len(), row);
    }
    let scan = Scan::take(&chain).map_err(DemoError::Scan)?;
    let checks = Checks {
        conservation_error: Amount(scan.conservation_error()),
        rank_inversions: inversions,
    };
    let result = DemoResult::new(params(config, fund, &scan), losses, solvent, checks)?;
    Ok(DemoRun {
        result,
        chain,
        recorded,
    })
}

/// One row in a market of its own.
fn run_row(
    chain: &mut Chain,
    config: &DemoConfig,
    row: &WaveRow,
    (capital, keeps): (u128, bool),
) -> Result<Outcome, DemoError> {
    if capital > 0 {
        let contributed = chain.contribute(capital);
        contributed.map_err(|error| row::refused(row, "contribute", error))?;
    }
    let built = situation::build(chain, &config.crowd(), row)?;
    let exported = keeps.then(|| export(chain, chain.addresses.market.as_str()));
    let exported = exported.transpose();
    let exported = exported.map_err(|e| row::unexpected(row, e.to_string()))?;
    let Some(settled) = row::settle(chain, row, &built)? else {
        return Ok(Outcome::Solvent(SolventRow {
            wave: row.wave,
            coin: row.coin.clone(),
            needed: Amount(row.needed),
        }));
    };
    let recorded = exported.map(|before| recorded(row, before, &settled.events));
    let loss = Box::new(settled.row(row));
    Ok(Outcome::Loss(loss, settled.inversions, recorded))
}

fn recorded(row: &WaveRow, before: State, events: &[Event]) -> Box<RecordedLoss> {
    Box::new(RecordedLoss {
        wave: row.wave,
        coin: row.coin.clone(),
        events: events_to_json(events, before.time),
        before,
    })
}

fn params(config: &DemoConfig, fund: u128, scan: &Scan) -> Params {
    let wave = match config.selection.wave {
        Wave::One(wave) => wave.to_string(),
        Wave::All => "all".to_owned(),
    };
    let settings = [
        ("fund", Amount(fund as i128).exact()),
        ("accounts_sha256", accounts_digest(scan)),
        (
            "synthetic",
            "marks and winners; only what each loss needs is published".to_owned(),
        ),
    ];
    let queue = queue_settings(&config.policy, config.step_limit);
    Params {
        wave,
        seed: config.seed,
        winners: config.counterparties,
        settings: settings
            .into_iter()
            .chain(queue)
            .map(|(key, value)| (key.to_owned(), value))
            .collect::<BTreeMap<_, _>>(),
    }
}

/// How the queue chose, for the list of settings.
pub(crate) fn queue_settings(
    policy: &Policy,
    step_limit: Option<u32>,
) -> [(&'static str, String); 5] {
    let step_limit = step_limit.map_or("unlimited".to_owned(), |limit| limit.to_string());
    [
        ("score", policy.score.to_string()),
        ("breadth", policy.breadth.to_string()),
        ("protect_principal", policy.protect_principal.to_string()),
        ("min_fill", policy.min_fill.to_string()),
        ("step_limit", step_limit),
    ]
}

/// A digest of every account's cash and positions: the same for every step limit.
pub(crate) fn accounts_digest(scan: &Scan) -> String {
    let mut hash = Sha256::new();
    for account in &scan.accounts {
        hash.update(format!("{} {}", account.account, account.cash));
        for p in &account.positions {
            hash.update(format!(" {} {} {} {}", p.market, p.side, p.lots, p.cost));
        }
        hash.update("\n");
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Positions and cash of every account, for tests that compare runs.
///
/// # Errors
/// What the contract answers.
pub fn accounts(run: &DemoRun) -> Result<Vec<perp_interface::market::AccountResponse>, ChainError> {
    scan::accounts(&run.chain)
}

/// The side of all bankrupt positions: the market fell.
const BANKRUPT: Side = Side::Long;

#[cfg(test)]
mod tests;
