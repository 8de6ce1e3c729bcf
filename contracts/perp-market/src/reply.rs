//! What happens when a submessage has run. Only failures come here: what was saved before the
//! submessage left stands.

use cosmwasm_std::{DepsMut, Reply, Response, SubMsgResult};
use perp_interface::event::SubmessageFailed;
use perp_interface::{AccountId, MarketId};

use crate::context::{from_payload, Pairs, BOUNTY, CONTINUE, COVER, NOTIFY, UPDATE};
use crate::error::{ContractError, ContractResult};
use crate::state::DIRTY;

/// Notes a failure and goes on.
pub fn reply(deps: DepsMut<'_>, reply: Reply) -> ContractResult<Response> {
    let SubMsgResult::Err(error) = reply.result else {
        return Ok(Response::new());
    };
    let (kind, subject) = match reply.id {
        UPDATE => {
            let pairs: Pairs = from_payload(&reply.payload)?;
            let first = pairs.first().map_or(0, |(account, _)| *account);
            for (account, market) in pairs {
                mark_dirty(deps.storage, account, market)?;
            }
            ("update", first)
        }
        COVER => ("cover", from_payload(&reply.payload)?),
        NOTIFY => ("closed", from_payload(&reply.payload)?),
        CONTINUE => ("continue", from_payload(&reply.payload)?),
        BOUNTY => ("bounty", from_payload(&reply.payload)?),
        id => return Err(ContractError::UnknownReply { id }),
    };
    Ok(Response::new().add_event(SubmessageFailed {
        kind: kind.to_owned(),
        subject,
        error,
    }))
}

fn mark_dirty(
    storage: &mut dyn cosmwasm_std::Storage,
    account: AccountId,
    market: MarketId,
) -> ContractResult<()> {
    let mut markets = DIRTY.may_load(storage, account)?.unwrap_or_default();
    if !markets.contains(&market) {
        markets.push(market);
        DIRTY.save(storage, account, &markets)?;
    }
    Ok(())
}
