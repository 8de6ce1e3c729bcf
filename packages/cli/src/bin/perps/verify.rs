//! `perps verify-receipt`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use perps_cli::verify::{print_report, verify as replay, Pair, State, Transaction};

use crate::{write, CommandResult};

#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// State before a transaction, as `perps demo --export` or `perps-chain export` writes it.
    /// Once for each transaction of the job, in order.
    #[arg(long, required = true, value_name = "STATE.json")]
    before: Vec<PathBuf>,
    /// Events of that transaction: a list, or the answer of a node's REST or RPC interface.
    #[arg(long, required = true, value_name = "EVENTS.json")]
    events: Vec<PathBuf>,
    /// Writes what was checked and what was found as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

pub fn verify(args: &VerifyArgs) -> CommandResult {
    if args.before.len() != args.events.len() {
        let (states, events) = (args.before.len(), args.events.len());
        return Err(format!("{states} --before and {events} --events: they go in pairs").into());
    }
    let pairs = args.before.iter().zip(&args.events);
    let pairs = pairs
        .map(|(before, events)| pair(before, events))
        .collect::<Result<Vec<_>, String>>()?;
    let report = replay(pairs)?;
    print!("{}", print_report(&report));
    if let Some(path) = &args.json {
        write(
            path,
            &format!("{}\n", serde_json::to_string_pretty(&report)?),
        )?;
    }
    Ok(ExitCode::from(u8::from(!report.is_clean())))
}

fn pair(before: &Path, events: &Path) -> Result<Pair, String> {
    let read = |path: &Path| {
        std::fs::read_to_string(path).map_err(|e| format!("cannot read {}: {e}", path.display()))
    };
    let state: State = serde_json::from_str(&read(before)?)
        .map_err(|e| format!("{}: no state: {e}", before.display()))?;
    let transaction =
        Transaction::parse(&read(events)?).map_err(|e| format!("{}: {e}", events.display()))?;
    Ok(Pair {
        before: state,
        transaction,
    })
}
