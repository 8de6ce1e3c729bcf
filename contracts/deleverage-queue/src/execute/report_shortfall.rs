//! `ReportShortfall`: the fund hands over a loss.

use cosmwasm_std::{DepsMut, Event, MessageInfo, Response, Storage};
use perp_interface::event::JobOpened;
use perp_interface::queue::ReportShortfall;

use crate::error::{ContractError, ContractResult};
use crate::job::Job;
use crate::state::{breadth_of, first_job, links, require, JOBS, JOB_OF, PARAMS};
use crate::step::{step, Budget};

/// Opens the job, or finds it open, and makes its first step if it is its turn.
///
/// A second report of the same loss changes nothing of its progress: the market is asked again
/// with every step what is left.
pub fn report_shortfall(
    deps: DepsMut,
    info: &MessageInfo,
    msg: ReportShortfall,
) -> ContractResult<Response> {
    let links = links(deps.storage)?;
    require(&info.sender, "fund", &links.fund)?;
    let (loss_id, defer) = (msg.terms.loss_id, msg.defer);
    let stored = JOBS.may_load(deps.storage, loss_id)?;
    let is_new = stored.is_none();
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
        step(deps.storage, &links.market, job, Budget { units, round: 0 })?
    } else {
        JOBS.save(deps.storage, loss_id, &job)?;
        Response::new()
    };
    response.events.splice(0..0, opening);
    Ok(response)
}

/// The new job, with the breadth that is in force now.
fn open(storage: &dyn Storage, msg: ReportShortfall) -> ContractResult<Job> {
    let market = msg.terms.market;
    if let Some(open) = JOB_OF.may_load(storage, market)? {
        return Err(ContractError::MarketHasJob {
            market,
            open,
            loss_id: msg.terms.loss_id,
        });
    }
    let breadth = breadth_of(storage, market)?;
    Ok(Job::open(msg.terms, msg.lots, msg.need, breadth)?)
}

fn opened(job: &Job) -> Event {
    JobOpened {
        loss_id: job.terms.loss_id,
        market: job.terms.market,
        lots: job.lots,
        need: job.need,
        breadth: job.breadth,
    }
    .into()
}
