//! Quantile functions as integer tables.
//!
//! A power or a logarithm from one platform's maths library may differ from another's in the last place, and with it a lot or a
//! base unit. A table with straight lines between its knots is the same everywhere.

/// Quantiles are in parts per billion.
pub(super) const ONE: u64 = 1_000_000_000;

/// Knots `(quantile, value)`, both ascending from quantile 0 to `ONE`. Two knots at one quantile make a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quantiles(pub &'static [(u64, i64)]);

impl Quantiles {
    /// The value at `quantile`, rounded towards the knot below.
    pub fn at(self, quantile: u64) -> i64 {
        let mut below = (0, 0);
        for &(q, value) in self.0 {
            if q > quantile {
                let (q0, value0) = below;
                // Up to 10^9 · 10^9 before the division.
                let run = i128::from(quantile - q0) * i128::from(value - value0);
                let step = run / i128::from(q - q0);
                return value0 + i64::try_from(step).unwrap_or(i64::MAX);
            }
            below = (q, value);
        }
        below.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn straight_lines_between_knots() {
        let table = Quantiles(&[(0, -30), (10, -30), (10, 100), (20, 200), (ONE, 400)]);
        for (quantile, value) in [
            (0, -30),
            (9, -30),
            (10, 100),
            (15, 150),
            (20, 200),
            (ONE / 2, 299),
            (ONE, 400),
            (ONE + 1, 400),
        ] {
            assert_eq!(table.at(quantile), value, "{quantile}");
        }
    }
}
