//! What is published about the winners of 10 October 2025, as quantile tables.
//!
//! Published (see the README beside the data): median effective leverage 0.2, 95th percentile 5.1; 99.4 % of the closed
//! positions in profit, median profit 50 to 52 % of entry; sizes with a Hill exponent of about 0.75, Gini 0.98, the ten largest
//! of 19 337 wallets 46 % of notional. The knots between those figures are chosen, not published.

use super::quantile::{Quantiles, ONE};

/// Effective leverage at the mark, ppm. Above the 95th percentile nothing is published; the last knots are clipped to what a
/// position can have (see the module `population`).
pub(super) const LEVERAGE: Quantiles = Quantiles(&[
    (0, 5_000),
    (50_000_000, 10_000),
    (250_000_000, 50_000),
    (500_000_000, 200_000),
    (750_000_000, 755_000),
    (900_000_000, 2_500_000),
    (950_000_000, 5_100_000),
    (990_000_000, 10_000_000),
    (ONE, 20_000_000),
]);

/// Profit as a share of entry, ppm, *before* a leverage too high for a profit lowers it. The plateau sits above the median, and
/// the lowering of about an eighth of the winners brings it there.
pub(super) const PROFIT: Quantiles = Quantiles(&[
    (0, -30_000),
    (6_000_000, -30_000),
    (6_000_000, 10_000),
    (100_000_000, 180_000),
    (200_000_000, 340_000),
    (280_000_000, 470_000),
    (340_000_000, 510_000),
    (480_000_000, 510_000),
    (600_000_000, 590_000),
    (750_000_000, 680_000),
    (900_000_000, 790_000),
    (ONE, 900_000),
]);

/// Size in arbitrary units: a thin body, and from the 90th percentile on a power law of exponent 0.82, a knot each time the
/// share above it halves (the lines between knots bring the measured Hill exponent to about 0.74). The last line is less steep
/// than the law, because the ten largest published wallets hold less than it would give them.
pub(super) const SIZE: Quantiles = Quantiles(&[
    (0, 10),
    (100_000_000, 30),
    (250_000_000, 120),
    (500_000_000, 2_200),
    (750_000_000, 18_000),
    (900_000_000, 100_000),
    (950_000_000, 232_868),
    (975_000_000, 542_275),
    (987_500_000, 1_262_785),
    (993_750_000, 2_940_621),
    (996_875_000, 6_847_764),
    (998_437_500, 15_946_248),
    (ONE, 560_000_000),
]);

/// Profits (ppm of entry) for which there is an entry level, the most telling first: a population with fewer levels keeps the
/// first ones. The losing one is for the 0.6 %.
pub(super) const PROFIT_LEVELS: [i64; 12] = [
    510_000, 70_000, 250_000, 700_000, 20_000, -30_000, 430_000, 600_000, 350_000, 150_000,
    800_000, 880_000,
];
