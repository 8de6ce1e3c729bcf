//! `Jobs`: what is open, in the order in which it is worked off.

use cosmwasm_std::{to_json_binary, Binary, Deps, Order, Storage};
use perp_interface::queue::{JobResponse, JobsResponse};

use crate::error::ContractResult;
use crate::estimate::{steps, Crowd};
use crate::job::Job;
use crate::state::{JOBS, PARAMS};

/// All of them: a market has one at most. Each reads the classes of the side that it walks.
pub fn jobs(deps: Deps) -> ContractResult<Binary> {
    let step_limit = PARAMS.load(deps.storage)?.1.step_limit;
    let jobs = JOBS
        .range(deps.storage, None, None, Order::Ascending)
        .map(|row| response(deps.storage, row?.1, step_limit))
        .collect::<ContractResult<_>>()?;
    Ok(to_json_binary(&JobsResponse { jobs })?)
}

fn response(storage: &dyn Storage, job: Job, step_limit: u32) -> ContractResult<JobResponse> {
    let crowd = Crowd::of(storage, &job)?;
    Ok(JobResponse {
        set_is_known: !job.is_summing(),
        steps_left: steps(&job, &crowd, step_limit),
        positions: crowd.positions,
        terms: job.terms,
        lots: job.lots,
        need: job.need,
        pass: job.pass,
        visited: job.visited,
        policy: job.policy,
    })
}
