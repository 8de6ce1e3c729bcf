//! Looks, decides, sends, and looks again.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use perp_interface::MarketId;
use perps_cli::verify::{Querier, QueryError};
use thiserror::Error;

use super::executor::Executor;
use super::fate::{Fate, Reason, Ticket};
use super::journal::{Journal, JournalError, Owner};
use super::memory::Memory;
use super::metrics::Metrics;
use super::plan::{plan, Config, Planned};
use super::prices::{PriceSource, Waiting};
use super::read::Reader;
use super::view::View;
use super::work::{Key, Kind, Work};
use crate::backoff::Backoff;
use crate::stop::Stop;

/// Why a round came to nothing.
#[derive(Debug, Error)]
pub enum KeeperError {
    /// The chain was not read.
    #[error("keeper_read: {0}")]
    Read(QueryError),
    /// What is under way cannot be written down: nothing may be sent.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The node is behind what it has shown before.
    #[error("node_behind: the node is at height {height}, a work was included at {floor}")]
    Behind {
        /// Where the node is.
        height: u64,
        /// What has to be seen.
        floor: u64,
    },
}

/// Between two looks.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// When nothing was sent.
    pub interval: Duration,
    /// After the first look that failed.
    pub retry: Duration,
    /// At most, when one look after the other fails.
    pub most_retry: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(2),
            retry: Duration::from_millis(500),
            most_retry: Duration::from_secs(30),
        }
    }
}

/// What a round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Works that were handed over.
    pub sent: usize,
    /// Works that succeeded.
    pub done: usize,
    /// The node went away in between.
    pub unreachable: bool,
    /// It was asked to stop.
    pub stopped: bool,
}

/// A keeper: `Q` is asked, `E` sends.
pub struct Keeper<Q, E> {
    /// Who is asked.
    pub querier: Q,
    /// Who sends.
    pub executor: E,
    /// What it does.
    pub config: Config,
    reader: Reader,
    memory: Memory,
    metrics: Arc<Metrics>,
    journal: Option<Journal>,
    source: Option<Box<dyn PriceSource>>,
    waiting: Waiting,
    out: Box<dyn Write>,
    /// No view below this height is believed: it does not show our last work.
    floor: u64,
}

impl<Q, E> std::fmt::Debug for Keeper<Q, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper")
            .field("config", &self.config)
            .field("memory", &self.memory)
            .finish_non_exhaustive()
    }
}

impl<Q: Querier, E: Executor> Keeper<Q, E> {
    /// A keeper that remembers nothing, and writes what it does to `out`, one line each.
    pub fn new((querier, executor): (Q, E), reader: Reader, config: Config) -> Self {
        Self {
            querier,
            executor,
            reader,
            memory: Memory::new(config.retry, []),
            config,
            metrics: Arc::default(),
            journal: None,
            source: None,
            waiting: Waiting::default(),
            out: Box::new(std::io::sink()),
            floor: 0,
        }
    }

    /// Writes what it does there, one line each.
    #[must_use]
    pub fn out(mut self, out: Box<dyn Write>) -> Self {
        self.out = out;
        self
    }

    /// Feeds prices from there.
    #[must_use]
    pub fn prices(mut self, source: Box<dyn PriceSource>) -> Self {
        self.source = Some(source);
        self
    }

    /// Remembers in this file what is under way, and waits for what it names. It belongs to one keeper of one
    /// chain.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn journal(mut self, path: &std::path::Path, of: Owner) -> Result<Self, JournalError> {
        let (journal, in_flight) = Journal::open(path, of)?;
        self.journal = Some(journal);
        self.memory = Memory::new(self.config.retry, in_flight);
        Ok(self)
    }

    /// What it counts.
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.metrics)
    }

    /// What is under way.
    pub const fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Goes on until it is asked to stop. A work that is under way then is waited for, for as long as
    /// the executor waits; whatever is not known by then is in the journal.
    ///
    /// # Errors
    /// `Journal`: a keeper that cannot remember must not send.
    pub fn run(&mut self, pace: &Pace, stop: &Stop) -> Result<(), KeeperError> {
        let mut backoff = Backoff::new(pace.retry, pace.most_retry);
        loop {
            let pause = match self.round(stop) {
                Ok(round) if round.stopped => return Ok(()),
                Ok(round) if round.unreachable => backoff.failed(),
                Ok(round) => {
                    backoff.succeeded();
                    // What was done has changed what is to do.
                    if round.done > 0 {
                        Duration::ZERO
                    } else {
                        pace.interval
                    }
                }
                Err(KeeperError::Journal(error)) => return Err(error.into()),
                Err(error) => {
                    self.say(&error.to_string());
                    backoff.failed()
                }
            };
            if stop.within(pause) {
                return Ok(());
            }
        }
    }

    /// One look, and what follows from it.
    ///
    /// # Errors
    /// [`KeeperError`].
    pub fn round(&mut self, stop: &Stop) -> Result<Round, KeeperError> {
        let view = match self.look() {
            Ok(view) => view,
            Err(error) => {
                self.metrics.unseen();
                return Err(error);
            }
        };
        let mut round = Round::default();
        if !self.memory.in_flight().is_empty() {
            return Ok(round);
        }
        for planned in plan(&view, &self.config, &self.memory) {
            if stop.within(Duration::ZERO) {
                round.stopped = true;
                break;
            }
            let fate = self.send(&planned, view.height)?;
            round.sent += 1;
            match fate {
                Fate::Done(_) => round.done += 1,
                Fate::Failed {
                    reason: Reason::Unreachable,
                    ..
                } => {
                    round.unreachable = true;
                    break;
                }
                // The next one of the account would be refused, or wait behind it.
                Fate::Unknown(..) => break,
                _ => {}
            }
        }
        if round.done > 0 {
            self.reader.refresh();
        }
        Ok(round)
    }

    fn look(&mut self) -> Result<View, KeeperError> {
        let block = self.querier.block().map_err(KeeperError::Read)?;
        if block.height < self.floor {
            return Err(KeeperError::Behind {
                height: block.height,
                floor: self.floor,
            });
        }
        self.look_for_works(block.height)?;
        let waiting = self.memory.held(Kind::Liquidate, block.height);
        let read = self.reader.read(&self.querier, &self.config, &waiting);
        let mut view = read.map_err(KeeperError::Read)?;
        self.look_for_prices(&mut view);
        let most = self.config.step_limit.unwrap_or(view.step_limit);
        self.memory
            .at_most(Kind::ContinueDeleverage, most.min(view.step_limit));
        self.memory
            .at_most(Kind::Refresh, super::plan::MOST_REFRESHED);
        let first = view.losses.first().map(|open| &open.loss);
        self.memory.note(first, view.height);
        for complaint in view.complaints.clone() {
            self.say(&complaint);
        }
        self.metrics.seen(&view, self.executor.balance());
        Ok(view)
    }

    fn look_for_prices(&mut self, view: &mut View) {
        let Some(source) = &mut self.source else {
            return;
        };
        let batch = source.poll(view.time);
        let refused = self.waiting.put(batch.prices, view.time);
        let complaints = batch.complaint.into_iter().chain(refused);
        view.complaints.extend(complaints.map(|c| c.to_string()));
        let listed = |market: &MarketId| view.prices.contains_key(market);
        let others: Vec<MarketId> = self.waiting.markets().filter(|m| !listed(m)).collect();
        view.prices
            .extend(self.reader.prices(&self.querier, others));
        let (stored, params) = (&view.prices, &view.feed);
        view.new_prices = self.waiting.admissible(stored, params, view.time);
    }

    /// Finds out about works whose fate was not known. Before the view is read: a work that turns
    /// out to be done is done in the view, too.
    fn look_for_works(&mut self, height: u64) -> Result<(), KeeperError> {
        let in_flight: Vec<(Key, Ticket)> = {
            let all = self.memory.in_flight().iter();
            all.map(|(key, ticket)| (*key, ticket.clone())).collect()
        };
        for (key, ticket) in in_flight {
            let fate = self.executor.look(&ticket);
            self.settle(key, None, &fate, height)?;
        }
        Ok(())
    }

    fn send(&mut self, planned: &Planned, height: u64) -> Result<Fate, KeeperError> {
        let key = planned.work.key();
        self.metrics.sending(key.kind);
        let (memory, journal) = (&mut self.memory, &mut self.journal);
        let mut unwritten = None;
        // Before it is sent: afterwards would be too late for a keeper that is killed in between.
        let mut announce = |ticket: &Ticket| {
            memory.sending(key, ticket.clone());
            let Some(journal) = journal else {
                return Ok(());
            };
            journal.write(memory.in_flight()).map_err(|error| {
                let what = error.to_string();
                unwritten = Some(error);
                what
            })
        };
        let fate = self.executor.send(&planned.work, &mut announce);
        if let Some(error) = unwritten {
            return Err(error.into());
        }
        self.say(&line(height, &planned.work, &fate));
        self.settle(key, Some(&planned.from), &fate, height)?;
        Ok(fate)
    }

    fn settle(
        &mut self,
        key: Key,
        from: Option<&str>,
        fate: &Fate,
        height: u64,
    ) -> Result<(), KeeperError> {
        let included = match fate {
            Fate::Done(included) => Some(included),
            Fate::Failed { included, .. } => included.as_ref(),
            _ => None,
        };
        let at = included.map_or(height, |included| included.height.max(height));
        self.floor = self
            .floor
            .max(included.map_or(0, |included| included.height));
        if from.is_none() && !matches!(fate, Fate::Unknown(..)) {
            self.say(&format!("height {height}: {key}: {}", words(fate)));
        }
        self.memory.settle(key, from, fate, at);
        self.metrics.settled(key.kind, fate);
        self.metrics.under_way(self.memory.in_flight().len());
        self.write_journal()
    }

    fn write_journal(&mut self) -> Result<(), KeeperError> {
        if let Some(journal) = &mut self.journal {
            journal.write(self.memory.in_flight())?;
        }
        Ok(())
    }

    /// Whoever reads the lines may have gone; the work goes on.
    fn say(&mut self, line: &str) {
        let _ = writeln!(self.out, "{}", crate::node::shown(line));
    }
}

fn line(height: u64, work: &Work, fate: &Fate) -> String {
    let of = match work {
        Work::SetPrices(prices) => format!("{} markets", prices.len()),
        Work::ContinueDeleverage { loss_id, limit } => match limit {
            Some(limit) => format!("loss {loss_id}, {limit} units"),
            None => format!("loss {loss_id}"),
        },
        Work::ResumeLoss(loss_id) => format!("loss {loss_id}"),
        Work::ForceLoss { loss_id, accounts } => {
            format!("loss {loss_id}, {} counterparties", accounts.len())
        }
        Work::Liquidate(account) => format!("account {account}"),
        Work::ApplyPending { contract, market } => match market {
            Some(market) => format!("{contract:?}, market {market}"),
            None => format!("{contract:?}"),
        },
        Work::Refresh(accounts) => format!("{} accounts", accounts.len()),
        Work::CollectFees(market) => format!("market {market}"),
        Work::PublishLights(market, side) => format!("market {market} {side}"),
        Work::PayOwed(to) => to.clone(),
    };
    let kind = work.kind().name();
    format!("height {height}: {kind} ({of}): {}", words(fate))
}

fn words(fate: &Fate) -> String {
    match fate {
        Fate::Done(included) => {
            let (height, gas) = (included.height, included.gas_used);
            format!("done in block {height} for {gas} gas")
        }
        Fate::Failed { reason, what, .. } => format!("failed, {}: {what}", reason.name()),
        Fate::Expired => "expired".to_owned(),
        Fate::Unknown(ticket, what) => {
            let hash = ticket.hash.as_deref().unwrap_or("without a hash");
            format!("under way ({hash}): {what}")
        }
        Fate::Unsent { gas: Some(gas) } => format!("would be sent with {gas} gas"),
        Fate::Unsent { gas: None } => "would be sent".to_owned(),
    }
}
