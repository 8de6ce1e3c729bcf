//! Options that several commands share, and what they show while they run.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use perp_interface::{Lots, Policy, ScoreKind};
use perps_cli::waves::WaveRow;
use serde::Serialize;

use crate::write;

/// Whom losses find, and how the queue chooses among them.
#[derive(Debug, Args)]
pub struct QueueArgs {
    /// Over how many times the lots of a loss it is spread: 1 is the classic queue.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    breadth: u32,
    /// By what counterparties are ranked.
    #[arg(long, default_value = "profit_leverage", value_parser = parse_score)]
    score: ScoreKind,
    /// Charges equity beyond profit: principal is not protected.
    #[arg(long)]
    charge_principal: bool,
    /// Least share of a counterparty in lots.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1 << 40))]
    min_fill: u64,
    /// Counterparties of each loss.
    #[arg(long, default_value_t = 110, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub counterparties: u32,
    /// Units of work per call of the queue; without it as many as a job needs.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub step_limit: Option<u32>,
    /// Seed of the synthetic population.
    #[arg(long, default_value_t = 10)]
    pub seed: u64,
}

impl QueueArgs {
    pub fn policy(&self) -> Policy {
        Policy {
            score: self.score,
            breadth: self.breadth,
            protect_principal: !self.charge_principal,
            min_fill: Lots(self.min_fill),
        }
    }
}

/// Where the figures go besides the terminal.
#[derive(Debug, Args)]
pub struct OutputArgs {
    /// Writes all figures as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Writes a self-contained HTML report.
    #[arg(long)]
    report: Option<PathBuf>,
}

impl OutputArgs {
    pub fn write<T: Serialize>(
        &self,
        result: &T,
        render: impl FnOnce(&T) -> String,
    ) -> Result<(), Box<dyn std::error::Error>> {
        if let Some(path) = &self.json {
            write(path, &format!("{}\n", serde_json::to_string(result)?))?;
        }
        if let Some(path) = &self.report {
            write(path, &render(result))?;
        }
        Ok(())
    }
}

fn parse_score(text: &str) -> Result<ScoreKind, String> {
    let known = ScoreKind::ALL.into_iter().find(|kind| kind.name() == text);
    known.ok_or_else(|| format!("'{text}' is none of profit_leverage, leverage, profit"))
}

/// Rows done, on a terminal only.
pub struct Progress(ProgressBar);

impl Progress {
    pub fn new() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(ProgressBar::with_draw_target(
                None,
                ProgressDrawTarget::hidden(),
            ));
        }
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {elapsed} {msg}");
        Self(ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
    }

    pub fn show(&self, done: usize, all: usize, row: &WaveRow) {
        self.0.set_length(all as u64);
        self.0.set_position(done as u64);
        self.0
            .set_message(format!("wave {} {}", row.wave, row.coin));
    }

    pub fn clear(&self) {
        self.0.finish_and_clear();
    }
}
