//! What part of its profit each counterparty gave, over all losses.

use crate::amount::grouped;
use crate::result::{DemoResult, Taken};
use crate::summary::plural;

use super::markup::{header, number_cell, percent, ADL};
use super::scale::{gridlines, nice_ceil, short, trimmed, Axis};

const BINS: usize = 20;

/// The part of the counterparties that the evenly spaced bins cover; the rest has one bin at the end.
const COVERED: f64 = 0.95;

const LEFT: f64 = 46.0;
const RIGHT: f64 = 512.0;

/// Shares of profit, ascending, of all who had a profit.
fn shares(result: &DemoResult) -> Vec<f64> {
    let mut shares: Vec<f64> = taken(result)
        .filter(|t| t.profit.0 > 0)
        .map(|t| t.charge.0 as f64 / t.profit.0 as f64)
        .collect();
    shares.sort_by(f64::total_cmp);
    shares
}

fn taken(result: &DemoResult) -> impl Iterator<Item = &Taken> {
    result.losses.iter().flat_map(|loss| &loss.taken)
}

pub(super) fn section(result: &DemoResult) -> String {
    let heading = "<h2>What part of a profit was taken</h2>";
    let shares = shares(result);
    let without = taken(result).count() - shares.len();
    let without = match without {
        0 => String::new(),
        n => format!(" {} had no profit to charge.", plural(n, "fill", "fills")),
    };
    if shares.is_empty() {
        return format!("{heading}<p>No profit was charged.{without}</p>");
    }
    let histogram = Histogram::of(&shares);
    format!(
        r#"{heading}<p class="soft">Charge over profit of each of {}.{without}</p><div class="loss">{}<div>{}{}</div></div>"#,
        plural(shares.len(), "fill in profit", "fills in profit"),
        histogram.chart(),
        quantiles(&shares),
        histogram.table()
    )
}

fn quantiles(shares: &[f64]) -> String {
    let at = |q: f64| shares[((shares.len() - 1) as f64 * q).round() as usize];
    let rows: String = [
        ("Least", 0.0),
        ("Quarter", 0.25),
        ("Median", 0.5),
        ("Three quarters", 0.75),
        ("90 of 100", 0.9),
        ("99 of 100", 0.99),
        ("Largest", 1.0),
    ]
    .into_iter()
    .map(|(name, q)| {
        format!(
            r#"<tr><th scope="row">{name}</th><td class="n">{}</td></tr>"#,
            percent(at(q))
        )
    })
    .collect();
    format!(
        "<table><caption>Charge as a share of profit</caption>{}<tbody>{rows}</tbody></table>",
        header(&["Up to", "#Share"])
    )
}

struct Histogram {
    /// Upper end of the evenly spaced bins, in %.
    end: f64,
    counts: [usize; BINS],
    beyond: usize,
}

impl Histogram {
    fn of(shares: &[f64]) -> Self {
        let covered = shares[((shares.len() - 1) as f64 * COVERED).floor() as usize];
        let end = nice_ceil(covered * 100.0);
        let mut counts = [0; BINS];
        let mut beyond = 0;
        for share in shares {
            let place = share * 100.0 / end;
            if place > 1.0 {
                beyond += 1;
            } else {
                // The upper end belongs to the last bin.
                counts[((place * BINS as f64) as usize).min(BINS - 1)] += 1;
            }
        }
        Self {
            end,
            counts,
            beyond,
        }
    }

    /// Lower and upper end of a bin, in %.
    fn ends(&self, bin: usize) -> (String, String) {
        let end = |i: usize| trimmed(self.end * i as f64 / BINS as f64);
        (end(bin), end(bin + 1))
    }

    fn chart(&self) -> String {
        let most = self
            .counts
            .iter()
            .copied()
            .max()
            .unwrap_or(0)
            .max(self.beyond);
        let axis = Axis {
            low: 0.0,
            high: nice_ceil(most as f64).max(2.0),
            logarithmic: false,
            bottom: 190.0,
            top: 28.0,
        };
        let slots = BINS + usize::from(self.beyond > 0) * 2;
        let slot = (RIGHT - LEFT) / slots as f64;
        let mut shapes = String::new();
        let with_beyond = self.counts.iter().copied().enumerate();
        for (bin, count) in with_beyond.chain([(BINS + 1, self.beyond)]) {
            if count == 0 {
                continue;
            }
            let y = axis.y(count as f64).min(axis.bottom - 1.0);
            shapes.push_str(&format!(
                r#"<rect class="{}" x="{:.2}" y="{y:.2}" width="{:.2}" height="{:.2}"/>"#,
                ADL.class,
                LEFT + bin as f64 * slot + 0.5,
                slot - 1.0,
                axis.bottom - y
            ));
        }
        format!(
            r#"<svg class="chart" viewBox="0 0 520 232" role="img"><title>Charge as a share of profit</title><desc>Histogram of {} fills in {BINS} bins from 0 to {} %, {} beyond. The tables have the figures.</desc>{}{shapes}{}<text class="name" x="0" y="12">Fills</text><text class="name" x="{LEFT}" y="225">Charge, % of profit</text></svg>"#,
            grouped((self.counts.iter().sum::<usize>() + self.beyond) as u128),
            trimmed(self.end),
            grouped(self.beyond as u128),
            gridlines(&axis, (LEFT, RIGHT), short),
            self.labels(slot)
        )
    }

    fn labels(&self, slot: f64) -> String {
        let label = |bins: f64, text: &str, anchor: &str| {
            let x = LEFT + bins * slot;
            format!(r#"<text x="{x:.1}" y="206" text-anchor="{anchor}">{text}</text>"#)
        };
        let all = BINS as f64;
        let percent = |value: f64| format!("{} %", trimmed(value));
        let mut labels = label(0.0, "0 %", "start");
        labels.push_str(&label(all / 2.0, &percent(self.end / 2.0), "middle"));
        labels.push_str(&label(all, &percent(self.end), "end"));
        if self.beyond > 0 {
            labels.push_str(&label(all + 2.0, "more", "end"));
        }
        labels
    }

    fn table(&self) -> String {
        let mut rows = String::new();
        for (bin, count) in self.counts.iter().enumerate() {
            let (from, to) = self.ends(bin);
            rows.push_str(&format!(
                r#"<tr><th scope="row">{from} to {to} %</th>{}</tr>"#,
                number_cell(*count as u128)
            ));
        }
        rows.push_str(&format!(
            r#"<tr><th scope="row">more than {} %</th>{}</tr>"#,
            trimmed(self.end),
            number_cell(self.beyond as u128)
        ));
        format!(
            "<details><summary>The bins as a table</summary><table>{}<tbody>{rows}</tbody></table></details>",
            header(&["Share of profit", "#Fills"])
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_share_is_in_one_bin() {
        let shares: Vec<f64> = (0..=1_000).map(|i| f64::from(i) / 1_000.0).collect();
        let histogram = Histogram::of(&shares);
        assert!((histogram.end - 100.0).abs() < 1e-9);
        assert_eq!(histogram.counts.iter().sum::<usize>(), 1_001);
        assert_eq!((histogram.counts[0], histogram.counts[19]), (50, 51));
    }

    #[test]
    fn one_outlier_does_not_flatten_the_rest() {
        let mut shares = vec![0.013; 500];
        shares.push(1.0);
        let histogram = Histogram::of(&shares);
        assert!((histogram.end - 2.0).abs() < 1e-9);
        assert_eq!((histogram.counts[13], histogram.beyond), (500, 1));
        assert!(histogram.chart().contains("more"));
    }

    #[test]
    fn charges_of_nothing_are_a_bin_too() {
        let histogram = Histogram::of(&[0.0, 0.0]);
        assert_eq!(histogram.counts[0], 2);
        assert!(!histogram.chart().contains("NaN"));
    }
}
