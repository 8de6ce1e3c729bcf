//! One call of the settlement fold: candidates in, fills and haircuts out.

use cosmwasm_std::Storage;
use perp_core::allocation::{cut_share, Share, SharingSet};
use perp_core::class::class_floor;
use perp_core::margin::Requirement;
use perp_core::score::Score;
use perp_core::settlement::{Candidate as FoldCandidate, Fill, Fold, Pass};
use perp_interface::event::{AdlFill, AdlHaircut, BadDebt, RankingIncomplete};
use perp_interface::loss::{Candidate, SharingSetMsg};
use perp_interface::{AccountId, PerLot, Policy, Quote};

use crate::desk::Desk;
use crate::error::{ContractError, ContractResult};
use crate::state::{Loss, StoredFold, KEPT};

/// The working set of a call.
#[derive(Debug)]
pub struct Adl {
    /// Accounts, markets, marks, events.
    pub desk: Desk,
    /// The loss.
    pub loss: Loss,
    /// Candidates and rows visited so far.
    pub visited: u32,
    policy: Policy,
    fold: Fold,
    new_rows: Vec<(AccountId, Quote)>,
    receipts: Vec<Receipt>,
}

/// What was taken at one moment.
#[derive(Clone, Debug)]
pub enum Receipt {
    /// Lots were closed.
    Fill(AdlFill),
    /// Profit was taken without closing.
    Haircut(AdlHaircut),
}

impl Adl {
    /// Picks the fold up where it paused.
    pub fn new(desk: Desk, loss: Loss, policy: Policy) -> Self {
        let fold = Fold::from(loss.fold);
        Self {
            desk,
            loss,
            visited: 0,
            policy,
            fold,
            new_rows: Vec::new(),
            receipts: Vec::new(),
        }
    }

    /// Where the fold stands.
    pub const fn fold(&self) -> &Fold {
        &self.fold
    }

    /// What was taken so far.
    pub fn receipts(&self) -> &[Receipt] {
        &self.receipts
    }

    /// Learns the sharing set of a pass, once, before its first candidate.
    pub fn set_sharing(&mut self, set: Option<&SharingSetMsg>) {
        if let (Some(set), false) = (set, self.loss.set_is_known) {
            self.fold.set = SharingSet {
                lots: set.lots.u128(),
                weight: set.weight.u128(),
            };
            self.loss.set_is_known = true;
        }
    }

    /// Loads the accounts of a call and refuses a list that names one twice. The bankrupt account
    /// itself may be among them, under a key that is out of date: it stands on the other side and
    /// gives nothing, which must not stop its own loss.
    pub fn load(
        &mut self,
        storage: &dyn Storage,
        accounts: impl Iterator<Item = AccountId>,
    ) -> ContractResult<()> {
        let mut seen = std::collections::BTreeSet::new();
        for account in accounts {
            if !seen.insert(account) {
                return Err(ContractError::BadCandidate {
                    loss_id: self.loss.terms.loss_id,
                    account,
                });
            }
            self.desk.ledger.load_account(storage, account)?;
        }
        Ok(())
    }

    /// Loads the accounts of the next rows of kept profit.
    pub fn load_rows(&mut self, storage: &dyn Storage, most: u32) -> ContractResult<()> {
        let (written, next) = self.loss.kept_rows;
        for row in (next..written).take(most as usize) {
            let (account, _) = KEPT.load(storage, (self.loss.terms.loss_id, row))?;
            self.desk.ledger.load_account(storage, account)?;
        }
        Ok(())
    }

    /// Visits candidates in rank order, until they end, the loss is done or the pass has changed.
    pub fn visit(&mut self, candidates: &[Candidate]) -> ContractResult<()> {
        let pass = self.fold.pass;
        for candidate in candidates {
            if self.fold.is_done() || self.fold.pass != pass {
                break;
            }
            self.visited += 1;
            match pass {
                Pass::Kept => break,
                Pass::Haircut => self.haircut_open_profit(candidate)?,
                _ => self.close_against(candidate)?,
            }
        }
        Ok(())
    }

    /// Ends the current pass if its ranking is exhausted.
    pub fn end_pass(&mut self, exhausted: bool, pass: Pass) -> ContractResult<()> {
        if !exhausted || self.fold.is_done() || self.fold.pass != pass {
            return Ok(());
        }
        if pass == Pass::AtMark {
            let event = RankingIncomplete {
                loss_id: self.loss.terms.loss_id,
                lots: self.fold.lots,
            };
            self.desk.events.push(event.into());
        }
        let bad_debt = self.fold.pass_is_exhausted(&self.policy);
        self.loss.set_is_known = false;
        self.book_bad_debt(bad_debt)
    }

    /// Gives up the rest of the need.
    pub fn book_bad_debt(&mut self, amount: Quote) -> ContractResult<()> {
        if amount.0 == 0 {
            return Ok(());
        }
        let (market, side) = (self.loss.terms.market, self.loss.terms.side);
        self.fold.need = Quote::ZERO;
        self.loss.bad_debt = self.loss.bad_debt.plus(amount)?;
        let state = &mut self.desk.ledger.market_mut(market)?.state;
        state.bad_debt = state.bad_debt.plus(amount)?;
        self.desk
            .ledger
            .move_cash(self.loss.account, market, side, amount)?;
        let event = BadDebt {
            loss_id: self.loss.terms.loss_id,
            market,
            amount,
        };
        self.desk.events.push(event.into());
        Ok(())
    }

    /// Visits rows of kept profit in fill order, at most `limit`.
    pub fn visit_kept(&mut self, storage: &dyn Storage, limit: u32) -> ContractResult<()> {
        let mut left = limit;
        while self.fold.pass == Pass::Kept && !self.fold.is_done() {
            let (written, next) = self.loss.kept_rows;
            let row = if next < written {
                KEPT.load(storage, (self.loss.terms.loss_id, next))?
            } else if let Some(row) = self.new_rows.get((next - written) as usize) {
                *row
            } else {
                self.fold.pass_is_exhausted(&self.policy);
                break;
            };
            if left == 0 {
                break;
            }
            left -= 1;
            self.visited += 1;
            self.loss.kept_rows.1 = next + 1;
            self.haircut_kept(row)?;
        }
        Ok(())
    }

    fn close_against(&mut self, candidate: &Candidate) -> ContractResult<()> {
        let (market, mark) = (self.loss.terms.market, self.loss.terms.mark);
        let id = candidate.account;
        let held = self.desk.ledger.position(id, market)?;
        let stands_opposite = held.side() == Some(self.loss.terms.side.opposite());
        let health = self.desk.ledger.health(id)?;
        let tiers = &self.desk.ledger.market(market)?.tiers;
        let own = perp_core::margin::requirement_ceil(
            tiers,
            held.notional(mark)?,
            Requirement::Maintenance,
        )?;
        let share = self.share(candidate)?;
        // A candidate that is gone is a flat one: it gives nothing but leaves the sharing set.
        let position = if stands_opposite {
            held
        } else {
            perp_core::position::Position::flat(held.index)
        };
        let view = FoldCandidate {
            position,
            equity: health.equity,
            other_maintenance: health.maintenance.minus(own)?,
            tiers,
            share,
            hedge: self.desk.ledger.hedge(id, market)?,
        };
        let pass = self.fold.pass;
        if let Some(fill) = self.fold.visit(&self.policy, mark, &view)? {
            self.book_fill(candidate, pass, fill)?;
        }
        Ok(())
    }

    /// The candidate's part of the sharing set, weighed as the summing walk did.
    fn share(&self, candidate: &Candidate) -> ContractResult<Option<Share>> {
        let Some(lots) = candidate.share else {
            return Ok(None);
        };
        let weight = self.policy.weight_per_lot(&self.score(candidate));
        Ok(Some(cut_share(lots, weight, u128::from(lots.0))?))
    }

    const fn score(&self, candidate: &Candidate) -> Score {
        Score {
            kind: self.policy.score,
            profit: candidate.profit_per_lot.0,
            collateral: class_floor(candidate.class),
        }
    }

    fn book_fill(&mut self, candidate: &Candidate, pass: Pass, fill: Fill) -> ContractResult<()> {
        let terms = self.loss.terms.clone();
        let (side, id, bankrupt) = (terms.side, candidate.account, self.loss.account);
        let score = self.score(candidate);
        let ledger = &mut self.desk.ledger;
        ledger.trade(id, terms.market, side, fill.lots, terms.mark)?;
        ledger.move_cash(id, terms.market, side.opposite(), Quote(-fill.charge.0))?;
        ledger.trade(
            bankrupt,
            terms.market,
            side.opposite(),
            fill.lots,
            terms.mark,
        )?;
        ledger.move_cash(bankrupt, terms.market, side, fill.charge)?;
        self.loss.adl_lots = self.loss.adl_lots.plus(fill.lots)?;
        self.loss.adl_taken = self.loss.adl_taken.plus(fill.charge)?;
        let event = AdlFill {
            loss_id: terms.loss_id,
            seq: self.loss.fills,
            account: id,
            market: terms.market,
            pass,
            rank: candidate.rank,
            score_ppm: score.ppm_floor(terms.mark),
            profit_per_lot: candidate.profit_per_lot,
            collateral: PerLot(score.collateral as i128),
            class: candidate.class,
            lots: fill.lots,
            price: fill.price(side.opposite(), terms.mark),
            profit: fill.profit,
            charge: fill.charge,
            mark: terms.mark,
            index: terms.index,
        };
        self.desk.events.push(event.clone().into());
        self.receipts.push(Receipt::Fill(event));
        self.loss.fills += 1;
        if fill.kept().0 > 0 {
            self.new_rows.push((id, fill.kept()));
        }
        Ok(())
    }

    fn haircut_open_profit(&mut self, candidate: &Candidate) -> ContractResult<()> {
        let id = candidate.account;
        let (market, mark) = (self.loss.terms.market, self.loss.terms.mark);
        let mut position = self.desk.ledger.position(id, market)?;
        if position.side() != Some(self.loss.terms.side.opposite()) {
            return Ok(());
        }
        let equity = self.desk.ledger.health(id)?.equity;
        let taken = self.fold.haircut(position.pnl(mark)?, equity)?;
        if taken.0 == 0 {
            return Ok(());
        }
        self.desk.ledger.settle(id, market)?;
        position.cost = position.cost.plus(taken)?;
        self.desk.ledger.put_position(id, market, position)?;
        self.loss.haircut = self.loss.haircut.plus(taken)?;
        self.credit_bankrupt((id, candidate.rank), Pass::Haircut, taken)
    }

    fn haircut_kept(&mut self, (id, kept): (AccountId, Quote)) -> ContractResult<()> {
        // Its own losses have frozen what it has: with less, they would never end at zero.
        if self.desk.ledger.account(id)?.locked {
            return Ok(());
        }
        let equity = self.desk.ledger.health(id)?.equity;
        let taken = self.fold.haircut(kept, equity)?;
        if taken.0 == 0 {
            return Ok(());
        }
        let (market, side) = (self.loss.terms.market, self.loss.terms.side);
        self.desk
            .ledger
            .move_cash(id, market, side.opposite(), Quote(-taken.0))?;
        self.loss.adl_taken = self.loss.adl_taken.plus(taken)?;
        self.credit_bankrupt((id, 0), Pass::Kept, taken)
    }

    fn credit_bankrupt(
        &mut self,
        (from, rank): (AccountId, u32),
        pass: Pass,
        amount: Quote,
    ) -> ContractResult<()> {
        let (market, side) = (self.loss.terms.market, self.loss.terms.side);
        self.desk
            .ledger
            .move_cash(self.loss.account, market, side, amount)?;
        let event = AdlHaircut {
            loss_id: self.loss.terms.loss_id,
            account: from,
            market,
            pass,
            rank,
            amount,
        };
        self.desk.events.push(event.clone().into());
        self.receipts.push(Receipt::Haircut(event));
        Ok(())
    }

    /// Stores the pause. A loss that is done leaves no rows and no holds; otherwise what its fills
    /// kept is written down, and cannot be withdrawn before the close.
    pub fn pause(&mut self, storage: &mut dyn Storage, height: u64) -> ContractResult<()> {
        self.loss.fold = StoredFold::from(self.fold);
        self.loss.steps += 1;
        self.loss.last_step = height;
        if self.fold.is_done() {
            return Ok(());
        }
        let loss_id = self.loss.terms.loss_id;
        for (id, kept) in std::mem::take(&mut self.new_rows) {
            KEPT.save(storage, (loss_id, self.loss.kept_rows.0), &(id, kept))?;
            self.loss.kept_rows.0 += 1;
            let closed = closed_holds(storage, &self.desk.ledger.account(id)?.holds)?;
            let holds = &mut self.desk.ledger.account_mut(id)?.holds;
            holds.retain(|(loss, _)| !closed.contains(loss));
            match holds.iter_mut().find(|(loss, _)| *loss == loss_id) {
                Some((_, held)) => *held = held.plus(kept)?,
                None => holds.push((loss_id, kept)),
            }
        }
        Ok(())
    }
}

/// Losses among an account's holds that are closed: their holds are void.
fn closed_holds(storage: &dyn Storage, holds: &[(u64, Quote)]) -> ContractResult<Vec<u64>> {
    let mut closed = Vec::new();
    for (loss_id, _) in holds {
        let loss = crate::state::LOSSES.may_load(storage, *loss_id)?;
        if loss.is_none_or(|loss| loss.closed) {
            closed.push(*loss_id);
        }
    }
    Ok(closed)
}
