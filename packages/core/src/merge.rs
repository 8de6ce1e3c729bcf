//! The queue: a merge of one cursor per occupied class, exact at any price.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use cosmwasm_std::Uint256;

use crate::class::class_floor;
use crate::score::{equity_collateral, Score, ScoreKind};
use crate::units::PerLot;
use crate::wide::full_mul;

/// One stored position of a ranking, as it stands in its class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `s·e`, ascending is best first.
    pub order: i128,
    /// Account id; the last tie-break.
    pub account: u64,
    /// Size in lots.
    pub lots: u64,
    /// Which job's pass wrote this key (0: none), so that no pass visits a position twice.
    pub stamp: u64,
}

/// A popped position: its place in the exact order is final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// Its class.
    pub class: u16,
    /// Its stored record.
    pub entry: Entry,
    /// Its score at the merge's price and funding.
    pub score: Score,
}

/// Where a walk stopped: the last position it visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Class of the last visited position.
    pub class: u16,
    /// Its `s·e`.
    pub order: i128,
    /// Its account.
    pub account: u64,
}

/// From where in a class a walk begins or goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// At the first record with this `s·e`, or further on in the direction of the walk.
    AtOrder(i128),
    /// Behind this very record.
    Behind(i128, u64),
}

impl Cursor {
    /// The first position of `class` that comes after this cursor in the order of the merge, at
    /// the price and funding of `base`.
    ///
    /// Nothing but the last visited position is stored: where a class must go on follows from
    /// its score.
    pub fn start_in(&self, class: u16, kind: ScoreKind, base: PerLot) -> Start {
        if class == self.class {
            return Start::Behind(self.order, self.account);
        }
        let last = Score::at(kind, base, self.order, class_floor(self.class));
        // On a tie of scores the lower class comes first.
        let tie_was_visited = i128::from(class < self.class);
        let order = match kind {
            // Visited if d > d*·m̂/m̂*; a tie is possible where that is a whole number.
            ScoreKind::ProfitLeverage => {
                let (profit, exact) = scale_floor(last.profit, class_floor(class), last.collateral);
                base.0.saturating_sub(profit).saturating_add(if exact {
                    tie_was_visited
                } else {
                    0
                })
            }
            // Visited if d > d*.
            ScoreKind::Profit => self.order.saturating_add(tie_was_visited),
            // Visited if d + m̂ < d* + m̂*; downwards.
            ScoreKind::Leverage => base
                .0
                .saturating_sub(last.equity())
                .saturating_add(equity_collateral(class_floor(class)))
                .saturating_sub(tie_was_visited),
        };
        Start::AtOrder(order)
    }
}

/// `⌊d·m/n⌋` and whether it is exact, saturating at ±2^120 (far outside of every stored entry).
fn scale_floor(d: i128, m: u128, n: u128) -> (i128, bool) {
    const LIMIT: u128 = 1 << 120;
    let product = full_mul(d.unsigned_abs(), m);
    let divisor = Uint256::from(n);
    let quotient = product / divisor;
    let exact = quotient * divisor == product;
    let magnitude =
        cosmwasm_std::Uint128::try_from(quotient).map_or(LIMIT, |v| v.u128().min(LIMIT)) as i128;
    match (d < 0, exact) {
        (false, _) => (magnitude, exact),
        (true, true) => (-magnitude, true),
        (true, false) => (-magnitude - 1, false),
    }
}

/// Heap entry: greatest is the best score, then the lowest class, then the lowest key.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    ranked: Ranked,
    source: usize,
}

impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&other.ranked, &self.ranked)
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The total order of the ranking: `Less` comes first. Score, then class, then key in the
/// direction in which the class is walked.
pub fn compare(a: &Ranked, b: &Ranked) -> Ordering {
    let keys = |r: &Ranked| (r.entry.order, r.entry.account);
    let along = keys(a).cmp(&keys(b));
    b.score
        .cmp(&a.score)
        .then(a.class.cmp(&b.class))
        .then(if a.score.kind.descends() {
            along.reverse()
        } else {
            along
        })
}

/// Iterates the positions of one market and side in their exact order.
///
/// Reads one record of each class when built and one for each further position that is asked
/// for: `classes + k` for the top k at the most, whatever the number of positions.
#[derive(Debug)]
pub struct Merge<I> {
    kind: ScoreKind,
    base: PerLot,
    sources: Vec<(u16, I)>,
    heads: BinaryHeap<Head>,
    due: Option<usize>,
    reads: u64,
}

impl<I, E> Merge<I>
where
    I: Iterator<Item = Result<Entry, E>>,
{
    /// Starts with one iterator for each occupied class, each ascending in `(order, account)`, or
    /// descending if the kind of score [descends](ScoreKind::descends).
    ///
    /// # Errors
    /// What an iterator answers.
    pub fn new(kind: ScoreKind, base: PerLot, sources: Vec<(u16, I)>) -> Result<Self, E> {
        let count = sources.len();
        let mut merge = Self {
            kind,
            base,
            sources,
            heads: BinaryHeap::with_capacity(count),
            due: None,
            reads: 0,
        };
        for source in 0..count {
            merge.pull(source)?;
        }
        Ok(merge)
    }

    /// The next best position.
    ///
    /// # Errors
    /// What an iterator answers.
    pub fn next_ranked(&mut self) -> Result<Option<Ranked>, E> {
        // The class of the last popped position is read on only now: nobody may ask for more.
        if let Some(source) = self.due.take() {
            self.pull(source)?;
        }
        Ok(self.heads.pop().map(|head| {
            self.due = Some(head.source);
            head.ranked
        }))
    }

    /// Records read so far.
    pub const fn reads(&self) -> u64 {
        self.reads
    }

    fn pull(&mut self, source: usize) -> Result<(), E> {
        let Some((class, iterator)) = self.sources.get_mut(source) else {
            return Ok(());
        };
        if let Some(entry) = iterator.next().transpose()? {
            self.reads += 1;
            let score = Score::at(self.kind, self.base, entry.order, class_floor(*class));
            let ranked = Ranked {
                class: *class,
                entry,
                score,
            };
            self.heads.push(Head { ranked, source });
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
