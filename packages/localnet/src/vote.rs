//! Proposals with a real vote.

use std::time::Duration;

use cosmrs::proto::cosmos::gov::v1::MsgSubmitProposal;
use cosmwasm_std::{Coin, Event};
use perps_chain::client::gov::{vote, ProposalState, ProposalStatus, VoteOption};
use perps_chain::client::{msg, Any};

use crate::error::{ensure, PlayError, PlayResult};
use crate::net::{Letter, Net};

/// Longest time that a vote may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who proposes.
const PROPOSER: &str = "erin";

/// A proposal.
#[derive(Clone, Debug)]
pub struct Motion {
    /// Its title.
    pub title: String,
    /// What is executed if it passes, all or nothing.
    pub messages: Vec<Any>,
}

impl Motion {
    /// A proposal of these messages.
    pub fn new(title: &str, messages: Vec<Any>) -> Self {
        Self {
            title: title.to_owned(),
            messages,
        }
    }
}

/// How long a vote takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// The whole voting period.
    Ordinary,
    /// Half of it, for twice the deposit and two thirds of the votes.
    Expedited,
}

/// A vote that is over.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Its end.
    pub state: ProposalState,
    /// The last block before it was submitted.
    pub after: u64,
}

impl Net {
    /// Submits proposals together, votes yes on all, and waits for their ends.
    ///
    /// # Errors
    /// What the chain answers, and votes that do not end.
    pub fn vote_on(&self, motions: &[Motion], pace: Pace) -> PlayResult<Vec<Verdict>> {
        let after = self.client.latest_height()?;
        let proposer = self.address(PROPOSER)?;
        let submissions = motions
            .iter()
            .map(|motion| self.submission(motion, &proposer, pace));
        let submitted = self.send(Letter::plain(PROPOSER, submissions.collect()))?;
        let mut ids: Vec<u64> = submitted
            .events
            .iter()
            .filter(|event| event.ty == "submit_proposal")
            .flat_map(|event| &event.attributes)
            .filter(|attribute| attribute.key == "proposal_id")
            .filter_map(|attribute| attribute.value.parse().ok())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ensure(ids.len() == motions.len(), || {
            format!("{} proposals became {ids:?}", motions.len())
        })?;
        let verdicts = self.decide(&ids)?.into_iter();
        Ok(verdicts.map(|state| Verdict { state, after }).collect())
    }

    /// Votes yes on proposals and waits for their ends.
    ///
    /// # Errors
    /// What the chain answers, and votes that do not end.
    pub fn decide(&self, ids: &[u64]) -> PlayResult<Vec<ProposalState>> {
        let voter = self.address("validator")?;
        let votes = ids.iter().map(|id| vote(&voter, *id, VoteOption::Yes));
        self.send(Letter::plain("validator", votes.collect()))?;
        let ends = ids
            .iter()
            .map(|id| Ok(self.client.wait_for_proposal(*id, PATIENCE)?));
        ends.collect()
    }

    fn submission(&self, motion: &Motion, proposer: &str, pace: Pace) -> Any {
        let expedited = pace == Pace::Expedited;
        let deposit: u128 = if expedited { 2_000_000 } else { 1_000_000 };
        let deposit = Coin::new(deposit, self.home.chain.fee_denom.clone());
        msg::any(&MsgSubmitProposal {
            messages: motion.messages.clone(),
            initial_deposit: msg::coins(&[deposit]),
            proposer: proposer.to_owned(),
            metadata: String::new(),
            title: motion.title.clone(),
            summary: format!("Local chain: {}.", motion.title),
            expedited,
        })
    }

    /// Proposals that must pass and be executed.
    ///
    /// # Errors
    /// `Wrong` with the reason of a failure.
    pub fn pass(&self, motions: &[Motion], pace: Pace) -> PlayResult<Vec<Verdict>> {
        let verdicts = self.vote_on(motions, pace)?;
        for (motion, verdict) in motions.iter().zip(&verdicts) {
            let state = &verdict.state;
            ensure(state.status == ProposalStatus::Passed, || {
                let (title, status) = (&motion.title, state.status);
                let reason = &state.failed_reason;
                format!("proposal '{title}' ended as {status:?}: {reason}")
            })?;
        }
        Ok(verdicts)
    }

    /// Proposals that pass the vote and whose messages the chain must refuse, each naming its code.
    ///
    /// # Errors
    /// `NotRefused`, `RefusedOtherwise`.
    pub fn fail(&self, motions: &[(Motion, &str)]) -> PlayResult<()> {
        let all: Vec<Motion> = motions.iter().map(|(motion, _)| motion.clone()).collect();
        let verdicts = self.vote_on(&all, Pace::Expedited)?;
        for ((motion, code), verdict) in motions.iter().zip(verdicts) {
            let state = verdict.state;
            let (what, code) = (motion.title.clone(), (*code).to_owned());
            match state.status {
                ProposalStatus::Failed if state.failed_reason.contains(&code) => {}
                ProposalStatus::Passed => return Err(PlayError::NotRefused { what, code }),
                status => {
                    let said = format!("{status:?}: {}", state.failed_reason);
                    return Err(PlayError::RefusedOtherwise { what, code, said });
                }
            }
        }
        Ok(())
    }

    /// The block that executed a proposal, and what happened at its end.
    ///
    /// # Errors
    /// `Wrong` if no block since its submission names it.
    pub fn execution(&self, verdict: &Verdict) -> PlayResult<(u64, Vec<Event>)> {
        let id = verdict.state.id.to_string();
        for height in verdict.after + 1..=self.client.latest_height()? {
            let events = self.rpc.block_events(height)?;
            let names_it = |event: &Event| {
                let mut attributes = event.attributes.iter();
                event.ty == "active_proposal"
                    && attributes.any(|a| a.key == "proposal_id" && a.value == id)
            };
            if events.iter().any(names_it) {
                return Ok((height, events));
            }
        }
        Err(PlayError::Wrong(format!("no block executed proposal {id}")))
    }
}
