//! What governance must not be able to do, and what nobody else may: refused on the chain, nothing changed.

use perp_interface::governance::MigrateMsg;
use perps_chain::client::{msg, Any};
use perps_chain::deploy::{Artifact, Part};
use serde_json::{json, Value};

use crate::error::{same, PlayError, PlayResult};
use crate::net::Letter;
use crate::play::Play;
use crate::vote::Motion;

/// Parts with parameters of their own.
const PARTS: [Part; 4] = [Part::Market, Part::Fund, Part::Queue, Part::Feed];

fn change(version: u64, params: &Value) -> Value {
    json!({"update_params": {"expected_version": version, "params": params}})
}

/// Strangers, numbers out of bounds, misspelt fields, old versions, a downgrade.
///
/// # Errors
/// Whatever was not refused, or changed something.
pub fn refusals(play: &mut Play) -> PlayResult<()> {
    let before = everything(play)?;
    let strangers = strangers(play)?;
    let older = older_feed(play)?;
    let proposals = proposals(play, older)?;
    let count = proposals.len();
    play.net.fail(&proposals)?;
    same(
        "parameters and versions afterwards",
        &everything(play)?,
        &before,
    )?;
    play.passed(
        "refusals",
        format!("{strangers} transactions and {count} proposals refused, nothing changed"),
    )
}

fn everything(play: &Play) -> PlayResult<Vec<(u64, Value)>> {
    let params = PARTS.map(|part| play.suite.params(&play.net, part));
    params.into_iter().collect()
}

/// Transactions of people who may not do what they try.
fn strangers(play: &Play) -> PlayResult<usize> {
    let (net, suite) = (&play.net, &play.suite);
    let mut count = 0;
    for part in PARTS {
        let (version, params) = suite.params(net, part)?;
        suite.refused(
            net,
            ("bob", part),
            &change(version, &params),
            "unauthorized",
        )?;
        count += 1;
    }
    let feeder = json!({"set_feeder": {"feeder": net.address("bob")?, "allowed": true}});
    suite.refused(net, ("guardian", Part::Feed), &feeder, "unauthorized")?;
    let price = json!({"set_prices": {"prices": [
        {"market": 1, "price": "1", "publish_time": crate::net::now()}]}});
    suite.refused(net, ("bob", Part::Feed), &price, "unauthorized")?;
    let me = net.address("bob")?;
    let (version, params) = suite.params(net, Part::Queue)?;
    let queue = suite.at(Part::Queue)?;
    let sudo = msg::sudo(&me, queue, &change(version, &params))?;
    let sudo = Letter::plain("bob", vec![sudo]).labelled("a sudo of bob");
    net.refused(sudo, "invalid authority")?;
    let deployer = net.address("deployer")?;
    let code = suite
        .record
        .codes
        .get(&Part::Queue)
        .map_or(0, |code| code.code_id);
    let migration = msg::migrate(&deployer, queue, code, &MigrateMsg::default())?;
    let migration =
        Letter::plain("deployer", vec![migration]).labelled("a migration by the deployer");
    net.refused(migration, "unauthorized")?;
    Ok(count + 4)
}

/// Stores the feed's code as it would be in an older release.
fn older_feed(play: &Play) -> PlayResult<u64> {
    let artifact = play.artifacts.get(&Part::Feed);
    let artifact =
        artifact.ok_or_else(|| PlayError::Wrong("no artifact of the feed".to_owned()))?;
    let (net, suite) = (&play.net, &play.suite);
    let version = suite.version(net, Part::Feed)?.version;
    let older = Artifact::new(of_version(&artifact.wasm, &version, OLDER)?);
    let store = msg::store_code(&net.address("deployer")?, &older.wasm)?;
    let stored = net.send(Letter::plain("deployer", vec![store]))?;
    Ok(stored.number("store_code", "code_id")?)
}

/// A version that is older than any, and as long as most.
const OLDER: &str = "0.0.9";

/// The wasm with another version in its data: the bytes that `env!("CARGO_PKG_VERSION")` left there.
fn of_version(wasm: &[u8], from: &str, to: &str) -> PlayResult<Vec<u8>> {
    let mut out = wasm.to_vec();
    let (from, to) = (from.as_bytes(), to.as_bytes());
    let wrong = |what: &str| PlayError::Wrong(format!("an older feed cannot be made: {what}"));
    if from.len() != to.len() {
        return Err(wrong("versions of different lengths"));
    }
    let places: Vec<usize> = wasm
        .windows(from.len())
        .enumerate()
        .filter(|(_, bytes)| *bytes == from)
        .map(|(at, _)| at)
        .collect();
    if places.is_empty() {
        return Err(wrong("its version is not in its data"));
    }
    for at in places {
        out[at..at + to.len()].copy_from_slice(to);
    }
    Ok(out)
}

/// Proposals that pass the vote and fail.
fn proposals(play: &Play, older: u64) -> PlayResult<Vec<(Motion, &'static str)>> {
    let (net, suite) = (&play.net, &play.suite);
    let (version, params) = suite.params(net, Part::Queue)?;
    let with = |field: &str, value: Value| {
        let mut params = params.clone();
        params[field] = value;
        params
    };
    let queue = |title: &str, body: Value| -> PlayResult<Motion> {
        let message: Any = suite.decree(net, Part::Queue, &body)?;
        Ok(Motion::new(title, vec![message]))
    };
    let too_small = change(version, &with("step_limit", json!(0)));
    let misspelt = change(version, &with("step_limits", json!(3)));
    let outdated = change(version + 7, &with("step_limit", json!(3)));
    let sudo = json!({"update_params": {"expected_version": version, "params":
        with("step_limit", json!(0))}});
    let feed = suite.at(Part::Feed)?;
    let downgrade = msg::migrate(&net.gov, feed, older, &MigrateMsg::default())?;
    let other = suite
        .record
        .codes
        .get(&Part::Queue)
        .map_or(0, |code| code.code_id);
    let other = msg::migrate(&net.gov, feed, other, &MigrateMsg::default())?;
    Ok(vec![
        (
            queue("A step of nothing", too_small)?,
            "param_out_of_bounds",
        ),
        (queue("A misspelt field", misspelt)?, "unknown field"),
        (
            queue("Against other parameters", outdated)?,
            "version_mismatch",
        ),
        (
            Motion::new(
                "A step of nothing, by sudo",
                vec![msg::sudo(&net.gov, suite.at(Part::Queue)?, &sudo)?],
            ),
            "param_out_of_bounds",
        ),
        (Motion::new("An older feed", vec![downgrade]), "downgrade"),
        (
            Motion::new("A queue as feed", vec![other]),
            "wrong_contract",
        ),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_a_version_is_replaced() {
        let made = of_version(b"xx0.2.0yy0.2.0", "0.2.0", "0.0.9").expect("found");
        assert_eq!(made, b"xx0.0.9yy0.0.9");
        assert!(of_version(b"xx", "0.2.0", "0.0.9").is_err());
        assert!(of_version(b"10.2.0", "0.2.0", "0.10.9").is_err());
    }
}
