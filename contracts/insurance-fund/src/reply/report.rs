//! After a `ReportShortfall` that failed: the payment stands.

use cosmwasm_std::{from_json, Event, Reply, Response};
use perp_interface::event::SubmessageFailed;
use perp_interface::LossId;

use crate::error::ContractResult;

/// Says so and goes on. `ResumeLoss` at the market repeats the report, whatever the reason of
/// the failure was; its text is redacted on a chain, so nothing may depend on it.
pub fn report(reply: Reply) -> ContractResult<Response> {
    let subject: LossId = from_json(&reply.payload)?;
    match reply.result.into_result() {
        Ok(_) => Ok(Response::new()),
        Err(error) => Ok(Response::new().add_event(Event::from(SubmessageFailed {
            kind: "report".to_string(),
            subject,
            error,
        }))),
    }
}
