//! The committed figures of `gas.json`: collecting, reading, writing and comparing them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::artifact::{read_artifact, Facts, CONTRACTS};
use crate::measure::{deleverage, messages, ranking};

/// Figures by name, `size/perp-market` for example.
pub type Figures = BTreeMap<String, u64>;

/// A figure may grow by this much, in percent, before the committed file must say so. It leaves room
/// for what another release of the compiler changes.
pub const TOLERANCE_PERCENT: u64 = 2;

/// The committed file.
pub fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("gas.json")
}

/// Measures everything.
///
/// # Panics
///
/// When a contract is not built.
pub fn measure() -> Figures {
    let mut figures = Figures::new();
    for contract in CONTRACTS {
        let facts = Facts::of(&read_artifact(contract)).expect("a wasm module");
        figures.insert(format!("size/{contract}"), facts.bytes as u64);
        figures.insert(format!("max_locals/{contract}"), facts.max_locals as u64);
    }
    messages(&mut figures);
    deleverage(&mut figures);
    ranking(&mut figures);
    figures
}

/// The committed figures; none when there is no file yet.
///
/// # Errors
///
/// When the file cannot be read, or is not a flat object of numbers.
pub fn committed() -> std::io::Result<Figures> {
    match std::fs::read(path()) {
        Ok(json) => Ok(serde_json::from_slice(&json)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Figures::new()),
        Err(error) => Err(error),
    }
}

/// Writes the file: sorted, one figure a line, so that a change shows as a diff of that line.
///
/// # Errors
///
/// When the file cannot be written.
pub fn commit(figures: &Figures) -> std::io::Result<()> {
    let mut json = serde_json::to_string_pretty(figures)?;
    json.push('\n');
    std::fs::write(path(), json)
}

/// One figure that differs. Prints as a line of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The figure's name.
    pub name: String,
    /// The committed value.
    pub before: Option<u64>,
    /// The measured value.
    pub now: Option<u64>,
}

impl Difference {
    /// Whether the committed file must be updated: the figure grew beyond the tolerance, is new, or
    /// is measured no more.
    pub fn fails(&self) -> bool {
        match (self.before, self.now) {
            (Some(before), Some(now)) => now * 100 > before * (100 + TOLERANCE_PERCENT),
            _ => true,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |figure: Option<u64>| figure.map_or("-".to_owned(), |n| n.to_string());
        let change = match (self.before, self.now) {
            (Some(before), Some(now)) if before > 0 => {
                format!("{:+.1} %", 100.0 * (now as f64 / before as f64 - 1.0))
            }
            (None, _) => "new".to_owned(),
            (_, None) => "gone".to_owned(),
            _ => "from 0".to_owned(),
        };
        write!(
            f,
            "{:<56} {:>12} {:>12} {:>9}{}",
            self.name,
            text(self.before),
            text(self.now),
            change,
            if self.fails() { "  <--" } else { "" }
        )
    }
}

/// All differences, by name.
pub fn compare(before: &Figures, now: &Figures) -> Vec<Difference> {
    let mut names: Vec<&String> = before.keys().chain(now.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .map(|name| Difference {
            name: name.clone(),
            before: before.get(name).copied(),
            now: now.get(name).copied(),
        })
        .filter(|difference| difference.before != difference.now)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(rows: &[(&str, u64)]) -> Figures {
        rows.iter()
            .map(|(name, n)| (name.to_string(), *n))
            .collect()
    }

    #[test]
    fn growth_beyond_the_tolerance_fails() {
        let before = figures(&[("gas/a", 1000), ("gas/b", 1000), ("gas/c", 1000)]);
        let now = figures(&[("gas/a", 1020), ("gas/b", 1021), ("gas/c", 10)]);
        let failing: Vec<_> = compare(&before, &now)
            .into_iter()
            .map(|difference| (difference.name.clone(), difference.fails()))
            .collect();
        assert_eq!(
            failing,
            [
                ("gas/a".to_owned(), false),
                ("gas/b".to_owned(), true),
                ("gas/c".to_owned(), false)
            ]
        );
    }

    #[test]
    fn a_new_and_a_lost_figure_fail() {
        let differences = compare(&figures(&[("gas/a", 1)]), &figures(&[("gas/b", 1)]));
        assert_eq!(differences.len(), 2);
        assert!(differences.iter().all(Difference::fails));
    }

    #[test]
    fn equal_figures_are_no_difference() {
        let same = figures(&[("size/a", 7)]);
        assert_eq!(compare(&same, &same), []);
    }
}
