//! A job: one loss on its way through the ranking. Pure: the ranking comes as an iterator.
//!
//! A job sums before a pass that shares (only if the breadth is above 1), and goes through the passes of
//! [`perp_core::settlement`]. Between two calls it remembers the last position it visited and
//! nothing else of the ranking, so that a limit moves only where it pauses.

use perp_core::allocation::{cut_share, Offer, SetWalk, SharingSet};
use perp_core::error::{MathError, MathResult};
use perp_core::merge::{Cursor, Ranked};
use perp_core::policy::Part;
use perp_core::score::base;
use perp_interface::loss::{Candidate, DeleverageResult, JobMark, LossTerms};
use perp_interface::{LossId, Lots, MarketId, Pass, PerLot, Policy, Price, Quote, Side};
use serde::{Deserialize, Serialize};

use crate::index::Origin;
use crate::state::{RankingId, StoredPolicy};

/// Most candidates of one message, whatever the step limit: one message stays a few ten kilobytes.
pub const MAX_CANDIDATES: usize = 500;

/// Most messages of one call: the events of a reply are repeated at every level below it.
pub const MAX_ROUNDS: u32 = 8;

/// An open job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "StoredJob", into = "StoredJob")]
pub struct Job {
    /// Frozen terms.
    pub terms: LossTerms,
    /// Frozen selection policy.
    pub policy: Policy,
    /// Lots still open.
    pub lots: Lots,
    /// Money still needed.
    pub need: Quote,
    /// The pass it is in; the summing walk comes before the first.
    pub pass: Pass,
    /// How lots are shared in the first pass.
    pub sharing: Sharing,
    /// The last position visited, none at the head.
    pub cursor: Option<Cursor>,
    /// Candidates handed out in this pass.
    pub visited: u32,
    /// A step was sent to the market and not answered yet.
    pub in_flight: bool,
}

/// How lots are shared in the first pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sharing {
    /// Not at all: whole positions in rank order.
    Whole,
    /// The summing walk is under way.
    Summing {
        /// Lots still wanted for the set.
        wanted: u128,
        /// Lots in it.
        lots: u128,
        /// Their profit.
        weight: u128,
    },
    /// The set is known.
    Known {
        /// Lots in it.
        lots: u128,
        /// Their profit.
        weight: u128,
        /// Lots of it whose candidates were not handed out yet.
        left: u128,
        /// Whether the market was told.
        sent: bool,
    },
}

/// Candidates for one message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// In rank order.
    pub candidates: Vec<Candidate>,
    /// Positions walked for them.
    pub walked: u32,
    /// Nobody is left behind them in this pass.
    pub exhausted: bool,
}

/// How a job goes on after an answer of the market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// At once, while the call has work left.
    Step,
    /// In a later call: a pass ended without leading to another one.
    Wait,
    /// Not at all.
    Closed,
}

impl Job {
    /// A job at its start.
    ///
    /// # Errors
    /// `PriceOutOfRange`, `LotsOutOfRange`, `Overflow`: terms at which nobody could be ranked.
    pub fn open(terms: LossTerms, lots: Lots, need: Quote, policy: Policy) -> MathResult<Self> {
        Price::new(terms.mark.0)?;
        let pass = if lots.is_zero() {
            Pass::Kept
        } else {
            Lots::new(lots.0)?;
            Pass::Profit
        };
        let job = Self {
            terms,
            policy,
            lots,
            need,
            pass,
            sharing: sharing(&policy, pass, lots),
            cursor: None,
            visited: 0,
            in_flight: false,
        };
        job.base()?;
        Ok(job)
    }

    /// The counterparties: who stands against the bankrupt position.
    pub const fn ranking(&self) -> RankingId {
        RankingId {
            market: self.terms.market,
            side: self.terms.side.opposite(),
        }
    }

    /// Price and funding at which they are ranked.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn base(&self) -> MathResult<PerLot> {
        base(self.ranking().side, self.terms.mark, self.terms.index)
    }

    /// From where the ranking is read on.
    pub fn origin(&self) -> Origin {
        match self.cursor {
            Some(cursor) => Origin::Behind(self.policy, self.pass, cursor),
            None => Origin::Pass(self.policy, self.pass),
        }
    }

    /// Whether the summing walk is under way.
    pub const fn is_summing(&self) -> bool {
        matches!(self.sharing, Sharing::Summing { .. })
    }

    /// Adds up the sharing set over at most `limit` positions; returns how many were read.
    ///
    /// # Errors
    /// What the ranking answers; `Overflow`.
    pub fn sum<E: From<MathError>>(
        &mut self,
        ranking: impl Iterator<Item = Result<Ranked, E>>,
        limit: u32,
    ) -> Result<u32, E> {
        let Sharing::Summing {
            wanted,
            lots,
            weight,
        } = self.sharing
        else {
            return Ok(0);
        };
        let set = SharingSet { lots, weight };
        let mut walk = SetWalk { wanted, set };
        let policy = self.policy;
        let mut ranking = ranking.fuse();
        let mut read = 0;
        let complete = loop {
            if walk.wanted == 0 {
                break true;
            }
            if read == limit {
                break false;
            }
            let Some(ranked) = ranking.next().transpose()? else {
                break true;
            };
            let part = policy.part(self.pass, &ranked.score);
            if part == Part::Ends {
                break true;
            }
            if part == Part::Takes && ranked.entry.stamp != self.stamp() {
                let position = (Lots(ranked.entry.lots), &ranked.score);
                if walk.offer(&policy, self.lots, position)? == Offer::Full {
                    break true;
                }
            }
            read += 1;
            self.cursor = Some(behind(&ranked));
        };
        self.sharing = if complete {
            self.cursor = None;
            known(walk.set)
        } else {
            summing(walk)
        };
        Ok(read)
    }

    /// The next candidates of the pass, from at most `limit` positions of the ranking.
    ///
    /// Stops as soon as they could bear `1 << round` times what is left of the loss. The market may
    /// skip candidates; doubling gets past a crowd of those in one call, and without any nobody is
    /// asked for in vain.
    ///
    /// # Errors
    /// What the ranking answers; `Overflow`.
    pub fn collect<E: From<MathError>>(
        &mut self,
        ranking: impl Iterator<Item = Result<Ranked, E>>,
        limit: u32,
        round: u32,
    ) -> Result<Batch, E> {
        let wanted = self.left().saturating_mul(1 << round.min(MAX_ROUNDS));
        let mut batch = Batch::default();
        let mut found = 0u128;
        let mut ranking = ranking.fuse();
        while batch.walked < limit && batch.candidates.len() < MAX_CANDIDATES {
            let next = ranking.next().transpose()?;
            let part = |ranked: &Ranked| self.policy.part(self.pass, &ranked.score);
            let Some(ranked) = next.filter(|ranked| part(ranked) != Part::Ends) else {
                batch.exhausted = true;
                break;
            };
            let takes = part(&ranked) == Part::Takes;
            batch.walked += 1;
            self.cursor = Some(behind(&ranked));
            // This very pass put it here: it was visited at the place where it stood before.
            if !takes || ranked.entry.stamp == self.stamp() {
                continue;
            }
            batch.candidates.push(self.candidate(&ranked)?);
            found = found.saturating_add(self.could_bear(&ranked));
            if found >= wanted && !self.is_inside_set() {
                break;
            }
        }
        Ok(batch)
    }

    /// Takes over what the market answered to a message that did or did not end the pass.
    ///
    /// # Errors
    /// The pass that was sent, if the answered one comes before it.
    pub fn settle(&mut self, answer: &DeleverageResult, exhausted: bool) -> Result<Next, Pass> {
        self.in_flight = false;
        if answer.closed {
            return Ok(Next::Closed);
        }
        if answer.pass < self.pass {
            return Err(self.pass);
        }
        self.lots = answer.lots;
        self.need = answer.need;
        let moved_on = answer.pass != self.pass;
        if moved_on || exhausted {
            self.pass = answer.pass;
            self.sharing = sharing(&self.policy, self.pass, self.lots);
            self.cursor = None;
            self.visited = 0;
        }
        // The third pass is repeated, once the ranking is whole again: not at once.
        Ok(if moved_on || !exhausted {
            Next::Step
        } else {
            Next::Wait
        })
    }

    /// What marks records that this pass has written.
    fn stamp(&self) -> u64 {
        JobMark {
            loss_id: self.terms.loss_id,
            pass: self.pass,
        }
        .stamp()
    }

    fn is_inside_set(&self) -> bool {
        matches!(self.sharing, Sharing::Known { left, .. } if left > 0)
    }

    fn candidate<E: From<MathError>>(&mut self, ranked: &Ranked) -> Result<Candidate, E> {
        let weight = self.policy.weight_per_lot(&ranked.score);
        let share = match &mut self.sharing {
            Sharing::Known { left, .. } if *left > 0 && weight > 0 => {
                let share = cut_share(Lots(ranked.entry.lots), weight, *left)?;
                *left -= u128::from(share.lots.0);
                Some(share.lots)
            }
            _ => None,
        };
        self.visited = self.visited.saturating_add(1);
        Ok(Candidate {
            account: ranked.entry.account,
            rank: self.visited,
            profit_per_lot: PerLot(ranked.score.profit),
            class: ranked.class,
            share,
        })
    }

    /// What is left of the loss: lots, or money once no lots are.
    fn left(&self) -> u128 {
        match self.pass {
            Pass::Kept | Pass::Haircut => self.need.to_unsigned(),
            _ => u128::from(self.lots.0),
        }
    }

    /// How much of [`Self::left`] a position can bear, if its account has the equity.
    fn could_bear(&self, ranked: &Ranked) -> u128 {
        let lots = u128::from(ranked.entry.lots);
        match self.pass {
            Pass::Kept | Pass::Haircut => {
                let profit = ranked.score.profit.max(0).unsigned_abs();
                profit.saturating_mul(lots) >> 32
            }
            _ => lots,
        }
    }
}

fn behind(ranked: &Ranked) -> Cursor {
    Cursor {
        class: ranked.class,
        order: ranked.entry.order,
        account: ranked.entry.account,
    }
}

/// How a pass shares `lots`, at its start.
fn sharing(policy: &Policy, pass: Pass, lots: Lots) -> Sharing {
    if policy.shares(pass) {
        summing(SetWalk::new(lots, policy.breadth))
    } else {
        Sharing::Whole
    }
}

fn summing(walk: SetWalk) -> Sharing {
    Sharing::Summing {
        wanted: walk.wanted,
        lots: walk.set.lots,
        weight: walk.set.weight,
    }
}

fn known(set: SharingSet) -> Sharing {
    Sharing::Known {
        lots: set.lots,
        weight: set.weight,
        left: set.lots,
        sent: false,
    }
}

type StoredTerms = (LossId, MarketId, u8, u64, i128);
type StoredProgress = (Pass, Sharing, Option<(u16, i128, u64)>, u32, bool);
type StoredJob = (StoredTerms, StoredPolicy, Lots, Quote, StoredProgress);

impl From<StoredJob> for Job {
    fn from((terms, policy, lots, need, progress): StoredJob) -> Self {
        let (loss_id, market, side, mark, index) = terms;
        let (pass, sharing, cursor, visited, in_flight) = progress;
        Self {
            terms: LossTerms {
                loss_id,
                market,
                side: Side::from_bit(side),
                mark: Price(mark),
                index: PerLot(index),
            },
            policy: policy.into(),
            lots,
            need,
            pass,
            sharing,
            cursor: cursor.map(|(class, order, account)| Cursor {
                class,
                order,
                account,
            }),
            visited,
            in_flight,
        }
    }
}

impl From<Job> for StoredJob {
    fn from(job: Job) -> Self {
        let t = job.terms;
        let terms = (t.loss_id, t.market, t.side.bit(), t.mark.0, t.index.0);
        let cursor = job.cursor.map(|c| (c.class, c.order, c.account));
        let progress = (job.pass, job.sharing, cursor, job.visited, job.in_flight);
        (terms, job.policy.into(), job.lots, job.need, progress)
    }
}

#[cfg(test)]
#[path = "job_tests.rs"]
mod tests;
