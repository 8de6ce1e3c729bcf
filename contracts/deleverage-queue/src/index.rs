//! The index in storage: reading it in rank order, and writing it once per message.

use std::collections::BTreeMap;

use cosmwasm_std::{Order, StdResult, Storage};
use cw_storage_plus::Bound;
use perp_core::merge::{Cursor, Entry, Merge, Start};
use perp_core::score::ENTRY_BOUND;
use perp_core::units::PerLot;
use perp_interface::{AccountId, MarketId, Pass, Policy, ScoreKind};

use crate::class_record::ClassChange;
use crate::error::ContractResult;
use crate::state::{
    class_key, from_class_key, from_place_key, place_key, position_key, Occupied, RankKey,
    RankingId, Record, Standing, CLASS, KEY_OF, OCCUPIED, RANKING,
};

/// The positions of one class, ascending.
pub type Run<'a> = Box<dyn Iterator<Item = ContractResult<Entry>> + 'a>;

/// From where a walk goes, and by which score.
#[derive(Clone, Copy, Debug)]
pub enum Origin {
    /// The head of the ranking.
    Head(ScoreKind),
    /// Where a pass begins.
    Pass(Policy, Pass),
    /// Behind the position where an earlier walk of a pass stopped.
    Behind(Policy, Pass, Cursor),
}

impl Origin {
    const fn kind(self) -> ScoreKind {
        match self {
            Self::Head(kind) => kind,
            Self::Pass(policy, _) | Self::Behind(policy, ..) => policy.score,
        }
    }

    fn start_in(self, class: u16, base: PerLot) -> Option<Start> {
        match self {
            Self::Head(_) => None,
            Self::Pass(policy, pass) => policy.first(pass, base),
            Self::Behind(policy, pass, cursor) => Some(policy.start_in(pass, cursor, class, base)),
        }
    }
}

/// The exact order of a ranking at the price and funding of `base`.
///
/// Reads one record of each occupied class now and one for each further position asked for.
pub fn walk(
    storage: &dyn Storage,
    ranking: RankingId,
    base: PerLot,
    from: Origin,
) -> ContractResult<Merge<Run<'_>>> {
    let descends = from.kind().descends();
    let Occupied(classes) = occupied(storage, ranking)?;
    let mut sources = Vec::with_capacity(classes.len());
    for class in classes {
        let (key, start) = (class_key(ranking, class), from.start_in(class, base));
        let run = if descends {
            run_down(storage, key, start)?
        } else {
            run_up(storage, key, start)?
        };
        if let Some(run) = run {
            sources.push((class, run));
        }
    }
    Merge::new(from.kind(), base, sources)
}

/// Occupied classes of a ranking.
pub fn occupied(storage: &dyn Storage, ranking: RankingId) -> ContractResult<Occupied> {
    let found = OCCUPIED.may_load(storage, ranking.number())?;
    Ok(found.unwrap_or_default())
}

/// A class from a start upwards; none: it lies behind all records. A start may lie outside of
/// every stored order.
fn run_up(
    storage: &dyn Storage,
    key: u32,
    start: Option<Start>,
) -> ContractResult<Option<Run<'_>>> {
    let min = match start {
        None => None,
        Some(Start::AtOrder(order)) if order >= ENTRY_BOUND => return Ok(None),
        Some(Start::AtOrder(order)) if order < -ENTRY_BOUND => None,
        Some(Start::AtOrder(order)) => Some(Bound::inclusive(place_key(order, 0)?)),
        Some(Start::Behind(order, account)) => Some(Bound::exclusive(place_key(order, account)?)),
    };
    let records = RANKING
        .prefix(key)
        .range(storage, min, None, Order::Ascending);
    Ok(Some(Box::new(records.map(entry))))
}

/// A class from a start downwards.
fn run_down(
    storage: &dyn Storage,
    key: u32,
    start: Option<Start>,
) -> ContractResult<Option<Run<'_>>> {
    let max = match start {
        None => None,
        Some(Start::AtOrder(order)) if order >= ENTRY_BOUND => None,
        Some(Start::AtOrder(order)) if order < -ENTRY_BOUND => return Ok(None),
        Some(Start::AtOrder(order)) => Some(Bound::inclusive(place_key(order, u64::MAX)?)),
        Some(Start::Behind(order, account)) => Some(Bound::exclusive(place_key(order, account)?)),
    };
    let records = RANKING
        .prefix(key)
        .range(storage, None, max, Order::Descending);
    Ok(Some(Box::new(records.map(entry))))
}

fn entry(row: StdResult<([u8; 18], Record)>) -> ContractResult<Entry> {
    let (place, Record { lots, stamp }) = row?;
    let (order, account) = from_place_key(&place);
    Ok(Entry {
        order,
        account,
        lots,
        stamp,
    })
}

/// Writes the changes of one message. Totals and bitmaps are gathered and written once at the
/// end: the fills of a step fall into few classes.
pub(crate) struct IndexWriter<'a> {
    storage: &'a mut dyn Storage,
    /// Class → how its positions and their lots change.
    changes: BTreeMap<u32, ClassChange>,
}

impl<'a> IndexWriter<'a> {
    /// Nothing changed yet.
    pub fn new(storage: &'a mut dyn Storage) -> Self {
        Self {
            storage,
            changes: BTreeMap::new(),
        }
    }

    /// The stored key of a position.
    pub fn key(&self, account: AccountId, market: MarketId) -> ContractResult<Option<RankKey>> {
        Ok(KEY_OF.may_load(self.storage, position_key(account, market))?)
    }

    /// Puts a position to its place, with `old` the key that it has so far.
    pub fn put(
        &mut self,
        (account, market): (AccountId, MarketId),
        old: Option<&RankKey>,
        new: &RankKey,
        stamp: u64,
    ) -> ContractResult<()> {
        if let Some(old) = old {
            self.count(market, old, -1);
            if !old.same_place(new) {
                self.remove_record(account, market, old)?;
            }
        }
        self.count(market, new, 1);
        let record = Record {
            lots: new.lots,
            stamp,
        };
        let place = place_key(new.order, account)?;
        RANKING.save(self.storage, (class_of(market, new), place), &record)?;
        KEY_OF.save(self.storage, position_key(account, market), new)?;
        Ok(())
    }

    /// Takes a position out.
    pub fn remove(
        &mut self,
        account: AccountId,
        market: MarketId,
        old: &RankKey,
    ) -> ContractResult<()> {
        self.count(market, old, -1);
        self.remove_record(account, market, old)?;
        KEY_OF.remove(self.storage, position_key(account, market));
        Ok(())
    }

    /// Notes whether a key still tells of its position, and leaves the order alone.
    pub fn mark(
        &mut self,
        account: AccountId,
        market: MarketId,
        old: &RankKey,
        standing: Standing,
    ) -> ContractResult<()> {
        let key = RankKey { standing, ..*old };
        KEY_OF.save(self.storage, position_key(account, market), &key)?;
        Ok(())
    }

    /// Writes totals and bitmaps.
    pub fn finish(self) -> ContractResult<()> {
        let mut flips: BTreeMap<RankingId, Vec<(u16, bool)>> = BTreeMap::new();
        for (key, change) in self.changes {
            if change.is_nothing() {
                continue;
            }
            let before = CLASS.may_load(self.storage, key)?.unwrap_or_default();
            let mut after = before.clone();
            after.apply(&change)?;
            let (was_occupied, is_occupied) = (before.positions > 0, after.positions > 0);
            if after == before {
                continue;
            }
            if is_occupied {
                CLASS.save(self.storage, key, &after);
            } else {
                CLASS.remove(self.storage, key);
            }
            if was_occupied != is_occupied {
                let (ranking, class) = from_class_key(key);
                flips.entry(ranking).or_default().push((class, is_occupied));
            }
        }
        for (ranking, flips) in flips {
            flip(self.storage, ranking, &flips)?;
        }
        Ok(())
    }

    fn remove_record(
        &mut self,
        account: AccountId,
        market: MarketId,
        old: &RankKey,
    ) -> ContractResult<()> {
        let place = place_key(old.order, account)?;
        RANKING.remove(self.storage, (class_of(market, old), place));
        Ok(())
    }

    /// Adds a position to its class, or takes it off.
    fn count(&mut self, market: MarketId, key: &RankKey, positions: i64) {
        let class = class_of(market, key);
        let change = self.changes.entry(class).or_default();
        change.count((key.order, key.lots), positions);
    }
}

fn class_of(market: MarketId, key: &RankKey) -> u32 {
    let side = key.side;
    class_key(RankingId { market, side }, key.class)
}

/// Classes that have filled (true) or emptied.
fn flip(
    storage: &mut dyn Storage,
    ranking: RankingId,
    flips: &[(u16, bool)],
) -> ContractResult<()> {
    let mut classes = occupied(storage, ranking)?;
    for (class, is_occupied) in flips {
        if *is_occupied {
            classes.0.insert(*class);
        } else {
            classes.0.remove(class);
        }
    }
    if classes.0.is_empty() {
        OCCUPIED.remove(storage, ranking.number());
    } else {
        OCCUPIED.save(storage, ranking.number(), &classes)?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;
