//! Every receipt of a loss is re-checked from the state before each transaction.

use std::collections::BTreeMap;

use perp_interface::LossId;
use perps_chain::deploy::Part;
use perps_cli::verify::{export, verify, Pair, Report, State, Transaction};

use crate::error::{ensure, PlayError, PlayResult};
use crate::play::Play;

/// Events that only a transaction of a loss has: its opening, and the steps of its job.
const OF_A_LOSS: [&str; 2] = ["loss_opened", "job_step"];

/// Finds the transactions of the losses on the chain, exports the state before each, replays them by the
/// definition, and compares, as `cargo perps verify-receipt` does.
///
/// # Errors
/// Whatever deviates.
pub fn receipts(play: &mut Play) -> PlayResult<()> {
    // No block has two of them: whoever sends the next one has seen the last.
    let mut found = BTreeMap::new();
    for loss_id in &play.losses {
        found.extend(transactions(play, *loss_id)?);
    }
    for (height, events) in &play.block_ends {
        let time = play.net.rest.block(*height)?.time;
        found.insert(*height, Transaction::of_events(events, Some(time)));
    }
    let mut pairs = vec![];
    for (height, transaction) in found {
        pairs.push(Pair {
            before: state(play, height - 1)?,
            transaction,
        });
    }
    let report = verify(pairs)?;
    ensure(report.is_clean() && report.receipts > 0, || {
        let deviations = &report.deviations;
        format!("{} receipts, deviations: {deviations:?}", report.receipts)
    })?;
    let closed = |report: &Report| report.losses.iter().all(|loss| loss.closed);
    ensure(closed(&report), || {
        "a loss of the receipts is not closed".to_owned()
    })?;
    let found = format!(
        "{} receipts of {} transactions verified",
        report.receipts, report.transactions
    );
    play.losses.clear();
    play.block_ends.clear();
    play.passed("receipts", found)
}

fn state(play: &Play, height: u64) -> PlayResult<State> {
    let rest = &play.net.rest;
    let block = rest.block(height)?;
    Ok(export(&rest.at(block), play.suite.at(Part::Market)?)?)
}

fn transactions(play: &Play, loss_id: LossId) -> PlayResult<BTreeMap<u64, Transaction>> {
    let mut found = BTreeMap::new();
    for kind in OF_A_LOSS {
        for hash in play.net.rpc.of_loss(kind, loss_id)? {
            let answer = play.net.rest.transaction(&hash)?;
            let height = answer.pointer("/tx_response/height");
            let height = height.and_then(|h| h.as_str()?.parse().ok());
            let height = height.ok_or_else(|| PlayError::Wrong(format!("{hash}: no height")))?;
            found.insert(height, Transaction::parse(&answer.to_string())?);
        }
    }
    Ok(found)
}
