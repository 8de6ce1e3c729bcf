//! What is stored of a margin class: how many positions it has, and their lots by `s·e`.
//!
//! Raw bytes, because two of these are read and written whenever a position changes its class: a
//! full histogram is 70 bytes instead of 200 as JSON.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use cosmwasm_std::{Empty, Order, Storage};
use cw_storage_plus::Path;
use perp_core::error::{MathError, MathResult};
use perp_core::histogram::Histogram;
use perp_core::varint;

use crate::error::{ContractError, ContractResult};
use crate::state::{class_key, from_class_key, RankingId};

/// A class of one ranking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassRecord {
    /// Positions in it.
    pub positions: u64,
    /// Their lots.
    pub histogram: Histogram,
}

impl ClassRecord {
    /// Takes over the changes of one message: what leaves before what comes, so that a class whose
    /// positions all leave starts anew.
    ///
    /// # Errors
    /// `Overflow`: more leaves than was there, or more is there than can be counted. The record is
    /// in between then.
    pub fn apply(&mut self, change: &ClassChange) -> MathResult<()> {
        let positions = self.positions.checked_add_signed(change.positions);
        self.positions = positions.ok_or(MathError::Overflow {
            operation: "class totals",
        })?;
        for (order, lots) in change.lots.iter().filter(|(_, lots)| **lots < 0) {
            self.histogram.remove(*order, magnitude(*lots)?)?;
        }
        for (order, lots) in change.lots.iter().filter(|(_, lots)| **lots > 0) {
            self.histogram.add(*order, magnitude(*lots)?)?;
        }
        Ok(())
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        varint::write(&mut bytes, u128::from(self.positions));
        self.histogram.write(&mut bytes);
        bytes
    }

    fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let positions = u64::try_from(varint::read(&mut bytes)?).ok()?;
        let histogram = Histogram::read(bytes)?;
        Some(Self {
            positions,
            histogram,
        })
    }
}

fn magnitude(lots: i128) -> MathResult<u64> {
    u64::try_from(lots.unsigned_abs()).map_err(|_| MathError::Overflow {
        operation: "class totals",
    })
}

/// How one message changes a class.
#[derive(Clone, Debug, Default)]
pub struct ClassChange {
    positions: i64,
    lots: BTreeMap<i128, i128>,
}

impl ClassChange {
    /// Adds a position of `lots` at `order`, or takes it off.
    pub fn count(&mut self, (order, lots): (i128, u64), positions: i64) {
        self.positions += positions;
        *self.lots.entry(order).or_default() += i128::from(positions) * i128::from(lots);
    }

    /// Whether what came is what left.
    pub fn is_nothing(&self) -> bool {
        self.positions == 0 && self.lots.values().all(|lots| *lots == 0)
    }
}

/// [`class_key`] → record, in raw bytes.
#[derive(Clone, Copy, Debug)]
pub struct ClassMap {
    namespace: &'static str,
}

impl ClassMap {
    /// Under a namespace.
    pub const fn new(namespace: &'static str) -> Self {
        Self { namespace }
    }

    /// The bytes of a key: also those that a test spoils.
    pub fn key(&self, key: u32) -> Vec<u8> {
        let path = Path::<Empty>::new(self.namespace.as_bytes(), &[&key.to_be_bytes()]);
        path.to_vec()
    }

    /// The record, if the class is occupied.
    ///
    /// # Errors
    /// `ClassUnreadable`.
    pub fn may_load(&self, storage: &dyn Storage, key: u32) -> ContractResult<Option<ClassRecord>> {
        let stored = storage.get(&self.key(key));
        stored.map(|bytes| read(key, &bytes)).transpose()
    }

    /// Writes a record.
    pub fn save(&self, storage: &mut dyn Storage, key: u32, record: &ClassRecord) {
        storage.set(&self.key(key), &record.to_bytes());
    }

    /// Removes a record.
    pub fn remove(&self, storage: &mut dyn Storage, key: u32) {
        storage.remove(&self.key(key));
    }

    /// Records of the given keys, ascending: one step of an iterator each, which costs a fraction of
    /// a read.
    pub fn range<'a>(
        &self,
        storage: &'a dyn Storage,
        keys: RangeInclusive<u32>,
    ) -> impl Iterator<Item = ContractResult<(u32, ClassRecord)>> + 'a {
        let first = self.key(*keys.start());
        let mut behind = self.key(*keys.end());
        behind.push(0);
        storage
            .range(Some(&first), Some(&behind), Order::Ascending)
            .map(|(path, bytes)| {
                let key = path.last_chunk().map_or(0, |key| u32::from_be_bytes(*key));
                Ok((key, read(key, &bytes)?))
            })
    }

    /// Occupied classes of a ranking with their records, ascending.
    pub fn of<'a>(
        &self,
        storage: &'a dyn Storage,
        ranking: RankingId,
    ) -> impl Iterator<Item = ContractResult<(u16, ClassRecord)>> + 'a {
        let keys = class_key(ranking, 0)..=class_key(ranking, 0x7fff);
        self.range(storage, keys)
            .map(|row| row.map(|(key, record)| (from_class_key(key).1, record)))
    }
}

fn read(key: u32, bytes: &[u8]) -> ContractResult<ClassRecord> {
    ClassRecord::from_bytes(bytes).ok_or_else(|| {
        let (RankingId { market, side }, class) = from_class_key(key);
        ContractError::ClassUnreadable {
            market,
            side,
            class,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::testing::MockStorage;
    use perp_interface::Side;

    const MAP: ClassMap = ClassMap::new("t");
    const RANKING: RankingId = RankingId {
        market: u16::MAX,
        side: Side::Short,
    };

    fn change(rows: &[(i128, u64, i64)]) -> ClassChange {
        let mut change = ClassChange::default();
        for (order, lots, positions) in rows {
            change.count((*order, *lots), *positions);
        }
        change
    }

    fn record(rows: &[(i128, u64, i64)]) -> ClassRecord {
        let mut record = ClassRecord::default();
        record.apply(&change(rows)).expect("counts");
        record
    }

    #[test]
    fn records_of_a_ranking_are_its_own() {
        let mut storage = MockStorage::new();
        let long = RankingId {
            side: Side::Long,
            ..RANKING
        };
        let written = record(&[(-3 << 40, 5, 1), (7 << 33, 1 << 40, 1)]);
        assert_eq!(written.positions, 2);
        for (ranking, class) in [(long, 768), (RANKING, 0), (RANKING, 768)] {
            MAP.save(&mut storage, class_key(ranking, class), &written);
        }
        let rows: ContractResult<Vec<_>> = MAP.of(&storage, RANKING).collect();
        let rows = rows.expect("reads");
        assert_eq!(rows, [(0, written.clone()), (768, written.clone())]);
        let all = MAP.range(&storage, 0..=u32::MAX);
        assert_eq!(all.count(), 3);

        let key = class_key(RANKING, 768);
        assert_eq!(MAP.may_load(&storage, key).expect("reads"), Some(written));
        MAP.remove(&mut storage, key);
        assert_eq!(MAP.may_load(&storage, key).expect("reads"), None);
        storage.set(&MAP.key(key), b"[2,9]");
        let error = MAP.may_load(&storage, key).expect_err("is not a record");
        let ContractError::ClassUnreadable { market, class, .. } = error else {
            panic!("{error}");
        };
        assert_eq!((market, class), (u16::MAX, 768));
    }

    #[test]
    fn what_leaves_and_comes_again_is_no_change() {
        assert!(change(&[(4, 5, -1), (4, 5, 1)]).is_nothing());
        assert!(!change(&[(4, 5, -1), (4, 6, 1)]).is_nothing());
        assert!(!change(&[(4, 5, -1), (5, 5, 1)]).is_nothing());
    }

    #[test]
    fn all_that_leaves_goes_before_what_comes() {
        // One position moves across an octave of a class that has become coarse.
        let wide: Vec<_> = (0..40).map(|i| (i << 60, 1, 1)).collect();
        let mut class = record(&wide);
        assert!(class.histogram.shift() > 60);
        let mut rows: Vec<_> = (0..40).map(|i| (i << 60, 1, -1)).collect();
        rows.push((90, 2, 1));
        class.apply(&change(&rows)).expect("counts");
        assert_eq!(class, record(&[(90, 2, 1)]));
    }

    #[test]
    fn no_more_leaves_than_was_there() {
        let class = record(&[(9 << 32, 5, 1)]);
        for rows in [
            [(9 << 32, 5, -1), (9 << 32, 0, -1)],
            [(8 << 32, 1, -1), (9 << 32, 1, 1)],
            [(9 << 32, 6, -1), (9 << 32, 0, 1)],
        ] {
            assert!(class.clone().apply(&change(&rows)).is_err(), "{rows:?}");
        }
    }
}
