//! What comes after the takings of a step: the comparison, the ranking, bad debt, and the close.

use perp_core::settlement::Pass;
use perp_interface::{LossId, Quote};

use super::compare::{compare, Context};
use super::events::Record;
use super::keys::Gate;
use super::loss::Loss;
use super::receipt::Receipt;
use super::replay::Replay;
use super::report::{Deviation, Kind};
use super::step::Run;
use super::VerifyError;

impl Replay {
    /// Compares, adds up, tells the ranking, and closes the loss if the events say so.
    pub(super) fn settle_run(
        &mut self,
        run: &Run<'_>,
        expected: Vec<Receipt>,
        pass: Option<Pass>,
    ) -> Result<(), VerifyError> {
        let loss = self.losses.get(&run.loss_id);
        let loss = loss.ok_or(VerifyError::UnderWay(run.loss_id))?;
        let (market, side) = (loss.terms.market, loss.terms.side.opposite());
        let stands = |account| self.keys.has(market, side, account);
        let context = Context {
            loss_id: run.loss_id,
            stands: &stands,
            earlier: &loss.earlier,
        };
        let found = compare(context, &expected, &run.receipts);
        found.into_iter().for_each(|d| self.deviate(d));
        self.loss(run.loss_id)?.add_up(&run.receipts)?;
        self.incomplete(run)?;
        self.bad_debt(run)?;
        if run.update_failed {
            self.board.take_touched();
        } else if pass.is_some() {
            self.tell_of_job(run.loss_id)?;
        } else {
            self.tell_ranking()?;
        }
        match run.closed {
            Some(record) => self.close(record),
            None => Ok(()),
        }
    }

    /// The job tells the ranking of its own market only.
    fn tell_of_job(&mut self, loss_id: LossId) -> Result<(), VerifyError> {
        let market = self.loss(loss_id)?.terms.market;
        let mut pairs = self.board.take_touched();
        pairs.retain(|(_, of)| *of == market);
        let written = self.keys.update(&self.board, &pairs, |_| Gate::Inside)?;
        if let Some(walk) = &mut self.loss(loss_id)?.walk {
            walk.note_written(written.into_iter().map(|(account, _)| account));
        }
        Ok(())
    }

    fn incomplete(&mut self, run: &Run<'_>) -> Result<(), VerifyError> {
        let Some(stated) = run.incomplete else {
            return Ok(());
        };
        let keys = &self.keys;
        let loss = self.losses.get_mut(&run.loss_id);
        let loss = loss.ok_or(VerifyError::UnderWay(run.loss_id))?;
        let next = loss.walk.as_mut().and_then(|walk| walk.peek(keys));
        let lots = loss.fold.lots;
        let is_right = loss.fold.pass == Pass::AtMark && next.is_none() && stated == lots;
        if let Some(walk) = loss.walk.as_mut() {
            walk.restart();
        }
        if !is_right {
            let why = "lots stay open only if nobody is left in the third pass";
            let got = format!("{stated} lots left open");
            let deviation = Deviation::of_loss(run.loss_id, Kind::Step, lots, got, why);
            self.deviate(deviation);
        }
        Ok(())
    }

    fn bad_debt(&mut self, run: &Run<'_>) -> Result<(), VerifyError> {
        let keys = &self.keys;
        let loss = self.losses.get_mut(&run.loss_id);
        let loss = loss.ok_or(VerifyError::UnderWay(run.loss_id))?;
        let next = match loss.forced {
            true => None,
            false => loss.walk.as_mut().and_then(|walk| walk.peek(keys)),
        };
        let is_due = loss.fold.pass == Pass::Haircut && next.is_none() && run.closed.is_some();
        let due = match is_due || run.bad_debt.is_some() {
            true => loss.fold.need.or_zero(),
            false => Quote::ZERO,
        };
        let stated = run.bad_debt.unwrap_or_default();
        let may_be = loss.fold.pass == Pass::Haircut && next.is_none();
        loss.add_bad_debt(stated)?;
        loss.fold.need = loss.fold.need.minus(due)?;
        let (place, side) = ((loss.account, loss.terms.market), loss.terms.side);
        if due.0 > 0 {
            self.board.move_cash(place, side, due)?;
        }
        if stated != due || (stated.0 > 0 && !may_be) {
            let why = match next {
                Some(next) => format!("account {} is next and was not asked", next.account),
                None => "bad debt is what no cap could bear, after all passes".to_owned(),
            };
            let want = if may_be { due } else { Quote::ZERO };
            let kind = Kind::BadDebt;
            self.deviate(Deviation::of_loss(run.loss_id, kind, want, stated, why));
        }
        Ok(())
    }

    /// A loss ends with nothing left, and its account's last one with nothing in the account.
    pub(super) fn close(&mut self, record: &Record) -> Result<(), VerifyError> {
        let loss_id: LossId = record.number("loss_id")?;
        let loss = self.loss(loss_id)?;
        let (account, fold) = (loss.account, loss.fold);
        loss.closed = true;
        let found = loss.check_sums(record)?;
        found.into_iter().for_each(|d| self.deviate(d));
        let of_loss = |got: String, why: &str| {
            Deviation::of_loss(loss_id, Kind::Sum, "nothing left", got, why)
        };
        if !fold.is_done() {
            let got = format!("{} lots and {} left", fold.lots, fold.need);
            self.deviate(of_loss(got, "a loss closes when lots and need are gone"));
        }
        let is_last = |loss: &Loss| loss.account == account && !loss.closed;
        if self.losses.values().any(is_last) {
            return Ok(());
        }
        let held = self.board.account(account)?;
        if held.cash != Quote::ZERO || !held.positions.is_empty() {
            let got = format!(
                "account {account} with cash {} and {} positions",
                held.cash,
                held.positions.len()
            );
            self.deviate(of_loss(got, "the bankrupt account ends at exactly zero"));
        }
        self.board.release(account)
    }
}
