//! `perps demo`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use perps_cli::amount::QUOTE_UNIT;
use perps_cli::demo::{run, DemoConfig, RecordedLoss};
use perps_cli::report::render;
use perps_cli::table::print_table;
use perps_cli::waves::{Selection, Wave};

use crate::setup::{OutputArgs, Progress, QueueArgs};
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
    #[command(flatten)]
    queue: QueueArgs,
    #[command(flatten)]
    output: OutputArgs,
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

pub fn demo(args: &DemoArgs) -> CommandResult {
    let top = (args.coins.is_none() && args.wave != Wave::All).then_some(20);
    let config = DemoConfig {
        selection: Selection {
            wave: args.wave,
            coins: args.coins.clone(),
            top,
        },
        fund: args.fund.map(|usd| u128::from(usd) * QUOTE_UNIT),
        policy: args.queue.policy(),
        counterparties: args.queue.counterparties,
        step_limit: args.queue.step_limit,
        seed: args.queue.seed,
        record: args.export.as_ref().map_or(0, |_| args.export_losses),
    };
    let progress = Progress::new();
    let run = run(&config, |done, all, row| progress.show(done, all, row))?;
    progress.clear();
    let (result, recorded) = (run.result, run.recorded);
    println!("{}", print_table(&result));
    println!("Marks and winners are SYNTHETIC; what each loss needs is the published figure of 10 October 2025.");
    args.output.write(&result, render)?;
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
