//! The market's answer to `Deleverage`.

use cosmwasm_std::{from_json, Deps, DepsMut, Event, Reply, Response, SubMsgResult};
use cw_utils::parse_execute_response_data;
use perp_interface::event::{JobClosed, SubmessageFailed};
use perp_interface::loss::DeleverageResult;

use crate::error::{ContractError, ContractResult};
use crate::job::{Next, MAX_ROUNDS};
use crate::state::{first_job, links, JOBS, JOB_OF};
use crate::step::{step, Budget, Sent, DELEVERAGE};

/// A step in a chain's hook failed: it is undone, and whoever reads events learns of it.
pub fn clock(deps: Deps, msg: Reply) -> Response {
    Response::new().add_event(Event::from(SubmessageFailed {
        kind: "clock".to_owned(),
        subject: first_job(deps.storage).ok().flatten().unwrap_or_default(),
        error: msg.result.into_result().err().unwrap_or_default(),
    }))
}

/// Takes the answer over, and goes on while the call has work left.
pub fn deleverage(deps: DepsMut, msg: Reply) -> ContractResult<Response> {
    if msg.id != DELEVERAGE {
        return Err(ContractError::UnknownReply { id: msg.id });
    }
    let sent: Sent = from_json(&msg.payload)?;
    let answer = answer(msg.result)?;
    let loss_id = sent.loss_id;
    let mut job = JOBS
        .may_load(deps.storage, loss_id)?
        .ok_or(ContractError::UnknownJob { loss_id })?;
    // Only the market knows how many rows of kept profit it found besides the candidates.
    let rows = answer.visited.saturating_sub(sent.candidates);
    let budget = Budget {
        units: sent.units.saturating_sub(rows),
        round: sent.round + 1,
        keeper: sent.keeper,
    };
    let next = job
        .settle(&answer, sent.exhausted)
        .map_err(|pass| ContractError::PassWentBack {
            loss_id,
            sent: pass,
            answered: answer.pass,
        })?;

    match next {
        Next::Closed => {
            JOBS.remove(deps.storage, loss_id);
            JOB_OF.remove(deps.storage, job.terms.market);
            Ok(Response::new().add_event(Event::from(JobClosed { loss_id })))
        }
        Next::Step if budget.units > 0 && budget.round < MAX_ROUNDS => {
            let market = links(deps.storage)?.market;
            step(deps.storage, &market, job, budget)
        }
        Next::Step | Next::Wait => {
            JOBS.save(deps.storage, loss_id, &job)?;
            Ok(Response::new())
        }
    }
}

fn answer(result: SubMsgResult) -> ContractResult<DeleverageResult> {
    let bad = |reason: String| ContractError::BadAnswer { reason };
    let response = result.into_result().map_err(bad)?;
    let missing = || bad("the market answered without data".to_string());
    let response = response.msg_responses.first().ok_or_else(missing)?;
    let data = parse_execute_response_data(&response.value)?
        .data
        .ok_or_else(missing)?;
    from_json(data).map_err(|error| bad(error.to_string()))
}
