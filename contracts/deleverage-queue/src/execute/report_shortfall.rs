//! `ReportShortfall`: the fund hands over a loss.

use cosmwasm_std::{Addr, DepsMut, Event, MessageInfo, Response, StdResult, Storage};
use perp_interface::event::{JobClosed, JobOpened};
use perp_interface::market::{LossQuery, LossResponse, QueryMsg};
use perp_interface::queue::ReportShortfall;
use perp_interface::{LossId, MarketId};

use crate::error::{ContractError, ContractResult};
use crate::job::Job;
use crate::state::{first_job, links, policy_of, require, JOBS, JOB_OF, PARAMS};
use crate::step::{step, Budget};

/// Opens the job, or finds it open, and makes its first step if it is its turn.
///
/// A second report of the same loss changes nothing of its progress: the market is asked again
/// with every step what is left.
pub fn report_shortfall(
    mut deps: DepsMut,
    info: &MessageInfo,
    msg: ReportShortfall,
) -> ContractResult<Response> {
    let links = links(deps.storage)?;
    require(&info.sender, "fund", &links.fund)?;
    let (loss_id, defer) = (msg.terms.loss_id, msg.defer);
    let stored = JOBS.may_load(deps.storage, loss_id)?;
    let is_new = stored.is_none();
    let ended = if is_new {
        end_forced(deps.branch(), &links.market, (msg.terms.market, loss_id))?
    } else {
        None
    };
    let job = match stored {
        Some(job) if job.terms != msg.terms => {
            return Err(ContractError::TermsDiffer { loss_id });
        }
        Some(job) => job,
        None => open(deps.storage, msg)?,
    };
    let is_first = first_job(deps.storage)?.is_none_or(|first| loss_id <= first);
    let units = PARAMS.load(deps.storage)?.1.step_limit;

    let is_due = is_first && !defer && !job.in_flight;
    let opening = is_new.then(|| opened(&job));
    if is_new {
        JOB_OF.save(deps.storage, job.terms.market, &loss_id)?;
    }
    let mut response = if is_due {
        let budget = Budget {
            units,
            round: 0,
            keeper: None,
        };
        step(deps.storage, &links.market, job, budget)?
    } else {
        JOBS.save(deps.storage, loss_id, &job)?;
        Response::new()
    };
    response
        .events
        .splice(0..0, ended.into_iter().chain(opening));
    Ok(response)
}

/// Ends the market's open job if its loss was forced: it is closed, and nobody has told the job.
/// As long as the loss is open, or the market does not say, another one has to wait.
fn end_forced(
    deps: DepsMut,
    of: &Addr,
    (market, loss_id): (MarketId, LossId),
) -> ContractResult<Option<Event>> {
    let Some(open) = JOB_OF.may_load(deps.storage, market)? else {
        return Ok(None);
    };
    let query = QueryMsg::Loss(LossQuery { loss_id: open });
    let answer: StdResult<LossResponse> = deps.querier.query_wasm_smart(of, &query);
    if !answer.is_ok_and(|loss| loss.closed) {
        return Err(ContractError::MarketHasJob {
            market,
            open,
            loss_id,
        });
    }
    JOBS.remove(deps.storage, open);
    JOB_OF.remove(deps.storage, market);
    Ok(Some(JobClosed { loss_id: open }.into()))
}

/// The new job, with the policy that is in force now.
fn open(storage: &dyn Storage, msg: ReportShortfall) -> ContractResult<Job> {
    let policy = policy_of(storage, msg.terms.market)?;
    Ok(Job::open(msg.terms, msg.lots, msg.need, policy)?)
}

fn opened(job: &Job) -> Event {
    JobOpened {
        loss_id: job.terms.loss_id,
        market: job.terms.market,
        lots: job.lots,
        need: job.need,
        score: job.policy.score,
        breadth: job.policy.breadth,
        protect_principal: job.policy.protect_principal,
        min_fill: job.policy.min_fill,
    }
    .into()
}
