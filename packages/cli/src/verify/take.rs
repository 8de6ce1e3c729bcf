//! What each candidate, and each row of kept profit, gives by the definition.

use std::collections::BTreeMap;

use perp_core::allocation::Share;
use perp_core::class::class_floor;
use perp_core::margin::{requirement_ceil, Requirement};
use perp_core::position::Position;
use perp_core::score::Score;
use perp_core::settlement::{Candidate, Fill, Pass};
use perp_interface::{AccountId, LossId, PerLot, Price, Quote, ScoreKind};

use super::loss::Row;
use super::receipt::{FillReceipt, Receipt};
use super::replay::Replay;
use super::report::{Deviation, Kind};
use super::step::Run;
use super::walk::Turn;
use super::VerifyError;

impl Replay {
    /// Asks so many candidates, all chosen before the first of them is asked.
    pub(super) fn ask(&mut self, loss_id: LossId, asked: u32) -> Result<Vec<Receipt>, VerifyError> {
        let keys = &self.keys;
        let loss = self.losses.get_mut(&loss_id);
        let loss = loss.ok_or(VerifyError::UnderWay(loss_id))?;
        let Some(walk) = loss.walk.as_mut() else {
            return Err(VerifyError::UnderWay(loss_id));
        };
        let pass = walk.pass();
        if let Some(set) = walk.sum(keys, loss.fold.lots)? {
            loss.fold.set = set;
        }
        let mut turns = Vec::new();
        while turns.len() < asked as usize {
            let Some(turn) = walk.next(keys)? else {
                break;
            };
            turns.push(turn);
        }
        if turns.len() < asked as usize {
            let why = format!("the ranking has no more in pass {}", pass.number());
            let got = format!("{asked} candidates");
            let want = format!("{} candidates", turns.len());
            self.deviate(Deviation::of_loss(loss_id, Kind::Step, want, got, why));
        }
        let mut expected = Vec::new();
        for turn in &turns {
            let fold = self.loss(loss_id)?.fold;
            if fold.is_done() || fold.pass != pass {
                break;
            }
            expected.extend(match pass {
                Pass::Haircut => self.cut_open(loss_id, turn)?,
                _ => self.close_against(loss_id, turn)?,
            });
        }
        Ok(expected)
    }

    /// Closes lots against a candidate.
    pub(super) fn close_against(
        &mut self,
        loss_id: LossId,
        turn: &impl Asked,
    ) -> Result<Option<Receipt>, VerifyError> {
        let account = turn.account();
        let loss = self.losses.get_mut(&loss_id);
        let loss = loss.ok_or(VerifyError::UnderWay(loss_id))?;
        let (terms, pass) = (loss.terms.clone(), loss.fold.pass);
        let (market, mark) = (terms.market, terms.mark);
        let frozen = Some((market, mark));
        let held = self.board.position(account, market)?;
        let tiers = self.board.tiers(market)?;
        let (equity, maintenance) = self.board.health(account, frozen)?;
        let own = requirement_ceil(&tiers, held.notional(mark)?, Requirement::Maintenance)?;
        let position = if held.side() == Some(terms.side.opposite()) {
            held
        } else {
            Position::flat(held.index)
        };
        let candidate = Candidate {
            position,
            equity,
            other_maintenance: maintenance.minus(own)?,
            tiers: &tiers,
            share: turn.share(),
            hedge: self.board.hedge(account, market)?,
        };
        let Some(fill) = loss.fold.visit(&loss.policy(), mark, &candidate)? else {
            return Ok(None);
        };
        let seq = loss.fills;
        self.book_fill(loss_id, account, &fill)?;
        Ok(Some(Receipt {
            account,
            market,
            pass: pass.number(),
            rank: turn.rank(),
            charge: fill.charge,
            fill: Some(FillReceipt {
                seq,
                lots: fill.lots,
                price: fill.price(terms.side.opposite(), mark),
                profit: fill.profit,
                mark,
                index: terms.index,
                ..turn.place(mark)
            }),
        }))
    }

    /// Moves lots and money of a fill.
    fn book_fill(
        &mut self,
        loss_id: LossId,
        account: AccountId,
        fill: &Fill,
    ) -> Result<(), VerifyError> {
        let loss = self.loss(loss_id)?;
        loss.fills += 1;
        if fill.kept().0 > 0 {
            loss.rows.push_back(Row {
                account,
                kept: fill.kept(),
                doubtful: false,
            });
        }
        let (bankrupt, market, mark) = (loss.account, loss.terms.market, loss.terms.mark);
        let (side, board) = (loss.terms.side, &mut self.board);
        board.trade((account, market), side, fill.lots, mark)?;
        board.move_cash((account, market), side.opposite(), Quote(-fill.charge.0))?;
        board.trade((bankrupt, market), side.opposite(), fill.lots, mark)?;
        board.move_cash((bankrupt, market), side, fill.charge)
    }

    /// Takes open profit without closing.
    fn cut_open(&mut self, loss_id: LossId, turn: &Turn) -> Result<Option<Receipt>, VerifyError> {
        let account = turn.standing.account;
        let loss = self.losses.get_mut(&loss_id);
        let loss = loss.ok_or(VerifyError::UnderWay(loss_id))?;
        let (market, mark) = (loss.terms.market, loss.terms.mark);
        let mut position = self.board.position(account, market)?;
        if position.side() != Some(loss.terms.side.opposite()) {
            return Ok(None);
        }
        let (equity, _) = self.board.health(account, Some((market, mark)))?;
        let taken = loss.fold.haircut(position.pnl(mark)?, equity)?;
        if taken.0 == 0 {
            return Ok(None);
        }
        position.cost = position.cost.plus(taken)?;
        self.board.put_position(account, market, position)?;
        self.haircut(loss_id, (account, turn.rank), (Pass::Haircut, taken))
    }

    /// Asks for kept profit in fill order. A step that does not close the loss may pause anywhere:
    /// it goes at least to everybody whom its receipts name.
    pub(super) fn ask_kept(&mut self, run: &Run<'_>) -> Result<Vec<Receipt>, VerifyError> {
        let mut wanted: BTreeMap<AccountId, usize> = BTreeMap::new();
        for receipt in run.receipts.iter().filter(|r| r.fill.is_none()) {
            *wanted.entry(receipt.account).or_default() += 1;
        }
        let mut expected = Vec::new();
        loop {
            let loss = self.loss(run.loss_id)?;
            if loss.fold.pass != Pass::Kept || loss.fold.is_done() {
                return Ok(expected);
            }
            let is_wanted = loss
                .rows
                .iter()
                .any(|row| wanted.get(&row.account).is_some_and(|n| *n > 0));
            let Some(row) = loss.rows.front().copied() else {
                loss.fold.pass_is_exhausted(&loss.policy());
                return Ok(expected);
            };
            let goes_on = is_wanted || run.closed.is_some() || run.bad_debt.is_some();
            if !goes_on && self.could_give(run.loss_id, row)?.0 > 0 {
                return Ok(expected);
            }
            if !goes_on {
                return self.doubt(run.loss_id).map(|()| expected);
            }
            self.loss(run.loss_id)?.rows.pop_front();
            let is_named = wanted.get(&row.account).is_some_and(|n| *n > 0);
            if row.doubtful && !is_named {
                continue;
            }
            if let Some(receipt) = self.cut_kept(run.loss_id, row)? {
                if let Some(n) = wanted.get_mut(&row.account) {
                    *n = n.saturating_sub(1);
                }
                expected.push(receipt);
            }
        }
    }

    /// Rows at the pause that give nothing now: the step may or may not have come to them.
    fn doubt(&mut self, loss_id: LossId) -> Result<(), VerifyError> {
        let mut rows = std::mem::take(&mut self.loss(loss_id)?.rows);
        for row in &mut rows {
            if self.could_give(loss_id, *row)?.0 > 0 {
                break;
            }
            row.doubtful = true;
        }
        self.loss(loss_id)?.rows = rows;
        Ok(())
    }

    fn could_give(&mut self, loss_id: LossId, row: Row) -> Result<Quote, VerifyError> {
        let loss = self.loss(loss_id)?;
        let (mut fold, frozen) = (loss.fold, (loss.terms.market, loss.terms.mark));
        if self.board.account(row.account)?.locked {
            return Ok(Quote::ZERO);
        }
        let (equity, _) = self.board.health(row.account, Some(frozen))?;
        Ok(fold.haircut(row.kept, equity)?)
    }

    pub(super) fn cut_kept(
        &mut self,
        loss_id: LossId,
        row: Row,
    ) -> Result<Option<Receipt>, VerifyError> {
        let taken = self.could_give(loss_id, row)?;
        if taken.0 == 0 {
            return Ok(None);
        }
        let loss = self.loss(loss_id)?;
        loss.fold.need = loss.fold.need.minus(taken)?;
        let (market, side) = (loss.terms.market, loss.terms.side);
        let place = (row.account, market);
        self.board
            .move_cash(place, side.opposite(), Quote(-taken.0))?;
        self.haircut(loss_id, (row.account, 0), (Pass::Kept, taken))
    }

    fn haircut(
        &mut self,
        loss_id: LossId,
        (account, rank): (AccountId, u32),
        (pass, taken): (Pass, Quote),
    ) -> Result<Option<Receipt>, VerifyError> {
        let loss = self.loss(loss_id)?;
        let (bankrupt, market, side) = (loss.account, loss.terms.market, loss.terms.side);
        self.board.move_cash((bankrupt, market), side, taken)?;
        Ok(Some(Receipt {
            account,
            market,
            pass: pass.number(),
            rank,
            charge: taken,
            fill: None,
        }))
    }
}

/// Who is asked to close lots.
pub(super) trait Asked {
    fn account(&self) -> AccountId;
    fn share(&self) -> Option<Share>;
    fn rank(&self) -> u32;
    /// The receipt's fields that tell of the place in the ranking.
    fn place(&self, mark: Price) -> FillReceipt;
}

/// Somebody whom the caller named: ranked nowhere, by nothing.
pub(super) struct Named(pub AccountId);

impl Asked for Named {
    fn account(&self) -> AccountId {
        self.0
    }

    fn share(&self) -> Option<Share> {
        None
    }

    fn rank(&self) -> u32 {
        0
    }

    fn place(&self, mark: Price) -> FillReceipt {
        let score = Score {
            kind: ScoreKind::default(),
            profit: 0,
            collateral: class_floor(0),
        };
        of_score(&score, 0, mark)
    }
}

impl Asked for Turn {
    fn account(&self) -> AccountId {
        self.standing.account
    }

    fn share(&self) -> Option<Share> {
        self.share
    }

    fn rank(&self) -> u32 {
        self.rank
    }

    fn place(&self, mark: Price) -> FillReceipt {
        of_score(&self.score, self.standing.class, mark)
    }
}

fn of_score(score: &Score, class: u16, mark: Price) -> FillReceipt {
    FillReceipt {
        score_ppm: score.ppm_floor(mark),
        profit_per_lot: PerLot(score.profit),
        collateral: PerLot(score.collateral as i128),
        class,
        ..FillReceipt::default()
    }
}
