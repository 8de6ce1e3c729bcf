//! The `perps` command.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use perp_interface::{Lots, Policy, ScoreKind};
use perps_cli::demo::{run, DemoConfig, DemoError};
use perps_cli::report::render;
use perps_cli::table::print_table;
use perps_cli::waves::{Selection, Wave};
use thiserror::Error;

/// Tools around a CosmWasm perpetual-futures suite that stays solvent through a crash.
#[derive(Debug, Parser)]
#[command(name = "perps", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the real shortfalls of 10 October 2025 through the suite on an embedded chain.
    ///
    /// Winners and marks are synthetic; what each loss needs is the published figure.
    Demo(DemoArgs),
}

#[derive(Debug, Args)]
struct DemoArgs {
    /// A published wave of the event (1, 2, 4, 5, 7 to 14, 17, 21, 25, 28), or `all`.
    #[arg(long, default_value = "1", value_parser = parse_wave)]
    wave: Wave,
    /// Only these coins, separated by commas; without it the 20 with the largest shortfalls of
    /// one wave, or all of all waves.
    #[arg(long, value_delimiter = ',')]
    coins: Option<Vec<String>>,
    /// Capital of the insurance fund in USD; without it a third of what is needed.
    #[arg(long, value_parser = clap::value_parser!(u64).range(0..1_000_000_000_000))]
    fund: Option<u64>,
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
    counterparties: u32,
    /// Units of work per call of the queue; without it as many as a job needs.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    step_limit: Option<u32>,
    /// Seed of the synthetic population.
    #[arg(long, default_value_t = 10)]
    seed: u64,
    /// Writes all figures as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Writes a self-contained HTML report.
    #[arg(long)]
    report: Option<PathBuf>,
}

#[derive(Debug, Error)]
enum CliError {
    #[error(transparent)]
    Demo(#[from] DemoError),
    #[error("cannot write {path}: {source}")]
    Write {
        path: String,
        source: std::io::Error,
    },
    #[error("cannot write JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the figures do not add up: see the checks above")]
    Inexact,
}

fn parse_wave(text: &str) -> Result<Wave, String> {
    if text.eq_ignore_ascii_case("all") {
        return Ok(Wave::All);
    }
    text.parse()
        .map(Wave::One)
        .map_err(|_| format!("'{text}' is neither a wave number nor `all`"))
}

fn parse_score(text: &str) -> Result<ScoreKind, String> {
    let known = ScoreKind::ALL.into_iter().find(|kind| kind.name() == text);
    known.ok_or_else(|| format!("'{text}' is none of profit_leverage, leverage, profit"))
}

fn main() -> ExitCode {
    let Command::Demo(args) = Cli::parse().command;
    match demo(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn demo(args: &DemoArgs) -> Result<(), CliError> {
    let top = (args.coins.is_none() && args.wave != Wave::All).then_some(20);
    let config = DemoConfig {
        selection: Selection {
            wave: args.wave,
            coins: args.coins.clone(),
            top,
        },
        fund: args.fund.map(|usd| u128::from(usd) * 1_000_000),
        policy: Policy {
            score: args.score,
            breadth: args.breadth,
            protect_principal: !args.charge_principal,
            min_fill: Lots(args.min_fill),
        },
        counterparties: args.counterparties,
        step_limit: args.step_limit,
        seed: args.seed,
    };
    let bar = progress_bar();
    let run = run(&config, |done, all, row| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
        bar.set_message(format!("wave {} {}", row.wave, row.coin));
    })?;
    bar.finish_and_clear();
    let result = run.result;
    println!("{}", print_table(&result));
    println!("Marks and winners are SYNTHETIC; what each loss needs is the published figure of 10 October 2025.");
    if let Some(path) = &args.json {
        write(path, &format!("{}\n", serde_json::to_string(&result)?))?;
    }
    if let Some(path) = &args.report {
        write(path, &render(&result))?;
    }
    if result.is_exact() {
        Ok(())
    } else {
        Err(CliError::Inexact)
    }
}

fn progress_bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {elapsed} {msg}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn write(path: &Path, text: &str) -> Result<(), CliError> {
    std::fs::write(path, text).map_err(|source| CliError::Write {
        path: path.display().to_string(),
        source,
    })
}
