//! All contracts are migrated by one proposal.

use perp_interface::fund::{self, ApproveCode};
use perp_interface::governance::MigrateMsg;
use perps_chain::client::msg;
use perps_chain::deploy::Part;
use serde_json::json;

use crate::error::{ensure, same, PlayError, PlayResult};
use crate::net::Letter;
use crate::play::Play;
use crate::vote::{Motion, Pace};

/// Who stores the codes again, in the order of [`Part::ALL`].
const STORERS: [&str; 5] = ["deployer", "bob", "carol", "dave", "erin"];
/// Contracts with parameters of their own.
const PARTS: [Part; 4] = [Part::Market, Part::Queue, Part::Feed, Part::Fund];

/// New codes for all contracts in one proposal, in which the fund also approves that of the market.
///
/// # Errors
/// Whatever is not as it must be.
pub fn migration(play: &mut Play) -> PlayResult<()> {
    let codes = store(play)?;
    let (net, suite) = (&play.net, &play.suite);
    // Governed contracts keep what the message does not set; the lens has nothing to set.
    let of = |part: &Part| match part {
        Part::Lens => json!({}),
        _ => json!(MigrateMsg::default()),
    };
    let mut messages = vec![];
    for (part, code) in Part::ALL.iter().zip(&codes) {
        messages.push(msg::migrate(&net.gov, suite.at(*part)?, *code, &of(part))?);
    }
    let approve = fund::ExecuteMsg::ApproveCode(ApproveCode { code_id: codes[0] });
    messages.push(suite.decree(net, Part::Fund, &approve)?);
    messages.push(msg::pin(&net.gov, &codes));
    let before: PlayResult<Vec<_>> = PARTS.iter().map(|part| suite.params(net, *part)).collect();
    net.pass(
        &[Motion::new("New codes for all", messages)],
        Pace::Expedited,
    )?;
    let after: PlayResult<Vec<_>> = PARTS.iter().map(|part| suite.params(net, *part)).collect();
    same("parameters after the migration", &after?, &before?)?;
    let mut versions = vec![];
    for (part, code) in Part::ALL.iter().zip(&codes) {
        let info = net.client.contract_info(suite.at(*part)?)?;
        let runs = info.map(|info| info.code_id);
        same(&format!("code of {part}"), &runs, &Some(*code))?;
        let version = suite.version(net, *part)?;
        ensure(version.contract.ends_with(part.name()), || {
            format!("cw2 of {part}: {version:?}")
        })?;
        versions.push(version.version);
    }
    let config: fund::ConfigResponse = suite.ask(net, Part::Fund, &fund::QueryMsg::Config {})?;
    same(
        "the code that the fund approves",
        &config.market_code_id,
        &Some(codes[0]),
    )?;
    play.passed(
        "migration",
        format!("5 contracts run codes {codes:?} of {versions:?}, same parameters"),
    )
}

/// Stores the built contracts once more: each gets a code id of its own.
fn store(play: &Play) -> PlayResult<Vec<u64>> {
    let net = &play.net;
    let letters: PlayResult<Vec<Letter>> = Part::ALL
        .iter()
        .zip(STORERS)
        .map(|(part, by)| {
            let artifact = play.artifacts.get(part);
            let artifact = artifact.ok_or_else(|| PlayError::Wrong(format!("no {part}")))?;
            let store = msg::store_code(&net.address(by)?, &artifact.wasm)?;
            Ok(Letter::plain(by, vec![store]))
        })
        .collect();
    let stored = net.send_all(letters?)?;
    let ids = stored
        .iter()
        .map(|outcome| outcome.number("store_code", "code_id"));
    Ok(ids.collect::<Result<_, _>>()?)
}
