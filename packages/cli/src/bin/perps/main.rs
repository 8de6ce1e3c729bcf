//! The `perps` command.

mod chain;
mod demo;
mod fund;
mod setup;
mod verify;

use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

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
    Demo(demo::DemoArgs),
    /// What an insurance fund goes through.
    #[command(subcommand)]
    Fund(fund::FundCommand),
    /// Re-checks whom a loss was taken from, from the state before and the events.
    ///
    /// Sorts all positions of the state by the definition of the ranking, goes through the passes
    /// again, and names every receipt that is not what they give. Exit code 0: all are as defined;
    /// 1: some are not; 2: the input cannot be used.
    VerifyReceipt(verify::VerifyArgs),
    /// Follows an account's place in the queue of a live chain (done by `perps-chain`).
    Watch(chain::Passed),
    /// Writes the state of a live chain for `verify-receipt` (done by `perps-chain`).
    Export(chain::Passed),
    /// Writes the events of a transaction for `verify-receipt` (done by `perps-chain`).
    Receipt(chain::Passed),
}

fn main() -> ExitCode {
    let (done, failure) = match Cli::parse().command {
        Command::Demo(args) => (demo::demo(&args), 1),
        Command::Fund(command) => (fund::fund(&command), 1),
        Command::VerifyReceipt(args) => (verify::verify(&args), 2),
        Command::Watch(passed) => (chain::run("watch", &passed), 1),
        Command::Export(passed) => (chain::run("export", &passed), 1),
        Command::Receipt(passed) => (chain::run("receipt", &passed), 1),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(failure)
    })
}

/// Whatever ends a command.
type CommandResult = Result<ExitCode, Box<dyn std::error::Error>>;

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|e| format!("cannot write {}: {e}", path.display()))
}
