//! `perps demo`.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use perp_interface::{Lots, Policy, ScoreKind};
use perps_cli::demo::{run, DemoConfig, RecordedLoss};
use perps_cli::report::render;
use perps_cli::table::print_table;
use perps_cli::waves::{Selection, Wave};

use crate::{write, CommandResult};

#[derive(Debug, Args)]
pub struct DemoArgs {
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
    /// Writes the state before and the events of the first losses into this directory, for
    /// `perps verify-receipt`.
    #[arg(long, value_name = "DIR")]
    export: Option<PathBuf>,
    /// Of how many losses.
    #[arg(long, default_value_t = 3, value_name = "N", requires = "export")]
    export_losses: usize,
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

pub fn demo(args: &DemoArgs) -> CommandResult {
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
        record: args.export.as_ref().map_or(0, |_| args.export_losses),
    };
    let bar = progress_bar();
    let run = run(&config, |done, all, row| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
        bar.set_message(format!("wave {} {}", row.wave, row.coin));
    })?;
    bar.finish_and_clear();
    let (result, recorded) = (run.result, run.recorded);
    println!("{}", print_table(&result));
    println!("Marks and winners are SYNTHETIC; what each loss needs is the published figure of 10 October 2025.");
    if let Some(path) = &args.json {
        write(path, &format!("{}\n", serde_json::to_string(&result)?))?;
    }
    if let Some(path) = &args.report {
        write(path, &render(&result))?;
    }
    if let Some(dir) = &args.export {
        export(dir, &recorded)?;
    }
    if result.is_exact() {
        Ok(ExitCode::SUCCESS)
    } else {
        Err("the figures do not add up: see the checks above".into())
    }
}

/// Two files for each loss, and the command that checks the first.
fn export(dir: &Path, recorded: &[RecordedLoss]) -> CommandResult {
    std::fs::create_dir_all(dir).map_err(|e| format!("cannot create {}: {e}", dir.display()))?;
    for (i, loss) in recorded.iter().enumerate() {
        let coin: String = loss
            .coin
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        let name = |what: &str| dir.join(format!("wave-{}-{coin}.{what}.json", loss.wave));
        let (before, events) = (name("before"), name("events"));
        write(
            &before,
            &format!("{}\n", serde_json::to_string(&loss.before)?),
        )?;
        write(&events, &format!("{}\n", loss.events))?;
        if i == 0 {
            let (before, events) = (before.display(), events.display());
            println!("Check it: cargo perps verify-receipt --before {before} --events {events}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn progress_bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {elapsed} {msg}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
