//! Settles one row on the chain, and checks every receipt of it.

use cosmwasm_std::Event;
use perp_interface::market::{LossQuery, LossResponse, QueryMsg};
use perp_testkit::{Chain, ChainError};

use super::situation::Situation;
use super::{before, book, DemoError};
use crate::amount::{Amount, Count};
use crate::result::LossRow;
use crate::verify::{Deviation, Replay, State, Transaction};
use crate::waves::WaveRow;

/// Most steps that one loss may take before the run gives up: a job that does not end is a bug.
const MOST_STEPS: u32 = 1_000_000;

/// A row whose account was bankrupt, after its last step.
#[derive(Debug)]
pub struct Settled {
    /// The loss as the market has it.
    pub loss: LossResponse,
    /// Events of the liquidation and of all steps.
    pub events: Vec<Event>,
    /// How many were taken, or passed over, against the order.
    pub inversions: u64,
}

impl Settled {
    /// As results show it.
    pub fn row(&self, row: &WaveRow) -> LossRow {
        let loss = &self.loss;
        let taken = book::taken(&self.events);
        LossRow {
            wave: row.wave,
            coin: row.coin.clone(),
            needed: Amount(loss.need.0),
            slippage: Amount(loss.slippage.0),
            fund_used: Amount(loss.fund_used.0),
            adl_taken: Amount(loss.adl_taken.0),
            haircut: Amount(loss.haircut.0),
            bad_debt: Amount(loss.bad_debt.0),
            lots: Count(u128::from(loss.lots.0)),
            book_lots: Count(u128::from(loss.book_lots.0)),
            adl_lots: Count(u128::from(loss.adl_lots.0)),
            fills: u64::from(loss.fills),
            steps: u64::from(loss.steps),
            taken: taken.into_iter().map(book::Receipt::into_taken).collect(),
        }
    }
}

/// Liquidates the account of a situation and works its loss off; none if it was solvent.
///
/// # Errors
/// `Chain` if a message is refused, `Unexpected` if the loss is not the row's or a receipt is not what
/// a replay gives.
pub fn settle(
    chain: &mut Chain,
    row: &WaveRow,
    built: &Situation,
) -> Result<Option<Settled>, DemoError> {
    let at = |step| move |error| refused(row, step, error);
    let accounts = built.accounts.clone();
    let before = before::read(chain, built.market, accounts).map_err(at("scan before"))?;
    let keeper = chain.user("keeper");
    let mut events = chain
        .liquidate(&keeper, built.bankrupt)
        .map_err(at("liquidate"))?;
    let Some(loss_id) = loss_opened(&events) else {
        return Ok(None);
    };
    let (_, more) = chain.finish_jobs(MOST_STEPS).map_err(at("deleverage"))?;
    events.extend(more);
    let query = QueryMsg::Loss(LossQuery { loss_id });
    let loss: LossResponse = chain
        .query(&chain.addresses.market, &query)
        .map_err(at("loss"))?;
    if !loss.closed || loss.need.0 != row.needed || loss.lots.0 != row.lots {
        let what = format!("the loss is not the one of this row: {loss:?}");
        return Err(unexpected(row, what));
    }
    let inversions = check(&before, &events).map_err(|what| unexpected(row, what))?;
    Ok(Some(Settled {
        loss,
        events,
        inversions,
    }))
}

/// The chain refused a step of a row.
pub fn refused(row: &WaveRow, step: &'static str, error: ChainError) -> DemoError {
    DemoError::Chain {
        wave: row.wave,
        coin: row.coin.clone(),
        step,
        error,
    }
}

/// An answer that a contract must not give.
pub fn unexpected(row: &WaveRow, what: String) -> DemoError {
    DemoError::Unexpected {
        wave: row.wave,
        coin: row.coin.clone(),
        what,
    }
}

fn loss_opened(events: &[Event]) -> Option<u64> {
    let opened = perp_testkit::receipts::of_kind(events, "loss_opened");
    opened
        .first()
        .and_then(|e| u64::try_from(e.number("loss_id")).ok())
}

/// Replays the choice of every receipt on the state before. Returns how many were taken, or passed
/// over, against the order; what else deviates is an error.
fn check(before: &State, events: &[Event]) -> Result<u64, String> {
    let mut replay = Replay::default();
    let verified = replay
        .read(before, before.time)
        .and_then(|()| replay.apply(&Transaction::of_events(events, None)))
        .and_then(|()| replay.finish())
        .map_err(|e| e.to_string())?;
    let of_order = |d: &&Deviation| d.kind.is_of_order();
    let inversions = verified.deviations.iter().filter(of_order).count() as u64;
    match verified.deviations.iter().find(|d| !d.kind.is_of_order()) {
        Some(d) => Err(format!(
            "loss {:?}, account {:?}, {}: expected {}, got {}: {}",
            d.loss_id,
            d.account,
            d.kind.name(),
            d.expected,
            d.got,
            d.why
        )),
        None => Ok(inversions),
    }
}
