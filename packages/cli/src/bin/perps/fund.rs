//! `perps fund`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use perp_interface::params::FundParams;
use perp_interface::Quote;
use perps_cli::amount::QUOTE_UNIT;
use perps_cli::report::render_stress;
use perps_cli::stress::{print_stress, run, StressConfig};
use perps_cli::waves::Selection;

use crate::setup::{OutputArgs, Progress, QueueArgs};
use crate::CommandResult;

/// Largest amount of an option in USD.
const MOST: u64 = 1_000_000_000_000;

#[derive(Debug, Subcommand)]
pub enum FundCommand {
    /// Runs all 16 waves of 10 October 2025 in a row against one fund with its limits.
    ///
    /// The clock moves by the real seconds between the waves. Winners, marks, stakers and fees are
    /// synthetic; what each loss needs, and when, is published.
    Stress(StressArgs),
}

#[derive(Debug, Args)]
pub struct StressArgs {
    /// The protocol's own money in USD: the first to be lost.
    #[arg(long, default_value_t = 3_000_000, value_parser = usd())]
    seed_capital: u64,
    /// The stakers' money in USD: 0, or enough for three stakes.
    #[arg(long, default_value_t = 12_000_000, value_parser = usd())]
    staked: u64,
    /// Most that is paid for one loss, in USD; without it the default of the fund's parameters, as
    /// for all limits below.
    #[arg(long, value_parser = usd())]
    per_loss_cap: Option<u64>,
    /// Most that is paid in one block, in USD. A wave is one block.
    #[arg(long, value_parser = usd())]
    per_block_cap: Option<u64>,
    /// Most that is paid in any window, in USD.
    #[arg(long, value_parser = usd())]
    window_cap: Option<u64>,
    /// Most that is paid for one coin in any window, in USD.
    #[arg(long, value_parser = usd())]
    market_window_cap: Option<u64>,
    /// Length of the rolling window in seconds.
    #[arg(long)]
    window_seconds: Option<u64>,
    /// How far below its 8-hour peak, in basis points, the fund stops; 10000 never stops it.
    #[arg(long)]
    trip_bps: Option<u32>,
    /// How near to that peak, in basis points below it, the fund pays again.
    #[arg(long)]
    resume_bps: Option<u32>,
    #[command(flatten)]
    queue: QueueArgs,
    #[command(flatten)]
    output: OutputArgs,
}

fn usd() -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(0..MOST)
}

pub fn fund(command: &FundCommand) -> CommandResult {
    match command {
        FundCommand::Stress(args) => stress(args),
    }
}

fn stress(args: &StressArgs) -> CommandResult {
    let progress = Progress::new();
    let run = run(&config(args), |done, all, row| {
        progress.show(done, all, row)
    })?;
    progress.clear();
    let result = run.result;
    println!("{}", print_stress(&result));
    println!("Marks, winners, stakers and fees are SYNTHETIC; what each loss needs, and when, is the published figure of 10 October 2025.");
    args.output.write(&result, render_stress)?;
    if result.is_exact() {
        return Ok(ExitCode::SUCCESS);
    }
    for (check, found) in result.checks.defects() {
        eprintln!("{check}: {found}");
    }
    for violation in &result.checks.violations {
        eprintln!("{violation}");
    }
    Err("the figures do not add up: see the checks above".into())
}

fn config(args: &StressArgs) -> StressConfig {
    let limits = FundParams::default();
    let cap = |given: Option<u64>, default: Quote| {
        given.map_or(default, |usd| Quote(base_units(usd) as i128))
    };
    StressConfig {
        selection: Selection::default(),
        seed_capital: base_units(args.seed_capital),
        staked: base_units(args.staked),
        fund: FundParams {
            per_loss_cap: cap(args.per_loss_cap, limits.per_loss_cap),
            per_block_cap: cap(args.per_block_cap, limits.per_block_cap),
            window_cap: cap(args.window_cap, limits.window_cap),
            market_window_cap: cap(args.market_window_cap, limits.market_window_cap),
            window_seconds: args.window_seconds.unwrap_or(limits.window_seconds),
            trip_bps: args.trip_bps.unwrap_or(limits.trip_bps),
            resume_bps: args.resume_bps.unwrap_or(limits.resume_bps),
            ..limits
        },
        policy: args.queue.policy(),
        counterparties: args.queue.counterparties,
        step_limit: args.queue.step_limit,
        seed: args.queue.seed,
    }
}

fn base_units(usd: u64) -> u128 {
    u128::from(usd) * QUOTE_UNIT
}
