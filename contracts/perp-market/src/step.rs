//! A call of the settlement fold, from storage and back.

use cosmwasm_std::{Deps, Env, Storage, SubMsg};
use perp_interface::{AccountId, Policy};

use crate::adl::Adl;
use crate::bounty;
use crate::desk::Desk;
use crate::error::ContractResult;
use crate::ledger::Ledger;
use crate::loss::close;
use crate::prices::Marks;
use crate::state::{Links, Loss, LOSSES, PARAMS};

/// A call that is written.
#[derive(Debug)]
pub struct Written {
    /// What the rest of the message needs: touched accounts, events.
    pub desk: Desk,
    /// The loss as it stands now.
    pub loss: Loss,
    /// Candidates and rows visited.
    pub visited: u32,
    /// To the fund: the bounty of its fills, and that it is closed.
    pub messages: Vec<SubMsg>,
}

/// Loads everything that the call may meet: the accounts, the next rows of kept profit, and all
/// prices, with the loss's own market at its frozen mark.
pub fn begin(
    deps: Deps<'_>,
    env: &Env,
    links: &Links,
    (loss, policy): (Loss, Policy),
    (accounts, rows): (&[AccountId], u32),
) -> ContractResult<Adl> {
    let (_, params) = PARAMS.load(deps.storage)?;
    let now = env.block.time.seconds();
    let mut ledger = Ledger::new(now);
    ledger.load_account(deps.storage, loss.account)?;
    ledger.load_market(deps.storage, loss.terms.market)?;
    let mut adl = Adl::new(Desk::new(ledger, params), loss, policy);
    adl.load(deps.storage, accounts.iter().copied())?;
    adl.load_rows(deps.storage, rows)?;
    let markets = adl.desk.ledger.market_ids();
    let mut marks = Marks::query(deps.querier, &links.feed, &markets, now)?;
    marks.freeze(adl.loss.terms.market, adl.loss.terms.mark);
    adl.desk.ledger.marks = marks;
    Ok(adl)
}

/// Stores where the fold pauses, or closes the loss. The fills since there were `before` are `keeper`'s.
pub fn write(
    mut adl: Adl,
    storage: &mut dyn Storage,
    links: &Links,
    height: u64,
    (before, keeper): (u32, &str),
) -> ContractResult<Written> {
    adl.pause(storage, height)?;
    let Adl {
        mut desk,
        mut loss,
        visited,
        ..
    } = adl;
    let per_fill = desk.bounty_per_fill(loss.terms.market)?;
    let bounty = bounty::book(links, &mut loss, (before, per_fill), keeper)?;
    let mut messages: Vec<_> = bounty.into_iter().collect();
    if loss.is_done() {
        messages.push(close(storage, &mut desk, &mut loss, links)?);
    }
    LOSSES.save(storage, loss.terms.loss_id, &loss)?;
    desk.save(storage)?;
    Ok(Written {
        desk,
        loss,
        visited,
        messages,
    })
}
