//! Proposals: submitting, voting, waiting for the result.

use std::time::{Duration, Instant};

use cosmrs::proto::cosmos::base::v1beta1 as base;
use cosmrs::proto::cosmos::gov::v1 as gov;
pub use cosmrs::proto::cosmos::gov::v1::{ProposalStatus, VoteOption};
use cosmrs::Any;
use cosmwasm_std::Coin;

use super::error::{ClientError, ClientResult};
use super::{msg, Client, POLL};

/// A proposal to submit.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// What the gov module account executes if it passes, all or nothing.
    pub messages: Vec<Any>,
    /// Title.
    pub title: String,
    /// Summary.
    pub summary: String,
    /// A link or a text for clients; may be empty.
    pub metadata: String,
    /// The proposer's deposit.
    pub deposit: Vec<Coin>,
    /// A shorter vote with a higher threshold.
    pub expedited: bool,
}

/// A proposal on the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalState {
    /// Its number.
    pub id: u64,
    /// Where it stands. `Failed`: it passed, and a message of it was refused.
    pub status: ProposalStatus,
    /// Why a message was refused.
    pub failed_reason: String,
}

/// What the chain asks of proposals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GovParams {
    /// With so much a vote begins.
    pub min_deposit: Vec<(u128, String)>,
    /// The same for an expedited one.
    pub expedited_min_deposit: Vec<(u128, String)>,
    /// How long it lasts.
    pub voting_period: Duration,
    /// The same for an expedited one; a chain that has none of these gives the ordinary one.
    pub expedited_voting_period: Duration,
}

impl GovParams {
    /// How long a vote lasts.
    pub const fn vote(&self, is_expedited: bool) -> Duration {
        if is_expedited {
            self.expedited_voting_period
        } else {
            self.voting_period
        }
    }
}

/// Submits a proposal. The chain names its number in the event `submit_proposal`, attribute
/// `proposal_id` ([`TxOutcome::number`](super::TxOutcome::number)).
pub fn submit(proposer: &str, proposal: &Proposal) -> Any {
    msg::any(&gov::MsgSubmitProposal {
        messages: proposal.messages.clone(),
        initial_deposit: msg::coins(&proposal.deposit),
        proposer: proposer.to_owned(),
        metadata: proposal.metadata.clone(),
        title: proposal.title.clone(),
        summary: proposal.summary.clone(),
        expedited: proposal.expedited,
    })
}

/// Votes.
pub fn vote(voter: &str, proposal_id: u64, option: VoteOption) -> Any {
    msg::any(&gov::MsgVote {
        proposal_id,
        voter: voter.to_owned(),
        option: option.into(),
        metadata: String::new(),
    })
}

impl Client {
    /// A proposal.
    ///
    /// # Errors
    /// `Query` if there is none.
    pub fn proposal(&self, id: u64) -> ClientResult<ProposalState> {
        let path = "/cosmos.gov.v1.Query/Proposal";
        let question = gov::QueryProposalRequest { proposal_id: id };
        let answer: gov::QueryProposalResponse = self.grpc(path, &question)?;
        let proposal = answer.proposal.unwrap_or_default();
        let status = ProposalStatus::try_from(proposal.status);
        Ok(ProposalState {
            id: proposal.id,
            status: status.map_err(|e| ClientError::BadAnswer {
                what: format!("{path}: {e}"),
            })?,
            failed_reason: proposal.failed_reason,
        })
    }

    /// Waits until a vote is over: `Passed`, `Rejected` or `Failed`.
    ///
    /// # Errors
    /// `Timeout`, and those of [`Client::proposal`].
    pub fn wait_for_proposal(&self, id: u64, at_most: Duration) -> ClientResult<ProposalState> {
        let start = Instant::now();
        loop {
            let state = self.proposal(id)?;
            let is_open = matches!(
                state.status,
                ProposalStatus::Unspecified
                    | ProposalStatus::DepositPeriod
                    | ProposalStatus::VotingPeriod
            );
            if !is_open {
                return Ok(state);
            }
            if start.elapsed() >= at_most {
                let what = format!("proposal {id} is still in {:?}", state.status);
                return Err(ClientError::Timeout(what));
            }
            std::thread::sleep(POLL);
        }
    }

    /// What the chain asks of proposals.
    ///
    /// # Errors
    /// Those of [`Client::grpc`].
    pub fn gov_params(&self) -> ClientResult<GovParams> {
        let path = "/cosmos.gov.v1.Query/Params";
        // Any type of parameters gives all of them since SDK 0.47.
        let question = gov::QueryParamsRequest {
            params_type: "voting".to_owned(),
        };
        let answer: gov::QueryParamsResponse = self.grpc(path, &question)?;
        let nonsense = |what: &str| ClientError::BadAnswer {
            what: format!("{path}: {what}"),
        };
        let params = answer.params.ok_or_else(|| nonsense("no params"))?;
        // Both fields are of the same type, which cosmrs does not export.
        let read = |(seconds, nanos): (i64, i32)| {
            let seconds = u64::try_from(seconds).ok()?;
            let nanos = u32::try_from(nanos).ok()?;
            Some(Duration::new(seconds, nanos))
        };
        let period = params.voting_period.map(|p| (p.seconds, p.nanos));
        let period = period.and_then(read);
        let period = period.ok_or_else(|| nonsense("no voting period"))?;
        let expedited = params.expedited_voting_period;
        let expedited = match expedited.map(|p| (p.seconds, p.nanos)) {
            Some(short) => read(short).ok_or_else(|| nonsense("no expedited voting period"))?,
            None => period,
        };
        let amounts = |coins: Vec<base::Coin>| {
            let coins = coins.into_iter();
            let amounts: Result<Vec<_>, std::num::ParseIntError> = coins
                .map(|coin| Ok((coin.amount.parse::<u128>()?, coin.denom)))
                .collect();
            amounts.map_err(|_| nonsense("a deposit that is no number"))
        };
        Ok(GovParams {
            min_deposit: amounts(params.min_deposit)?,
            expedited_min_deposit: amounts(params.expedited_min_deposit)?,
            voting_period: period,
            expedited_voting_period: expedited,
        })
    }
}
