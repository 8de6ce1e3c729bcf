//! Axes: round ends, short labels.

/// The next 1, 2 or 5 times a power of ten that is not below the value.
pub(super) fn nice_ceil(value: f64) -> f64 {
    if !(value.is_finite() && value > 0.0) {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0]
        .into_iter()
        .map(|step| step * power)
        // What the logarithm lost must not push a round value up by a step.
        .find(|end| *end >= value * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

/// `950`, `1k`, `20k`, `5M`
pub(super) fn short(value: f64) -> String {
    for (size, suffix) in [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")] {
        if value >= size {
            return format!("{}{suffix}", trimmed(value / size));
        }
    }
    trimmed(value)
}

/// At most four decimals, none that say nothing.
pub(super) fn trimmed(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

/// A vertical axis from `bottom` (lowest value) to `top`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    pub low: f64,
    pub high: f64,
    pub logarithmic: bool,
    pub bottom: f64,
    pub top: f64,
}

impl Axis {
    pub fn y(&self, value: f64) -> f64 {
        let share = if self.logarithmic {
            (value.max(self.low) / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.bottom - share.clamp(0.0, 1.0) * (self.bottom - self.top)
    }

    /// For counts: straight, or logarithmic when they span more than two powers of ten.
    pub fn for_counts(least: f64, most: f64, bottom: f64, top: f64) -> Self {
        let logarithmic = least > 0.0 && most / least > 100.0;
        let (low, high) = if logarithmic {
            // Half a step below the least, so that its bar is seen.
            (10_f64.powf(least.log10().floor()) / 2.0, most)
        } else {
            (0.0, nice_ceil(most))
        };
        Self {
            low,
            high,
            logarithmic,
            bottom,
            top,
        }
    }

    /// Where to write numbers: three or four values.
    pub fn ticks(&self) -> Vec<f64> {
        if !self.logarithmic {
            return vec![self.low, (self.low + self.high) / 2.0, self.high];
        }
        let first = self.low.log10().ceil();
        let powers = (self.high.log10() - first).floor().max(0.0);
        let step = (powers / 3.0).ceil().max(1.0);
        let mut ticks = Vec::new();
        let mut power = 0.0;
        while power <= powers {
            ticks.push(10_f64.powf(first + power));
            power += step;
        }
        ticks
    }
}

/// A line and a number for each tick, and the axis itself.
pub(super) fn gridlines(
    axis: &Axis,
    (left, right): (f64, f64),
    label: fn(f64) -> String,
) -> String {
    let mut out = String::new();
    for tick in axis.ticks() {
        let y = axis.y(tick);
        out.push_str(&format!(
            r#"<path class="grid" d="M{left} {y:.1}H{right}"/><text x="{}" y="{:.1}" text-anchor="end">{}</text>"#,
            left - 6.0,
            y + 4.0,
            label(tick)
        ));
    }
    out.push_str(&format!(
        r#"<path class="axis" d="M{left} {}H{right}"/>"#,
        axis.bottom
    ));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_ends() {
        for (value, end) in [
            (0.0, 1.0),
            (-1.0, 1.0),
            (f64::NAN, 1.0),
            (1.0, 1.0),
            (1.1, 2.0),
            (0.03, 0.05),
            (0.06, 0.1),
            (100.0, 100.0),
            (1000.0, 1000.0),
            (501.0, 1000.0),
        ] {
            assert!((nice_ceil(value) - end).abs() < 1e-9, "{value}");
        }
    }

    #[test]
    fn short_labels() {
        for (value, label) in [
            (0.0, "0"),
            (0.5, "0.5"),
            (999.0, "999"),
            (1_000.0, "1k"),
            (2_500_000.0, "2.5M"),
        ] {
            assert_eq!(short(value), label);
        }
    }

    #[test]
    fn axes_stay_inside() {
        let axis = Axis::for_counts(1.0, 1_000_000.0, 100.0, 0.0);
        assert!(axis.logarithmic);
        assert_eq!(axis.ticks().len(), 4);
        assert!((axis.y(1e9)).abs() < 1e-9 && (axis.y(0.0) - 100.0).abs() < 1e-9);
        let axis = Axis::for_counts(5.0, 80.0, 100.0, 0.0);
        assert!((axis.y(50.0) - 50.0).abs() < 1e-9);
        assert_eq!(axis.ticks(), [0.0, 50.0, 100.0]);
    }
}
