//! What the insurance fund may pay now: limits per loss, block, rolling window and market, and a
//! stop when capital has fallen too far below its peak.
//!
//! State is bounded: amounts are kept in buckets of time, and a bucket counts until its last second
//! has left the window. So every error is on one side: a draw counts for up to one bucket longer
//! than it should, never shorter, and no true window pays more than its cap. The same holds for
//! peaks: one may count half an hour longer.

use serde::{Deserialize, Serialize};

use crate::error::MathResult;
use crate::units::Quote;
use crate::wide::{mul_div_ceil, mul_div_floor};

/// Buckets of a rolling window.
pub const WINDOW_BUCKETS: u64 = 12;

/// Most entries of a window. One of constant length has at most 14; beyond, the oldest are merged.
pub const MOST_ENTRIES: usize = 16;

/// How long a peak of the capital counts, in seconds: 8 hours.
pub const PEAK_SECONDS: u64 = 28_800;

/// Buckets of those hours, half an hour each.
pub const PEAK_BUCKETS: u64 = 16;

/// All of something, in basis points.
const WHOLE: u32 = 10_000;

/// The limits in force. Amounts are quote units, not negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most for one loss.
    pub per_loss: Quote,
    /// Most in one block.
    pub per_block: Quote,
    /// Most in any `window_seconds`.
    pub window: Quote,
    /// Most for the losses of one market in any `window_seconds`.
    pub market_window: Quote,
    /// Length of the window in seconds, at least 1.
    pub window_seconds: u64,
    /// How far below its peak capital stops paying, 1..=10 000; 10 000 switches the stop off.
    pub trip_bps: u32,
    /// How near to its peak capital pays again, less than `trip_bps`.
    pub resume_bps: u32,
}

impl Limits {
    /// `⌈peak·(1 − trip)⌉`: what draws leave in the fund. Rounded in the fund's favour.
    ///
    /// # Errors
    /// `Overflow`, not for a peak below 2^100.
    pub fn trip_line_ceil(&self, peak: Quote) -> MathResult<Quote> {
        line_ceil(peak, self.trip_bps)
    }

    /// `⌈peak·(1 − resume)⌉`: at this the fund pays again.
    ///
    /// # Errors
    /// As [`Self::trip_line_ceil`].
    pub fn resume_line_ceil(&self, peak: Quote) -> MathResult<Quote> {
        line_ceil(peak, self.resume_bps)
    }
}

fn line_ceil(peak: Quote, bps: u32) -> MathResult<Quote> {
    let kept = u128::from(WHOLE.saturating_sub(bps));
    Quote::from_unsigned(mul_div_ceil(peak.to_unsigned(), kept, u128::from(WHOLE))?)
}

/// When something happened.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Block height.
    #[serde(rename = "h")]
    pub height: u64,
    /// Block time in seconds.
    #[serde(rename = "t")]
    pub time: u64,
}

/// What could be drawn now, by each limit. Never negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Headroom {
    /// All capital.
    pub capital: Quote,
    /// For one loss.
    pub per_loss: Quote,
    /// In this block.
    pub block: Quote,
    /// In the window that ends now.
    pub window: Quote,
    /// For this market in that window.
    pub market: Quote,
    /// For this market by what it has paid in.
    pub paid_in: Quote,
    /// Down to the line at which the fund stops.
    pub drawdown: Quote,
    /// Whether the fund has stopped.
    pub tripped: bool,
}

impl Headroom {
    /// What a loss that asks for `asked` gets: the least of it and all limits, nothing while the
    /// fund has stopped. Never negative for an `asked` that is not.
    pub fn payment(&self, asked: Quote) -> Quote {
        if self.tripped {
            return Quote::ZERO;
        }
        [
            self.capital,
            self.per_loss,
            self.block,
            self.window,
            self.market,
            self.paid_in,
            self.drawdown,
        ]
        .into_iter()
        .fold(asked, Quote::min)
    }

    /// What is left for further losses of the same block and market after `paid`.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn less(self, paid: Quote) -> MathResult<Self> {
        let left = |amount: Quote| amount.minus(paid).map(Quote::or_zero);
        Ok(Self {
            capital: left(self.capital)?,
            block: left(self.block)?,
            window: left(self.window)?,
            market: left(self.market)?,
            paid_in: left(self.paid_in)?,
            drawdown: left(self.drawdown)?,
            ..self
        })
    }
}

/// A cap on what a market has drawn in all, tied to what it has paid in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaidInCap {
    /// What a market may draw that has paid nothing, in quote units, not negative.
    pub base: Quote,
    /// Part of what it has paid in that comes on top, in basis points.
    pub bps: u32,
}

impl PaidInCap {
    /// `base + ⌊paid in · bps⌋ − drawn`, at least zero: what the market may still draw.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn left_floor(&self, paid_in: Quote, drawn: Quote) -> MathResult<Quote> {
        let share = mul_div_floor(
            paid_in.to_unsigned(),
            u128::from(self.bps),
            u128::from(WHOLE),
        )?;
        let most = self.base.plus(Quote::from_unsigned(share)?)?;
        most.minus(drawn).map(Quote::or_zero)
    }
}

/// Last second of the bucket that holds `now`. `buckets` of them are at least as long as `window`.
const fn bucket_end(now: u64, window: u64, buckets: u64) -> u64 {
    let length = window.div_ceil(buckets);
    let length = if length == 0 { 1 } else { length };
    (now - now % length).saturating_add(length - 1)
}

/// First second, last second, and what was drawn between them less what came back of it.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
struct Bucket(u64, u64, Quote);

impl Bucket {
    const fn counts(&self, now: u64, seconds: u64) -> bool {
        self.1.saturating_add(seconds) >= now
    }

    const fn holds(&self, time: u64) -> bool {
        self.0 <= time && time <= self.1
    }
}

/// What was drawn in a rolling window, in at most [`MOST_ENTRIES`] buckets, ascending.
///
/// The window's length is a parameter. After it was raised, draws that the shorter one had dropped
/// are not counted again.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
pub struct Window(Vec<Bucket>);

impl Window {
    /// What counts at `now`: at least what was drawn and did not come back in
    /// `now − seconds ..= now`, and nothing older than that by more than a bucket.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn drawn(&self, now: u64, seconds: u64) -> MathResult<Quote> {
        let counting = self.0.iter().filter(|b| b.counts(now, seconds));
        Quote::sum(counting.map(|b| b.2))
    }

    /// Books a draw. Times never fall.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn draw(&mut self, now: u64, seconds: u64, amount: Quote) -> MathResult<()> {
        if amount == Quote::ZERO {
            return Ok(());
        }
        self.0.retain(|bucket| bucket.counts(now, seconds));
        match self.0.last_mut() {
            Some(last) if last.1 >= now => last.2 = last.2.plus(amount)?,
            _ => {
                let until = bucket_end(now, seconds, WINDOW_BUCKETS);
                self.0.push(Bucket(now, until, amount));
            }
        }
        self.merge_oldest()
    }

    /// Amounts move to a later bucket: they count longer, never shorter.
    fn merge_oldest(&mut self) -> MathResult<()> {
        while self.0.len() > MOST_ENTRIES {
            let oldest = self.0.remove(0);
            let next = &mut self.0[0];
            *next = Bucket(oldest.0, next.1, next.2.plus(oldest.2)?);
        }
        Ok(())
    }

    /// Books that `amount` of what was drawn at `drawn_at` came back. What does not count any more
    /// gives nothing back.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn give_back(&mut self, drawn_at: u64, amount: Quote) -> MathResult<()> {
        if let Some(bucket) = self.0.iter_mut().find(|b| b.holds(drawn_at)) {
            bucket.2 = bucket.2.minus(amount)?.or_zero();
        }
        Ok(())
    }
}

/// Last second of a bucket, and a capital that the fund had in it.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
struct Peak(u64, Quote);

/// The peaks of the last 8 hours, and whether the fund has stopped.
///
/// Of the capitals only those are kept that no later one has reached: ascending in time, falling in
/// amount, at most one for each half hour.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawdown(Vec<Peak>, bool);

impl Drawdown {
    /// Whether the fund had stopped when this was last evaluated.
    pub const fn tripped(&self) -> bool {
        self.1
    }

    /// Notes a capital that has been in force until now. To be called before capital falls; while
    /// it stays or rises nothing has to be noted.
    pub fn observe(&mut self, now: u64, capital: Quote) {
        self.0.retain(|peak| counts(peak, now));
        while self.0.last().is_some_and(|peak| peak.1 <= capital) {
            self.0.pop();
        }
        let until = bucket_end(now, PEAK_SECONDS, PEAK_BUCKETS);
        if self.0.last().is_none_or(|peak| peak.0 < until) {
            self.0.push(Peak(until, capital));
        }
    }

    /// The highest capital of the last 8 hours (and up to half an hour more), `capital` among them.
    pub fn peak(&self, now: u64, capital: Quote) -> Quote {
        let noted = self.0.iter().find(|peak| counts(peak, now));
        noted.map_or(capital, |peak| peak.1.max(capital))
    }

    /// Stops at the trip line, resumes at the resume line, and between them stays as it is. Answers
    /// whether that changed.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn evaluate(&mut self, now: u64, capital: Quote, limits: &Limits) -> MathResult<bool> {
        let peak = self.peak(now, capital);
        let line = limits.trip_line_ceil(peak)?;
        let before = self.1;
        self.1 = if limits.trip_bps >= WHOLE || capital >= peak {
            false
        } else if capital <= line {
            true
        } else {
            before && capital < limits.resume_line_ceil(peak)?
        };
        Ok(self.1 != before)
    }

    /// Capital went from `before` to `after` by a withdrawal, which is no loss: the peaks shrink
    /// with it, rounded down, so that no drawdown comes of it.
    ///
    /// # Errors
    /// `Overflow`; `DivisionByZero` for a `before` of zero.
    pub fn scale_floor(&mut self, before: Quote, after: Quote) -> MathResult<()> {
        self.scale(before, after, mul_div_floor)
    }

    /// Capital went from `before` to `after` by a stake, which is no recovery: the peaks grow with it,
    /// rounded up, so that money which may leave again does not end a stop.
    ///
    /// # Errors
    /// As [`Self::scale_floor`].
    pub fn scale_ceil(&mut self, before: Quote, after: Quote) -> MathResult<()> {
        self.scale(before, after, mul_div_ceil)
    }

    fn scale(
        &mut self,
        before: Quote,
        after: Quote,
        mul_div: fn(u128, u128, u128) -> MathResult<u128>,
    ) -> MathResult<()> {
        let (numerator, denominator) = (after.to_unsigned(), before.to_unsigned());
        for peak in &mut self.0 {
            let scaled = mul_div(peak.1.to_unsigned(), numerator, denominator)?;
            peak.1 = Quote::from_unsigned(scaled)?;
        }
        Ok(())
    }
}

const fn counts(peak: &Peak, now: u64) -> bool {
    peak.0.saturating_add(PEAK_SECONDS) >= now
}

/// Everything that the fund remembers of its draws, but for the windows of single markets.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, Eq)]
pub struct Draws {
    /// The last block with a draw.
    #[serde(rename = "h")]
    height: u64,
    /// What was drawn in it.
    #[serde(rename = "b")]
    block: Quote,
    /// What was drawn in the window.
    #[serde(rename = "w")]
    window: Window,
    /// Peaks, and whether the fund has stopped.
    #[serde(rename = "d")]
    pub drawdown: Drawdown,
}

impl Draws {
    /// What a loss of a market could draw now, whatever it has paid in. The stop is taken as last
    /// evaluated.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn headroom(
        &self,
        market: &Window,
        capital: Quote,
        at: Moment,
        limits: &Limits,
    ) -> MathResult<Headroom> {
        let under = |cap: Quote, drawn: Quote| cap.minus(drawn).map(Quote::or_zero);
        let in_block = if self.height == at.height {
            self.block
        } else {
            Quote::ZERO
        };
        let seconds = limits.window_seconds;
        let line = limits.trip_line_ceil(self.drawdown.peak(at.time, capital))?;
        Ok(Headroom {
            capital: capital.or_zero(),
            per_loss: limits.per_loss,
            block: under(limits.per_block, in_block)?,
            window: under(limits.window, self.window.drawn(at.time, seconds)?)?,
            market: under(limits.market_window, market.drawn(at.time, seconds)?)?,
            paid_in: Quote(i128::MAX),
            drawdown: capital.minus(line)?.or_zero(),
            tripped: self.drawdown.tripped(),
        })
    }

    /// Books a payment for a loss of a market.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn draw(
        &mut self,
        market: &mut Window,
        amount: Quote,
        at: Moment,
        limits: &Limits,
    ) -> MathResult<()> {
        if self.height != at.height {
            (self.height, self.block) = (at.height, Quote::ZERO);
        }
        self.block = self.block.plus(amount)?;
        self.window.draw(at.time, limits.window_seconds, amount)?;
        market.draw(at.time, limits.window_seconds, amount)
    }

    /// Books that `amount` of a payment made at `drawn_at` came back.
    ///
    /// # Errors
    /// `Overflow`.
    pub fn give_back(
        &mut self,
        market: &mut Window,
        amount: Quote,
        drawn_at: Moment,
    ) -> MathResult<()> {
        if self.height == drawn_at.height {
            self.block = self.block.minus(amount)?.or_zero();
        }
        self.window.give_back(drawn_at.time, amount)?;
        market.give_back(drawn_at.time, amount)
    }
}

#[cfg(test)]
#[path = "draw_tests.rs"]
mod tests;
