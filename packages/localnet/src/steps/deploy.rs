//! The deployment, and that a second run of it does nothing.

use perp_interface::governance::NoticeParams;
use perp_interface::params::{ExchangeParams, FundParams, QueueParams};
use perps_chain::deploy::{self, Artifacts, Config, OnChain, Part, Record, RecordFile};
use serde_json::{json, Value};

use crate::error::{ensure, same, PlayResult};
use crate::net::Net;
use crate::play::Play;
use crate::suite::Suite;

/// How long changes wait: long enough that a look in between always comes in time.
pub const NOTICE: NoticeParams = NoticeParams {
    notice_seconds: 12,
    step_seconds: 3,
};

/// Units of work of one step of the queue, so that a crash takes many of them.
pub const STEP_LIMIT: u32 = 2;

/// Prices may be older than by default: the feeder of a play does not sleep, but votes take their time.
const PRICE_AGE: u64 = 900;

/// The suite of the story.
///
/// # Errors
/// Whatever the chain refuses.
pub fn config(net: &Net) -> PlayResult<Value> {
    let exchange = ExchangeParams {
        strict_price_age: PRICE_AGE,
        loose_price_age: 2 * PRICE_AGE,
        ..ExchangeParams::default()
    };
    // As low as it may be: one step of the queue has to run out of it later.
    let fund = FundParams {
        report_gas_limit: 1_000_000,
        ..FundParams::default()
    };
    let queue = QueueParams {
        step_limit: STEP_LIMIT,
        ..QueueParams::default()
    };
    Ok(json!({
        "denom": net.home.chain.margin_denom,
        "gas_price": format!("{}{}", net.home.chain.gas_price, net.home.chain.fee_denom),
        "salt": "story",
        "guardian": net.address("guardian")?,
        "notice": NOTICE,
        "feeders": [net.address("feeder")?],
        "market": exchange,
        "fund": fund,
        "queue": queue,
    }))
}

/// Deploys, or finds out that nothing is left to do.
///
/// # Errors
/// Whatever goes wrong.
pub fn run(
    net: &Net,
    config: &Value,
    artifacts: &Artifacts,
    file: RecordFile,
) -> PlayResult<Record> {
    let config = Config::parse(&config.to_string())?;
    let mut target = OnChain::new(net.new_sender("deployer")?);
    let mut file = file;
    let mut say = |line: &str| println!("      {line}");
    Ok(deploy::deploy(
        &mut target,
        &mut file,
        &config,
        artifacts,
        &mut say,
    )?)
}

/// One command deploys all contracts, governed by the chain; a second run sends nothing.
///
/// # Errors
/// Whatever is not as it must be.
pub fn deployment(net: Net, artifacts: Artifacts) -> PlayResult<Play> {
    let config = config(&net)?;
    net.home.clear_records()?;
    let file = RecordFile(net.home.record("story"));
    let record = run(&net, &config, &artifacts, file.clone())?;
    let deployer = net.address("deployer")?;
    let sent = net.client.account(&deployer)?.sequence;
    let again = run(&net, &config, &artifacts, file)?;
    same("the record after a second run", &again, &record)?;
    let now = net.client.account(&deployer)?.sequence;
    same("the deployer's sequence after a second run", &now, &sent)?;

    let suite = Suite { record };
    for part in Part::ALL {
        let info = net.client.contract_info(suite.at(part)?)?;
        let admin = info.and_then(|info| info.admin);
        same(&format!("admin of {part}"), &admin, &Some(net.gov.clone()))?;
        if part != Part::Lens {
            governed(&net, &suite, part)?;
        }
    }
    net.calibrate(suite.at(Part::Feed)?)?;
    let found = format!(
        "5 codes, 5 contracts, authority {}; the second run sent nothing",
        net.gov
    );
    let mut play = Play {
        net,
        suite,
        artifacts,
        others: vec![],
        losses: vec![],
        block_ends: vec![],
        coins: 0,
        figures: serde_json::Map::new(),
        passed: vec![],
    };
    play.passed("deploy", found)?;
    Ok(play)
}

fn governed(net: &Net, suite: &Suite, part: Part) -> PlayResult<()> {
    use perp_interface::governance::GovernanceResponse;
    let is: GovernanceResponse = suite.ask(net, part, &json!({"governance": {}}))?;
    let guardian = net.address("guardian")?;
    ensure(
        is.authority == net.gov
            && is.guardian.as_deref() == Some(guardian.as_str())
            && is.notice == NOTICE,
        || format!("{part} is governed by {is:?}"),
    )
}
