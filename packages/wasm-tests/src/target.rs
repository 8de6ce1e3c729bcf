//! The cost targets of the suite, against the measured figures.

use std::fmt;

use crate::artifact::CONTRACTS;
use crate::figures::Figures;

/// A figure, and the most that it may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What it is about.
    pub what: String,
    /// The figure.
    pub figure: String,
    /// The most it may be.
    pub most: u64,
}

/// A target with its figure. Prints as a line of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The target.
    pub target: Target,
    /// What was measured.
    pub measured: u64,
}

impl Verdict {
    /// Whether the target is met.
    pub fn is_met(&self) -> bool {
        self.measured <= self.target.most
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Target { what, figure, most } = &self.target;
        let verdict = if self.is_met() { "met" } else { "MISSED" };
        write!(
            f,
            "{what:<58} {figure:<34} {:>11} {most:>11}  {verdict}",
            self.measured
        )
    }
}

/// Targets with a fixed bound.
const FIXED: [(&str, &str, u64); 13] = [
    ("exact top 20 of 1 000 000", "top20@1000000", 65_000),
    ("the same with 64 classes", "top20@10000/64_classes", 65_000),
    ("a rank among 1 000 000", "rank@1000000", 150_000),
    ("the same with 64 classes", "rank@10000/64_classes", 150_000),
    ("changing one position's rank", "move@1000000", 32_000),
    (
        "the same with lights published",
        "move@1000000/lights_published",
        32_000,
    ),
    (
        "the same into an empty class",
        "move@10000/64_classes_and_a_new_one",
        32_000,
    ),
    (
        "one more counterparty in a step, queue and market",
        "adl_per_fill",
        35_000,
    ),
    (
        "the same while the loss stays open",
        "adl_per_fill/loss_stays_open",
        35_000,
    ),
    (
        "the same with 64 classes",
        "adl_per_fill/64_classes",
        35_000,
    ),
    ("11 279 fills, in blocks of 100 M gas", "burst_blocks", 4),
    (
        "taker order with one fill, instances not pinned",
        "tx/place_order_one_fill/unpinned",
        400_000,
    ),
    (
        "the same, pinned",
        "tx/place_order_one_fill/pinned",
        250_000,
    ),
];

const MAX_BYTES: u64 = 800 * 1024;
const AIMED_BYTES: u64 = 400 * 1024;

/// The targets with what was measured for them; none for a figure that is not there.
pub fn verdicts(figures: &Figures) -> Vec<Verdict> {
    targets(figures)
        .into_iter()
        .filter_map(|target| {
            let measured = *figures.get(&target.figure)?;
            Some(Verdict { target, measured })
        })
        .collect()
}

fn targets(figures: &Figures) -> Vec<Target> {
    let mut targets: Vec<Target> = FIXED
        .iter()
        .map(|(what, figure, most)| Target {
            what: (*what).to_owned(),
            figure: (*figure).to_owned(),
            most: *most,
        })
        .collect();
    if let Some(small) = figures.get("top20@1000") {
        targets.insert(
            1,
            Target {
                what: "at most 1.3 times that of 1 000".to_owned(),
                figure: "top20@1000000".to_owned(),
                most: small * 13 / 10,
            },
        );
    }
    for contract in CONTRACTS {
        for (what, most) in [
            ("size that a chain accepts, in bytes", MAX_BYTES),
            ("size that is aimed at, in bytes", AIMED_BYTES),
        ] {
            targets.push(Target {
                what: what.to_owned(),
                figure: format!("size/{contract}"),
                most,
            });
        }
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_with_the_number_of_positions_is_judged() {
        let figures = |million| {
            Figures::from([
                ("top20@1000".to_owned(), 10_000),
                ("top20@1000000".to_owned(), million),
            ])
        };
        let missed = |million| {
            let verdicts = verdicts(&figures(million));
            assert_eq!(verdicts.len(), 2);
            verdicts.iter().filter(|v| !v.is_met()).count()
        };
        assert_eq!(missed(13_000), 0);
        assert_eq!(missed(13_001), 1);
    }
}
