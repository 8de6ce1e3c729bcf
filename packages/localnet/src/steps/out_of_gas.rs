//! A liquidation whose message to the queue runs out of gas: the fund's payment stands, the loss stays open,
//! and `ResumeLoss` finishes it.

use perp_interface::market::{ExecuteMsg, Liquidate, ResumeLoss};
use perp_interface::{LossId, Quote, Side};
use perps_chain::client::TxOutcome;
use perps_chain::deploy::Part;
use serde_json::json;

use super::crash::CRASHED;
use super::governance::{apply_all, change};
use super::markets::{FIRST, SECOND, SECOND_ENTRY};
use crate::error::{ensure, same, PlayError, PlayResult};
use crate::keeper::KEEPER;
use crate::net::Letter;
use crate::play::Play;
use crate::suite::{contribution, deposit, number_in, Order, ENTRY};
use crate::vote::{Motion, Pace};

/// Who is bankrupt this time.
const VICTIM: &str = "carol";
/// Owners of the other side; each has [`ACCOUNTS`] accounts.
const OWNERS: [&str; 4] = ["trader13", "trader14", "trader15", "trader16"];
/// Accounts of each owner.
const ACCOUNTS: u32 = 16;
/// Lots of each account.
const EACH: u64 = 4;
/// What the victim buys: half of them, so that sharing takes two lots of every account. A step that closed
/// whole positions would need fewer fills, and less gas.
const LOTS: u64 = 128;
/// Its margin: a tenth of what it buys, and fees.
const MARGIN: u128 = 140_000_000;
/// Enough for every step.
const ENOUGH: u64 = 50_000_000;

/// A loss whose only step spreads it over more accounts than its gas allows.
///
/// # Errors
/// Whatever is not as it must be.
pub fn out_of_gas(play: &mut Play) -> PlayResult<()> {
    set_up(play)?;
    let (net, suite) = (&play.net, &play.suite);
    suite.set_prices(net, "feeder", &[(FIRST, CRASHED), (SECOND, SECOND_ENTRY)])?;
    let account = suite.account(net, VICTIM, 0)?.account;
    let message = ExecuteMsg::Liquidate(Liquidate { account });
    let liquidated = suite.call(net, (KEEPER, Part::Market), &message, 0)?;
    let loss_id = loss_of(&liquidated)?;
    let kind = liquidated.attribute("wasm-submessage_failed", "kind");
    same("what failed inside", &kind, &Some("report"))?;
    let paid = number_in(&liquidated, "fund_paid", "paid")?;
    let recorded = suite.fund_loss(net, loss_id)?;
    ensure(
        paid > 0 && recorded.paid.0 == paid as i128 && !recorded.closed,
        || format!("the fund paid {paid} and recorded {recorded:?}"),
    )?;
    let loss = suite.loss(net, loss_id)?;
    ensure(
        !loss.closed && loss.fills == 0 && loss.need_left > Quote::ZERO,
        || format!("the loss stands at {loss:?}"),
    )?;
    same("open jobs", &suite.jobs(net)?.len(), &0)?;
    // As long as the limit is the same, it is the same again.
    let again = resume(play, loss_id)?;
    let kind = again.attribute("wasm-submessage_failed", "kind");
    same("what fails again", &kind, &Some("report"))?;
    play.losses.push(loss_id);
    let found = format!(
        "the fund paid {paid}; the queue's step ran out of 1000000 gas, twice; loss {loss_id} has {} lots and {} left",
        loss.lots_left, loss.need_left
    );
    play.passed("queue out of gas", found)
}

/// The limit is raised by a proposal, and the loss resumed.
///
/// # Errors
/// Whatever is not as it must be.
pub fn resumed(play: &mut Play) -> PlayResult<()> {
    let (net, suite) = (&play.net, &play.suite);
    let more = change(
        net,
        suite,
        Part::Fund,
        &[("/report_gas_limit", json!(ENOUGH))],
    )?;
    let motion = Motion::new("More gas", vec![suite.decree(net, Part::Fund, &more)?]);
    net.pass(&[motion], Pace::Expedited)?;
    apply_all(play, Part::Fund, None)?;
    let open: perp_interface::market::GatesResponse = suite.ask(
        net,
        Part::Market,
        &perp_interface::market::QueryMsg::Gates {},
    )?;
    let loss_id = open.losses.first().copied();
    let loss_id = loss_id.ok_or_else(|| PlayError::Wrong("no loss is open".to_owned()))?;
    let before = suite.fund_loss(net, loss_id)?.paid;
    let outcome = resume(play, loss_id)?;
    ensure(
        outcome
            .attribute("wasm-submessage_failed", "kind")
            .is_none(),
        || format!("something failed inside of {}", outcome.hash),
    )?;
    let loss = suite.loss(net, loss_id)?;
    ensure(loss.closed && loss.fills > 50, || {
        format!("the loss stands at {loss:?}")
    })?;
    let after = suite.fund_loss(net, loss_id)?;
    same("what the fund paid", &after.paid, &before)?;
    ensure(after.closed, || format!("the fund has {after:?}"))?;
    let found = format!(
        "loss {loss_id} closed by ResumeLoss: {} fills, {} gas, fund {}, winners {}",
        loss.fills, outcome.gas_used, loss.fund_used, loss.adl_taken
    );
    play.passed("loss resumed", found)
}

fn resume(play: &Play, loss_id: LossId) -> PlayResult<TxOutcome> {
    let message = ExecuteMsg::ResumeLoss(ResumeLoss { loss_id });
    play.suite
        .call(&play.net, (KEEPER, Part::Market), &message, 0)
}

fn loss_of(outcome: &TxOutcome) -> PlayResult<LossId> {
    let number = number_in(outcome, "loss_opened", "loss_id")?;
    LossId::try_from(number).map_err(|e| PlayError::Wrong(e.to_string()))
}

/// Many accounts sell to the victim, at the price of the beginning; the fund has new money.
fn set_up(play: &Play) -> PlayResult<()> {
    let (net, suite) = (&play.net, &play.suite);
    suite.set_prices(net, "feeder", &[(FIRST, ENTRY), (SECOND, SECOND_ENTRY)])?;
    suite.call(net, ("bob", Part::Fund), &contribution(), 200_000_000)?;
    suite.deposit(net, VICTIM, MARGIN)?;
    let amount = 100_000_000;
    let openings: PlayResult<Vec<Letter>> = OWNERS
        .iter()
        .map(|owner| {
            let who = net.address(owner)?;
            let mut msgs = vec![];
            for subaccount in 0..ACCOUNTS {
                let who = (who.as_str(), Part::Market);
                let ask = Order::limit(FIRST, Side::Short, EACH, ENTRY).of(subaccount);
                msgs.push(suite.any(net, who, &deposit(subaccount), amount)?);
                msgs.push(suite.any(net, who, &ExecuteMsg::from(ask), 0)?);
            }
            let coins = amount * u128::from(ACCOUNTS);
            Ok(Letter {
                coins,
                ..Letter::plain(owner, msgs)
            })
        })
        .collect();
    net.send_all(openings?)?;
    for buyer in [VICTIM, VICTIM, "bob", "bob"] {
        let order = Order::ioc(FIRST, Side::Long, LOTS / 2, ENTRY);
        suite.place(net, buyer, order)?;
    }
    let held = suite.account(net, VICTIM, 0)?;
    let lots = held.positions.first().map(|position| position.lots.0);
    same("the victim's lots", &lots, &Some(LOTS))
}
