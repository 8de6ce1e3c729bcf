//! What tightens holds at once, what loosens waits for its notice and then moves in bounded steps; pauses; and
//! authority that changes hands in two steps.

use std::thread;
use std::time::Duration;

use perp_interface::governance::{
    ApplyPending, GovernMsg, GovernanceResponse, Operation, SetPause,
};
use perp_interface::market::{ExecuteMsg, UpdateMarket};
use perp_interface::params::MarketParams;
use perp_interface::{feed, queue, Lots, MarketId, Side};
use perps_chain::deploy::Part;
use serde_json::{json, Value};

use super::markets::{SECOND, SECOND_CAP, SECOND_ENTRY};
use crate::error::{ensure, same, PlayError, PlayResult};
use crate::net::{now, Net};
use crate::play::Play;
use crate::suite::{Order, Suite};
use crate::vote::Pace;

/// Into how many positions a loss is spread from now on: ten times its lots share it.
const BREADTH: u32 = 10;
/// As many steps as that takes at the most.
const MOST_APPLIED: u32 = 10;

/// The own parameters of a contract with some fields changed, as the message that sets them.
///
/// # Errors
/// Those of queries.
pub fn change(net: &Net, suite: &Suite, part: Part, fields: &[(&str, Value)]) -> PlayResult<Value> {
    let (version, mut params) = suite.params(net, part)?;
    for (field, value) in fields {
        let place = params.pointer_mut(field);
        let place = place.ok_or_else(|| PlayError::Wrong(format!("{part} has no {field}")))?;
        *place = value.clone();
    }
    Ok(json!({"update_params": {"expected_version": version, "params": params}}))
}

fn market_change(
    (net, suite): (&Net, &Suite),
    change: impl FnOnce(&mut MarketParams),
) -> PlayResult<ExecuteMsg> {
    let listed = suite.market(net, SECOND)?;
    let mut params = listed.params;
    change(&mut params);
    Ok(ExecuteMsg::UpdateMarket(UpdateMarket {
        market: SECOND,
        expected_version: listed.version,
        params,
    }))
}

/// Anybody's call that makes the next step of what waits.
pub const fn apply(market: Option<MarketId>) -> queue::ExecuteMsg {
    // All contracts take this message in the same form.
    queue::ExecuteMsg::ApplyPending(ApplyPending { market })
}

/// Waits until the chain's clock has come to a time.
///
/// # Errors
/// Those of queries.
pub fn wait_until(net: &Net, due: u64) -> PlayResult<()> {
    while net.rest.latest()?.time < due {
        let left = due.saturating_sub(now()).clamp(1, 20);
        thread::sleep(Duration::from_millis(300 * left.min(3)));
    }
    Ok(())
}

/// Applies every step of what waits as soon as it is due; each must be refused until then.
///
/// # Errors
/// Whatever is not as it must be.
pub fn apply_all(play: &Play, part: Part, market: Option<MarketId>) -> PlayResult<u32> {
    let (net, suite) = (&play.net, &play.suite);
    let mut steps = 0;
    while let Some(due) = suite.pending(net, part, market)?.due {
        ensure(steps < MOST_APPLIED, || {
            format!("the change of {part} does not end")
        })?;
        if net.rest.latest()?.time + 2 < due {
            suite.refused(net, ("erin", part), &apply(market), "not_due")?;
        }
        wait_until(net, due)?;
        suite.call(net, ("erin", part), &apply(market), 0)?;
        steps += 1;
    }
    Ok(steps)
}

/// Proposals to raise the breadth, and to let the second market grow: both wait.
///
/// # Errors
/// Whatever is not as it must be.
pub fn loosening(play: &mut Play) -> PlayResult<()> {
    let (net, suite) = (&play.net, &play.suite);
    let fields = [
        ("/default_policy/breadth", json!(BREADTH)),
        ("/step_limit", json!(500)),
    ];
    let wider = change(net, suite, Part::Queue, &fields)?;
    let larger = market_change((net, suite), |params| {
        params.max_open_interest = Lots(8 * SECOND_CAP);
    })?;
    let motions = [
        suite.motion(net, "A wider queue", Part::Queue, &wider)?,
        suite.motion(net, "A larger market", Part::Market, &larger)?,
    ];
    net.pass(&motions, Pace::Expedited)?;
    let caps = announced(play)?;
    let queue_steps = apply_all(play, Part::Queue, None)?;
    let market_steps = apply_all(play, Part::Market, Some(SECOND))?;
    same("breadth afterwards", &breadth(play)?, &json!(BREADTH))?;
    same("steps of the queue", &queue_steps, &1)?;
    same("steps of the market", &market_steps, &3)?;
    let cap = play
        .suite
        .market(&play.net, SECOND)?
        .params
        .max_open_interest;
    same("max_open_interest afterwards", &cap, &Lots(8 * SECOND_CAP))?;
    play.passed(
        "loosening waits",
        format!("breadth 1 to {BREADTH} after its notice; max_open_interest by {caps:?}"),
    )
}

fn breadth(play: &Play) -> PlayResult<Value> {
    let (_, params) = play.suite.params(&play.net, Part::Queue)?;
    Ok(params["default_policy"]["breadth"].clone())
}

/// What `PendingParams` shows of both, while nothing has changed yet; tells the steps of the market's cap.
fn announced(play: &Play) -> PlayResult<Vec<String>> {
    let (net, suite) = (&play.net, &play.suite);
    let before = "before its notice is over";
    same(&format!("breadth {before}"), &breadth(play)?, &json!(1))?;
    let cap = suite.market(net, SECOND)?.params.max_open_interest;
    same(
        &format!("max_open_interest {before}"),
        &cap,
        &Lots(SECOND_CAP),
    )?;
    let waits = suite.pending(net, Part::Queue, None)?;
    let mut changes = waits.steps.iter().flat_map(|step| &step.changes);
    let is_named = changes.any(|change| change.field == "default_policy.breadth");
    ensure(is_named, || format!("what waits: {waits:?}"))?;
    let waits = suite.pending(net, Part::Market, Some(SECOND))?;
    let changes = waits.steps.iter().flat_map(|step| &step.changes);
    let caps: Vec<String> = changes.flat_map(|change| change.to.clone()).collect();
    let expected = [2, 4, 8].map(|n| (n * SECOND_CAP).to_string());
    same(
        "the announced steps of max_open_interest",
        &caps,
        &expected.to_vec(),
    )?;
    suite.refused(net, ("erin", Part::Market), &apply(Some(SECOND)), "not_due")?;
    Ok(caps)
}

/// The guardian tightens at once, and cannot loosen.
///
/// # Errors
/// Whatever is not as it must be.
pub fn guardian(play: &mut Play) -> PlayResult<()> {
    let (net, suite) = (&play.net, &play.suite);
    let tighter = market_change((net, suite), |params| {
        params.tiers[0].initial_bps = 1_500;
        params.max_open_interest = Lots(2 * SECOND_CAP);
    })?;
    let who = ("guardian", Part::Market);
    suite.call(net, who, &tighter, 0)?;
    let params = suite.market(net, SECOND)?.params;
    same(
        "initial margin at once",
        &params.tiers[0].initial_bps,
        &1_500,
    )?;
    same(
        "max_open_interest at once",
        &params.max_open_interest,
        &Lots(2 * SECOND_CAP),
    )?;
    let looser = market_change((net, suite), |params| params.tiers[0].initial_bps = 1_400)?;
    suite.refused(net, who, &looser, "guardian_only_tightens")?;
    let same_again = market_change((net, suite), |_| {})?;
    suite.refused(net, who, &same_again, "nothing_to_change")?;
    let maintenance = market_change((net, suite), |params| {
        params.tiers[0].maintenance_bps = 600;
    })?;
    suite.refused(net, who, &maintenance, "guardian_only_tightens")?;
    play.passed(
        "guardian",
        "initial margin 1000 to 1500 bps at once; back, and maintenance margin: refused".to_owned(),
    )
}

const fn pause(paused: bool) -> ExecuteMsg {
    ExecuteMsg::SetPause(SetPause {
        operation: Operation::Opening,
        paused,
    })
}

/// The guardian stops opening; what opens is refused, what reduces is not, and the guardian cannot undo it.
fn paused(play: &Play, buy: &ExecuteMsg) -> PlayResult<()> {
    let (net, suite) = (&play.net, &play.suite);
    suite.call(net, ("guardian", Part::Market), &pause(true), 0)?;
    suite.refused(net, ("erin", Part::Market), buy, "opening_paused")?;
    let before = suite.account(net, "dave", 0)?.positions[0].lots;
    // Both sides reduce: erin's long by a sell that rests, dave's short by a buy.
    suite.place(
        net,
        "erin",
        Order::limit(SECOND, Side::Short, 1, SECOND_ENTRY),
    )?;
    suite.place(net, "dave", Order::ioc(SECOND, Side::Long, 1, SECOND_ENTRY))?;
    let after = suite.account(net, "dave", 0)?.positions[0].lots;
    same("lots after reducing in a pause", &(after.0 + 1), &before.0)?;
    let guardian = ("guardian", Part::Market);
    suite.refused(net, guardian, &pause(false), "unauthorized")?;
    Ok(())
}

/// The guardian stops opening; reducing goes on; only the authority lets opening go on. In the same votes the
/// authority of the feed changes hands and comes back.
///
/// # Errors
/// Whatever is not as it must be.
pub fn pauses_and_authority(play: &mut Play) -> PlayResult<()> {
    let (net, suite) = (&play.net, &play.suite);
    let buy = ExecuteMsg::from(Order::ioc(SECOND, Side::Long, 1, SECOND_ENTRY));
    paused(play, &buy)?;
    let deployer = net.address("deployer")?;
    let propose = |candidate: &str| {
        feed::ExecuteMsg::Govern(GovernMsg::ProposeAuthority {
            candidate: Some(candidate.to_owned()),
        })
    };
    let accept = feed::ExecuteMsg::Govern(GovernMsg::AcceptAuthority {});
    let hand_over = [
        suite.motion(net, "Opening goes on", Part::Market, &pause(false))?,
        suite.motion(net, "Another authority", Part::Feed, &propose(&deployer))?,
    ];
    net.pass(&hand_over, Pace::Expedited)?;
    suite.place(
        net,
        "dave",
        Order::limit(SECOND, Side::Short, 1, SECOND_ENTRY),
    )?;
    suite.call(net, ("erin", Part::Market), &buy, 0)?;

    same(
        "authority before it is accepted",
        &authority(play)?,
        &net.gov,
    )?;
    suite.refused(net, ("bob", Part::Feed), &accept, "unauthorized")?;
    suite.call(net, ("deployer", Part::Feed), &accept, 0)?;
    same(
        "authority after it is accepted",
        &authority(play)?,
        &deployer,
    )?;
    suite.call(net, ("deployer", Part::Feed), &propose(&net.gov), 0)?;
    let back = suite.motion(net, "The authority comes back", Part::Feed, &accept)?;
    net.pass(&[back], Pace::Expedited)?;
    same("authority at the end", &authority(play)?, &net.gov)?;
    play.passed(
        "pause and authority",
        "opening stopped, reducing went on; the feed's authority went to a key and back".to_owned(),
    )
}

fn authority(play: &Play) -> PlayResult<String> {
    let answer: GovernanceResponse =
        play.suite
            .ask(&play.net, Part::Feed, &feed::QueryMsg::Governance {})?;
    Ok(answer.authority)
}
