//! A SYNTHETIC population of winners for one published row.
//!
//! The winners' positions of 10 October 2025 are not published, only figures about them. This makes, from a seed, accounts that
//! have those figures: leverage, profit, sizes (`published.rs`). Everything is integer arithmetic on one ChaCha8 stream per
//! row, so a seed gives the same accounts on every platform.
//!
//! Each of the three properties is drawn in strata: of n winners, one falls into each n-th part of the quantiles, in an order
//! shuffled for each property. So 20 winners already have about the published medians.
//!
//! **What is feasible.** The effective leverage at the mark x of a short with entry e and margin c per lot is
//! `x / (c + e − x)`. Its account had to open, so `c ≥ 10 % of e`: a leverage L needs `1.1·e − x ≤ x/L`. At the
//! median profit (51 % of entry, e ≈ 2x) no short can show more than 0.8, and the 95th percentile of 5.1 needs a profit under 8 % of
//! entry. Therefore:
//! - a winner whose leverage is too high for its profit gets the next lower level of *profit* that allows it;
//! - what even the lowest profitable level does not allow is clipped. With all levels that is 8.2 for shorts and 8.5 for longs in profit,
//!   the top 2.5 %; nobody shows more than 10, which also keeps every account above 10 % of margin at the mark.

use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use thiserror::Error;

use crate::coins::{LOTS_BOUND, PRICE_BOUND};

mod published;
mod quantile;

use published::{LEVERAGE, PROFIT, PROFIT_LEVELS, SIZE};
use quantile::{Quantiles, ONE};

/// Equity over notional that an account has at least, when it opens (at its entry) and at the mark.
pub const INITIAL_MARGIN_PPM: u64 = 100_000;

/// Share of the opening notional that a winner deposits on top, for the fee of its opening trade.
pub const OPENING_FEE_PPM: u64 = 1_000;

/// Entry levels with the full resolution of the published profits.
pub const MAX_LEVELS: usize = PROFIT_LEVELS.len();

/// Below it, distinct entry levels could round to one price.
const SMALLEST_MARK: u64 = 1_000;

const PPM: i128 = 1_000_000;

/// What to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PopulationSpec {
    pub seed: u64,
    /// [`WaveRow::index`](crate::waves::WaveRow::index): each row has a stream of its own.
    pub row_index: u32,
    /// Number of winners, 1 to `total_lots`.
    pub count: u32,
    /// Lots of all winners together. Bounds: `count` to 2^48 − 1.
    pub total_lots: u64,
    /// Quote base units per lot. Bounds: 1 000 to 2^40 − 1.
    pub mark: u64,
    /// The crash made shorts win.
    pub side: WinningSide,
    /// Distinct entry prices at most. Bounds: 1 to [`MAX_LEVELS`].
    pub levels: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WinningSide {
    Shorts,
    Longs,
}

/// One synthetic account with one position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Winner {
    pub lots: u64,
    /// Price per lot, one of [`entry_levels`].
    pub entry: u64,
    /// Position of `entry` in [`entry_levels`].
    pub level: usize,
    /// Quote base units deposited: the margin, and the fee of opening on top.
    pub collateral: u128,
}

#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PopulationError {
    #[error("{count} winners cannot share {total_lots} lots, at least one each")]
    TooFewLots { count: u32, total_lots: u64 },
    #[error("{total_lots} lots reach 2^48")]
    TooManyLots { total_lots: u64 },
    #[error("a mark of {mark} is not within 1000 and 2^40 - 1")]
    Mark { mark: u64 },
    #[error("{levels} entry levels are not within 1 and {MAX_LEVELS}")]
    Levels { levels: usize },
}

impl WinningSide {
    /// +1 for longs: profit per lot is `sign · (mark − entry)`.
    fn sign(self) -> i128 {
        match self {
            Self::Shorts => -1,
            Self::Longs => 1,
        }
    }
}

impl Winner {
    /// The part of the deposit that is left when the opening fee is paid.
    pub fn margin(&self) -> u128 {
        self.collateral - ppm_ceil(self.opening_notional(), OPENING_FEE_PPM)
    }

    pub fn opening_notional(&self) -> u128 {
        u128::from(self.entry) * u128::from(self.lots)
    }

    pub fn profit(&self, side: WinningSide, mark: u64) -> i128 {
        side.sign() * (i128::from(mark) - i128::from(self.entry)) * i128::from(self.lots)
    }

    /// Profit as a share of the opening notional, rounded towards zero.
    pub fn profit_ppm(&self, side: WinningSide, mark: u64) -> i128 {
        side.sign() * (i128::from(mark) - i128::from(self.entry)) * PPM / i128::from(self.entry)
    }

    /// Notional over equity at the mark, rounded down.
    pub fn leverage_ppm(&self, side: WinningSide, mark: u64) -> u128 {
        let equity = self.margin().saturating_add_signed(self.profit(side, mark));
        let notional = u128::from(mark) * u128::from(self.lots);
        notional * PPM.unsigned_abs() / equity.max(1)
    }
}

/// The entry prices in the order in which accounts have to open, the largest profit first: descending for shorts, ascending
/// for longs. So from one level to the next, and on to the mark, the price only ever moves in favour of those who are in.
/// (After the last level, a losing one, it comes back by at most 3 %.) A level that would reach 2^40 is clipped there.
pub fn entry_levels(spec: &PopulationSpec) -> Result<Vec<u64>, PopulationError> {
    Ok(levels(spec)?.into_iter().map(|level| level.entry).collect())
}

/// The winners, in the order of their draws, which is no particular one.
pub fn winners(spec: &PopulationSpec) -> Result<Vec<Winner>, PopulationError> {
    let levels = levels(spec)?;
    if spec.count == 0 || u64::from(spec.count) > spec.total_lots {
        return Err(PopulationError::TooFewLots {
            count: spec.count,
            total_lots: spec.total_lots,
        });
    }
    if spec.total_lots >= LOTS_BOUND {
        return Err(PopulationError::TooManyLots {
            total_lots: spec.total_lots,
        });
    }

    let mut draws = Draws::new(spec);
    let sizes = draws.strata(SIZE);
    let leverages = draws.strata(LEVERAGE);
    let profits = draws.strata(PROFIT);
    let lots = apportioned(spec, &sizes);
    let drawn = leverages.into_iter().zip(profits);
    Ok(lots
        .into_iter()
        .zip(drawn)
        .map(|(lots, (leverage, profit))| {
            let level = level_for(&levels, spec.mark, leverage, profit);
            winner(spec, &levels, level, lots, leverage)
        })
        .collect())
}

/// An entry price, and the least equity per lot that an account with it has at the mark.
#[derive(Clone, Copy, Debug)]
struct Level {
    profit_ppm: i64,
    entry: u64,
    least_equity: i128,
}

impl Level {
    fn allows(&self, mark: u64, leverage_ppm: i64) -> bool {
        i128::from(mark) * PPM >= i128::from(leverage_ppm) * self.least_equity
    }
}

fn levels(spec: &PopulationSpec) -> Result<Vec<Level>, PopulationError> {
    if !(1..=MAX_LEVELS).contains(&spec.levels) {
        return Err(PopulationError::Levels {
            levels: spec.levels,
        });
    }
    if !(SMALLEST_MARK..PRICE_BOUND).contains(&spec.mark) {
        return Err(PopulationError::Mark { mark: spec.mark });
    }
    let mut profits = PROFIT_LEVELS[..spec.levels].to_vec();
    profits.sort_unstable_by_key(|profit| std::cmp::Reverse(*profit));
    let mut levels: Vec<Level> = profits
        .into_iter()
        .map(|profit| level(spec, profit))
        .collect();
    // Levels clipped at the bound are one.
    levels.dedup_by_key(|level| level.entry);
    Ok(levels)
}

fn level(spec: &PopulationSpec, profit_ppm: i64) -> Level {
    let mark = i128::from(spec.mark);
    let sign = spec.side.sign();
    // profit = sign · (mark − entry) / entry
    let entry =
        (mark * PPM / (PPM + sign * i128::from(profit_ppm))).min(i128::from(PRICE_BOUND - 1));
    let at_opening = margin_ceil(entry) + sign * (mark - entry);
    Level {
        profit_ppm,
        entry: u64::try_from(entry).unwrap_or(PRICE_BOUND - 1),
        least_equity: at_opening.max(margin_ceil(mark)),
    }
}

/// The level nearest to the profit, or the next lower one that allows the leverage; what none allows gets the lowest.
/// The losing level is only for those who drew a loss.
fn level_for(levels: &[Level], mark: u64, leverage_ppm: i64, profit_ppm: i64) -> usize {
    let candidates = || {
        levels
            .iter()
            .enumerate()
            .filter(|(_, level)| (level.profit_ppm < 0) == (profit_ppm < 0))
    };
    let nearest = candidates()
        .min_by_key(|(_, level)| level.profit_ppm.abs_diff(profit_ppm))
        .map(|(i, _)| i);
    let Some(nearest) = nearest else {
        // No losing level: the lowest there is.
        return levels.len() - 1;
    };
    candidates()
        .find(|(i, level)| *i >= nearest && level.allows(mark, leverage_ppm))
        .or_else(|| candidates().next_back())
        .map_or(nearest, |(i, _)| i)
}

/// The deposit that gives the leverage at the mark, or the least that the level allows.
fn winner(
    spec: &PopulationSpec,
    levels: &[Level],
    level: usize,
    lots: u64,
    leverage_ppm: i64,
) -> Winner {
    let Level {
        entry,
        least_equity,
        ..
    } = levels[level];
    let size = i128::from(lots);
    let mark = i128::from(spec.mark);
    let profit = spec.side.sign() * (mark - i128::from(entry)) * size;
    let notional = mark * size;
    // Rounded up, in favour of the account's margin.
    let wanted = (notional * PPM + i128::from(leverage_ppm) - 1) / i128::from(leverage_ppm);
    let margin = wanted.max(least_equity * size) - profit;
    let fee = ppm_ceil(u128::from(entry) * u128::from(lots), OPENING_FEE_PPM);
    Winner {
        lots,
        entry,
        level,
        collateral: margin.unsigned_abs() + fee,
    }
}

/// One lot each, and the rest in proportion to the sizes, rounded so that the sum is exact.
fn apportioned(spec: &PopulationSpec, sizes: &[i64]) -> Vec<u64> {
    let weights = || sizes.iter().map(|size| u128::from(size.unsigned_abs()));
    let total = weights().sum::<u128>().max(1);
    let rest = u128::from(spec.total_lots - u64::from(spec.count));
    let mut weight = 0;
    let mut given = 0;
    weights()
        .map(|size| {
            weight += size;
            let due = rest * weight / total;
            let lots = due - given;
            given = due;
            1 + u64::try_from(lots).unwrap_or(LOTS_BOUND)
        })
        .collect()
}

fn margin_ceil(notional: i128) -> i128 {
    (notional * i128::from(INITIAL_MARGIN_PPM) + PPM - 1) / PPM
}

fn ppm_ceil(amount: u128, ppm: u64) -> u128 {
    (amount * u128::from(ppm)).div_ceil(PPM.unsigned_abs())
}

struct Draws {
    rng: ChaCha8Rng,
    count: u32,
}

impl Draws {
    fn new(spec: &PopulationSpec) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(spec.seed);
        rng.set_stream(u64::from(spec.row_index));
        Self {
            rng,
            count: spec.count,
        }
    }

    /// One value from each n-th part of the quantiles, shuffled.
    fn strata(&mut self, table: Quantiles) -> Vec<i64> {
        let mut values: Vec<i64> = (0..self.count)
            .map(|i| {
                let within = self.below(ONE);
                table.at((u64::from(i) * ONE + within) / u64::from(self.count))
            })
            .collect();
        for last in (1..values.len()).rev() {
            let other = self.below(last as u64 + 1);
            values.swap(last, usize::try_from(other).unwrap_or(last));
        }
        values
    }

    /// A number below `bound`: the high half of a product, with a bias under 2^-34 for the bounds used here.
    fn below(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.rng.next_u64()) * u128::from(bound);
        u64::try_from(product >> 64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests;
