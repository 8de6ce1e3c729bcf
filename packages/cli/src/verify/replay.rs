//! Goes through the events of transactions and keeps the state that each of them meets.

use std::collections::{BTreeMap, BTreeSet};

use perp_interface::market::LossResponse;
use perp_interface::{AccountId, LossId, MarketId, Policy, Quote, Side};

use super::board::Board;
use super::events::Transaction;
use super::keys::{Gate, Keys};
use super::loss::Loss;
use super::report::{Deviation, Kind, OldKeyNote, Report};
use super::state::{OldKey, State};
use super::walk::Walk;
use super::VerifyError;

/// Events that belong to a step of a job.
const OF_A_STEP: [&str; 6] = [
    "adl_fill",
    "adl_haircut",
    "bad_debt",
    "ranking_incomplete",
    "loss_closed",
    "submessage_failed",
];

/// The state between two events.
#[derive(Debug, Default)]
pub struct Replay {
    pub(super) board: Board,
    pub(super) keys: Keys,
    pub(super) losses: BTreeMap<LossId, Loss>,
    /// Open jobs by market, with the side that they walk.
    pub(super) jobs: BTreeMap<MarketId, (LossId, Side)>,
    pub(super) policies: BTreeMap<MarketId, Policy>,
    old_keys: Vec<OldPlace>,
    noted: BTreeSet<(MarketId, Side)>,
    /// Who was sold down in this transaction: its event does not say to whom, nor at what price.
    pub(super) sold_down: Option<AccountId>,
    /// Needs of the account that is being frozen, by market.
    pub(super) needs: BTreeMap<MarketId, Quote>,
    pub(super) report: Report,
}

impl Replay {
    /// Reads the state before a transaction, whose block has this time.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn read(&mut self, state: &State, time: u64) -> Result<(), VerifyError> {
        self.report.transactions += 1;
        self.noted.clear();
        self.sold_down = None;
        self.board = Board::new(state, time)?;
        let before = std::mem::replace(&mut self.keys, Keys::new(state, &self.board)?);
        let old = state.old_keys.iter();
        self.old_keys = old.map(|key| OldPlace::of(key, &self.board)).collect();
        let policies = state.queue.policies.iter().map(|p| (p.market, p.policy));
        self.policies = policies.collect();
        self.jobs = state
            .queue
            .jobs
            .iter()
            .map(|job| {
                let side = job.terms.side.opposite();
                (job.terms.market, (job.terms.loss_id, side))
            })
            .collect();
        for loss in &state.losses {
            match self.losses.contains_key(&loss.terms.loss_id) {
                true => self.go_on(state, loss, &before)?,
                false => self.take_over(state, loss),
            }
        }
        let open = |id: &LossId| state.losses.iter().any(|l| l.terms.loss_id == *id);
        match self.losses.iter().find(|(id, l)| !l.closed && !open(id)) {
            Some((id, _)) => Err(self.left_out(*id, "it is closed".to_owned())),
            None => Ok(()),
        }
    }

    fn left_out(&self, loss_id: LossId, what: String) -> VerifyError {
        VerifyError::LeftOut {
            loss_id,
            transaction: self.report.transactions,
            what,
        }
    }

    /// A loss of the first state it is in. Its job can be followed only from its start.
    fn take_over(&mut self, state: &State, loss: &LossResponse) {
        let mut followed = Loss::of_state(loss);
        let job = state
            .queue
            .jobs
            .iter()
            .find(|job| job.terms.loss_id == loss.terms.loss_id);
        let is_fresh = loss.steps == 0 && loss.fills == 0;
        if let Some(job) = job.filter(|job| is_fresh && job.visited == 0) {
            let pass = followed.fold.pass;
            followed.walk = Some(Walk::new(job.terms.clone(), job.policy, pass));
        }
        self.losses.insert(loss.terms.loss_id, followed);
    }

    /// A loss that earlier transactions have led to some point, which must be that of the state.
    fn go_on(
        &mut self,
        state: &State,
        loss: &LossResponse,
        before: &Keys,
    ) -> Result<(), VerifyError> {
        let id = loss.terms.loss_id;
        self.advance(id, loss.pass)?;
        let has_deviated = self.report.deviations.iter().any(|d| d.loss_id == Some(id));
        let Some(followed) = self.losses.get_mut(&id) else {
            return Ok(());
        };
        let fold = &mut followed.fold;
        let here = (fold.pass, fold.lots, fold.need);
        let there = (loss.pass, loss.lots_left, loss.need_left);
        if has_deviated {
            (fold.pass, fold.lots, fold.need) = there;
        } else if here != there {
            let what = format!(
                "pass {}, {} lots and {} left instead of pass {}, {} and {}",
                there.0.number(),
                there.1,
                there.2,
                here.0.number(),
                here.1,
                here.2
            );
            return Err(self.left_out(id, what));
        }
        let Some(walk) = &mut followed.walk else {
            return Ok(());
        };
        if walk.pass() != fold.pass {
            walk.begin(fold.pass);
        }
        let (market, side) = (loss.terms.market, walk.side());
        let newcomers = self.keys.accounts(market, side);
        let newcomers: Vec<_> = newcomers
            .filter(|account| !before.has(market, side, *account))
            .collect();
        walk.resume(newcomers);
        let job = state.queue.jobs.iter().find(|j| j.terms.loss_id == id);
        let asked = walk.asked();
        match job.filter(|job| job.pass == walk.pass() && job.visited != asked && !has_deviated) {
            Some(job) => {
                let what = format!("{} were asked instead of {asked}", job.visited);
                Err(self.left_out(id, what))
            }
            None => Ok(()),
        }
    }

    /// Replays the events of one transaction.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn apply(&mut self, transaction: &Transaction) -> Result<(), VerifyError> {
        let mut rest = transaction.records.as_slice();
        while let Some((first, others)) = rest.split_first() {
            let is_step = first.kind == "job_step";
            let starts =
                is_step || matches!(first.kind.as_str(), "adl_fill" | "adl_haircut" | "bad_debt");
            if !starts {
                self.event(first)?;
                rest = others;
                continue;
            }
            if let Some(account) = self.sold_down {
                return Err(VerifyError::SoldDown(account));
            }
            self.tell_ranking()?;
            let of_step = if is_step { others } else { rest };
            let length = of_step
                .iter()
                .take_while(|record| OF_A_STEP.contains(&record.kind.as_str()))
                .count();
            let (run, behind) = of_step.split_at(length);
            match is_step {
                true => self.step(first, run)?,
                false => self.without_step(run)?,
            }
            rest = behind;
        }
        self.tell_ranking()
    }

    /// The result.
    ///
    /// # Errors
    /// `NoLoss` if no transaction has touched one.
    pub fn finish(mut self) -> Result<Report, VerifyError> {
        let touched = |loss: &&Loss| loss.walk.is_some() || loss.closed || loss.forced;
        let losses = self.losses.values().filter(touched).map(Loss::report);
        self.report.losses = losses.collect();
        self.report.receipts = self.report.losses.iter().map(|l| l.receipts).sum();
        match self.report.losses.is_empty() {
            true => Err(VerifyError::NoLoss),
            false => Ok(self.report),
        }
    }

    pub(super) fn deviate(&mut self, deviation: Deviation) {
        self.report.deviations.push(Deviation {
            transaction: self.report.transactions,
            ..deviation
        });
    }

    /// Tells the ranking what the last message has changed, from outside of a job.
    pub(super) fn tell_ranking(&mut self) -> Result<(), VerifyError> {
        let pairs = self.board.take_touched();
        let jobs = &self.jobs;
        self.keys.update(&self.board, &pairs, |market| {
            jobs.get(&market)
                .map_or(Gate::Open, |(_, walks)| Gate::Outside(*walks))
        })?;
        Ok(())
    }

    /// Notes, once for each ranking, whose place comes from the stored order.
    pub(super) fn note_old_keys(&mut self, loss_id: LossId, (market, side): (MarketId, Side)) {
        if !self.noted.insert((market, side)) {
            return;
        }
        let here = |old: &&OldPlace| (old.key.market, old.key.side) == (market, side);
        for OldPlace { key, reason } in self
            .old_keys
            .iter()
            .filter(here)
            .cloned()
            .collect::<Vec<_>>()
        {
            let Some(reason) = reason else {
                let why = "the account is not marked as waiting for a refresh";
                let got = key.stored.map_or("none".to_owned(), |k| {
                    format!("class {}, entry {}, {} lots", k.class, k.entry, k.lots)
                });
                let expected = "the key that its position gives";
                let deviation = Deviation::of_loss(loss_id, Kind::Ranking, expected, got, why);
                self.deviate(Deviation {
                    account: Some(key.account),
                    ..deviation
                });
                continue;
            };
            self.report.old_keys.push(OldKeyNote {
                transaction: self.report.transactions,
                account: key.account,
                market,
                reason,
            });
        }
    }
}

/// A place that comes from the stored order, and why that may be.
#[derive(Clone, Debug)]
struct OldPlace {
    key: OldKey,
    reason: Option<&'static str>,
}

impl OldPlace {
    fn of(key: &OldKey, board: &Board) -> Self {
        let now = board.standing(key.account, key.market).ok().flatten();
        let only_class = match (&key.stored, now) {
            (Some(stored), Some((side, now))) => {
                side == key.side && (stored.entry.0, stored.lots.0) == (now.entry, now.lots)
            }
            _ => false,
        };
        let reason = match (key.dirty, only_class) {
            (true, _) => Some("waits for a refresh"),
            (false, true) => Some("collateral of its last touch"),
            (false, false) => None,
        };
        Self {
            key: key.clone(),
            reason,
        }
    }
}
