//! The suite on a local chain, from its deployment to its migration. `scripts/localnet.sh test` runs it on a
//! fresh chain; it fails when anything is not as it must be.

mod bench;
mod command;
mod deaf;
mod error;
mod gas;
mod home;
mod keeper;
mod net;
mod play;
mod report;
mod rpc;
mod situations;
mod steps;
mod suite;
mod vote;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use perps_chain::deploy::artifact;

use crate::error::PlayResult;
use crate::home::Home;
use crate::net::Net;
use crate::play::Play;
use crate::steps::{
    books, clock, commands, compare, crash, deploy, governance, markets, migration, out_of_gas,
    receipts, refusals, trade,
};

/// Plays the story of the suite on a fresh local chain.
#[derive(Debug, Parser)]
#[command(name = "perps-localnet", version)]
struct Args {
    /// Folder of the chain, as `scripts/localnet.sh` made it.
    #[arg(long, value_name = "DIR")]
    home: PathBuf,
    /// Where the figures are written.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Folder of the built contracts.
    #[arg(long, value_name = "DIR", default_value = "artifacts")]
    artifacts: PathBuf,
    /// Only deploys, opens the markets, and compares gas with the model.
    #[arg(long)]
    only_gas: bool,
}

type Step = fn(&mut Play) -> PlayResult<()>;

/// The story after the deployment.
const STORY: [(&str, Step); 21] = [
    ("markets by proposal", markets::markets),
    ("refusals", refusals::refusals),
    ("fund", trade::fund),
    ("trade", trade::trade),
    ("crash", crash::crash),
    ("node killed in a job", crash::power_cut),
    ("a hook that fails", clock::failing_hook),
    ("a hook that works", clock::hook),
    ("job finished", crash::finish),
    ("receipts", receipts::receipts),
    ("conservation", |play| {
        books::conservation(play, "conservation")
    }),
    ("loosening waits", governance::loosening),
    ("guardian", governance::guardian),
    ("pause and authority", governance::pauses_and_authority),
    ("by command", commands::commands),
    ("queue out of gas", out_of_gas::out_of_gas),
    ("loss resumed", out_of_gas::resumed),
    ("receipts", receipts::receipts),
    ("migration", migration::migration),
    ("gas against the model", compare::compare),
    ("conservation at the end", |play| {
        books::conservation(play, "conservation at the end")
    }),
];

/// The steps that the comparison of gas needs.
const OF_GAS: [&str; 2] = ["markets by proposal", "gas against the model"];

fn main() -> ExitCode {
    let args = Args::parse();
    let start = Instant::now();
    let mut at = "start";
    match story(&args, &mut at) {
        Ok(play) => {
            let steps = play.passed.len();
            println!("{steps} steps in {} s", start.elapsed().as_secs());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("step '{at}' failed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn story(args: &Args, at: &mut &'static str) -> PlayResult<Play> {
    let home = Home::open(&args.home)?;
    let artifacts = artifact::read(&args.artifacts)?;
    let net = Net::open(home)?;
    *at = "deploy";
    let mut play = deploy::deployment(net, artifacts)?;
    let is_played = |name: &str| !args.only_gas || OF_GAS.contains(&name);
    for (name, step) in STORY.into_iter().filter(|(name, _)| is_played(name)) {
        *at = name;
        step(&mut play)?;
    }
    *at = "report";
    report::write(&play, Path::new(&args.out))?;
    Ok(play)
}
