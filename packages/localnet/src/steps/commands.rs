//! What an operator types: a proposal is looked at, submitted, voted on, and carried out by a keeper that runs
//! as a process of its own.

use std::thread;
use std::time::{Duration, Instant};

use perps_chain::client::gov::ProposalStatus;
use perps_chain::keeper::work::Kind;
use serde_json::{json, Value};

use super::markets::SECOND;
use crate::command::PerpsChain;
use crate::error::{ensure, same, PlayError, PlayResult};
use crate::home::read_json;
use crate::play::Play;

/// Where maintenance margin goes: two steps from where it is.
const MAINTENANCE: u32 = 600;
const AT_FIRST: u32 = 500;

/// Longest time until the keeper has made all steps.
const PATIENCE: Duration = Duration::from_secs(90);

/// `propose`, `propose impact`, `propose --submit`, and `keeper` until it is told to end.
///
/// # Errors
/// Whatever is not as it must be.
pub fn commands(play: &mut Play) -> PlayResult<()> {
    let home = &play.net.home;
    let addresses = home.record("story");
    let operator = PerpsChain::new(&play.net, &addresses, "carol")?;
    same("maintenance margin before", &maintenance(play)?, &AT_FIRST)?;
    let set = format!("tiers.0.maintenance_bps={MAINTENANCE}");
    let market = SECOND.to_string();
    let propose = ["propose", "market", "--market", &market, "--set"];
    misspelt(&operator, &propose)?;

    let file = addresses.with_file_name("proposal.json");
    let file = file.display().to_string();
    let change = [&propose[..], &[&set, "--expedited"]].concat();
    operator.run(&[&change[..], &["--out", &file]].concat())?;
    let impact = operator.run(&["propose", "impact", &file])?;
    for line in [
        "500/1000 -> 550/1000",
        "550/1000 -> 600/1000",
        "0 more by the change",
    ] {
        ensure(impact.contains(line), || {
            format!("'{line}' is not in the impact:\n{impact}")
        })?;
    }
    let submitted = operator.pay(&[&change[..], &["--submit"]].concat())?;
    let id = submitted
        .lines()
        .next_back()
        .and_then(|line| line.parse().ok());
    let id = id.ok_or_else(|| PlayError::Wrong(format!("no number of a proposal: {submitted}")))?;
    let state = play.net.decide(&[id])?.remove(0);
    same("the proposal", &state.status, &ProposalStatus::Passed)?;
    same(
        "maintenance margin after it",
        &maintenance(play)?,
        &AT_FIRST,
    )?;
    kept(play)?;
    play.passed(
        "by command",
        format!("proposal {id} written, weighed, submitted; a keeper made its two steps and ended on SIGTERM"),
    )
}

fn misspelt(operator: &PerpsChain, propose: &[&str]) -> PlayResult<()> {
    let wrong = "tiers.0.maintenence_bps=600";
    let code = "unknown_key".to_owned();
    let what = format!("--set {wrong}");
    match operator.run(&[propose, &[wrong]].concat()) {
        Ok(_) => Err(PlayError::NotRefused { what, code }),
        Err(error) if error.to_string().contains(&code) => Ok(()),
        Err(error) => {
            let said = error.to_string();
            Err(PlayError::RefusedOtherwise { what, code, said })
        }
    }
}

/// A keeper of its own applies what is due, until it is told to end; nothing is left in its journal.
fn kept(play: &Play) -> PlayResult<()> {
    let addresses = play.net.home.record("story");
    let journal = addresses.with_file_name("journal.json");
    let path = journal.display().to_string();
    let mut words = vec![
        "keeper",
        "--journal",
        &path,
        "--no-metrics",
        "--interval",
        "1",
    ];
    let others = Kind::ALL
        .into_iter()
        .filter(|kind| *kind != Kind::ApplyPending);
    words.extend(others.flat_map(|kind| ["--skip", kind.name()]));
    let keeper = PerpsChain::new(&play.net, &addresses, "keeper")?.start(&words)?;
    let start = Instant::now();
    while maintenance(play)? != MAINTENANCE {
        ensure(start.elapsed() < PATIENCE, || {
            format!("the keeper has not applied the change in {PATIENCE:?}")
        })?;
        thread::sleep(Duration::from_millis(300));
    }
    keeper.terminate()?;
    let journal: Value = read_json(&journal)?;
    same(
        "what the journal has under way",
        &journal["works"],
        &json!([]),
    )
}

fn maintenance(play: &Play) -> PlayResult<u32> {
    let market = play.suite.market(&play.net, SECOND)?;
    Ok(market.params.tiers[0].maintenance_bps)
}
