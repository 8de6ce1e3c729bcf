//! A price crash: the fund pays and runs short, the queue deleverages step by step, and the node dies in
//! between.

use std::time::Duration;

use perp_interface::{LossId, Quote};
use perps_chain::keeper::work::Kind;

use super::markets::{FIRST, SECOND, SECOND_ENTRY};
use super::trade::{balances, VICTIM_LOTS};
use crate::error::{ensure, same, PlayError, PlayResult};
use crate::play::Play;

/// 20 % under the entry: the victim's margin is lost, and two thirds of that again.
pub const CRASHED: u64 = 8_000_000;

/// The price falls, the keeper liquidates, the fund pays what it may, and a job stays open.
///
/// # Errors
/// Whatever is not as it must be.
pub fn crash(play: &mut Play) -> PlayResult<()> {
    let (net, suite) = (&play.net, &play.suite);
    suite.set_prices(net, "feeder", &[(FIRST, CRASHED), (SECOND, SECOND_ENTRY)])?;
    let has_job = |play: &Play| Ok(!play.suite.jobs(&play.net)?.is_empty());
    play.keep(&[Kind::Liquidate], has_job)?;
    let job = suite.jobs(net)?.into_iter().next();
    let job = job.ok_or_else(|| PlayError::Wrong("the job is gone".to_owned()))?;
    let loss_id = job.terms.loss_id;
    let of_fund = suite.fund_loss(net, loss_id)?;
    let (asked, paid) = (of_fund.asked, of_fund.paid);
    ensure(Quote::ZERO < paid && paid < asked, || {
        format!("the fund paid {paid} of {asked}: not a part of it")
    })?;
    let loss = suite.loss(net, loss_id)?;
    same("lots of the loss", &loss.lots.0, &VICTIM_LOTS)?;
    let is_open = !loss.closed && loss.need_left > Quote::ZERO && loss.fills > 0;
    ensure(is_open, || {
        format!("after its first step the loss is {loss:?}")
    })?;
    let found = format!(
        "loss {loss_id}: {VICTIM_LOTS} lots, {} needed; fund {paid} of {asked}; {} lots and {} wait",
        loss.need, loss.lots_left, loss.need_left
    );
    play.losses.push(loss_id);
    play.passed("crash", found)
}

/// The node is killed in the middle of the job; afterwards the job stands where it stood.
///
/// # Errors
/// Whatever is not as it must be.
pub fn power_cut(play: &mut Play) -> PlayResult<()> {
    let net = &play.net;
    // One more step, so that the job stands between two of them.
    let first = play.suite.jobs(net)?.first().map(|job| job.lots);
    let moved = |play: &Play| Ok(play.suite.jobs(&play.net)?.first().map(|job| job.lots) != first);
    play.keep(&[Kind::ContinueDeleverage], moved)?;
    let before = (play.suite.jobs(net)?, balances(play)?);
    ensure(!before.0.is_empty(), || "there is no open job".to_owned())?;
    let height = net.client.latest_height()?;
    net.cut_the_power()?;
    let patience = Duration::from_secs(60);
    let now = net.client.wait_for_height(height + 2, patience)?;
    let after = (play.suite.jobs(net)?, balances(play)?);
    same("jobs and balances after the restart", &after, &before)?;
    let job = &after.0[0];
    let found = format!(
        "killed at {height}, at {now} loss {} is still in pass {} with {} visited, {} lots and {} left",
        job.terms.loss_id,
        job.pass.number(),
        job.visited,
        job.lots,
        job.need
    );
    play.passed("node killed in a job", found)
}

/// The keeper works the job off.
///
/// # Errors
/// Whatever is not as it must be.
pub fn finish(play: &mut Play) -> PlayResult<()> {
    let done = |play: &Play| Ok(play.suite.jobs(&play.net)?.is_empty());
    let works = play.keep(&[Kind::ContinueDeleverage], done)?;
    let last = play.losses.last().copied();
    let last = last.ok_or_else(|| PlayError::Wrong("there was no loss".to_owned()))?;
    let loss = play.suite.loss(&play.net, last)?;
    // The identities of a loss, to the unit.
    same("lots", &(loss.book_lots.0 + loss.adl_lots.0), &loss.lots.0)?;
    let borne = loss.fund_used.0 + loss.adl_taken.0 + loss.haircut.0 + loss.bad_debt.0;
    let owed = loss.need.0 + loss.slippage.0;
    same("who bore the loss", &borne, &owed)?;
    ensure(loss.closed && loss.steps > 3, || {
        format!("loss {last} is not closed by several steps: {loss:?}")
    })?;
    note_gas(play, last)?;
    let found = format!(
        "{works} more transactions, {} steps, {} fills: fund {}, winners {}, bad debt {}",
        loss.steps, loss.fills, loss.fund_used, loss.adl_taken, loss.bad_debt
    );
    play.passed("job finished", found)
}

/// Gas of what the keeper has sent: a job's steps, the first of them inside of the liquidation.
fn note_gas(play: &Play, loss_id: LossId) -> PlayResult<()> {
    let net = &play.net;
    let opened = net.rpc.of_loss("loss_opened", loss_id)?;
    for hash in net.rpc.of_loss("job_step", loss_id)? {
        let label = match opened.contains(&hash) {
            true => "perp-market/liquidate",
            false => "deleverage-queue/continue_deleverage",
        };
        if let Some(outcome) = net.client.tx(&hash)? {
            net.gas.note(label, &outcome, net.rpc.tx_bytes(&hash)?);
        }
    }
    Ok(())
}
