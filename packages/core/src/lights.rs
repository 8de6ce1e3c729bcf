//! Where a position stands by lots, and the five lights that exchanges show of it.
//!
//! A light is a fifth of the queue by lots: 5 in the first fifth, 1 in the last, 0 if the passes for
//! profit take nothing. Both follow from the [histograms](crate::histogram) of the classes. A bucket
//! that the position's place cuts counts as *behind* it, so that no light is lower than the true one.
//!
//! The queue is walked as in the first pass: ranked by leverage, those come first who have nothing to
//! give, and the walk begins behind them. Their lots count to the side, not as ahead of anybody.

use std::cmp::Ordering;

use crate::class::class_floor;
use crate::error::{overflow, MathResult};
use crate::histogram::{Ahead, Histogram};
use crate::merge::{Cursor, Start};
use crate::policy::{Part, Policy};
use crate::score::Score;
use crate::settlement::Pass;
use crate::units::PerLot;

/// The highest light.
pub const LIGHTS: u8 = 5;

/// At what a ranking is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// By what score, and whether principal is protected.
    pub policy: Policy,
    /// Price and funding, see [`crate::score::base`].
    pub base: PerLot,
}

/// A place of the ranking, whoever stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Margin class.
    pub class: u16,
    /// `s·e`.
    pub order: i128,
}

impl View {
    /// The score of whoever stands at a point.
    pub const fn score(&self, point: Point) -> Score {
        let collateral = class_floor(point.class);
        Score::at(self.policy.score, self.base, point.order, collateral)
    }

    /// The order of the ranking without its last tie-break, the account: `Less` comes first.
    pub fn compare(&self, a: Point, b: Point) -> Ordering {
        let along = a.order.cmp(&b.order);
        self.score(b)
            .cmp(&self.score(a))
            .then(a.class.cmp(&b.class))
            .then(if self.descends() {
                along.reverse()
            } else {
                along
            })
    }

    /// The light of who stands at a point in this fifth of the queue.
    ///
    /// A profit of exactly 0 counts as one: entries are floored, and a short with a small profit may
    /// be ranked with none.
    pub fn light(&self, point: Point, fifth: u8) -> u8 {
        match self.policy.part(Pass::Profit, &self.score(point)) {
            Part::Takes => fifth,
            Part::Sits | Part::Ends => 0,
        }
    }

    const fn descends(&self) -> bool {
        self.policy.score.descends()
    }

    /// Where the walk begins in every class.
    const fn first(&self) -> Option<Start> {
        self.policy.first(Pass::Profit, self.base)
    }

    /// Where it goes on behind a position.
    fn start_in(&self, behind: Cursor, class: u16) -> Start {
        behind.start_in(class, self.policy.score, self.base)
    }
}

/// Where a position stands among all of its side. Lots, its own among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Of those that are asked before it.
    pub ahead: Ahead,
    /// Of the whole side.
    pub total: u64,
}

impl Standing {
    /// Sums up the histograms of all classes for a position of `lots` at `place`.
    ///
    /// # Errors
    /// What an item answers; `Overflow` if the lots do not fit 64 bits.
    pub fn of<E: From<crate::MathError>>(
        view: View,
        (place, lots): (Cursor, u64),
        classes: impl IntoIterator<Item = Result<(u16, Histogram), E>>,
    ) -> Result<Self, E> {
        let mut standing = Self::default();
        for item in classes {
            let (class, histogram) = item?;
            let (first, start) = (view.first(), view.start_in(place, class));
            let mut ahead = histogram.between(first, start, view.descends());
            if class == place.class {
                // Its own bucket is cut, and it does not come before itself.
                ahead.max = ahead.max.saturating_sub(lots);
            }
            standing.add(ahead, histogram.lots())?;
        }
        Ok(standing)
    }

    fn add(&mut self, ahead: Ahead, lots: u64) -> MathResult<()> {
        let error = overflow("lots of a side");
        self.total = self.total.checked_add(lots).ok_or(error)?;
        // Neither is more than the total.
        self.ahead.min += ahead.min;
        self.ahead.max += ahead.max;
        Ok(())
    }

    /// Share of the side's lots that certainly come before it, in millionths, floored.
    pub fn percentile_floor(&self) -> u32 {
        let part = u128::from(self.ahead.min) * 1_000_000;
        (part / u128::from(self.total.max(1))) as u32
    }

    /// Share of the side's lots that may come before it, in millionths, rounded up.
    pub fn percentile_ceil(&self) -> u32 {
        let part = u128::from(self.ahead.max) * 1_000_000;
        part.div_ceil(u128::from(self.total.max(1))) as u32
    }

    /// Its fifth of the queue by lots, 5 is the first.
    pub fn fifth(&self) -> u8 {
        let passed =
            u128::from(self.ahead.min) * u128::from(LIGHTS) / u128::from(self.total.max(1));
        // Fewer than all lots come before it.
        LIGHTS - passed.min(u128::from(LIGHTS - 1)) as u8
    }
}

/// The places behind which a light goes out: lots of at least 20, 40, 60 and 80 % of the side are
/// taken before everybody behind them. A place at the end of the queue has nobody behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// In the order of the ranking.
    pub points: [Point; LIGHTS as usize - 1],
    /// Lots of the whole side.
    pub total: u64,
}

impl Thresholds {
    /// From the histograms of all classes; none without lots.
    ///
    /// # Errors
    /// What an item answers; `Overflow` if the lots do not fit 64 bits.
    pub fn of<E: From<crate::MathError>>(
        view: View,
        classes: impl IntoIterator<Item = Result<(u16, Histogram), E>>,
    ) -> Result<Option<Self>, E> {
        let mut ends: Vec<(Point, u64)> = Vec::new();
        let mut total = 0u64;
        for item in classes {
            let (class, histogram) = item?;
            let first = view.first();
            for bucket in histogram.buckets() {
                // Who stands behind the last place of a bucket has all of its lots before it, if
                // all of them take part.
                let (_, order) = bucket.ends(view.descends());
                let (sits, _) = first.map_or((false, false), |f| bucket.passed(f, view.descends()));
                let lots = if sits { 0 } else { bucket.lots };
                ends.push((Point { class, order }, lots));
                total = total
                    .checked_add(bucket.lots)
                    .ok_or(overflow("lots of a side"))?;
            }
        }
        ends.sort_unstable_by(|a, b| view.compare(a.0, b.0));
        Ok(Self::cut(&ends, total))
    }

    fn cut(ends: &[(Point, u64)], total: u64) -> Option<Self> {
        let (mut point, _) = ends.first()?;
        let (mut passed, mut ends) = (0, ends.iter());
        let mut points = [point; LIGHTS as usize - 1];
        for (k, reached) in (1..).zip(&mut points) {
            // One bucket may end several fifths.
            while passed * u128::from(LIGHTS) < k * u128::from(total) {
                let Some((end, lots)) = ends.next() else {
                    break;
                };
                passed += u128::from(*lots);
                point = *end;
            }
            *reached = point;
        }
        Some(Self { points, total })
    }

    /// The fifth of a place, 1..=5, at the view that the thresholds were made for.
    pub fn fifth(&self, view: View, place: Point) -> u8 {
        let passed = self
            .points
            .iter()
            .filter(|point| view.compare(**point, place) == Ordering::Less);
        LIGHTS - passed.count() as u8
    }

    /// The light of a place, 0..=5, as [`Self::fifth`].
    pub fn light(&self, view: View, place: Point) -> u8 {
        view.light(place, self.fifth(view, place))
    }
}

#[cfg(test)]
#[path = "lights_tests.rs"]
mod tests;
