//! What the queue is told of a position.

use cosmwasm_std::{to_json_binary, SubMsg, WasmMsg};
use perp_core::margin::{collateral_per_lot_floor, requirement_ceil, Requirement};
use perp_core::score::entry_floor;
use perp_interface::loss::JobMark;
use perp_interface::queue::{ExecuteMsg, RankChange, RankInputs, Update};
use perp_interface::{AccountId, MarketId, PerLot, Quote};

use crate::context::{payload, Pairs, UPDATE};
use crate::error::ContractResult;
use crate::ledger::Ledger;
use crate::state::Links;

/// The ranking's inputs of one position as it is now, none if there is none.
///
/// Collateral is the account's cash, allocated by the initial requirement at **entry** notional
/// (|cost|): with the mark instead, the same account would rank differently depending on the
/// price at its last touch, and nobody could re-derive the index from the positions.
pub fn inputs(
    ledger: &Ledger,
    id: AccountId,
    market: MarketId,
) -> ContractResult<Option<RankInputs>> {
    let account = ledger.account(id)?;
    let (mut weight, mut weights) = (Quote::ZERO, Quote::ZERO);
    let mut found = None;
    for (m, position) in &account.positions {
        let notional = Quote(position.cost.0.abs());
        let requirement =
            requirement_ceil(&ledger.market(*m)?.tiers, notional, Requirement::Initial)?;
        let requirement = requirement.max(Quote(1));
        weights = weights.plus(requirement)?;
        if *m == market {
            weight = requirement;
            found = Some(*position);
        }
    }
    let Some(position) = found else {
        return Ok(None);
    };
    let Some(side) = position.side() else {
        return Ok(None);
    };
    let lots = position.size();
    Ok(Some(RankInputs {
        side,
        lots,
        entry: entry_floor(&position)?,
        collateral: PerLot(collateral_per_lot_floor(
            account.cash,
            weight,
            weights,
            lots,
        )?),
    }))
}

/// The message that tells the queue of all touched pairs; none if nothing was touched.
///
/// `must_succeed`: an opening fails with its ranking; everything that lowers risk goes on without
/// and leaves the account to `Refresh`.
pub fn update(
    ledger: &Ledger,
    links: &Links,
    job: Option<JobMark>,
    must_succeed: bool,
) -> ContractResult<Option<SubMsg>> {
    let pairs: Pairs = ledger.touched().iter().copied().collect();
    update_pairs(ledger, links, (pairs, job), must_succeed)
}

/// As [`update`], for the given pairs.
pub fn update_pairs(
    ledger: &Ledger,
    links: &Links,
    (pairs, job): (Pairs, Option<JobMark>),
    must_succeed: bool,
) -> ContractResult<Option<SubMsg>> {
    if pairs.is_empty() {
        return Ok(None);
    }
    let changes = pairs
        .iter()
        .map(|(account, market)| {
            Ok(RankChange {
                account: *account,
                market: *market,
                position: inputs(ledger, *account, *market)?,
            })
        })
        .collect::<ContractResult<Vec<_>>>()?;
    let message = WasmMsg::Execute {
        contract_addr: links.queue.to_string(),
        msg: to_json_binary(&ExecuteMsg::Update(Update { changes, job }))?,
        funds: vec![],
    };
    Ok(Some(if must_succeed {
        SubMsg::new(message)
    } else {
        SubMsg::reply_on_error(message, UPDATE).with_payload(payload(&pairs)?)
    }))
}
