//! After the market's `Cover`: what it could not settle goes to the queue.

use cosmwasm_std::{from_json, DepsMut, Env, Event, Reply, Response, StdError, SubMsgResult};
use cw_utils::{parse_execute_response_data, ParseReplyError};
use perp_interface::fund::Tranche;
use perp_interface::loss::CoverResult;
use perp_interface::Quote;

use crate::error::{ContractError, ContractResult};
use crate::messages::Shortfall;
use crate::state::{load_tranche, CONFIG};
use crate::trigger;

/// Reports lots and need that are left. Reads storage only if the payment came to the line at which
/// the fund stops: what the market kept decides whether it does.
pub fn cover(deps: DepsMut, env: &Env, reply: Reply) -> ContractResult<Response> {
    let shortfall = Shortfall::of_reply(&reply)?;
    let CoverResult { lots, need, .. } = parse(reply.result)?;
    if need < Quote::ZERO {
        return Err(ContractError::NegativeAmount {
            name: "need",
            amount: need,
        });
    }
    let trigger = match shortfall.tranche_near_line() {
        Some(tranche) => look(deps, env, tranche)?,
        None => None,
    };
    let response = Response::new().add_events(trigger);
    if lots.is_zero() && need == Quote::ZERO {
        return Ok(response);
    }
    Ok(response.add_submessage(shortfall.report(lots, need)?))
}

fn look(deps: DepsMut, env: &Env, tranche: Tranche) -> ContractResult<Option<Event>> {
    let limits = CONFIG.load(deps.storage)?.params.limits();
    let (_, stored) = load_tranche(deps.storage, tranche)?;
    trigger::look(deps.storage, env, (tranche, stored.capital()?), &limits)
}

/// The payload needs CosmWasm 2, and from there on `msg_responses` is filled: the deprecated
/// `data` is never looked at.
fn parse(result: SubMsgResult) -> ContractResult<CoverResult> {
    let missing = || ParseReplyError::ParseFailure("the market answered no data".to_string());
    let response = result
        .into_result()
        .map_err(ParseReplyError::SubMsgFailure)?;
    let response = response.msg_responses.first().ok_or_else(missing)?;
    let data = parse_execute_response_data(&response.value)?.data;
    from_json(data.ok_or_else(missing)?)
        .map_err(|error: StdError| ParseReplyError::ParseFailure(error.to_string()).into())
}
