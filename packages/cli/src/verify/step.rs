//! The steps of a job: which pass they may work on, and what their events say.

use perp_core::settlement::Pass;
use perp_interface::{LossId, Lots, Quote};

use super::events::Record;
use super::loss::Loss;
use super::receipt::{pass_of, Receipt};
use super::replay::Replay;
use super::report::{Deviation, Kind};
use super::take::Named;
use super::VerifyError;

/// The events of one step.
pub(super) struct Run<'a> {
    pub loss_id: LossId,
    pub receipts: Vec<Receipt>,
    pub bad_debt: Option<Quote>,
    pub incomplete: Option<Lots>,
    pub closed: Option<&'a Record>,
    pub update_failed: bool,
}

impl Replay {
    /// A step with the events that follow it.
    pub(super) fn step(&mut self, record: &Record, run: &[Record]) -> Result<(), VerifyError> {
        let loss_id: LossId = record.number("loss_id")?;
        let (pass, asked): (u8, u32) = (record.number("pass")?, record.number("candidates")?);
        let run = self.run(loss_id, run)?;
        let loss = self.loss(loss_id)?;
        let ranking = (loss.terms.market, loss.terms.side.opposite());
        if loss.closed {
            // A job may outlive a loss that was forced: nobody is asked any more.
            return self.settle_run(&run, Vec::new(), None);
        }
        if loss.walk.is_none() {
            return Err(VerifyError::UnderWay(loss_id));
        }
        self.note_old_keys(loss_id, ranking);
        let Some(pass) = pass_of(pass) else {
            let why = "there is no such pass";
            self.deviate(Deviation::of_loss(loss_id, Kind::Step, "1 to 7", pass, why));
            return self.settle_run(&run, Vec::new(), None);
        };
        self.advance(loss_id, pass)?;
        let is_stale = pass < self.loss(loss_id)?.fold.pass;
        if is_stale {
            // So may a pass outlive its place.
            if !self.loss(loss_id)?.forced {
                let due = self.loss(loss_id)?.fold.pass.number();
                let why = "passes only move forward, by what their candidates could bear";
                let (want, got) = (format!("pass {due}"), format!("pass {}", pass.number()));
                self.deviate(Deviation::of_loss(loss_id, Kind::Step, want, got, why));
            }
            return self.settle_run(&run, Vec::new(), Some(pass));
        }
        let mut expected = self.ask(loss_id, asked)?;
        expected.extend(self.ask_kept(&run)?);
        self.settle_run(&run, expected, Some(pass))
    }

    /// Receipts that no step of the queue goes before: a loss that somebody has forced, where the
    /// caller names the counterparties.
    pub(super) fn without_step(&mut self, run: &[Record]) -> Result<(), VerifyError> {
        let Some(first) = run.first() else {
            return Ok(());
        };
        let run = self.run(first.number("loss_id")?, run)?;
        if run.receipts.iter().any(|r| r.rank != 0) {
            let why = "ranked candidates come with a step of the queue only";
            let (want, got) = ("a step before it", "none");
            let deviation = Deviation::of_loss(run.loss_id, Kind::Step, want, got, why);
            self.deviate(deviation.at(&run.receipts[0]));
            return self.settle_run(&run, Vec::new(), None);
        }
        let loss = self.loss(run.loss_id)?;
        loss.forced = true;
        if loss.fold.pass < Pass::AtMark {
            loss.fold.pass = Pass::AtMark;
        }
        let mut expected = Vec::new();
        for account in run.receipts.iter().filter(|r| r.fill.is_some()) {
            expected.extend(self.close_against(run.loss_id, &Named(account.account))?);
        }
        expected.extend(self.ask_kept(&run)?);
        self.settle_run(&run, expected, None)
    }

    pub(super) fn loss(&mut self, loss_id: LossId) -> Result<&mut Loss, VerifyError> {
        let loss = self.losses.get_mut(&loss_id);
        loss.ok_or(VerifyError::UnderWay(loss_id))
    }

    fn run<'a>(&mut self, loss_id: LossId, records: &'a [Record]) -> Result<Run<'a>, VerifyError> {
        let mut run = Run {
            loss_id,
            receipts: Vec::new(),
            bad_debt: None,
            incomplete: None,
            closed: None,
            update_failed: false,
        };
        for record in records {
            if record.kind == "submessage_failed" {
                run.update_failed |= record.text("kind")? == "update";
                continue;
            }
            let of: LossId = record.number("loss_id")?;
            if of != loss_id {
                let why = "a step works on one loss";
                let got = format!("`{}` of loss {of}", record.kind);
                let want = format!("events of loss {loss_id}");
                self.deviate(Deviation::of_loss(loss_id, Kind::Step, want, got, why));
                continue;
            }
            match record.kind.as_str() {
                "bad_debt" => run.bad_debt = Some(record.amount("amount")?),
                "ranking_incomplete" => run.incomplete = Some(record.number("lots")?),
                "loss_closed" => run.closed = Some(record),
                _ => run.receipts.extend(Receipt::of(record)?.map(|(_, r)| r)),
            }
        }
        Ok(run)
    }

    /// Ends passes until the stated one: nobody may be left behind in them.
    pub(super) fn advance(&mut self, loss_id: LossId, to: Pass) -> Result<(), VerifyError> {
        loop {
            let keys = &self.keys;
            let loss = self.losses.get_mut(&loss_id);
            let loss = loss.ok_or(VerifyError::UnderWay(loss_id))?;
            let from = loss.fold.pass;
            if let Some(walk) = loss.walk.as_mut().filter(|walk| walk.pass() != from) {
                walk.begin(from);
                loss.earlier.clear();
            }
            if from >= to || loss.fold.is_done() {
                return Ok(());
            }
            let next = loss.walk.as_mut().and_then(|walk| walk.peek(keys));
            let left = (loss.fold.lots, loss.fold.need);
            if let Some(next) = next {
                let why = format!(
                    "pass {} ends when the ranking has nobody left in it; next is account {} (class {})",
                    from.number(), next.account, next.class
                );
                let want = format!("pass {}", from.number());
                let got = format!("pass {}", to.number());
                self.deviate(Deviation::of_loss(loss_id, Kind::Step, want, got, why));
            }
            if from == Pass::Kept {
                self.ask_left_rows(loss_id)?;
            }
            let loss = self.loss(loss_id)?;
            loss.fold.pass_is_exhausted(&loss.policy());
            if loss.fold.pass == from {
                let why = format!("{} lots and {} are left", left.0, left.1);
                let want = format!("pass {}", from.number());
                let got = format!("pass {}", to.number());
                self.deviate(Deviation::of_loss(loss_id, Kind::Step, want, got, why));
                return Ok(());
            }
        }
    }

    /// Rows that a pass left behind although they could bear something.
    fn ask_left_rows(&mut self, loss_id: LossId) -> Result<(), VerifyError> {
        while let Some(row) = self.loss(loss_id)?.rows.pop_front() {
            if row.doubtful {
                continue;
            }
            if let Some(receipt) = self.cut_kept(loss_id, row)? {
                let why = "its kept profit is asked for before anybody's open profit";
                let want = format!("haircut of {}", receipt.charge);
                let deviation = Deviation::of_loss(loss_id, Kind::Missing, want, "no receipt", why);
                self.deviate(deviation.at(&receipt));
            }
        }
        Ok(())
    }
}
