//! The hook of chains that call a contract in every block: it moves a job on, and where it fails inside it
//! leaves nothing half done.

use cosmwasm_std::Event;
use perp_interface::governance::MigrateMsg;
use perps_chain::client::msg;
use perps_chain::deploy::Part;
use perps_cli::verify::export;
use serde_json::{json, Value};

use super::trade::balances;
use crate::deaf;
use crate::error::{ensure, same, PlayError, PlayResult};
use crate::net::Letter;
use crate::play::Play;
use crate::vote::{Motion, Pace};

/// Everything that a step could change: accounts, markets, losses, jobs, ranking.
fn snapshot(play: &Play) -> PlayResult<Value> {
    let rest = &play.net.rest;
    let state = export(&rest.at(rest.latest()?), play.suite.at(Part::Market)?)?;
    let state = serde_json::to_value(&state).map_err(|e| PlayError::Wrong(e.to_string()))?;
    let of = |key: &str| state.get(key).cloned();
    let of_height = ["height", "time"];
    let Some(fields) = state.as_object() else {
        return Err(PlayError::Wrong(
            "the exported state is no object".to_owned(),
        ));
    };
    let kept = fields
        .keys()
        .filter(|key| !of_height.contains(&key.as_str()));
    Ok(kept.map(|key| (key.clone(), json!(of(key)))).collect())
}

/// Attributes of a contract's event in a block.
fn attribute<'a>(events: &'a [Event], kind: &str, key: &str) -> Option<&'a str> {
    let event = events
        .iter()
        .find(|event| event.ty == format!("wasm-{kind}"))?;
    let found = event.attributes.iter().find(|a| a.key == key)?;
    Some(&found.value)
}

/// One proposal makes the feed answer nothing, calls the queue's hook, and repairs the feed: the hook's step
/// fails inside, the proposal passes, and nothing has changed.
///
/// # Errors
/// Whatever is not as it must be.
pub fn failing_hook(play: &mut Play) -> PlayResult<()> {
    let (net, suite) = (&play.net, &play.suite);
    let deployer = net.address("deployer")?;
    let store = msg::store_code(&deployer, &deaf::contract()?)?;
    let stored = net.send(Letter::plain("deployer", vec![store]))?;
    let deaf = stored.number("store_code", "code_id")?;
    let feed = suite.at(Part::Feed)?;
    let real = suite
        .record
        .codes
        .get(&Part::Feed)
        .map_or(0, |code| code.code_id);
    let clock = json!({"clock_end_block": {}});
    let motion = Motion::new(
        "The queue's hook while the feed answers nothing",
        vec![
            msg::migrate(&net.gov, feed, deaf, &json!({}))?,
            msg::sudo(&net.gov, suite.at(Part::Queue)?, &clock)?,
            msg::migrate(&net.gov, feed, real, &MigrateMsg::default())?,
        ],
    );
    let before = (snapshot(play)?, balances(play)?);
    ensure(!suite.jobs(net)?.is_empty(), || "no job is open".to_owned())?;
    let verdicts = net.pass(&[motion], Pace::Expedited)?;
    let (height, events) = net.execution(&verdicts[0])?;
    let kind = attribute(&events, "submessage_failed", "kind");
    same("what failed inside", &kind, &Some("clock"))?;
    ensure(attribute(&events, "adl_fill", "loss_id").is_none(), || {
        "the events of the failed step are left".to_owned()
    })?;
    let after = (snapshot(play)?, balances(play)?);
    same("the state after the hook", &after.0, &before.0)?;
    same("all balances after the hook", &after.1, &before.1)?;
    let said = attribute(&events, "submessage_failed", "error").unwrap_or_default();
    let found =
        format!("block {height}: the proposal passed, its step failed ({said}), nothing changed");
    play.passed("a hook that fails", found)
}

/// The same hook with a feed that answers moves the job on.
///
/// # Errors
/// Whatever is not as it must be.
pub fn hook(play: &mut Play) -> PlayResult<()> {
    let (net, suite) = (&play.net, &play.suite);
    let clock = json!({"clock_end_block": {}});
    let sudo = msg::sudo(&net.gov, suite.at(Part::Queue)?, &clock)?;
    let before = suite.jobs(net)?;
    let verdicts = net.pass(
        &[Motion::new("The queue's hook", vec![sudo])],
        Pace::Expedited,
    )?;
    let (height, events) = net.execution(&verdicts[0])?;
    let moved = suite.jobs(net)?;
    let (Some(was), Some(is)) = (before.first(), moved.first()) else {
        return Err(PlayError::Wrong("the job is gone".to_owned()));
    };
    ensure(is.visited > was.visited && is.lots < was.lots, || {
        format!("the job stood at {was:?} and stands at {is:?}")
    })?;
    let found = format!(
        "block {height}: the job went from {} to {} lots",
        was.lots, is.lots
    );
    play.block_ends.push((height, events));
    play.passed("a hook that works", found)
}
