//! One step of a job: sum, or send the market its next candidates.

use cosmwasm_std::{to_json_binary, Addr, Event, Response, StdResult, Storage, SubMsg, WasmMsg};
use perp_core::merge::Ranked;
use perp_interface::event::JobStep;
use perp_interface::loss::SharingSetMsg;
use perp_interface::market::{Deleverage, ExecuteMsg};
use perp_interface::LossId;
use serde::{Deserialize, Serialize};

use crate::error::ContractResult;
use crate::index;
use crate::job::{Batch, Job, Sharing};
use crate::state::JOBS;

/// The reply id of `Deleverage`.
pub const DELEVERAGE: u64 = 1;

/// What a call may still do, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Units of work.
    pub units: u32,
    /// Messages sent so far.
    pub round: u32,
    /// Who called, and earns the bounties; none: whoever liquidated the account.
    pub keeper: Option<String>,
}

/// Payload of the reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The loss.
    pub loss_id: LossId,
    /// Units of work left, unless the market visits rows of kept profit.
    pub units: u32,
    /// Candidates of the message.
    pub candidates: u32,
    /// Messages sent before this one.
    pub round: u32,
    /// Whether the message ended the pass.
    pub exhausted: bool,
    /// Who called.
    pub keeper: Option<String>,
}

/// Moves a job on by at most the budget, saves it, and sends what was found.
///
/// The market hears of every step, also of one that found nobody yet: that is how it knows that the
/// queue is alive, and how the job learns that its loss was closed without it.
///
/// The job is saved as it is *after* this step, before the message leaves: a step that fails takes
/// its cursor back with everything else.
pub fn step(
    storage: &mut dyn Storage,
    market: &Addr,
    mut job: Job,
    budget: Budget,
) -> ContractResult<Response> {
    let summed = if job.is_summing() {
        let walk = ranking(storage, &job)?;
        job.sum(walk, budget.units)?
    } else {
        0
    };
    let units = budget.units - summed;
    // The last unit may have gone into the sum.
    let batch = if units == 0 || !job.pass.walks_the_ranking() {
        Batch::default()
    } else {
        let walk = ranking(storage, &job)?;
        job.collect(walk, units, budget.round)?
    };
    let candidates = batch.candidates.len() as u32;
    let event = Event::from(JobStep {
        loss_id: job.terms.loss_id,
        pass: job.pass,
        candidates,
        walked: summed + batch.walked,
    });
    let response = Response::new().add_event(event);

    let left = units - batch.walked;
    let sent = Sent {
        loss_id: job.terms.loss_id,
        units: left,
        candidates,
        round: budget.round,
        exhausted: batch.exhausted,
        keeper: budget.keeper,
    };
    let message = Deleverage {
        keeper: sent.keeper.clone(),
        ..deleverage(&mut job, batch, left)
    };
    job.in_flight = true;
    JOBS.save(storage, job.terms.loss_id, &job)?;
    Ok(response.add_submessage(submessage(market, message, &sent)?))
}

/// The candidates' ranking from where the job stands.
fn ranking<'a>(
    storage: &'a dyn Storage,
    job: &Job,
) -> ContractResult<impl Iterator<Item = ContractResult<Ranked>> + 'a> {
    let mut merge = index::walk(storage, job.ranking(), job.base()?, job.origin())?;
    Ok(std::iter::from_fn(move || merge.next_ranked().transpose()))
}

/// `limit`: a pass that takes the last lot leads to the rows of kept profit, and the market may
/// visit them at once, before it has to store them.
fn deleverage(job: &mut Job, batch: Batch, limit: u32) -> Deleverage {
    let set = match &mut job.sharing {
        Sharing::Known {
            lots, weight, sent, ..
        } if !*sent => {
            *sent = true;
            Some(SharingSetMsg {
                lots: (*lots).into(),
                weight: (*weight).into(),
            })
        }
        _ => None,
    };
    Deleverage {
        loss_id: job.terms.loss_id,
        pass: job.pass,
        policy: job.policy,
        set,
        candidates: batch.candidates,
        exhausted: batch.exhausted,
        limit,
        keeper: None,
    }
}

fn submessage(market: &Addr, message: Deleverage, sent: &Sent) -> StdResult<SubMsg> {
    let message = WasmMsg::Execute {
        contract_addr: market.to_string(),
        msg: to_json_binary(&ExecuteMsg::Deleverage(message))?,
        funds: vec![],
    };
    Ok(SubMsg::reply_on_success(message, DELEVERAGE).with_payload(to_json_binary(sent)?))
}
