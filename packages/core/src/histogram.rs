//! A class's lots by `s·e`, in a few dyadic buckets: how much comes before a point of the ranking,
//! without reading the positions.
//!
//! Bucket `b` holds the orders with `⌊order/2^shift⌋ = b`; empty buckets are not kept. When there
//! are more than [`MOST_BUCKETS`] the shift grows by one, which merges pairs. Dyadic floors nest, so
//! that every position still knows its bucket: a removal is exact at any shift, and given the shift
//! a histogram equals a full scan. A far outlier costs one bucket, and no resolution elsewhere.

use crate::error::{overflow, MathError, MathResult};
use crate::merge::Start;
use crate::varint;

/// Most buckets of a class. One costs about four bytes.
pub const MOST_BUCKETS: usize = 16;

/// Shift of an empty class: a bucket is one quote unit per lot wide. Prices are 10^7 of them and
/// more, so that a class of few positions is exact.
pub const FIRST_SHIFT: u8 = 32;

/// At this shift two buckets hold every order that a key can have.
pub const LAST_SHIFT: u8 = 80;

const OVERFLOW: MathError = overflow("histogram");

/// Lots of the orders `low..=high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// The least order.
    pub low: i128,
    /// The greatest.
    pub high: i128,
    /// At least 1.
    pub lots: u64,
}

impl Bucket {
    /// The order that a walk meets first, and the one that it meets last.
    pub const fn ends(&self, descends: bool) -> (i128, i128) {
        if descends {
            (self.high, self.low)
        } else {
            (self.low, self.high)
        }
    }

    /// Whether a walk that goes on at `start` may have passed records of this bucket, and whether it
    /// must have passed all of them. Behind a record, others of its bucket are on either side.
    pub const fn passed(&self, start: Start, descends: bool) -> (bool, bool) {
        let (first, last) = self.ends(descends);
        let (at, is_own) = match start {
            Start::AtOrder(at) => (at, false),
            Start::Behind(at, _) => (at, self.low <= at && at <= self.high),
        };
        if is_own {
            (true, false)
        } else if descends {
            (first > at, last > at)
        } else {
            (first < at, last < at)
        }
    }
}

/// Lots before a point of the ranking, as far as buckets tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ahead {
    /// Certainly before it.
    pub min: u64,
    /// Possibly before it: with the buckets that the point cuts.
    pub max: u64,
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    shift: u8,
    /// Number and lots, ascending.
    buckets: Vec<(i128, u64)>,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            shift: FIRST_SHIFT,
            buckets: Vec::new(),
        }
    }
}

impl Histogram {
    /// The histogram of a scan at a given shift, which is raised if it would need more buckets.
    ///
    /// # Errors
    /// `Overflow` if the lots do not fit into 64 bits.
    pub fn of(shift: u8, scan: impl IntoIterator<Item = (i128, u64)>) -> MathResult<Self> {
        let mut histogram = Self {
            shift: shift.min(LAST_SHIFT),
            buckets: Vec::new(),
        };
        for (order, lots) in scan {
            histogram.add(order, lots)?;
        }
        Ok(histogram)
    }

    /// Adds lots at an order.
    ///
    /// # Errors
    /// `Overflow` if the lots of all buckets do not fit into 64 bits.
    pub fn add(&mut self, order: i128, lots: u64) -> MathResult<()> {
        if lots == 0 {
            return Ok(());
        }
        self.lots().checked_add(lots).ok_or(OVERFLOW)?;
        match self.find(order) {
            Ok(at) => self.buckets[at].1 += lots,
            Err(at) => self.buckets.insert(at, (order >> self.shift, lots)),
        }
        while self.buckets.len() > MOST_BUCKETS {
            self.coarsen();
        }
        Ok(())
    }

    /// Takes lots off again that were added at this order. An empty histogram starts anew.
    ///
    /// # Errors
    /// `Overflow` if its bucket does not hold that many.
    pub fn remove(&mut self, order: i128, lots: u64) -> MathResult<()> {
        if lots == 0 {
            return Ok(());
        }
        let at = self.find(order).map_err(|_| OVERFLOW)?;
        let left = self.buckets[at].1.checked_sub(lots).ok_or(OVERFLOW)?;
        if left > 0 {
            self.buckets[at].1 = left;
        } else {
            self.buckets.remove(at);
        }
        if self.buckets.is_empty() {
            self.shift = FIRST_SHIFT;
        }
        Ok(())
    }

    /// A bucket holds `2^shift` orders.
    pub const fn shift(&self) -> u8 {
        self.shift
    }

    /// Ascending.
    pub fn buckets(&self) -> impl DoubleEndedIterator<Item = Bucket> + '_ {
        self.buckets.iter().map(|(number, lots)| Bucket {
            low: number << self.shift,
            high: (number << self.shift) + ((1 << self.shift) - 1),
            lots: *lots,
        })
    }

    /// Lots of all buckets.
    pub fn lots(&self) -> u64 {
        self.buckets.iter().map(|(_, lots)| lots).sum()
    }

    /// Lots of the records that a walk has behind it when it goes on at `to` and has begun at `from`
    /// (none: at its head). It goes up, or down if it `descends`.
    pub fn between(&self, from: Option<Start>, to: Start, descends: bool) -> Ahead {
        let mut ahead = Ahead::default();
        for bucket in self.buckets() {
            let (may, must) = bucket.passed(to, descends);
            let (may_sit, must_sit) = match from {
                Some(from) => bucket.passed(from, descends),
                None => (false, false),
            };
            if must && !may_sit {
                ahead.min += bucket.lots;
            }
            if may && !must_sit {
                ahead.max += bucket.lots;
            }
        }
        ahead
    }

    /// Appends the stored form: shift, number of the first bucket, then lots and distance to the
    /// next by turns. An empty histogram takes no bytes.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        let Some((first, _)) = self.buckets.first() else {
            return;
        };
        bytes.push(self.shift);
        varint::write_signed(bytes, *first);
        let mut last = *first;
        for (i, (number, lots)) in self.buckets.iter().enumerate() {
            if i > 0 {
                varint::write(bytes, (number - last).unsigned_abs());
            }
            varint::write(bytes, u128::from(*lots));
            last = *number;
        }
    }

    /// Reads the stored form to its end; nothing if it is not one.
    pub fn read(mut bytes: &[u8]) -> Option<Self> {
        let bytes = &mut bytes;
        let Some((shift, rest)) = bytes.split_first() else {
            return Some(Self::default());
        };
        *bytes = rest;
        let mut number = varint::read_signed(bytes)?;
        let mut buckets = Vec::new();
        loop {
            let lots = u64::try_from(varint::read(bytes)?).ok()?;
            buckets.push((number, lots));
            if bytes.is_empty() {
                break;
            }
            let distance = i128::try_from(varint::read(bytes)?).ok()?;
            number = number.checked_add(distance)?;
        }
        let shift = *shift;
        Some(Self { shift, buckets }).filter(Self::is_valid)
    }

    /// What every method keeps: few buckets, ascending, none empty, all inside of the orders that a
    /// key can have.
    fn is_valid(&self) -> bool {
        let bound = i128::MAX >> 1 >> self.shift.min(LAST_SHIFT);
        let ascend = self.buckets.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let total = self
            .buckets
            .iter()
            .try_fold(0u64, |sum, (_, lots)| sum.checked_add(*lots));
        self.shift <= LAST_SHIFT
            && self.buckets.len() <= MOST_BUCKETS
            && ascend
            && total.is_some()
            && self
                .buckets
                .iter()
                .all(|(number, lots)| *lots > 0 && (-bound..bound).contains(number))
    }

    fn find(&self, order: i128) -> Result<usize, usize> {
        let number = order >> self.shift;
        self.buckets
            .binary_search_by_key(&number, |bucket| bucket.0)
    }

    fn coarsen(&mut self) {
        self.shift += 1;
        for bucket in &mut self.buckets {
            bucket.0 >>= 1;
        }
        self.buckets.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
    }
}

#[cfg(test)]
#[path = "histogram_tests.rs"]
mod tests;
