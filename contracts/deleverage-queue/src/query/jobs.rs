//! `Jobs`: what is open, in the order in which it is worked off.

use cosmwasm_std::{to_json_binary, Binary, Deps, Order};
use perp_interface::queue::{JobResponse, JobsResponse};

use crate::error::ContractResult;
use crate::job::Job;
use crate::state::JOBS;

/// All of them: a market has one at most.
pub fn jobs(deps: Deps) -> ContractResult<Binary> {
    let jobs = JOBS
        .range(deps.storage, None, None, Order::Ascending)
        .map(|row| Ok(response(row?.1)))
        .collect::<ContractResult<_>>()?;
    Ok(to_json_binary(&JobsResponse { jobs })?)
}

fn response(job: Job) -> JobResponse {
    JobResponse {
        set_is_known: !job.is_summing(),
        terms: job.terms,
        lots: job.lots,
        need: job.need,
        pass: job.pass,
        visited: job.visited,
        policy: job.policy,
    }
}
