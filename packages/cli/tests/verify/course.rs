//! Courses of events with the state before each transaction of a job.

use cosmwasm_std::Event;
use perp_testkit::Chain;
use perps_cli::verify::{export, verify, Pair, Report, State, Transaction};

use crate::random::{Run, Situation};
use crate::situation::jobs;

/// A transaction as it was, to be forged.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// State before.
    pub before: State,
    /// Its events.
    pub events: Vec<Event>,
}

/// The state of a chain, through a file and back.
pub fn state(chain: &Chain) -> State {
    let state = export(chain, chain.addresses.market.as_str()).expect("exports");
    let text = serde_json::to_string(&state).expect("is JSON");
    serde_json::from_str(&text).expect("is read back")
}

/// Liquidates and works all jobs off, one transaction after the other.
pub fn liquidate(
    chain: &mut Chain,
    account: u64,
    mut between: impl FnMut(&mut Chain),
) -> Vec<Recorded> {
    let keeper = chain.user("keeper");
    let mut all = Vec::new();
    let before = state(chain);
    let events = chain.liquidate(&keeper, account).expect("liquidates");
    all.push(Recorded { before, events });
    while let Some(first) = jobs(chain).first().copied() {
        between(chain);
        let before = state(chain);
        let events = chain.step(&keeper, first).expect("steps");
        all.push(Recorded { before, events });
        assert!(all.len() < 5_000, "jobs do not end");
    }
    all
}

/// Verifies as the command does: from the text of both files.
pub fn check(all: &[Recorded]) -> Report {
    try_check(all).expect("can be verified")
}

/// As [`check`].
pub fn try_check(all: &[Recorded]) -> Result<Report, perps_cli::verify::VerifyError> {
    verify(all.iter().map(|recorded| {
        let json = perps_cli::verify::events_to_json(&recorded.events, recorded.before.time);
        Pair {
            before: recorded.before.clone(),
            transaction: Transaction::parse(&json.to_string()).expect("are events"),
        }
    }))
}

/// All bankruptcies of a random situation.
pub fn all_jobs(s: &Situation, step_limit: u32) -> Vec<Vec<Recorded>> {
    let mut run = Run::build(s, step_limit, Chain::builder());
    run.attempt(&s.before);
    run.set_prices(&s.middle);
    run.attempt(&s.between);
    run.set_prices(&s.bottom);
    run.add_depth(s);
    let mut found = bankruptcies(&mut run);
    run.set_prices(&s.aftershock);
    found.extend(bankruptcies(&mut run));
    found
}

/// Liquidates whoever is bankrupt, one after the other.
pub fn bankruptcies(run: &mut Run) -> Vec<Vec<Recorded>> {
    let mut found = Vec::new();
    for _ in 0..4 {
        for party in run.parties.clone() {
            if run.chain.health(party.id).expect("answers").bankrupt {
                found.push(liquidate(&mut run.chain, party.id, |_| {}));
            }
        }
    }
    found
}
