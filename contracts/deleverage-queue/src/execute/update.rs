//! `Update`: the market tells of positions as they are now.

use std::collections::BTreeMap;

use cosmwasm_std::{DepsMut, Event, MessageInfo, Response, Storage};
use perp_interface::loss::JobMark;
use perp_interface::queue::{RankChange, Update};
use perp_interface::MarketId;

use crate::crossing::{crossings, Move};
use crate::error::ContractResult;
use crate::index::IndexWriter;
use crate::judge::{judge, key_of, Gate, Verdict};
use crate::state::{links, require, JOBS, JOB_OF};

/// Moves what changed to its place. What did not change is not written.
pub fn update(deps: DepsMut, info: &MessageInfo, msg: &Update) -> ContractResult<Response> {
    require(&info.sender, "market", &links(deps.storage)?.market)?;
    let gates = gates(deps.storage, &msg.changes, msg.job)?;

    let mut index = IndexWriter::new(deps.storage);
    let mut moves = Vec::new();
    for change in &msg.changes {
        let gate = gates.get(&change.market).copied().unwrap_or(Gate::Open);
        moves.extend(apply(&mut index, change, gate)?);
    }
    index.finish()?;
    let crossed = crossings(deps.storage, &moves)?;
    Ok(Response::new().add_events(crossed.into_iter().map(Event::from)))
}

/// How each market's changes relate to its open job; one read per market, two for what a job did
/// not do.
fn gates(
    storage: &dyn Storage,
    changes: &[RankChange],
    mark: Option<JobMark>,
) -> ContractResult<BTreeMap<MarketId, Gate>> {
    let mut gates = BTreeMap::new();
    for RankChange { market, .. } in changes {
        if !gates.contains_key(market) {
            gates.insert(*market, gate(storage, *market, mark)?);
        }
    }
    Ok(gates)
}

fn gate(storage: &dyn Storage, market: MarketId, mark: Option<JobMark>) -> ContractResult<Gate> {
    let Some(loss_id) = JOB_OF.may_load(storage, market)? else {
        return Ok(Gate::Open);
    };
    if let Some(mark) = mark.filter(|mark| mark.loss_id == loss_id) {
        return Ok(Gate::Inside(mark));
    }
    let walks = JOBS.load(storage, loss_id)?.ranking().side;
    Ok(Gate::Outside { loss_id, walks })
}

/// Writes one change; answers whether it moved a position inside of its ranking.
fn apply(
    index: &mut IndexWriter<'_>,
    change: &RankChange,
    gate: Gate,
) -> ContractResult<Option<Move>> {
    let (account, market) = (change.account, change.market);
    let stored = index.key(account, market)?;
    let now = change.position.as_ref().map(key_of).transpose()?;
    match (judge(stored.as_ref(), now, gate), stored) {
        (Verdict::Put(new, stamp), old) => {
            index.put((account, market), old.as_ref(), &new, stamp)?;
            let moved = old.filter(|old| old.side == new.side && !old.same_place(&new));
            return Ok(moved.map(|old| Move {
                account,
                market,
                old,
                new,
            }));
        }
        (Verdict::Remove, Some(old)) => index.remove(account, market, &old)?,
        (Verdict::Mark(standing), Some(old)) => index.mark(account, market, &old, standing)?,
        (Verdict::Keep, _) | (_, None) => {}
    }
    Ok(None)
}
